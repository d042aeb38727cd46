//! What sections and rules match with: regular expressions as Apache compiles them (`.` matches a
//! newline, `$` only the end: `AP_REG_DEFAULT`) and wildcards as apr_fnmatch reads them.

use super::said::{Step, Stop};
use crate::route::regex::{Captures, Regex};
use crate::route::{Directive, Place};
use std::sync::Arc;

/// Lines with regular expressions, no more than this in one configuration: each that is kept costs
/// about 9 KB.
pub(super) const MOST: usize = 20_000;

/// The line with a regular expression that is one too many; `left` may still come.
pub(super) fn one_too_many(lines: &[Directive], left: &mut usize) -> Option<Place> {
    for line in lines {
        if may_hold_expression(line) {
            let Some(fewer) = left.checked_sub(1) else {
                return Some(line.at.clone());
            };
            *left = fewer;
        }
        let inside = one_too_many(line.inside(), left);
        if inside.is_some() {
            return inside;
        }
    }
    None
}

fn may_hold_expression(line: &Directive) -> bool {
    const NAMES: &[&str] = &["rewriterule", "rewritecond", "require", "if", "elseif"];
    let name = line.name.text().to_ascii_lowercase();
    NAMES.contains(&name.as_str())
        || ["setenvif", "browsermatch"]
            .iter()
            .any(|start| name.starts_with(start))
        || name.ends_with("match")
        || line.args.first().is_some_and(|word| *word == *"~")
}

/// A compiled regular expression. One that could not be compiled here stops whoever asks it.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    compiled: Result<Arc<Regex>, String>,
    ends: bool,
    slashes: usize,
}

impl Expression {
    /// Compiles; an error is what Apache itself would refuse.
    pub(super) fn new(pattern: &[u8], caseless: bool) -> Result<Self, String> {
        let ends = pattern.contains(&b'$');
        let slashes = pattern.iter().filter(|byte| **byte == b'/').count();
        let pattern = [b"(?s)", pattern].concat();
        match Regex::new(&pattern, caseless) {
            Ok(regex) => Ok(Self {
                compiled: Ok(Arc::new(regex)),
                ends,
                slashes,
            }),
            Err(message) if message.starts_with("not modelled") => Ok(Self {
                compiled: Err(message),
                ends,
                slashes,
            }),
            Err(message) => Err(format!(
                "Regular expression could not be compiled: {message}"
            )),
        }
    }

    fn regex(&self, text: &[u8]) -> Step<&Regex> {
        if self.ends && text.ends_with(b"\n") {
            return Err(Stop::new(
                "not modelled: $ before a newline that ends the text",
            ));
        }
        self.compiled
            .as_deref()
            .map_err(|message| Stop::new(message.clone()))
    }

    pub(super) fn captures(&self, text: &[u8]) -> Step<Option<Captures>> {
        self.regex(text)?.captures(text).map_err(Stop::new)
    }

    /// How many names Apache takes the pattern for when it sorts `<DirectoryMatch>`: it counts the
    /// slashes of the pattern's text as if that were a path (`ap_count_dirs`).
    pub(super) const fn slashes(&self) -> usize {
        self.slashes
    }

    /// Whether there is a group to capture.
    pub(super) fn has_groups(&self) -> bool {
        self.compiled
            .as_deref()
            .is_ok_and(|regex| regex.groups() > 0)
    }

    /// The groups that have names, which Apache puts into the environment as `MATCH_NAME`.
    pub(super) fn names(&self) -> &[(String, usize)] {
        self.compiled.as_deref().map_or(&[], Regex::names)
    }
}

/// The groups of a match and the text that they lie in: `$1`, `%1`.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    text: Vec<u8>,
    found: Option<Captures>,
}

impl Groups {
    pub(super) fn new(text: &[u8], found: Captures) -> Self {
        Self {
            text: text.to_vec(),
            found: Some(found),
        }
    }

    pub(super) fn get(&self, group: usize) -> &[u8] {
        self.found
            .as_ref()
            .and_then(|found| found.bytes(group, &self.text))
            .unwrap_or_default()
    }

