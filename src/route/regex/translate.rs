//! A PCRE pattern rewritten for the engines, every letter and class as the bytes that it stands for,
//! so that none of their own rules on Unicode, case, newlines or nested classes applies.

use super::bracket::{Set, class};
use super::escape::{Escape, Reference, escape};
use std::fmt::Write;

/// Groups in one another, no deeper than this.
const DEEPEST: usize = 100;
/// Stands for `$` until it is known whether the text may end in a newline.
const END_MARK: char = '\u{1}';

/// A pattern for the engines.
#[derive(Debug)]
pub(super) struct Translated {
    text: String,
    /// Whether it needs neither looking around nor back.
    pub(super) is_regular: bool,
    /// Whether it asks for the end of the text in the way that a last newline confuses.
    pub(super) asks_for_end: bool,
    /// Whether it asks for the ends of lines.
    pub(super) is_multiline: bool,
    pub(super) names: Vec<(String, usize)>,
    pub(super) groups: usize,
}

impl Translated {
    /// For texts that do not end in a newline.
    pub(super) fn regular(&self) -> String {
        self.text.replace(END_MARK, "\\z")
    }

    /// For all texts, with looking ahead.
    pub(super) fn exact(&self) -> String {
        self.text.replace(END_MARK, "(?=\\x0A?\\z)")
    }
}

#[derive(Clone, Copy)]
struct Flags {
    caseless: bool,
    dot_all: bool,
    extended: bool,
}

/// A group that is open.
struct Open {
    flags: Flags,
    /// Where it begins in the output.
    start: usize,
    looks_around: bool,
    looks_behind: bool,
    /// How many groups there were before it.
    groups: usize,
    /// Its own number.
    number: Option<usize>,
    /// What stands around it.
    outside: Sequence,
}

/// Whether what was read of a group so far can match nothing.
#[derive(Clone, Copy)]
struct Sequence {
    /// The alternative that is being read.
    empty: bool,
    /// The same, without its last thing.
    before_last: bool,
    /// Some alternative before it.
    other: bool,
}

impl Sequence {
    const START: Self = Self {
        empty: true,
        before_last: true,
        other: false,
    };

    fn then(&mut self, can_be_empty: bool) {
        self.before_last = self.empty;
        self.empty &= can_be_empty;
    }
}

struct Translator<'p> {
    pattern: &'p [u8],
    at: usize,
    flags: Flags,
    open: Vec<Open>,
    /// Where the last thing begins that a quantifier can follow.
    atom: Option<usize>,
    /// Whether that thing holds groups.
    atom_has_groups: bool,
    /// Whether that thing is a group that can match nothing.
    atom_is_empty_group: bool,
    sequence: Sequence,
    out: Translated,
}

pub(super) fn translate(pattern: &[u8], caseless: bool) -> Result<Translated, String> {
    let mut translator = Translator {
        pattern,
        at: 0,
        flags: Flags {
            caseless,
            dot_all: false,
            extended: false,
        },
        open: Vec::new(),
        atom: None,
        atom_has_groups: false,
        atom_is_empty_group: false,
        sequence: Sequence::START,
        out: Translated {
            text: String::new(),
            is_regular: true,
            asks_for_end: false,
            is_multiline: false,
            names: Vec::new(),
            groups: 0,
        },
    };
    while translator.at < pattern.len() {
        translator.item()?;
    }
    if !translator.open.is_empty() {
        return Err("missing closing parenthesis".to_owned());
    }
    Ok(translator.out)
}

