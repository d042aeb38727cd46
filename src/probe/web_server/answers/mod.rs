//! Where lines have to stand so that the site's answers carry what they lack: the server block or virtual
//! host that takes each page's request, and every place in it that would forget the line again. Refuses
//! half of it: where one of the places cannot be told, there are no lines at all, and it is said why.

mod apache;
mod lack;
mod nginx;
#[cfg(test)]
mod tests;

use super::desk::Desk;
use super::lines::Lines;
use crate::facts::{AnswerLine, Listing, LiveFacts};
use crate::host::{Host, Looker};
use crate::route::Place;
use crate::target::Target;
use crate::target::web_server::{Parsed, WebServer};
use lack::Lack;
use std::path::PathBuf;

/// Lines for one place of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    at: Place,
    /// Whether they stand in the place of that line; otherwise they go into the block that opens there.
    replaces: bool,
    lines: String,
}

/// Lines that would give the answers what they lack.
#[must_use]
pub fn answer_lines(host: &Host, target: &Target, live: &LiveFacts) -> Listing<AnswerLine> {
    let looker = Looker::based(PathBuf::from("/"));
    let mut desk = match Desk::new(host, target, &looker, live) {
        Ok(desk) => desk,
        Err(reason) => return Listing::unseen(reason),
    };
    let mut lines = Lines::new(host);
    let mut list = Listing::whole(Vec::new());
    for lack in lack::lacks(live, &mut list.missed) {
        for (server, at, mends) in servers(&mut desk, &lack, &mut list.missed) {
            let rows = edits(host, &mut lines, (server, at.as_ref()), &lack, &mends)
                .and_then(|edits| rows(&mut lines, server, &lack, edits, &mends));
            match rows {
                Ok(rows) => list.rows.extend(rows),
                Err(reason) => list.missed.push(format!("{}: {reason}", lack.about)),
            }
        }
    }
    apart(&mut list);
    list.missed.sort();
    list.missed.dedup();
    list
}

type Taking<'a> = (&'a WebServer, Option<Place>, Vec<String>);

/// The servers that take the requests, each with what it answers.
fn servers<'a>(desk: &mut Desk<'a>, lack: &Lack, missed: &mut Vec<String>) -> Vec<Taking<'a>> {
    let mut found: Vec<Taking<'a>> = Vec::new();
    for (subject, url) in &lack.subjects {
        match desk.server_at(url) {
            Ok((server, at)) => {
                let same = |it: &&mut Taking<'a>| it.0.config == server.config && it.1 == at;
                match found.iter_mut().find(same) {
                    Some((.., mends)) => mends.push(subject.clone()),
                    None => found.push((server, at, vec![subject.clone()])),
                }
            }
            Err(reason) => missed.push(format!("{}: {reason}", lack.about)),
        }
    }
    found
}

fn edits(
    host: &Host,
    lines: &mut Lines<'_>,
    (server, at): (&WebServer, Option<&Place>),
    lack: &Lack,
    mends: &[String],
) -> Result<Vec<Edit>, String> {
    match &server.parsed {
        Parsed::Nginx { dump: Some(_), .. } => Err(format!(
            "{} is the output of nginx -T: its lines are in other files",
            server.config.display()
        )),
        Parsed::Nginx { tree, version, .. } => {
            let at = at.ok_or("which server block answers is not known")?;
            let mut site = nginx::Site::new(lines, &tree.directives, at, lack)?;
            site.mend(mends, *version)?;
            Ok(site.edits)
        }
        Parsed::Apache { config, .. } => {
            let mut site = apache::Site::new(host, lines, config, &server.config, at, lack)?;
            site.mend(mends)?;
            Ok(site.edits)
        }
    }
}

fn rows(
    lines: &mut Lines<'_>,
    server: &WebServer,
    lack: &Lack,
    edits: Vec<Edit>,
    mends: &[String],
) -> Result<Vec<AnswerLine>, String> {
    let rows = edits.into_iter().map(|edit| {
        let text = lines.text(&edit.at);
        Ok(AnswerLine {
            about: lack.about.to_owned(),
            program: server.program.name().to_owned(),
            path: edit.at.file.to_string_lossy().into_owned(),
            line: edit.at.line,
            text: text.ok_or_else(|| format!("{} could not be read again", edit.at))?,
            replaces: edit.replaces,
            lines: edit.lines,
            mends: mends.to_vec(),
        })
    });
    rows.collect()
}

/// A line that is replaced cannot be the one that a block is known by: what would be done for them goes.
fn apart(list: &mut Listing<AnswerLine>) {
    let place = |row: &AnswerLine| (row.path.clone(), row.line);
    let replaced = list.rows.iter().filter(|row| row.replaces);
    let replaced: Vec<_> = replaced.map(place).collect();
    let double = |row: &AnswerLine| {
        let times = replaced.iter().filter(|it| **it == place(row)).count();
        row.line > 0 && times > usize::from(row.replaces)
    };
    let doubles = list.rows.iter().filter(|row| double(row));
    let doubles: Vec<_> = doubles.map(|row| row.about.clone()).collect();
    for row in list.rows.iter().filter(|row| double(row)) {
        list.missed.push(format!(
            "{}: {}:{} holds several things that change: give each a line of its own",
            row.about, row.path, row.line
        ));
    }
    list.rows.retain(|row| !doubles.contains(&row.about));
}
