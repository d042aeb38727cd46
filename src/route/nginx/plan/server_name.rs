//! `server_name`: which server a host name means (`ngx_http_find_virtual_server`). Exact names come
//! first, then the longest wildcard at the start, the longest at the end, then patterns in their order.

use super::Plan;
use super::named::Pattern;
use crate::route::{Place, Word};
use std::collections::{HashMap, HashSet};

/// One name of a server.
#[derive(Debug)]
pub(in crate::route::nginx) struct Name {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) text: String,
    pub(in crate::route::nginx) kind: NameKind,
}

/// How a name is compared.
#[derive(Debug)]
pub(in crate::route::nginx) enum NameKind {
    Exact(Vec<u8>),
    /// `.example.com`: the name itself and everything below it.
    WithBelow(Vec<u8>),
    /// `*.example.com`, as `.example.com`.
    Below(Vec<u8>),
    /// `mail.*`, as `mail.`.
    Start(Vec<u8>),
    Pattern(Box<Pattern>),
    /// The machine's own name.
    Hostname,
}

/// The names on one socket, each with its server and its place among that server's names.
#[derive(Debug, Default)]
pub(in crate::route::nginx) struct Names {
    taken: HashSet<Vec<u8>>,
    exact: HashMap<Vec<u8>, (usize, usize)>,
    heads: Vec<(Vec<u8>, (usize, usize))>,
    tails: Vec<(Vec<u8>, (usize, usize))>,
    pub(in crate::route::nginx) patterns: Vec<(usize, usize)>,
    /// A name that only the machine knows.
    pub(in crate::route::nginx) hostname: Option<(usize, usize)>,
}

impl Name {
    pub(super) fn new(word: &Word, at: &Place, plan: &mut Plan) -> Self {
        let bytes = word.bytes();
        let lower = bytes.to_ascii_lowercase();
        let kind = if let Some(pattern) = bytes.strip_prefix(b"~") {
            // A capital letter makes the pattern blind to case (`ngx_http_core_server_name`).
            let caseless = pattern.iter().any(u8::is_ascii_uppercase);
            NameKind::Pattern(Box::new(plan.pattern(pattern, caseless)))
        } else if lower == b"$hostname" {
            NameKind::Hostname
        } else if let Some(rest) = lower.strip_prefix(b"*") {
            NameKind::Below(rest.to_vec())
        } else if let Some(rest) = lower.strip_prefix(b".") {
            NameKind::WithBelow(rest.to_vec())
        } else if let Some(start) = lower.strip_suffix(b"*") {
            NameKind::Start(start.to_vec())
        } else {
            NameKind::Exact(lower)
        };
        Self {
            at: at.clone(),
            text: word.text().into_owned(),
            kind,
        }
    }
}

impl Names {
    /// Adds a server's names; the first server with a name keeps it, and a name that is taken is
    /// ignored as a whole (`ngx_hash_add_key`).
    pub(super) fn add(&mut self, server: usize, names: &[Name]) {
        for (at, name) in names.iter().enumerate() {
            let place = (server, at);
            match &name.kind {
                NameKind::Exact(text) => {
                    if self.taken.insert(text.clone()) {
                        self.exact.insert(text.clone(), place);
                    }
                }
                NameKind::WithBelow(text) => {
                    let below = [b".", text.as_slice()].concat();
                    if self.taken.insert(text.clone()) && self.is_new(&below) {
                        self.exact.insert(text.clone(), place);
                        self.heads.push((below, place));
                    }
                }
                NameKind::Below(below) => {
                    if self.is_new(below) {
                        self.heads.push((below.clone(), place));
                    }
                }
                NameKind::Start(text) => self.tails.push((text.clone(), place)),
                NameKind::Pattern(_) => self.patterns.push(place),
                NameKind::Hostname => {
                    self.hostname.get_or_insert(place);
                }
            }
        }
    }

    fn is_new(&self, below: &[u8]) -> bool {
        self.heads.iter().all(|(known, _)| known != below)
    }

    /// The server and name for a host that is no pattern's business.
    pub(in crate::route::nginx) fn find(&self, host: &[u8]) -> Option<(usize, usize)> {
        if let Some(place) = self.exact.get(host) {
            return Some(*place);
        }
        let longest = |list: &[(Vec<u8>, (usize, usize))], fits: &dyn Fn(&[u8]) -> bool| {
            let mut best: Option<&(Vec<u8>, (usize, usize))> = None;
            for entry in list {
                let longer = best.is_none_or(|best| entry.0.len() > best.0.len());
                if longer && fits(&entry.0) {
                    best = Some(entry);
                }
            }
            best.map(|(_, place)| *place)
        };
        longest(&self.heads, &|end| {
            host.len() > end.len() && host.ends_with(end)
        })
        .or_else(|| {
            longest(&self.tails, &|start| {
                host.len() > start.len() && host.starts_with(start)
            })
        })
    }
}