impl Translator<'_> {
    fn rest(&self) -> &[u8] {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn item(&mut self) -> Result<(), String> {
        let Some(&byte) = self.rest().first() else {
            return Ok(());
        };
        if self.flags.extended && self.blank(byte) {
            return Ok(());
        }
        if let Some((min, max, length)) = self.quantifier(byte)? {
            self.at += length;
            return self.repeat(min, max);
        }
        self.at += 1;
        match byte {
            b'(' => return self.group(),
            b')' => return self.close(),
            b'|' => {
                if self.open.last().is_some_and(|open| !open.looks_behind) {
                    self.fixed_length()?;
                }
                self.out.text.push('|');
                self.atom = None;
                self.sequence = Sequence {
                    other: self.sequence.other || self.sequence.empty,
                    ..Sequence::START
                };
            }
            b'[' => {
                let (set, length) = class(self.rest(), self.flags.caseless)?;
                self.at += length;
                self.push(&set.written());
            }
            b'.' if self.flags.dot_all => self.push("[\\x00-\\xFF]"),
            b'.' => self.push(&Set::of(|byte| byte != b'\n').written()),
            b'^' => self.assertion("\\A"),
            b'$' => self.end(),
            b'\\' => return self.backslash(),
            byte => self.literal(byte),
        }
        Ok(())
    }

    /// With the flag `x`: white space and comments mean nothing.
    fn blank(&mut self, byte: u8) -> bool {
        if matches!(byte, b'\t'..=b'\r' | b' ') {
            self.at += 1;
            return true;
        }
        if byte == b'#' {
            let length = self.rest().iter().position(|b| *b == b'\n');
            self.at += length.map_or(self.rest().len(), |length| length + 1);
            return true;
        }
        false
    }

    fn push(&mut self, text: &str) {
        self.atom = Some(self.out.text.len());
        self.atom_has_groups = false;
        self.atom_is_empty_group = false;
        self.sequence.then(false);
        self.out.text.push_str(text);
    }

    fn literal(&mut self, byte: u8) {
        if self.flags.caseless && byte.is_ascii_alphabetic() {
            self.push(&Set::of(|other| other.eq_ignore_ascii_case(&byte)).written());
        } else {
            self.push(&format!("\\x{byte:02X}"));
        }
    }

    fn end(&mut self) {
        self.out.asks_for_end = true;
        self.assertion(&END_MARK.to_string());
    }

    /// PCRE lets no quantifier follow.
    fn assertion(&mut self, text: &str) {
        self.out.text.push_str(text);
        self.atom = None;
    }

    fn backslash(&mut self) -> Result<(), String> {
        let (found, length) = escape(self.rest(), false)?;
        self.at += length;
        match found {
            Escape::Byte(byte) => self.literal(byte),
            Escape::Set(set) => self.push(&set.written()),
            Escape::Start => self.assertion("\\A"),
            Escape::End => self.assertion("\\z"),
            Escape::EndOfLine => self.end(),
            Escape::Boundary(false) => self.assertion("\\b"),
            Escape::Boundary(true) => self.assertion("\\B"),
            Escape::Newline => {
                self.fixed_length()?;
                self.out.is_regular = false;
                self.push("(?>\\x0D\\x0A|[\\x0A-\\x0D\\x85])");
                if matches!(self.rest().first(), Some(b'*' | b'+' | b'?' | b'{')) {
                    return Err("not modelled: a repeated \\R".to_owned());
                }
            }
            Escape::Nothing => {}
            Escape::Quote => {
                let rest = self.rest().to_vec();
                let end = rest.windows(2).position(|pair| pair == b"\\E");
                let quoted = end.unwrap_or(rest.len());
                rest.iter()
                    .take(quoted)
                    .for_each(|byte| self.literal(*byte));
                self.at += end.map_or(quoted, |end| end + 2);
            }
            Escape::Group(reference) => return self.back_reference(&reference),
        }
        Ok(())
    }

    fn back_reference(&mut self, reference: &Reference) -> Result<(), String> {
        let groups = self.out.groups;
        let number = match reference {
            Reference::Number(number) => Some(*number),
            Reference::Relative(back) => (groups + 1).checked_sub(*back),
            Reference::Name(name) => {
                let known = self.out.names.iter().find(|n| n.0.as_bytes() == name);
                known.map(|(_, number)| *number)
            }
        };
        let number = number.filter(|number| (1..=groups).contains(number));
        let Some(number) = number else {
            return Err("not modelled: a reference to a group further on".to_owned());
        };
        if self.open.iter().any(|open| open.number == Some(number)) {
            return Err("not modelled: a reference to a group within itself".to_owned());
        }
        if self.flags.caseless {
            return Err("not modelled: a reference to a group without regard to case".to_owned());
        }
        self.fixed_length()?;
        self.out.is_regular = false;
        self.push(&format!("(?:\\{number})"));
        self.sequence.empty = self.sequence.before_last;
        Ok(())
    }

    /// The quantifier that begins here: least, most, length.
    fn quantifier(&self, byte: u8) -> Result<Option<(u32, Option<u32>, usize)>, String> {
        Ok(match byte {
            b'*' => Some((0, None, 1)),
            b'+' => Some((1, None, 1)),
            b'?' => Some((0, Some(1), 1)),
            b'{' => {
                let Some(end) = self.rest().iter().position(|b| *b == b'}') else {
                    return Ok(None);
                };
                let inside = self.rest().get(1..end).unwrap_or_default();
                braces(inside)?.map(|(min, max)| (min, max, end + 1))
            }
            _ => None,
        })
    }

    fn repeat(&mut self, min: u32, max: Option<u32>) -> Result<(), String> {
        let Some(start) = self.atom.take() else {
            return Err("quantifier does not follow a repeatable item".to_owned());
        };
        if max != Some(min) {
            self.fixed_length()?;
        }
        if max != Some(1) && self.atom_is_empty_group {
            // Engines differ in which empty rounds they make and remember.
            return Err("not modelled: repeating a group that can match nothing".to_owned());
        }
        if min == 0 {
            self.sequence.empty = self.sequence.before_last;
        }
        let atom = self.out.text.split_off(start);
        let _ = write!(self.out.text, "(?:{atom}){{{min},");
        if let Some(max) = max {
            let _ = write!(self.out.text, "{max}");
        }
        self.out.text.push('}');
        match self.rest().first() {
            Some(b'?') => {
                self.at += 1;
                self.out.text.push('?');
            }
            Some(b'+') if self.atom_has_groups => {
                return Err("not modelled: groups that are repeated without return".to_owned());
            }
            Some(b'+') => {
                self.at += 1;
                self.out.is_regular = false;
                self.out.text.insert_str(start, "(?>");
                self.out.text.push(')');
            }
            _ => {}
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("not modelled: groups more than {DEEPEST} deep"));
        }
        let (opening, length) = match self.rest() {
            [b'*', ..] => return Err("not modelled: a verb, (*…)".to_owned()),
            [b'?', b'#', ..] => return self.comment(),
            [b'?', b':', ..] => ("(?:", 2),
            [b'?', b'>', ..] => ("(?>", 2),
            [b'?', b'=', ..] => ("(?=", 2),
            [b'?', b'!', ..] => ("(?!", 2),
            [b'?', b'<', b'=', ..] => ("(?<=", 3),
            [b'?', b'<', b'!', ..] => ("(?<!", 3),
            [b'?', b'P', b'<', ..] => ("(", 3 + self.name(3, b'>')?),
            [b'?', b'<', ..] => ("(", 2 + self.name(2, b'>')?),
            [b'?', b'\'', ..] => ("(", 2 + self.name(2, b'\'')?),
            [b'?', b'P', b'=', ..] => return self.named_reference(),
            [b'?', ..] => return self.set_flags(),
            _ => {
                self.out.groups += 1;
                ("(", 0)
            }
        };
        if opening.len() > 1 && opening != "(?:" {
            self.out.is_regular = false;
        }
        self.at += length;
        self.begin(opening);
        Ok(())
    }

    /// Whether looking behind is allowed without a fixed length depends on PCRE2's release.
    fn fixed_length(&self) -> Result<(), String> {
        if self.open.iter().any(|open| open.looks_behind) {
            return Err("not modelled: looking behind without a fixed length".to_owned());
        }
        Ok(())
    }

    fn begin(&mut self, opening: &str) {
        self.open.push(Open {
            flags: self.flags,
            start: self.out.text.len(),
            looks_around: opening.ends_with(['=', '!']),
            looks_behind: opening.starts_with("(?<"),
            groups: self.out.groups - usize::from(opening == "("),
            number: (opening == "(").then_some(self.out.groups),
            outside: self.sequence,
        });
        self.out.text.push_str(opening);
        self.atom = None;
        self.sequence = Sequence::START;
    }

    /// Notes the name that stands at this offset; its length with what closes it.
    fn name(&mut self, offset: usize, close: u8) -> Result<usize, String> {
        let rest = self.rest().get(offset..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == close);
        let name = end.and_then(|end| rest.get(..end)).unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err("a group's name is not well formed".to_owned());
        }
        if self.out.names.iter().any(|(known, _)| *known == name) {
            return Err("two groups have the same name".to_owned());
        }
        self.out.groups += 1;
        let length = name.len() + 1;
        self.out.names.push((name, self.out.groups));
        Ok(length)
    }

    /// `(?P=name)`.
    fn named_reference(&mut self) -> Result<(), String> {
        let rest = self.rest().get(3..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b')');
        let end = end.ok_or("missing closing parenthesis")?;
        let name = rest.get(..end).unwrap_or_default().to_vec();
        self.at += end + 4;
        self.back_reference(&Reference::Name(name))
    }

    fn comment(&mut self) -> Result<(), String> {
        let end = self.rest().iter().position(|b| *b == b')');
        self.at += end.ok_or("missing ) after (?# comment")? + 1;
        Ok(())
    }

    /// `(?i)` up to the end of the group around it, `(?i:…)` for a group of its own.
    fn set_flags(&mut self) -> Result<(), String> {
        let outside = self.flags;
        let mut on = true;
        let mut length = 1;
        for byte in self.rest().to_vec().iter().skip(1) {
            length += 1;
            match byte {
                b'-' => on = false,
                b'i' => self.flags.caseless = on,
                b's' => self.flags.dot_all = on,
                b'x' => self.flags.extended = on,
                b'm' => self.out.is_multiline |= on,
                b':' => {
                    self.at += length;
                    let inside = std::mem::replace(&mut self.flags, outside);
                    self.begin("(?:");
                    self.flags = inside;
                    return Ok(());
                }
                b')' => {
                    self.at += length;
                    self.atom = None;
                    return Ok(());
                }
                _ => break,
            }
        }
        let shown = String::from_utf8_lossy(self.rest().get(..length).unwrap_or_default());
        Err(format!("not modelled: a group that opens with ({shown}"))
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err("unmatched closing parenthesis".to_owned());
        };
        self.out.text.push(')');
        self.flags = open.flags;
        self.atom = Some(open.start);
        let empty = self.sequence.empty || self.sequence.other || open.looks_around;
        self.atom_has_groups = self.out.groups > open.groups;
        self.atom_is_empty_group = empty;
        self.sequence = open.outside;
        self.sequence.then(empty);
        Ok(())
    }
}

