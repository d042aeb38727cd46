//! `${NAME}` in Apache's configuration: what `Define` and the environment say.
//! Refuses to guess: a name that nobody defined stays as written, as it does in Apache.

use crate::route::Word;
use crate::route::tree::LONGEST_VALUE;
use std::collections::BTreeMap;

/// Names and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<Vec<u8>, Vec<u8>>);

impl Variables {
    /// Sets a name; the last one wins.
    pub fn define(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), value.into());
    }

    /// Forgets a name.
    pub fn undefine(&mut self, name: &[u8]) {
        self.0.remove(name);
    }

    /// Whether every `${NAME}` in the word is known.
    #[must_use]
    pub fn defines_all_of(&self, word: &Word) -> bool {
        let mut rest = word.bytes();
        while let Some(start) = rest.windows(2).position(|pair| pair == b"${") {
            let inner = rest.get(start + 2..).unwrap_or_default();
            let Some(end) = inner.iter().position(|byte| *byte == b'}') else {
                break;
            };
            let (name, after) = inner.split_at(end);
            if !self.0.contains_key(name) {
                return false;
            }
            rest = after;
        }
        true
    }

    /// The word with every known `${NAME}` replaced; an error names the first unknown one.
    ///
    /// # Errors
    /// The name that nobody defined, or that the word becomes too long.
    pub fn resolve(&self, word: &Word) -> Result<Word, String> {
        let mut out = Vec::new();
        let mut rest = word.bytes();
        while let Some(start) = rest.windows(2).position(|pair| pair == b"${") {
            let (before, from) = rest.split_at(start);
            let inner = from.get(2..).unwrap_or_default();
            let Some(end) = inner.iter().position(|byte| *byte == b'}') else {
                break;
            };
            let name = inner.get(..end).unwrap_or_default();
            let value = self.0.get(name).ok_or_else(|| {
                let name = String::from_utf8_lossy(name);
                format!("${{{name}}} is not defined in what was read")
            })?;
            out.extend_from_slice(before);
            out.extend_from_slice(value);
            rest = inner.get(end + 1..).unwrap_or_default();
            if out.len() > LONGEST_VALUE {
                return Err(format!(
                    "not modelled: variables fill a line to more than {LONGEST_VALUE} bytes"
                ));
            }
        }
        out.extend_from_slice(rest);
        Ok(out.into())
    }
}
