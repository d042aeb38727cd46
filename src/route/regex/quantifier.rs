//! How often a thing may repeat: `*`, `+`, `?`, braces, lazy and possessive forms.

use super::translate::Translator;
use std::fmt::Write;

impl Translator<'_> {
    /// The quantifier that begins here: least, most, length.
    pub(super) fn quantifier(&self, byte: u8) -> Result<Option<(u32, Option<u32>, usize)>, String> {
        Ok(match byte {
            b'*' => Some((0, None, 1)),
            b'+' => Some((1, None, 1)),
            b'?' => Some((0, Some(1), 1)),
            b'{' => {
                let Some(end) = self.rest().iter().position(|b| *b == b'}') else {
                    return Ok(None);
                };
                let inside = self.rest().get(1..end).unwrap_or_default();
                braces(inside)?.map(|(min, max)| (min, max, end + 1))
            }
            _ => None,
        })
    }

    pub(super) fn repeat(&mut self, min: u32, max: Option<u32>) -> Result<(), String> {
        let Some(start) = self.atom.take() else {
            return Err("quantifier does not follow a repeatable item".to_owned());
        };
        if max != Some(min) {
            self.fixed_length()?;
        }
        if max != Some(1) && self.atom_is_empty_group {
            // Engines differ in which empty rounds they make and remember.
            return Err("not modelled: repeating a group that can match nothing".to_owned());
        }
        if min == 0 {
            self.sequence.empty = self.sequence.before_last;
        }
        let atom = self.out.text.split_off(start);
        let _ = write!(self.out.text, "(?:{atom}){{{min},");
        if let Some(max) = max {
            let _ = write!(self.out.text, "{max}");
        }
        self.out.text.push('}');
        match self.rest().first() {
            Some(b'?') => {
                self.at += 1;
                self.out.text.push('?');
            }
            Some(b'+') if self.atom_has_groups => {
                return Err("not modelled: groups that are repeated without return".to_owned());
            }
            Some(b'+') => {
                self.at += 1;
                self.out.is_regular = false;
                self.out.text.insert_str(start, "(?>");
                self.out.text.push(')');
            }
            _ => {}
        }
        Ok(())
    }
}

/// What braces hold if they are a quantifier. PCRE2 10.43 reads more forms than its predecessors.
fn braces(inside: &[u8]) -> Result<Option<(u32, Option<u32>)>, String> {
    let text = std::str::from_utf8(inside).unwrap_or("?");
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().unwrap_or(u32::MAX))
    };
    let found = match text.split_once(',') {
        None => number(text).map(|n| (n, Some(n))),
        Some((min, "")) => number(min).map(|min| (min, None)),
        Some((min, max)) => number(min)
            .zip(number(max))
            .map(|(min, max)| (min, Some(max))),
    };
    if found.is_none() {
        let without: String = text.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
        let newer = without.split_once(',').is_some_and(|(min, max)| {
            [min, max]
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_digit()))
                && !(min.is_empty() && max.is_empty())
        });
        if newer || (without != text && number(&without).is_some()) {
            return Err(format!(
                "not modelled: {{{text}}} means different things to different releases of PCRE2"
            ));
        }
    }
    match found {
        Some((min, max)) if min > 65_535 || max.is_some_and(|max| max > 65_535) => {
            Err("number too big in {} quantifier".to_owned())
        }
        Some((min, Some(max))) if max < min => {
            Err("numbers out of order in {} quantifier".to_owned())
        }
        found => Ok(found),
    }
}
