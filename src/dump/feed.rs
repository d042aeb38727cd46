//! Bytes from a reader, one at a time or in leaps, through one buffer.

use memchr::{memchr, memchr2, memchr3};
use std::io::{self, Read};

const BUFFER: usize = 256 << 10;

pub(super) struct Feed<'a> {
    reader: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
}

impl<'a> Feed<'a> {
    pub(super) fn new(reader: &'a mut dyn Read) -> Self {
        Self {
            reader,
            buffer: vec![0; BUFFER],
            at: 0,
            end: 0,
        }
    }

    /// What is in the buffer; empty at the end.
    fn held(&mut self) -> io::Result<&[u8]> {
        while self.at == self.end {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(&[]),
                Ok(count) => (self.at, self.end) = (0, count.min(BUFFER)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.buffer.get(self.at)
            && self.at < self.end
        {
            return Ok(Some(*byte));
        }
        Ok(self.held()?.first().copied())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// Leaps behind the next of up to three bytes, and says which it was.
    pub(super) fn leap(&mut self, wanted: &[u8]) -> io::Result<Option<u8>> {
        self.copy_until(wanted, None)
    }

    /// The same; what is leapt over goes to `kept`.
    pub(super) fn copy_until(
        &mut self,
        wanted: &[u8],
        mut kept: Option<&mut Vec<u8>>,
    ) -> io::Result<Option<u8>> {
        loop {
            let held = self.held()?;
            if held.is_empty() {
                return Ok(None);
            }
            let found = match wanted {
                [a] => memchr(*a, held),
                [a, b] => memchr2(*a, *b, held),
                [a, b, c] => memchr3(*a, *b, *c, held),
                _ => Some(0),
            };
            let upto = found.unwrap_or(held.len());
            if let Some(kept) = kept.as_deref_mut() {
                kept.extend_from_slice(held.get(..upto).unwrap_or_default());
            }
            let byte = held.get(upto).copied();
            self.at += upto + usize::from(byte.is_some());
            if byte.is_some() {
                return Ok(byte);
            }
        }
    }

    /// The rest of the line, no more than `most` bytes of it.
    pub(super) fn line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            match self.next()? {
                None | Some(b'\n') => return Ok(line),
                Some(byte) if line.len() < most => line.push(byte),
                Some(_) => {
                    self.leap(b"\n")?;
                    return Ok(line);
                }
            }
        }
    }

    pub(super) fn skip_blanks(&mut self) -> io::Result<()> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        Ok(())
    }
}
