//! `AddHandler`, `AddType` and their opposites, by extension (modules/http/mod_mime.c). Any extension
//! of a name counts, not only the last: `shell.php.jpg` has two.

use super::said::Said;
use crate::route::{Place, Word};
use std::collections::{BTreeMap, HashMap};

/// What is said of one extension.
#[derive(Debug, Clone, Default)]
pub(super) struct Extension {
    pub(super) forced_type: Option<Said<String>>,
    pub(super) handler: Option<Said<String>>,
    pub(super) output_filter: Option<Said<String>>,
}

/// What one section says of extensions.
#[derive(Debug, Clone, Default)]
pub(super) struct Mime {
    pub(super) extensions: BTreeMap<String, Extension>,
    removed: Vec<(String, What)>,
}

/// What a directive is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Type,
    Handler,
    Filter,
}

/// An extension as Apache keeps it: small letters, without its dot.
fn key(word: &Word) -> String {
    let key = word.text().to_ascii_lowercase();
    key.strip_prefix('.').map_or(key.clone(), str::to_owned)
}

impl Mime {
    /// `AddHandler value extension…` and its like.
    pub(super) fn add(&mut self, what: What, words: &[Word], at: &Place) {
        let Some((value, extensions)) = words.split_first() else {
            return;
        };
        let value = value.text().to_ascii_lowercase();
        for extension in extensions {
            if what == What::Type {
                // Of all that is removed, only a type comes back by a later line (seen of 2.4.71).
                let key = key(extension);
                self.removed.retain(|gone| *gone != (key.clone(), what));
            }
            let entry = self.extensions.entry(key(extension)).or_default();
            let said = Some(Said::new(value.clone(), at));
            match what {
                What::Type => entry.forced_type = said,
                What::Handler => entry.handler = said,
                What::Filter => entry.output_filter = said,
            }
        }
    }

    /// `RemoveHandler extension…` and its like. They take effect where sections are merged, even on
    /// what the same section adds.
    pub(super) fn remove(&mut self, what: What, extensions: &[Word]) {
        self.removed
            .extend(extensions.iter().map(|word| (key(word), what)));
    }

    /// This, and then another section (`merge_mime_dir_configs`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let mut extensions = self.extensions.clone();
        for (name, said) in &other.extensions {
            let entry = extensions.entry(name.clone()).or_default();
            entry.forced_type = said
                .forced_type
                .clone()
                .or_else(|| entry.forced_type.take());
            entry.handler = said.handler.clone().or_else(|| entry.handler.take());
            entry.output_filter = said
                .output_filter
                .clone()
                .or_else(|| entry.output_filter.take());
        }
        for (name, what) in &other.removed {
            if let Some(entry) = extensions.get_mut(name) {
                match what {
                    What::Type => entry.forced_type = None,
                    What::Handler => entry.handler = None,
                    What::Filter => entry.output_filter = None,
                }
            }
        }
        Self {
            extensions,
            removed: Vec::new(),
        }
    }
}

/// The file that `TypesConfig` names: types by extension.
#[derive(Debug, Clone, Default)]
pub(super) struct Types(HashMap<String, String>);

impl Types {
    /// Reads lines of a type and its extensions.
    pub(super) fn read(text: &[u8]) -> Self {
        let mut types = HashMap::new();
        for line in String::from_utf8_lossy(text)
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let mut words = line.split_ascii_whitespace();
            if let Some(name) = words.next() {
                types.extend(words.map(|word| (word.to_ascii_lowercase(), name.to_owned())));
            }
        }
        Self(types)
    }

    pub(super) fn get(&self, extension: &str) -> Option<&str> {
        self.0.get(extension).map(String::as_str)
    }
}

/// What the extensions of a name add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) content_type: Option<(String, Option<Place>)>,
    pub(super) handler: Option<Said<String>>,
    pub(super) output_filter: Option<Said<String>>,
}

/// Looks at every extension of a file name (`find_ct`). Unreadable types are an error only where
/// they would count.
pub(super) fn find(
    mime: Option<&Mime>,
    types: &Result<Types, String>,
    name: &[u8],
) -> Result<Found, String> {
    let mut found = Found::default();
    let name = String::from_utf8_lossy(name).into_owned();
    // A name that begins with dots does not begin with an extension.
    let name = name.trim_start_matches('.');
    for extension in name
        .split('.')
        .skip(1)
        .filter(|extension| !extension.is_empty())
    {
        let extension = extension.to_ascii_lowercase();
        let said = mime.and_then(|mime| mime.extensions.get(&extension));
        match said.and_then(|said| said.forced_type.as_ref()) {
            Some(forced) => {
                found.content_type = Some((forced.value.clone(), Some(forced.at.clone())));
            }
            None => match types {
                Ok(types) => {
                    if let Some(known) = types.get(&extension) {
                        found.content_type = Some((known.to_owned(), None));
                    }
                }
                Err(message) if found.content_type.is_some() => return Err(message.clone()),
                Err(_) => {}
            },
        }
        if let Some(handler) = said.and_then(|said| said.handler.as_ref()) {
            found.handler = Some(handler.clone());
        }
        if let Some(filter) = said.and_then(|said| said.output_filter.as_ref()) {
            found.output_filter = Some(filter.clone());
        }
    }
    Ok(found)
}
