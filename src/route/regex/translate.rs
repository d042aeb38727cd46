//! A PCRE pattern rewritten for the engines, every letter and class as the bytes that it stands for,
//! so that none of their own rules on Unicode, case, newlines or nested classes applies.

use super::bracket::{Set, class};
use super::escape::{Escape, Reference, escape};

/// Groups in one another, no deeper than this.
pub(super) const DEEPEST: usize = 100;
/// Stands for `$` until it is known whether the text may end in a newline.
const END_MARK: char = '\u{1}';

/// A pattern for the engines.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) text: String,
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
pub(super) struct Flags {
    pub(super) caseless: bool,
    pub(super) dot_all: bool,
    pub(super) extended: bool,
}

/// A group that is open.
pub(super) struct Open {
    pub(super) flags: Flags,
    /// Where it begins in the output.
    pub(super) start: usize,
    pub(super) looks_around: bool,
    pub(super) looks_behind: bool,
    /// How many groups there were before it.
    pub(super) groups: usize,
    /// Its own number.
    pub(super) number: Option<usize>,
    /// What stands around it.
    pub(super) outside: Sequence,
}

/// Whether what was read of a group so far can match nothing.
#[derive(Clone, Copy)]
pub(super) struct Sequence {
    /// The alternative that is being read.
    pub(super) empty: bool,
    /// The same, without its last thing.
    pub(super) before_last: bool,
    /// Some alternative before it.
    pub(super) other: bool,
}

impl Sequence {
    pub(super) const START: Self = Self {
        empty: true,
        before_last: true,
        other: false,
    };

    pub(super) fn then(&mut self, can_be_empty: bool) {
        self.before_last = self.empty;
        self.empty &= can_be_empty;
    }
}

pub(super) struct Translator<'p> {
    pattern: &'p [u8],
    pub(super) at: usize,
    pub(super) flags: Flags,
    pub(super) open: Vec<Open>,
    /// Where the last thing begins that a quantifier can follow.
    pub(super) atom: Option<usize>,
    /// Whether that thing holds groups.
    pub(super) atom_has_groups: bool,
    /// Whether that thing is a group that can match nothing.
    pub(super) atom_is_empty_group: bool,
    pub(super) sequence: Sequence,
    pub(super) out: Translated,
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
    pub(super) fn rest(&self) -> &[u8] {
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

    pub(super) fn back_reference(&mut self, reference: &Reference) -> Result<(), String> {
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
}
