//! One value of an `INSERT`: strings with all of MySQL's escapes ("String Literals" of its manual),
//! `_binary` and other introducers, hexadecimal literals, numbers, NULL. Anything else is said to be odd.

use super::feed::Feed;
use std::io;

/// The longest value that is kept, in bytes.
pub(super) const LONGEST: usize = 64 << 10;

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// Its bytes; a number as it is written.
    Bytes(&'a [u8]),
    /// Something that is not kept, and why.
    Odd(&'static str),
}

/// The same as a place in the row's store.
#[derive(Clone, Copy)]
pub(super) enum Stored {
    Null,
    Bytes(usize, usize),
    Odd(&'static str),
}

/// Reads a value into the store; stops before the comma or bracket that follows it.
pub(super) fn read(feed: &mut Feed<'_>, store: &mut Vec<u8>) -> io::Result<Stored> {
    let start = store.len();
    match feed.peek()? {
        Some(quote @ (b'\'' | b'"')) => {
            feed.next()?;
            string(feed, quote, store)
        }
        Some(_) => word(feed, store, start),
        None => Ok(Stored::Odd("the dump ends within a row")),
    }
}

fn word(feed: &mut Feed<'_>, store: &mut Vec<u8>, start: usize) -> io::Result<Stored> {
    let mut word = Vec::new();
    while let Some(byte) = feed.peek()? {
        if matches!(byte, b',' | b')' | b'\'' | b'"' | b';') || byte.is_ascii_whitespace() {
            break;
        }
        feed.next()?;
        // Digits of a hexadecimal literal are the longest words there are.
        if word.len() <= 2 * LONGEST + 2 {
            word.push(byte);
        }
    }
    if word.first() == Some(&b'_') || word.eq_ignore_ascii_case(b"N") {
        feed.skip_blanks()?;
        return match feed.next()? {
            Some(quote @ (b'\'' | b'"')) => string(feed, quote, store),
            _ => Ok(Stored::Odd("an introducer without a string")),
        };
    }
    if word.eq_ignore_ascii_case(b"x") && feed.peek()? == Some(b'\'') {
        feed.next()?;
        let mut digits = Vec::new();
        return Ok(match string(feed, b'\'', &mut digits)? {
            Stored::Bytes(..) => hex(&digits, store, start),
            other => other,
        });
    }
    if let Some(digits) = word.strip_prefix(b"0x") {
        return Ok(hex(digits, store, start));
    }
    if word.eq_ignore_ascii_case(b"NULL") {
        return Ok(Stored::Null);
    }
    let is_number = word
        .first()
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.'))
        && word
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    if !is_number || word.len() > 64 {
        return Ok(Stored::Odd("it is no literal"));
    }
    store.extend_from_slice(&word);
    Ok(Stored::Bytes(start, store.len()))
}

fn hex(digits: &[u8], store: &mut Vec<u8>, start: usize) -> Stored {
    if digits.len() > 2 * LONGEST {
        return Stored::Odd("it is longer than 64 KiB");
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    // MySQL pads an odd number of digits on the left.
    let (odd, pairs) = digits.split_at(digits.len() % 2);
    let mut bytes = Vec::with_capacity(digits.len() / 2 + 1);
    for pair in odd.chunks(1).chain(pairs.chunks(2)) {
        let mut byte = 0_u8;
        for half in pair {
            match digit(*half) {
                Some(value) => byte = byte << 4 | value,
                None => return Stored::Odd("it is no hexadecimal literal"),
            }
        }
        bytes.push(byte);
    }
    store.extend_from_slice(&bytes);
    Stored::Bytes(start, store.len())
}

/// A string's content, its opening quote read already.
fn string(feed: &mut Feed<'_>, quote: u8, store: &mut Vec<u8>) -> io::Result<Stored> {
    let start = store.len();
    let mut cut = false;
    loop {
        let keep = (!cut).then_some(&mut *store);
        match feed.copy_until(&[quote, b'\\'], keep)? {
            None => return Ok(Stored::Odd("the dump ends within a string")),
            Some(b'\\') => {
                let Some(byte) = feed.next()? else {
                    return Ok(Stored::Odd("the dump ends within a string"));
                };
                if !cut {
                    unescape(byte, store);
                }
            }
            Some(_) if feed.peek()? == Some(quote) => {
                feed.next()?;
                if !cut {
                    store.push(quote);
                }
            }
            Some(_) => break,
        }
        if store.len().saturating_sub(start) > LONGEST {
            cut = true;
            store.truncate(start);
        }
    }
    if cut || store.len().saturating_sub(start) > LONGEST {
        store.truncate(start);
        return Ok(Stored::Odd("it is longer than 64 KiB"));
    }
    Ok(Stored::Bytes(start, store.len()))
}

/// `\%` and `\_` keep their backslash, any other unknown escape loses it.
fn unescape(byte: u8, store: &mut Vec<u8>) {
    if matches!(byte, b'%' | b'_') {
        store.push(b'\\');
    }
    store.push(match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'0' => 0,
        b'Z' => 26,
        other => other,
    });
}
