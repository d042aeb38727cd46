//! The findings of one check in two reports, paired by their fingerprints.

use super::super::identity::{below, stands_for};
use super::super::{Check, Evidence};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;

/// One finding of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Piece {
    /// What it is about.
    pub subject: String,
    /// What was found; of an altered one, what is found now.
    pub message: String,
    /// Its name within the check.
    pub fingerprint: String,
    /// How many things it stood for before.
    pub before: u64,
    /// How many it stands for now.
    pub now: u64,
}

/// What became of a check's findings.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) appeared: Vec<Piece>,
    pub(super) gone: Vec<Piece>,
    pub(super) altered: Vec<Piece>,
}

impl Compared {
    pub(super) const fn is_same(&self) -> bool {
        self.appeared.is_empty() && self.gone.is_empty() && self.altered.is_empty()
    }

    /// Whether something was found that was not there, or stands for more.
    pub(super) fn is_more(&self) -> bool {
        !self.appeared.is_empty() || self.altered.iter().any(|it| it.now > it.before)
    }
}

pub(super) fn compare(
    old_root: &str,
    old: Option<&Check>,
    new_root: &str,
    new: Option<&Check>,
) -> Compared {
    let (old, new) = (evidence(old), evidence(new));
    let mut before: HashMap<&str, &Evidence> = old
        .iter()
        .map(|it| (it.fingerprint.as_str(), *it))
        .collect();
    let mut compared = Compared::default();
    for piece in new {
        match before.remove(piece.fingerprint.as_str()) {
            None => compared.appeared.push(shown(piece, 0, stands_for(piece))),
            Some(earlier) => {
                let (was, now) = (stands_for(earlier), stands_for(piece));
                let says = |root: &str, it: &Evidence| below(root, &it.message);
                if was != now || says(old_root, earlier) != says(new_root, piece) {
                    compared.altered.push(shown(piece, was, now));
                }
            }
        }
    }
    compared.gone = old
        .into_iter()
        .filter(|it| before.contains_key(it.fingerprint.as_str()))
        .map(|it| shown(it, stands_for(it), 0))
        .collect();
    compared
}

fn evidence(check: Option<&Check>) -> Vec<&Evidence> {
    check.map_or_else(Vec::new, |it| it.evidence.iter().collect())
}

fn shown(evidence: &Evidence, before: u64, now: u64) -> Piece {
    Piece {
        subject: evidence.subject.clone(),
        message: evidence.message.clone(),
        fingerprint: evidence.fingerprint.clone(),
        before,
        now,
    }
}
