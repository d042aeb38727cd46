//! Lines put into a block of a web server's configuration, and single lines replaced. nginx takes the
//! first word of a block in its rewrite phase, Apache the last of a virtual host: so lines go to the
//! start of nginx's blocks and to the end of Apache's sections.

use super::lines::{cut, ending, expected, indent, split};
use crate::fix::Server;
use crate::route::{apache, nginx};

/// One level of indentation where the text shows none.
const STEP: &[u8] = b"    ";

/// The text with the lines in the block that opens on `line`; unchanged where they are there already.
///
/// # Errors
/// Why the block cannot be told.
pub(super) fn snippet(
    server: Server,
    text: &[u8],
    line: u32,
    opens: &str,
    wanted: &str,
) -> Result<Vec<u8>, String> {
    let lines = split(text);
    if line == 0 {
        return Ok(appended(&lines, wanted));
    }
    let index = expected(&lines, line, opens)?;
    match server {
        Server::Nginx => into_nginx(text, &lines, index, line, wanted),
        Server::Apache => into_apache(text, &lines, index, line, wanted),
        Server::PhpFpm | Server::Database => {
            Err("its configuration has no blocks to put lines into".to_owned())
        }
    }
}

fn into_nginx(
    text: &[u8],
    lines: &[&[u8]],
    index: usize,
    line: u32,
    wanted: &str,
) -> Result<Vec<u8>, String> {
    let block_of = nginx::inside(text, line)?;
    let (before, after) = text
        .split_at_checked(block_of.start)
        .ok_or("the block is cut off")?;
    let within = after.get(..block_of.len()).unwrap_or(after);
    let end = ending(lines, index);
    let opening = lines.get(index).copied().unwrap_or_default();
    let rest = after.split_inclusive(|byte| *byte == b'\n').next();
    let rest = rest.unwrap_or_default();
    let (body, _) = cut(rest);
    let is_open = body.trim_ascii().is_empty() || body.trim_ascii().starts_with(b"#");
    let next = if is_open {
        after.get(rest.len()..)
    } else {
        Some(after)
    };
    let next = next.unwrap_or_default();
    let inside = if is_open { next } else { b"" };
    let block = block(wanted, &deeper(indent(opening), inside), end);
    if is_there(within, &block) {
        return Ok(text.to_vec());
    }
    let mut made = before.to_vec();
    if is_open {
        made.extend_from_slice(rest);
    } else {
        made.extend_from_slice(end);
    }
    made.extend_from_slice(&block);
    made.extend_from_slice(next);
    Ok(made)
}

fn into_apache(
    text: &[u8],
    lines: &[&[u8]],
    index: usize,
    line: u32,
    wanted: &str,
) -> Result<Vec<u8>, String> {
    let close = apache::closing(text, line)? as usize - 1;
    let opening = lines.get(index).copied().unwrap_or_default();
    let inside = lines.get(index + 1..close).unwrap_or_default();
    let step = deeper(indent(opening), &inside.concat());
    let block = block(wanted, &step, ending(lines, index));
    if is_there(&inside.concat(), &block) {
        return Ok(text.to_vec());
    }
    let (before, after) = lines
        .split_at_checked(close)
        .ok_or("the section is cut off")?;
    let mut made = before.concat();
    made.extend_from_slice(&block);
    made.extend_from_slice(&after.concat());
    Ok(made)
}

/// The text with the lines at its end.
fn appended(lines: &[&[u8]], wanted: &str) -> Vec<u8> {
    let mut made = lines.concat();
    let end = ending(lines, lines.len().saturating_sub(1));
    let block = block(wanted, b"", end);
    if is_there(&made, &block) {
        return made;
    }
    if !made.is_empty() && !made.ends_with(b"\n") {
        made.extend_from_slice(end);
    }
    made.extend_from_slice(&block);
    made
}

/// The indentation of the first line inside, where it is deeper than that of the opening line.
fn deeper(opening: &[u8], inside: &[u8]) -> Vec<u8> {
    let first = split(inside)
        .into_iter()
        .find(|line| !line.trim_ascii().is_empty());
    let first = first.map(indent).unwrap_or_default();
    if first.len() > opening.len() && first.starts_with(opening) {
        return first.to_vec();
    }
    let step = if opening.ends_with(b"\t") {
        b"\t"
    } else {
        STEP
    };
    [opening, step].concat()
}

/// The lines, indented and ended as those around them.
fn block(wanted: &str, indent: &[u8], end: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    for line in wanted.trim_end().lines() {
        if !line.trim().is_empty() {
            made.extend_from_slice(indent);
            made.extend_from_slice(line.trim_end().as_bytes());
        }
        made.extend_from_slice(end);
    }
    made
}

/// Whether the lines stand in the text one after another, whatever the blanks around them.
fn is_there(text: &[u8], block: &[u8]) -> bool {
    let bare = |text: &[u8]| -> Vec<Vec<u8>> {
        let lines = split(text).into_iter().map(<[u8]>::trim_ascii);
        let kept = lines.filter(|line| !line.is_empty());
        kept.map(<[u8]>::to_vec).collect()
    };
    let (all, wanted) = (bare(text), bare(block));
    wanted.is_empty() || all.windows(wanted.len()).any(|part| part == wanted)
}

/// The text with one line replaced by others, or a comment where there are none, as PHP's ini files
/// (`;`) and the web servers' (`#`) have them.
///
/// # Errors
/// What stands there instead.
pub(super) fn line(
    server: Server,
    text: &[u8],
    line: u32,
    old: &str,
    wanted: &str,
) -> Result<Vec<u8>, String> {
    let mark = if server == Server::PhpFpm { ';' } else { '#' };
    let gone = format!("{mark} {}", old.trim());
    let wanted = if wanted.is_empty() { &gone } else { wanted };
    let lines = split(text);
    let index = match expected(&lines, line, old) {
        Ok(index) => index,
        Err(_) if is_replaced(&lines, line, wanted) => return Ok(text.to_vec()),
        Err(problem) => return Err(problem),
    };
    let (before, rest) = lines
        .split_at_checked(index)
        .ok_or("the file has no such line")?;
    let (old, after) = rest.split_first().ok_or("the file has no such line")?;
    let mut made = before.concat();
    let mut new = block(wanted, indent(old), ending(&lines, index));
    if cut(old).1.is_empty() && after.is_empty() {
        let ended = cut(&new).0.len();
        new.truncate(ended);
    }
    made.extend_from_slice(&new);
    made.extend_from_slice(&after.concat());
    Ok(made)
}

/// Whether the line has been replaced already.
fn is_replaced(lines: &[&[u8]], line: u32, wanted: &str) -> bool {
    let from = (line as usize).saturating_sub(1);
    let there = lines.get(from..).unwrap_or_default();
    let mut wanted = wanted.trim_end().lines().peekable();
    wanted.peek().is_some()
        && wanted
            .zip(there.iter().map(Some).chain(std::iter::repeat(None)))
            .all(|(wanted, there)| {
                there.is_some_and(|there| there.trim_ascii() == wanted.trim().as_bytes())
            })
}
