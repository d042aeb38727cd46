//! Sets of bytes: what a class in brackets, a class escape or a letter without case stands for.
//! Locale "C", as both servers leave it: no byte above 127 has a case or is a letter.

use super::escape::{Escape, escape};
use std::fmt::Write;

/// A set of bytes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Set([bool; 256]);

impl Set {
    pub(super) const fn none() -> Self {
        Self([false; 256])
    }

    pub(super) fn of(member: impl Fn(u8) -> bool) -> Self {
        let mut set = Self::none();
        for byte in 0..=u8::MAX {
            set.put(byte, member(byte));
        }
        set
    }

    fn put(&mut self, byte: u8, is_in: bool) {
        if let Some(slot) = self.0.get_mut(usize::from(byte)) {
            *slot = is_in;
        }
    }

    fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }

    fn add(&mut self, other: &Self) {
        for byte in 0..=u8::MAX {
            if other.has(byte) {
                self.put(byte, true);
            }
        }
    }

    pub(super) fn negated(&self) -> Self {
        Self::of(|byte| !self.has(byte))
    }

    pub(super) fn caseless(&self) -> Self {
        Self::of(|byte| self.has(byte.to_ascii_lowercase()) || self.has(byte.to_ascii_uppercase()))
    }

    /// As the engines write it.
    pub(super) fn written(&self) -> String {
        let mut out = String::from("[");
        let mut byte = 0_u16;
        while byte < 256 {
            let Ok(first) = u8::try_from(byte) else { break };
            if !self.has(first) {
                byte += 1;
                continue;
            }
            let mut last = first;
            while last < u8::MAX && self.has(last + 1) {
                last += 1;
            }
            let _ = write!(out, "\\x{first:02X}-\\x{last:02X}");
            byte = u16::from(last) + 1;
        }
        if out.len() == 1 {
            // A set of nothing cannot be written as a class.
            return "[^\\x00-\\xFF]".to_owned();
        }
        out.push(']');
        out
    }
}

type Members = fn(u8) -> bool;

const POSIX: &[(&[u8], Members)] = &[
    (b"alpha", |b| b.is_ascii_alphabetic()),
    (b"lower", |b| b.is_ascii_lowercase()),
    (b"upper", |b| b.is_ascii_uppercase()),
    (b"alnum", |b| b.is_ascii_alphanumeric()),
    (b"ascii", |b| b.is_ascii()),
    (b"blank", |b| matches!(b, b' ' | b'\t')),
    (b"cntrl", |b| b.is_ascii_control()),
    (b"digit", |b| b.is_ascii_digit()),
    (b"graph", |b| b.is_ascii_graphic()),
    (b"print", |b| b.is_ascii_graphic() || b == b' '),
    (b"punct", |b| b.is_ascii_punctuation()),
    (b"space", |b| b.is_ascii_whitespace() || b == 0x0b),
    (b"word", |b| b.is_ascii_alphanumeric() || b == b'_'),
    (b"xdigit", |b| b.is_ascii_hexdigit()),
];

/// Reads a class after its opening bracket; also how many bytes it took, the closing one included.
pub(super) fn class(text: &[u8], caseless: bool) -> Result<(Set, usize), String> {
    let negated = text.first() == Some(&b'^');
    let start = usize::from(negated);
    let mut at = start;
    let mut set = Set::none();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        match rest {
            [] => return Err("missing terminating ] for character class".to_owned()),
            [b']', ..] if at > start => break,
            [b'[', kind @ (b':' | b'.' | b'='), ..] if is_posix(rest, *kind) => {
                let (found, length) = posix(rest, caseless)?;
                set.add(&found);
                at += length;
                no_range(text, at)?;
            }
            _ => {
                let (first, length) = member(rest)?;
                at += length;
                match first {
                    Escape::Set(found) => {
                        set.add(&found);
                        no_range(text, at)?;
                    }
                    Escape::Byte(first) => {
                        let (last, length) = range_end(text.get(at..).unwrap_or_default(), first)?;
                        at += length;
                        set.add(&Set::of(|byte| (first..=last).contains(&byte)));
                    }
                    _ => return Err("not modelled: an assertion in a class".to_owned()),
                }
            }
        }
    }
    let set = if caseless { set.caseless() } else { set };
    Ok((if negated { set.negated() } else { set }, at + 1))
}

/// What stands behind `first-`; without a hyphen, or with one before the bracket, `first` itself.
fn range_end(rest: &[u8], first: u8) -> Result<(u8, usize), String> {
    match rest {
        [b'-', b']', ..] | [b'-'] | [] => Ok((first, 0)),
        [b'-', b'[', b':' | b'.' | b'=', ..] => {
            Err("not modelled: a hyphen before a class in a class".to_owned())
        }
        [b'-', end @ ..] => match member(end)? {
            (Escape::Byte(last), length) if last >= first => Ok((last, length + 1)),
            (Escape::Byte(_), _) => Err("range out of order in character class".to_owned()),
            _ => Err("invalid range in character class".to_owned()),
        },
        _ => Ok((first, 0)),
    }
}

/// PCRE refuses a hyphen behind a class, unless it is the last letter.
fn no_range(text: &[u8], at: usize) -> Result<(), String> {
    match text.get(at..).unwrap_or_default() {
        [b'-', b']', ..] => Ok(()),
        [b'-', ..] => Err("invalid range in character class".to_owned()),
        _ => Ok(()),
    }
}

fn member(rest: &[u8]) -> Result<(Escape, usize), String> {
    match rest {
        [b'\\', rest @ ..] => {
            let (found, length) = escape(rest, true)?;
            Ok((found, length + 1))
        }
        [byte, ..] => Ok((Escape::Byte(*byte), 1)),
        [] => Err("missing terminating ] for character class".to_owned()),
    }
}

/// `[:` opens a POSIX class only where `:]` follows before the class ends.
fn is_posix(rest: &[u8], kind: u8) -> bool {
    let mut bytes = rest.iter().skip(2).peekable();
    while let Some(byte) = bytes.next() {
        match *byte {
            byte if byte == kind && bytes.peek() == Some(&&b']') => return true,
            b']' | b'\\' | b'[' => return false,
            _ => {}
        }
    }
    false
}

fn posix(rest: &[u8], caseless: bool) -> Result<(Set, usize), String> {
    let end = rest.windows(2).position(|pair| pair == b":]");
    let name = end.and_then(|end| rest.get(2..end)).unwrap_or_default();
    let (name, negated) = match name.strip_prefix(b"^") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let mut name = name;
    if caseless && matches!(name, b"upper" | b"lower") {
        name = b"alpha";
    }
    let known = POSIX.iter().find(|(known, _)| *known == name);
    let Some((_, member)) = known else {
        return Err("unknown POSIX class name".to_owned());
    };
    let set = Set::of(member);
    let set = if negated { set.negated() } else { set };
    Ok((set, end.unwrap_or(0) + 2))
}
