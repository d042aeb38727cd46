//! nginx's own tokens: the state machine of its configuration reader, quoting included.
//! Refuses what nginx refuses and in its words; knows no directive.

use crate::route::Word;

/// nginx reads through a buffer of this size, and no parameter may fill it.
const BUFFER: usize = 4096;

/// What the reader meets next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Words up to a `;`.
    Simple(Statement),
    /// Words up to a `{`.
    Open(Statement),
    /// A `}`.
    Close,
    /// The end of the file between two directives.
    End,
}

/// The words of a directive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) name: Word,
    pub(super) args: Vec<Word>,
    pub(super) line: u32,
}

/// A file while it is cut into words.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    next: usize,
    /// The line that is being read.
    pub(super) line: u32,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            next: 0,
            line: 1,
        }
    }

    /// The next event; an error is about `self.line`.
    pub(super) fn event(&mut self) -> Result<Event, String> {
        let mut words = Words::default();
        loop {
            self.skip_space()?;
            let Some(byte) = self.peek() else {
                return if words.0.is_none() {
                    Ok(Event::End)
                } else {
                    Err(END.to_owned())
                };
            };
            match (byte, &words.0) {
                (b';' | b'{', None) | (b'}', Some(_)) => return Err(unexpected(byte)),
                (b'}', None) => {
                    self.bump();
                    return Ok(Event::Close);
                }
                (b';', Some(_)) => {
                    self.bump();
                    return words.finish(Event::Simple);
                }
                (b'{', Some(_)) => {
                    self.bump();
                    return words.finish(Event::Open);
                }
                _ => {
                    let line = self.line;
                    words.push(self.word()?, line);
                }
            }
        }
    }

    /// The raw text from here, for bodies that are not nginx's language.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.next..).unwrap_or_default()
    }

    /// Goes over as many bytes.
    pub(super) fn skip(&mut self, bytes: usize) {
        for _ in 0..bytes {
            self.bump();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.next).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.next += 1;
        if byte == b'\n' {
            self.line += 1;
        }
        Some(byte)
    }

    /// Goes over white space and comments; a `#` opens one only here, where a word could start.
    fn skip_space(&mut self) -> Result<(), String> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.bump();
                }
                b'#' => self.comment()?,
                _ => break,
            }
        }
        Ok(())
    }

    /// A comment fills the buffer like a parameter does, and nginx refuses it then.
    fn comment(&mut self) -> Result<(), String> {
        let length = self.rest().iter().position(|byte| *byte == b'\n');
        let length = length.unwrap_or_else(|| self.rest().len());
        if length >= BUFFER {
            return Err(TOO_LONG.to_owned());
        }
        self.skip(length);
        Ok(())
    }

    fn word(&mut self) -> Result<Word, String> {
        let first_line = self.line;
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''));
        if quote.is_some() {
            self.bump();
        }
        let start = self.next;
        self.find_end(quote)?;
        let raw = self.text.get(start..self.next).unwrap_or_default();
        if raw.len() >= BUFFER {
            self.line = first_line;
            return Err(TOO_LONG.to_owned());
        }
        if quote.is_some() {
            self.bump();
            self.after_quote()?;
        }
        Ok(decode(raw).into())
    }

    /// Stops at the byte that ends the word. `${` opens no block, and a quote, `}` or `#` inside a
    /// bare word is one of its letters.
    fn find_end(&mut self, quote: Option<u8>) -> Result<(), String> {
        let mut variable = false;
        loop {
            let byte = self.peek().ok_or_else(|| END.to_owned())?;
            let ends = match quote {
                Some(quote) => byte == quote,
                None if byte == b'{' => !variable,
                None => matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';'),
            };
            if ends {
                return Ok(());
            }
            variable = byte == b'$' || (variable && byte == b'{');
            self.bump();
            if byte == b'\\' {
                self.bump();
            }
        }
    }

    fn after_quote(&self) -> Result<(), String> {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => Ok(()),
            Some(byte) => Err(unexpected(byte)),
        }
    }
}

const TOO_LONG: &str = "too long parameter";
const END: &str = "unexpected end of file, expecting \";\" or \"}\"";

fn unexpected(byte: u8) -> String {
    format!("unexpected \"{}\"", byte.escape_ascii())
}

/// The words of the directive that is being read; its first one makes it a directive.
#[derive(Default)]
struct Words(Option<Statement>);

impl Words {
    fn push(&mut self, word: Word, line: u32) {
        match &mut self.0 {
            Some(statement) => statement.args.push(word),
            None => {
                self.0 = Some(Statement {
                    name: word,
                    args: Vec::new(),
                    line,
                });
            }
        }
    }

    fn finish(self, event: impl FnOnce(Statement) -> Event) -> Result<Event, String> {
        self.0.map(event).ok_or_else(|| END.to_owned())
    }
}

/// Takes escapes off. nginx decodes six; before any other byte the backslash stays.
fn decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let decoded = match (byte, bytes.peek()) {
            (b'\\', Some(&next @ (b'"' | b'\'' | b'\\'))) => Some(next),
            (b'\\', Some(b't')) => Some(b'\t'),
            (b'\\', Some(b'r')) => Some(b'\r'),
            (b'\\', Some(b'n')) => Some(b'\n'),
            _ => None,
        };
        out.push(decoded.unwrap_or(byte));
        if decoded.is_some() {
            bytes.next();
        }
    }
    out
}
