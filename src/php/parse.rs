//! From bytes to a syntax tree, whatever the bytes are.
//!
//! Refuses files beyond the size limit. Files that are not UTF-8 are carried through the parser in a
//! private range of code points and come out as the same bytes.

use php_ast::bumpalo::Bump;
use php_rs_parser::{ArenaParseResult, parse_arena};

/// The text that the parser sees, and how to get back from it.
pub(super) struct Source {
    pub(super) text: String,
    carried: bool,
    lines: Vec<u32>,
}

/// `EF 9E 80` to `EF 9F BF`: U+F780 to U+F7FF stand for the bytes 80 to FF.
const CARRIER: u32 = 0xF700;

impl Source {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let (text, carried) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (
                error.as_bytes().iter().map(|byte| carry(*byte)).collect(),
                true,
            ),
        };
        let lines = line_starts(text.as_bytes());
        Self {
            text,
            carried,
            lines,
        }
    }

    /// The line of an offset, counted from 1, as PHP counts: `\n`, `\r\n` and `\r` each end one.
    pub(super) fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Where an offset of the parser's text lies in the file.
    pub(super) fn offset(&self, offset: u32) -> usize {
        let offset = offset as usize;
        if !self.carried {
            return offset;
        }
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        self.bytes(before).len()
    }

    /// Bytes of a literal as the file has them.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        if !self.carried {
            return bytes.to_vec();
        }
        let mut result = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        loop {
            rest = match rest {
                [0xEF, high @ (0x9E | 0x9F), low, tail @ ..] => {
                    result.push(0x80 | ((high & 1) << 6) | (low & 0x3F));
                    tail
                }
                [byte, tail @ ..] => {
                    result.push(*byte);
                    tail
                }
                [] => return result,
            };
        }
    }
}

fn carry(byte: u8) -> char {
    match byte {
        0..0x80 => char::from(byte),
        _ => char::from_u32(CARRIER + u32::from(byte)).unwrap_or('?'),
    }
}

fn line_starts(bytes: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        if ends && let Ok(next) = u32::try_from(at + 1) {
            starts.push(next);
        }
    }
    starts
}

/// Parses; a panic of the parser is an error like any other.
pub(super) fn parse<'a>(
    arena: &'a Bump,
    text: &'a str,
) -> Result<ArenaParseResult<'a, 'a>, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parse_arena(arena, text)))
        .map_err(|_| "the PHP parser failed on this file".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_comes_out_as_it_went_in() {
        let source = Source::new(b"<?php $a = 'caf\xe9 \x80\xff';".to_vec());
        assert_eq!(
            source.bytes(source.text.as_bytes()),
            b"<?php $a = 'caf\xe9 \x80\xff';"
        );
    }

    #[test]
    fn lines_end_as_php_counts_them() {
        let source = Source::new(b"a\r\nb\rc\nd".to_vec());
        let lines: Vec<u32> = [0, 3, 5, 7].map(|at| source.line(at)).to_vec();
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
