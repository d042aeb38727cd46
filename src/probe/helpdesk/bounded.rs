//! A reader that ends: after so many bytes, or at a moment. What unpacks to more than that is a bomb, or
//! too large to be judged in time.

use std::io::{self, Read};
use std::time::Instant;

/// No dump is larger unpacked, in bytes.
const MOST: u64 = 1 << 40;

pub(super) struct Bounded<'a> {
    reader: &'a mut dyn Read,
    end: Option<Instant>,
    read: u64,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(reader: &'a mut dyn Read, end: Option<Instant>) -> Self {
        Self {
            reader,
            end,
            read: 0,
        }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.is_some_and(|end| Instant::now() > end) {
            return Err(io::Error::other(format!(
                "it was not read to its end in time (--timeout); {} MiB were",
                self.read >> 20
            )));
        }
        let count = self.reader.read(buffer)?;
        self.read = self
            .read
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if self.read > MOST {
            return Err(io::Error::other("it unpacks to more than a TiB"));
        }
        Ok(count)
    }
}