/// What braces hold if they are a quantifier. PCRE2 10.43 reads more forms than its predecessors.
fn braces(inside: &[u8]) -> Result<Option<(u32, Option<u32>)>, String> {
    let text = std::str::from_utf8(inside).unwrap_or("?");
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().unwrap_or(u32::MAX))
    };
    let found = match text.split_once(',') {
        None => number(text).map(|n| (n, Some(n))),
        Some((min, "")) => number(min).map(|min| (min, None)),
        Some((min, max)) => number(min)
            .zip(number(max))
            .map(|(min, max)| (min, Some(max))),
    };
    if found.is_none() {
        let without: String = text.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
        let newer = without.split_once(',').is_some_and(|(min, max)| {
            [min, max]
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_digit()))
                && !(min.is_empty() && max.is_empty())
        });
        if newer || (without != text && number(&without).is_some()) {
            return Err(format!(
                "not modelled: {{{text}}} means different things to different releases of PCRE2"
            ));
        }
    }
    match found {
        Some((min, max)) if min > 65_535 || max.is_some_and(|max| max > 65_535) => {
            Err("number too big in {} quantifier".to_owned())
        }
        Some((min, Some(max))) if max < min => {
            Err("numbers out of order in {} quantifier".to_owned())
        }
        found => Ok(found),
    }
}
