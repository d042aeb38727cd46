//! Matching that behaves like PCRE, which both servers use, on bytes and without C. A pattern is
//! translated for the `regex` crate where it is regular, for `fancy-regex` where it looks around or
//! back. Refuses what it would only guess: recursion, conditions, verbs, Unicode properties.

mod bracket;
mod escape;
mod group;
mod quantifier;
mod translate;

use std::sync::OnceLock;
use translate::{Translated, translate};

/// Neither a compiled pattern nor one of its parts takes more bytes than this.
const LARGEST: usize = 1 << 20;
/// A pattern that needs more steps than this on one text is given up.
const MOST_STEPS: usize = 200_000;

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    written: String,
    translated: Translated,
    engine: Engine,
    /// For texts that end in a newline, before which `$` matches too.
    before_newline: OnceLock<Result<fancy_regex::Regex, String>>,
}

#[derive(Debug)]
enum Engine {
    Regular(regex::bytes::Regex),
    Fancy(Box<fancy_regex::Regex>),
}

/// Where a pattern matched, and where its groups did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captures {
    spans: Vec<Option<(usize, usize)>>,
}

impl Captures {
    /// Start and end of a group in bytes; group 0 is the whole match. None if it took no part.
    #[must_use]
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        self.spans.get(group).copied().flatten()
    }

    /// The bytes of a group in the text that was matched.
    #[must_use]
    pub fn bytes<'t>(&self, group: usize, text: &'t [u8]) -> Option<&'t [u8]> {
        let (start, end) = self.span(group)?;
        text.get(start..end)
    }

    /// How many groups there are, the whole match included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.spans.len()
    }
}

impl Regex {
    /// Compiles a pattern as PCRE would, without UTF.
    ///
    /// # Errors
    /// `not modelled: …` where PCRE would know more than this, else what is wrong with the pattern.
    pub fn new(pattern: &[u8], caseless: bool) -> Result<Self, String> {
        let translated = translate(pattern, caseless)?;
        let engine = if translated.is_regular {
            let compiled = regex::bytes::RegexBuilder::new(&translated.regular())
                .unicode(false)
                .size_limit(LARGEST)
                .build()
                .map_err(|e| refused(&e))?;
            Engine::Regular(compiled)
        } else {
            Engine::Fancy(Box::new(fancy(&translated.exact())?))
        };
        Ok(Self {
            written: String::from_utf8_lossy(pattern).into_owned(),
            translated,
            engine,
            before_newline: OnceLock::new(),
        })
    }

    /// The first match in the text and its groups.
    ///
    /// # Errors
    /// `not modelled: …` where the pattern took too many steps.
    pub fn captures(&self, text: &[u8]) -> Result<Option<Captures>, String> {
        if self.translated.is_multiline && text.contains(&b'\n') {
            return Err(format!(
                "not modelled: {} looks at the lines of a text",
                self.written
            ));
        }
        match &self.engine {
            Engine::Fancy(regex) => self.fancy(regex, text),
            Engine::Regular(_) if self.translated.asks_for_end && text.ends_with(b"\n") => {
                let exact = self
                    .before_newline
                    .get_or_init(|| fancy(&self.translated.exact()));
                self.fancy(exact.as_ref().map_err(Clone::clone)?, text)
            }
            Engine::Regular(regex) => Ok(regex.captures(text).map(|found| Captures {
                spans: found
                    .iter()
                    .map(|group| group.map(|group| (group.start(), group.end())))
                    .collect(),
            })),
        }
    }

    /// Whether the text holds a match.
    ///
    /// # Errors
    /// As for [`Self::captures`].
    pub fn is_match(&self, text: &[u8]) -> Result<bool, String> {
        let needs_care = self.translated.is_multiline || self.translated.asks_for_end;
        match &self.engine {
            Engine::Regular(regex) if !needs_care || !text.contains(&b'\n') => {
                Ok(regex.is_match(text))
            }
            _ => Ok(self.captures(text)?.is_some()),
        }
    }

    /// The groups that have names, with their numbers.
    #[must_use]
    pub fn names(&self) -> &[(String, usize)] {
        &self.translated.names
    }

    /// How many groups the pattern has, the whole match not counted.
    #[must_use]
    pub const fn groups(&self) -> usize {
        self.translated.groups
    }

    /// The pattern as it was written; what is not UTF-8 is replaced.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    fn fancy(&self, regex: &fancy_regex::Regex, text: &[u8]) -> Result<Option<Captures>, String> {
        let found = regex
            .captures(text)
            .map_err(|e| format!("not modelled: {}: {e}", self.written))?;
        Ok(found.map(|found| Captures {
            spans: found
                .iter()
                .map(|group| group.map(|group| (group.start(), group.end())))
                .collect(),
        }))
    }
}

fn fancy(pattern: &str) -> Result<fancy_regex::Regex, String> {
    fancy_regex::RegexBuilder::new(pattern)
        .bytes_mode(fancy_regex::BytesMode::Ascii)
        .unicode_mode(false)
        .backtrack_limit(MOST_STEPS)
        .delegate_size_limit(LARGEST)
        .max_prog_size(LARGEST / 16)
        .build()
        .map_err(|e| refused(&e))
}

fn refused(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("not modelled: {last}")
}