    /// `$1`, `&` and backslashes in a replacement (`ap_pregsub`).
    pub(super) fn substitute(&self, replacement: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut bytes = replacement.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match (byte, bytes.peek().copied()) {
                (b'&', _) => out.extend_from_slice(self.get(0)),
                (b'$', Some(digit)) if digit.is_ascii_digit() => {
                    out.extend_from_slice(self.get(usize::from(digit - b'0')));
                    bytes.next();
                }
                (b'\\', Some(hidden @ (b'$' | b'&'))) => {
                    out.push(hidden);
                    bytes.next();
                }
                _ => out.push(byte),
            }
        }
        out
    }
}

/// Whether a section's name is a pattern (`apr_fnmatch_test`).
pub(super) fn is_wild(pattern: &[u8]) -> bool {
    let mut nested = false;
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'?' | b'*' => return true,
            b'\\' => {
                bytes.next();
            }
            b'[' => nested = true,
            b']' if nested => return true,
            _ => {}
        }
    }
    false
}

/// apr_fnmatch: with `path`, no wildcard matches a slash.
pub(super) fn fnmatch(pattern: &[u8], text: &[u8], path: bool) -> bool {
    let Some((&first, pattern_rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    match first {
        b'*' => {
            let rest = pattern_rest
                .iter()
                .position(|b| *b != b'*')
                .unwrap_or(pattern_rest.len());
            let rest = pattern_rest.get(rest..).unwrap_or_default();
            (0..=text.len()).any(|at| {
                let (skipped, after) = text.split_at(at);
                (!path || !skipped.contains(&b'/')) && fnmatch(rest, after, path)
            })
        }
        b'?' => match text.split_first() {
            Some((&byte, after)) => !(path && byte == b'/') && fnmatch(pattern_rest, after, path),
            None => false,
        },
        b'[' => match (class(pattern_rest), text.split_first()) {
            (Some((members, negated, rest)), Some((&byte, after))) => {
                let found = members
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&byte));
                !(path && byte == b'/') && found != negated && fnmatch(rest, after, path)
            }
            (None, Some((b'[', after))) => fnmatch(pattern_rest, after, path),
            _ => false,
        },
        b'\\' if !pattern_rest.is_empty() => match (pattern_rest.split_first(), text.split_first())
        {
            (Some((hidden, rest)), Some((byte, after))) => {
                hidden == byte && fnmatch(rest, after, path)
            }
            _ => false,
        },
        _ => match text.split_first() {
            Some((byte, after)) => *byte == first && fnmatch(pattern_rest, after, path),
            None => false,
        },
    }
}

type Class<'p> = (Vec<(u8, u8)>, bool, &'p [u8]);

/// What stands after `[`: ranges, whether negated, the rest behind `]`.
fn class(pattern: &[u8]) -> Option<Class<'_>> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let mut members = Vec::new();
    loop {
        let mut byte = *pattern.get(at)?;
        if byte == b']' && !members.is_empty() {
            return Some((members, negated, pattern.get(at + 1..)?));
        }
        if byte == b'\\' {
            at += 1;
            byte = *pattern.get(at)?;
        }
        at += 1;
        let high = match (pattern.get(at), pattern.get(at + 1)) {
            (Some(b'-'), Some(high)) if *high != b']' => {
                at += 2;
                *high
            }
            _ => byte,
        };
        members.push((byte, high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, path, expected) in [
            ("/var/*/x/", "/var/a/x/", true, true),
            ("/var/*/x/", "/var/a/b/x/", true, false),
            ("*.ph[pt]", "a/b.pht", false, true),
            ("*.ph[!p]", "b.php", false, false),
            ("a\\*", "a*", false, true),
            ("a?c", "a/c", true, false),
            ("[]a]", "]", false, true),
        ] {
            assert_eq!(
                fnmatch(pattern.as_bytes(), text.as_bytes(), path),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(is_wild(b"/a[bc]") && !is_wild(b"/a[b") && !is_wild(b"/a\\*"));
    }
}
