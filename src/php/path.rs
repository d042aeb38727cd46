//! `dirname` and `basename` as PHP has them on Unix.
//!
//! It looks at no file.

use super::convert::{Answer, dies};
use super::text::{trim, whole};
use super::value::Value;

pub(super) fn dirname(path: &[u8], levels: Option<&Value>) -> Answer {
    let levels = whole(levels, 1)?;
    if levels < 1 {
        return dies("fewer than one level");
    }
    let mut path = path.to_vec();
    for _ in 0..levels.min(4096) {
        let shorter = parent(&path);
        if shorter == path {
            break;
        }
        path = shorter;
    }
    Ok(Value::Str(path))
}

fn parent(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return Vec::new();
    }
    let trimmed = trim(path, Some(b"/".to_vec()), false, true);
    let Some(slash) = trimmed.iter().rposition(|byte| *byte == b'/') else {
        return if trimmed.is_empty() {
            b"/".to_vec()
        } else {
            b".".to_vec()
        };
    };
    let head = trim(
        trimmed.get(..slash).unwrap_or_default(),
        Some(b"/".to_vec()),
        false,
        true,
    );
    if head.is_empty() { b"/".to_vec() } else { head }
}

pub(super) fn basename(path: &[u8], suffix: Option<Vec<u8>>) -> Vec<u8> {
    let trimmed = trim(path, Some(b"/".to_vec()), false, true);
    let name = trimmed
        .rsplit(|byte| *byte == b'/')
        .next()
        .unwrap_or_default();
    match suffix {
        Some(suffix) if name.len() > suffix.len() && name.ends_with(&suffix) => name
            .get(..name.len() - suffix.len())
            .unwrap_or_default()
            .to_vec(),
        _ => name.to_vec(),
    }
}
