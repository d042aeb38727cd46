//! Deeds that edit a configuration file, and the reload that lets servers take it up. Refuses files
//! that are not there; where a server refuses what it was given, its edits are taken back at once.

use crate::fix::edit::{edited, edits};
use crate::fix::{Action, Server};
use crate::mend::apply::Work;
use crate::mend::place::{self, Links};
use crate::mend::{Change, Surprise, content, server, taken_up};
use crate::target::{php_files, php_limits};
use std::path::{Path, PathBuf};

/// One file, edited.
pub(in crate::mend) fn edit(
    work: &mut Work<'_, '_>,
    action: &Action,
    path: &str,
) -> Result<(), Surprise> {
    let path = Path::new(path);
    let found = place::find(work.world, path, Links::Followed)?;
    let Some(text) = content::bytes(&found)? else {
        return Err(Surprise::new(format!("{} is not there", path.display()))
            .remedy("it was there when the host was audited: audit again"));
    };
    let host = work.world.host;
    let limits = php_limits(host, &work.world.install);
    let text = edited(action, &text, &php_files(host), &limits).map_err(Surprise::new)?;
    let change = content::change(work.world, &found, &text, None)?;
    if change.is_none() {
        return Ok(());
    }
    made(work, path, change)
}

/// A change of a file that a server is to take up: the journal holds first that it is not taken up yet.
pub(super) fn made(work: &mut Work<'_, '_>, path: &Path, change: Change) -> Result<(), Surprise> {
    for server in work.servers_to_mark() {
        let files = work.planned.iter().map(|(path, _)| path.clone());
        let mark = taken_up::mark(work.world, server, &files.collect());
        work.change(mark)?;
    }
    work.waiting.push((path.to_owned(), change.clone()));
    work.change(change)
}

/// The server tests what it would read, and takes it up: the masters that read what the plan edits
/// for it, or all of them where it edits nothing.
pub(in crate::mend) fn reload(work: &mut Work<'_, '_>, server: Server) -> Result<(), Surprise> {
    let files = work
        .planned
        .iter()
        .filter(|(_, of)| of.contains(&server))
        .map(|(path, _)| path.clone())
        .collect();
    let Err(refused) = server::reload(work.world, server, &files) else {
        return Ok(());
    };
    let host = work.world.host;
    let real = |path: &Path| host.real_path(path).ok().flatten();
    let read: Vec<Option<PathBuf>> = refused.files.iter().map(|file| real(file)).collect();
    let mut back = Vec::new();
    work.waiting.retain(|(path, change)| {
        let is_its = refused.files.contains(path) || read.contains(&real(path));
        if is_its {
            back.push(change.clone());
        }
        !is_its
    });
    for change in back.iter().rev() {
        change.back(work.world)?;
    }
    Err(refused.surprise)
}

/// The files that a plan edits, each with the servers that may have to take it up.
pub(in crate::mend) fn planned<'a>(
    actions: impl Iterator<Item = &'a Action>,
) -> Vec<(PathBuf, Vec<Server>)> {
    let each = actions.filter_map(|action| {
        let servers = match action {
            Action::Snippet { server, .. } | Action::Line { server, .. } => vec![*server],
            // PHP's ini files are read by whatever server PHP lives in.
            Action::Ini { .. } => vec![Server::PhpFpm, Server::Apache],
            Action::Write {
                path,
                server: Some(server),
                ..
            } => return Some((PathBuf::from(path), vec![*server])),
            _ => Vec::new(),
        };
        Some((PathBuf::from(edits(action)?), servers))
    });
    each.collect()
}

/// The servers that a plan reloads.
pub(in crate::mend) fn reloaded<'a>(actions: impl Iterator<Item = &'a Action>) -> Vec<Server> {
    let mut servers: Vec<Server> = actions
        .filter_map(|action| match action {
            Action::Reload { server, .. } => Some(*server),
            _ => None,
        })
        .collect();
    servers.sort_unstable();
    servers.dedup();
    servers
}
