//! The evidence that a waiver accepted, as fingerprints: what is new, or has become more, is not
//! accepted. What was mended meanwhile is no reason to complain.

use crate::report::{Evidence, stands_for};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// More pieces than this are kept as one fingerprint of them all, which any change breaks.
const LISTED: usize = 200;

/// What was seen when a waiver was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted(Vec<String>);

impl Accepted {
    /// Accepts these pieces of evidence.
    pub fn of<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let mut marks: Vec<String> = evidence
            .into_iter()
            .map(|piece| match stands_for(piece) {
                1 => piece.fingerprint.clone(),
                count => format!("{}*{count}", piece.fingerprint),
            })
            .collect();
        marks.sort();
        if marks.len() > LISTED {
            marks = vec![all(&marks)];
        }
        Self(marks)
    }

    /// Understands what a waiver lists.
    ///
    /// # Errors
    /// What is wrong with an entry.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        for entry in entries {
            let mark = entry.strip_prefix("all:").unwrap_or(entry);
            let (mark, count) = mark.split_once('*').unwrap_or((mark, "1"));
            let hexadecimal = mark.len() == 16 && mark.bytes().all(|it| it.is_ascii_hexdigit());
            if !hexadecimal || count.parse::<u64>().is_err() {
                return Err(format!(
                    "`{entry}` is no fingerprint; `deskguard waive` writes them"
                ));
            }
        }
        Ok(Self(entries.to_vec()))
    }

    /// The entries as they are written.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.0
    }

    /// Why the waiver does not hold for this evidence any more.
    pub(super) fn complaint<'a>(
        &self,
        evidence: impl Iterator<Item = &'a Evidence>,
    ) -> Option<String> {
        let pieces: Vec<&Evidence> = evidence.collect();
        if self.0.iter().any(|entry| entry.starts_with("all:")) {
            let same = Self::of(pieces.iter().copied()) == *self;
            return (!same && !pieces.is_empty())
                .then(|| "what it accepted is not what is found now".to_owned());
        }
        let (mut new, mut more) = (0_usize, 0_u64);
        for piece in pieces {
            match self.count_of(&piece.fingerprint) {
                None => new += 1,
                Some(count) => more += stands_for(piece).saturating_sub(count),
            }
        }
        match (new, more) {
            (0, 0) => None,
            (0, more) => Some(format!("what it accepted has grown by {more}")),
            (1, _) => Some("1 finding is new since it was written".to_owned()),
            (new, _) => Some(format!("{new} findings are new since it was written")),
        }
    }

    fn count_of(&self, fingerprint: &str) -> Option<u64> {
        self.0.iter().find_map(|entry| {
            let (mark, count) = entry.split_once('*').unwrap_or((entry, "1"));
            (mark == fingerprint).then(|| count.parse().unwrap_or(1))
        })
    }
}

fn all(marks: &[String]) -> String {
    let mut hash = Sha256::new();
    for mark in marks {
        hash.update(mark.as_bytes());
        hash.update([0]);
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold("all:".to_owned(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
