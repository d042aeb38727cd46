//! A text as lines that keep their own endings, so that what is not edited stays byte for byte.
//! Refuses to know any language.

/// The lines, each with its ending; the last may have none.
pub(super) fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The line without its ending, and the ending.
pub(super) fn cut(line: &[u8]) -> (&[u8], &[u8]) {
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    line.split_at(body.len())
}

/// How lines end in this text, by the line at this index, else by any.
pub(super) fn ending<'a>(lines: &[&'a [u8]], index: usize) -> &'a [u8] {
    let own = lines.get(index).map(|line| cut(line).1);
    let ends = |ending: &&[u8]| !ending.is_empty();
    let other = || lines.iter().map(|line| cut(line).1).find(ends);
    own.filter(ends).or_else(other).unwrap_or(b"\n")
}

/// The blanks that the line begins with.
pub(super) fn indent(line: &[u8]) -> &[u8] {
    let body = cut(line).0;
    let length = body.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
    body.get(..length.count()).unwrap_or_default()
}

/// The index of a line that is counted from 1, if it holds what it was seen to hold; blanks around it
/// do not count, nor does a byte order mark.
///
/// # Errors
/// What stands there instead.
pub(super) fn expected(lines: &[&[u8]], line: u32, text: &str) -> Result<usize, String> {
    let index = (line as usize).checked_sub(1);
    let found = index.and_then(|index| lines.get(index));
    let (Some(index), Some(found)) = (index, found) else {
        return Err("the file has no such line".to_owned());
    };
    let found = found.strip_prefix(b"\xef\xbb\xbf").unwrap_or(found);
    if found.trim_ascii() == text.trim().as_bytes() {
        return Ok(index);
    }
    let shown: String = String::from_utf8_lossy(found.trim_ascii())
        .chars()
        .take(80)
        .collect();
    Err(format!(
        "the line has changed since it was seen: it holds `{}`, not `{}`",
        shown.escape_debug(),
        text.trim().escape_debug()
    ))
}
