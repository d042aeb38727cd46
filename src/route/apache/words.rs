//! Apache's words: white space ends them, quotes keep it, and a backslash hides only a backslash or
//! the quote that is open. Refuses nothing, as Apache does: an unclosed quote ends with the line.

use crate::route::Word;

/// The first word and what follows it.
pub(super) fn first_word(line: &[u8]) -> Option<(Word, &[u8])> {
    let line = line.trim_ascii_start();
    let quote = *line.first()?;
    let (word, rest) = if matches!(quote, b'"' | b'\'') {
        let inner = line.get(1..).unwrap_or_default();
        let end = closing(inner, quote);
        let rest = inner.get(end + 1..).unwrap_or_default();
        (
            unescape(inner.get(..end).unwrap_or_default(), Some(quote)),
            rest,
        )
    } else {
        let end = line.iter().position(u8::is_ascii_whitespace);
        let (word, rest) = line.split_at(end.unwrap_or(line.len()));
        (unescape(word, None), rest)
    };
    Some((word.into(), rest.trim_ascii_start()))
}

/// All words of a line.
pub(super) fn words(mut line: &[u8]) -> Vec<Word> {
    let mut found = Vec::new();
    while let Some((word, rest)) = first_word(line) {
        found.push(word);
        line = rest;
    }
    found
}

fn closing(inner: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        let next = inner.get(at + 1);
        if byte == quote {
            return at;
        }
        let hides = byte == b'\\' && (next == Some(&quote) || next == Some(&b'\\'));
        at += if hides { 2 } else { 1 };
    }
    inner.len()
}

fn unescape(raw: &[u8], quote: Option<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let hidden = bytes
            .peek()
            .copied()
            .filter(|next| byte == b'\\' && (*next == b'\\' || Some(*next) == quote));
        out.push(hidden.unwrap_or(byte));
        if hidden.is_some() {
            bytes.next();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes() {
        let cases: [(&[u8], &[&str]); 8] = [
            (b"a  b\tc", &["a", "b", "c"]),
            (b"\"a b\" 'c d'", &["a b", "c d"]),
            (b"\"a\\\"b\" 'c\\\"d'", &["a\"b", "c\\\"d"]),
            (b"\"a\"b", &["a", "b"]),
            (b"a\"b c\"", &["a\"b", "c\""]),
            (b"\"a\\\\\" b", &["a\\", "b"]),
            (b"C:\\\\x \\d", &["C:\\x", "\\d"]),
            (b"\"open to the end", &["open to the end"]),
        ];
        for (line, expected) in cases {
            let found = words(line);
            let found: Vec<_> = found.iter().map(Word::text).collect();
            assert_eq!(found, expected);
        }
    }
}
