//! `RewriteMap`: text files and the functions that Apache has within.

use super::super::record::Asking;
use super::super::said::{Said, Step, Stop};
use super::super::uri;
use crate::route::{Place, Source, Word};
use std::path::PathBuf;

/// Where a map's values come from.
#[derive(Debug, Clone)]
pub(in super::super) enum Map {
    Text(PathBuf),
    Function(String),
    Strange(String),
}

impl Map {
    /// Reads `RewriteMap name type:source`.
    pub(in super::super) fn read(
        words: &[Word],
        root: &std::path::Path,
        at: &Place,
    ) -> Option<(String, Said<Self>)> {
        let [name, source, ..] = words else {
            return None;
        };
        let text = source.text();
        let map = match text.split_once(':') {
            Some(("txt", path)) => Self::Text(root.join(path)),
            Some(("int", function)) => Self::Function(function.to_owned()),
            _ => Self::Strange(format!("not modelled: RewriteMap {text}")),
        };
        Some((name.text().into_owned(), Said::new(map, at)))
    }
}

/// The value of a key; none where the map has none.
pub(super) fn lookup(asking: &Asking<'_>, name: &str, key: &[u8]) -> Step<Option<Vec<u8>>> {
    let Some(map) = asking.server.maps.get(name) else {
        return Ok(None);
    };
    match &map.value {
        Map::Strange(message) => Err(Stop::at(&map.at, message.clone())),
        Map::Function(function) => match function.as_str() {
            "tolower" => Ok(Some(key.to_ascii_lowercase())),
            "toupper" => Ok(Some(key.to_ascii_uppercase())),
            "escape" => Ok(Some(uri::escape(key))),
            "unescape" => Ok(Some(uri::decode(key))),
            other => Err(Stop::at(
                &map.at,
                format!("not modelled: RewriteMap int:{other}"),
            )),
        },
        Map::Text(path) => match asking.disk.read(path).map_err(|e| Stop::at(&map.at, e))? {
            Source::Text(text) => Ok(find(&text, key)),
            _ => Ok(None),
        },
    }
}

fn find(text: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    for line in text.split(|byte| *byte == b'\n') {
        if line
            .first()
            .is_none_or(|byte| *byte == b'#' || byte.is_ascii_whitespace())
        {
            continue;
        }
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        if words.next() == Some(key)
            && let Some(value) = words.next()
        {
            return Some(value.to_vec());
        }
    }
    None
}
