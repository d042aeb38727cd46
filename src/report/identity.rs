//! What makes a finding the same finding: in another order, under another root, after its line has
//! moved, and when a group of entries has grown. Refuses to take sentences, numbers and process ids
//! for names.

use super::Evidence;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Fields of a fact that describe and do not name.
const DESCRIPTIONS: [&str; 8] = [
    "because", "source", "reason", "effect", "command", "mode", "message", "text",
];

/// Gives every piece of evidence of one check its fingerprint.
pub(super) fn name(root: &str, evidence: &mut [Evidence]) {
    let keys: Vec<Vec<String>> = evidence.iter().map(|it| key(root, it)).collect();
    // Twins are told apart by their messages, so that their order does not matter.
    let mut order: Vec<usize> = (0..evidence.len()).collect();
    let message = |at: &usize| evidence.get(*at).map(|it| below(root, &it.message));
    order.sort_by_cached_key(message);
    let mut seen: HashMap<&[String], usize> = HashMap::new();
    for at in order {
        let (Some(key), Some(piece)) = (keys.get(at), evidence.get_mut(at)) else {
            continue;
        };
        let twin = seen.entry(key).or_default();
        piece.fingerprint = hash(key, *twin);
        *twin += 1;
    }
}

/// How many things a piece of evidence stands for.
pub(crate) fn stands_for(evidence: &Evidence) -> u64 {
    let count = evidence.data.get("count").and_then(Value::as_u64);
    count.unwrap_or(1)
}

/// A text with every mention of the root left out.
pub(super) fn below(root: &str, text: &str) -> String {
    if root.len() < 2 {
        return text.to_owned();
    }
    text.replace(root, "")
}

/// What names it. A row that stands for many is named by what it groups by: its path is only an
/// example.
fn key(root: &str, evidence: &Evidence) -> Vec<String> {
    let grouped = evidence.data.get("count").is_some_and(Value::is_number);
    let mut key = Vec::new();
    if !grouped {
        key.push(below(root, &evidence.subject));
        let place = evidence.location.as_ref();
        key.push(place.map_or_else(String::new, |place| below(root, &place.path)));
    }
    for (name, field) in evidence.data.as_object().into_iter().flatten() {
        let names = !(DESCRIPTIONS.contains(&name.as_str()) || grouped && name == "path");
        if let Some(text) = field.as_str().filter(|_| names) {
            key.push(format!("{name}={}", below(root, text)));
        }
    }
    key
}

fn hash(key: &[String], twin: usize) -> String {
    let mut hash = Sha256::new();
    for part in key {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(twin.to_be_bytes());
    hex(hash.finalize().iter().take(8))
}

/// Bytes in hexadecimal.
pub(super) fn hex<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Location;
    use serde_json::json;

    fn piece(root: &str, path: &str, message: &str, data: Value) -> Evidence {
        Evidence {
            subject: format!("{root}{path}"),
            message: message.to_owned(),
            location: Some(Location {
                path: format!("{root}{path}"),
                line: Some(3),
            }),
            data,
            fingerprint: String::new(),
            waived: false,
        }
    }

    fn named(root: &str, mut pieces: Vec<Evidence>) -> Vec<String> {
        name(root, &mut pieces);
        pieces.into_iter().map(|it| it.fingerprint).collect()
    }

    #[test]
    fn another_root_another_order_and_another_line_change_nothing() {
        let pieces = |root: &str, line: u32| {
            let mut pieces: Vec<Evidence> = ["/a", "/b"]
                .iter()
                .flat_map(|path| ["x", "y"].map(|message| piece(root, path, message, json!({}))))
                .collect();
            for piece in &mut pieces {
                piece.location.as_mut().unwrap().line = Some(line);
            }
            pieces
        };
        let one = named("/srv/one", pieces("/srv/one", 1));
        assert_eq!(one, named("/home/two", pieces("/home/two", 9)));
        let mut turned = pieces("/srv/one", 1);
        turned.reverse();
        let mut other = named("/srv/one", turned);
        other.reverse();
        assert_eq!(one, other);
        let mut each = one;
        each.sort();
        each.dedup();
        assert_eq!(each.len(), 4, "twins have names of their own");
    }

    #[test]
    fn a_group_keeps_its_name_when_it_grows_and_its_example_changes() {
        let group = |count: u64, path: &str, directory: &str| {
            let data = json!({"count": count, "path": path, "directory": directory,
                "because": format!("{path} is open")});
            named("/srv/d", vec![piece("/srv/d", path, "m", data)])
        };
        assert_eq!(group(2, "/a/x", "a"), group(400, "/a/y", "a"));
        assert_ne!(group(2, "/a/x", "a"), group(2, "/a/x", "b"));
    }

    #[test]
    fn what_a_process_is_called_today_is_no_name() {
        let worker = |source: &str| {
            let data = json!({"user": "root", "source": source});
            named("/srv/d", vec![piece("", "/etc/x", "m", data)])
        };
        assert_eq!(worker("process 1"), worker("process 2"));
    }
}
