//! `--canary`: two marker files in a data directory, asked for and taken away again, also after an
//! error, a panic, or a signal that ends the program. Refuses to put them where answers mean nothing.

mod markers;
mod signals;

use super::places::{Places, encoded};
use super::reply::Reply;
use super::send::Sender;
use super::trust::Trust;
use super::unseen::unseen_canary;
use crate::facts::{Asked, Canary, Known, Listing};
use crate::route::Request;
use crate::target::Target;
use markers::{Markers, Words};
use signals::{Signals, unless};
use std::path::{Path, PathBuf};

/// Puts the markers there, asks for them, takes them away.
pub(super) async fn observe(
    sender: &mut Sender,
    places: &Places<'_>,
    target: &Target,
    trust: &Trust,
    data: &mut Listing<Asked>,
) -> Canary {
    let Some((directory, base)) = directory(sender, places, target) else {
        return unseen_canary("no data directory is there to put marker files into");
    };
    let signals = Signals::watch();
    let result = match Words::new(trust) {
        Ok(words) => Markers::put(&directory, &words).map(|markers| (markers, words)),
        Err(problem) => Err(problem),
    };
    let canary = match result {
        Ok((mut markers, words)) => {
            let mut canary = ask(sender, &signals, &base, &words, data).await;
            canary.left = markers.take_away();
            canary
        }
        Err(problem) => unseen_canary(&problem),
    };
    signals.obey();
    Canary {
        path: directory.to_string_lossy().into_owned(),
        ..canary
    }
}

/// A data directory, one that is published before others, and the requests that may lead there.
fn directory(
    sender: &Sender,
    places: &Places<'_>,
    target: &Target,
) -> Option<(PathBuf, Vec<Request>)> {
    let mut found: Vec<(PathBuf, Vec<Request>)> = target
        .data
        .iter()
        .filter_map(|directory| directory.real.clone())
        .map(|path| {
            let requests = places.requests(&sender.site, &path);
            (path, requests)
        })
        .collect();
    found.sort_by_key(|(_, requests)| requests.is_empty());
    let (path, mut requests) = found.into_iter().next()?;
    if requests.is_empty() {
        // Moved out; an alias may still lead there under its own name.
        let name = path.file_name().map(Path::new)?;
        requests.push(sender.site.at("/data"));
        requests.push(sender.site.at(&encoded(name)));
    }
    Some((path, requests))
}

async fn ask(
    sender: &mut Sender,
    signals: &Signals,
    base: &[Request],
    words: &Words,
    data: &mut Listing<Asked>,
) -> Canary {
    let mut found = Found::default();
    let name = &words.name;
    let paths = [
        format!("{name}.txt"),
        // PHP-FPM looks for the script among the parents of a path (cgi.fix_pathinfo).
        format!("{name}.txt/x.php"),
        format!("{name}.php"),
        format!("{name}.php/x"),
        format!("{name}.php?x"),
    ];
    for base in base {
        let above = String::from_utf8_lossy(&base.target).into_owned();
        let above = above.trim_end_matches('/').to_owned();
        for path in &paths {
            let request = sender.site.absolute(&format!("{above}/{path}"));
            let Some(reply) = unless(signals.came(), sender.get(&request)).await else {
                return found.canary();
            };
            match reply {
                Ok(reply) => found.judge(&request, &reply, words, data),
                Err(failure) => found.missed = Some(failure.reason().to_owned()),
            }
        }
    }
    found.canary()
}

#[derive(Default)]
struct Found {
    served: bool,
    executed: bool,
    source: bool,
    urls: Vec<String>,
    missed: Option<String>,
}

impl Found {
    fn judge(
        &mut self,
        request: &Request,
        reply: &Reply,
        words: &Words,
        data: &mut Listing<Asked>,
    ) {
        let served = reply.contains(&words.said);
        let source = reply.contains("strrev(");
        let executed = reply.contains(&words.printed);
        self.served |= served;
        self.source |= source;
        self.executed |= executed;
        let given = served || source || executed;
        let shows = if executed {
            "what the marker script prints: it was run"
        } else if given {
            "the marker file's own bytes"
        } else {
            ""
        };
        if given {
            // The one that was run is the one to show.
            let at = if executed { 0 } else { self.urls.len() };
            self.urls.insert(at, request.url());
        }
        data.rows.push(Asked {
            what: "a marker file of --canary".to_owned(),
            kind: "data".to_owned(),
            url: request.url(),
            status: reply.status,
            given: Known::Known(given),
            given_outside: Known::unknown("it was put there for this request"),
            shows: if given {
                shows.to_owned()
            } else {
                format!("status {}", reply.status)
            },
        });
    }

    fn canary(self) -> Canary {
        let fact = |shown: bool| match (&self.missed, shown) {
            (Some(why), false) => Known::unknown(why.clone()),
            _ => Known::Known(shown),
        };
        Canary {
            placed: Known::Known(true),
            served: fact(self.served),
            executed: fact(self.executed),
            source_served: fact(self.source),
            urls: self.urls,
            ..Canary::default()
        }
    }
}
