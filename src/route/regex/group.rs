//! Groups of a pattern: what opens them, their names, flags and ends.

use super::escape::Reference;
use super::translate::{DEEPEST, Open, Sequence, Translator};

impl Translator<'_> {
    pub(super) fn group(&mut self) -> Result<(), String> {
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
    pub(super) fn fixed_length(&self) -> Result<(), String> {
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

    pub(super) fn close(&mut self) -> Result<(), String> {
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
