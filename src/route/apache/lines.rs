//! Apache's lines: continuations are joined first, then comments fall, so a comment can swallow the
//! line after it. Refuses to cut lines into words.

/// A line without its margins, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) text: Vec<u8>,
}

/// The lines that say something.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line> {
    let mut physical = text.split_inclusive(|byte| *byte == b'\n');
    let mut number = 0_u32;
    std::iter::from_fn(move || {
        let mut joined = Vec::new();
        let mut first = None;
        for line in physical.by_ref() {
            number = number.saturating_add(1);
            first.get_or_insert(number);
            let body = line.strip_suffix(b"\n").unwrap_or(line);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            let ended = line.ends_with(b"\n");
            if let Some(continued) = body.strip_suffix(b"\\").filter(|_| ended) {
                joined.extend_from_slice(continued);
            } else {
                joined.extend_from_slice(body);
                break;
            }
        }
        Some(Line {
            number: first?,
            text: joined.trim_ascii().to_vec(),
        })
    })
    .filter(|line| !line.text.is_empty() && !line.text.starts_with(b"#"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_comes_before_comment() {
        let text = b"  A b \\\n c\n\n# gone \\\nBogus x\nD\\\r\nE\r\nlast\\";
        let found: Vec<(u32, String)> = lines(text)
            .map(|l| (l.number, String::from_utf8(l.text).unwrap()))
            .collect();
        let expected = [(1, "A b  c"), (6, "DE"), (8, "last\\")];
        assert_eq!(found, expected.map(|(n, t)| (n, t.to_owned())));
    }
}
