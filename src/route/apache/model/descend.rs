//! Down from the root to the file, name by name: sections of each depth, `.htaccess`, symbolic links,
//! permissions (server/request.c, `ap_directory_walk`).

use super::htaccess;
use super::options::{Options, Overrides, bit};
use super::pattern::fnmatch;
use super::perdir::Matching;
use super::record::{Asking, Kind, Record, Taken};
use super::said::{Step, Stop};
use super::walk::{Merged, link, path, take_section};
use crate::route::{Entry, Links};

/// The way down.
pub(super) struct Down<'a, 'b> {
    pub(super) asking: &'a Asking<'b>,
    pub(super) options: Options,
    pub(super) overrides: Overrides,
    pub(super) merged: Merged,
    /// The next `<Directory>` to look at.
    pub(super) next: usize,
    pub(super) filename: Vec<u8>,
    pub(super) rest: Vec<u8>,
    pub(super) known: Kind,
}

impl Down<'_, '_> {
    /// Goes down name by name; a status ends the request.
    pub(super) fn walk(&mut self, r: &mut Record) -> Step<Option<u16>> {
        let was_known = self.known != Kind::Nothing;
        let mut deep = 1;
        let mut last = Kind::Directory { readable: true };
        loop {
            let mut key = self.filename.clone();
            if !key.ends_with(b"/") {
                key.push(b'/');
            }
            self.sections(&key, deep, r);
            if let Some(status) = self.htaccess(&key, r)? {
                return Ok(Some(status));
            }
            if self.rest.is_empty() || !self.append() {
                break;
            }
            let plain = self.options.has(bit::SYM_LINKS) && !self.options.has(bit::SYM_OWNER);
            if was_known && plain {
                deep += 1;
                continue;
            }
            match self.look(r)? {
                Ok(kind) => last = kind,
                Err(status) => return Ok(Some(status)),
            }
            if !last.is_directory() {
                break;
            }
            deep += 1;
        }
        if !was_known {
            self.known = last;
        }
        Ok(None)
    }

    /// Moves the next name over; false where only a slash was left.
    fn append(&mut self) -> bool {
        let start = usize::from(self.rest.first() == Some(&b'/'));
        let end = self
            .rest
            .iter()
            .skip(start)
            .position(|byte| *byte == b'/')
            .map_or(self.rest.len(), |at| at + start);
        let name: Vec<u8> = self.rest.drain(..end).collect();
        if !self.filename.ends_with(b"/") && !name.starts_with(b"/") {
            self.filename.push(b'/');
        }
        self.filename.extend_from_slice(&name);
        name.as_slice() != b"/" && !name.is_empty()
    }

    /// What the name leads to, or the status that it costs.
    fn look(&self, r: &mut Record) -> Step<Result<Kind, u16>> {
        let here = path(&self.filename);
        let entry = self.asking.disk.entry(here).map_err(Stop::new)?;
        match entry {
            Entry::Closed => {
                r.note_fact(format!(
                    "search permissions are missing on the way to {}",
                    here.display()
                ));
                return Ok(Err(403));
            }
            Entry::BelowFile | Entry::Unusable => return Ok(Err(403)),
            _ => {}
        }
        let links = link(here, entry, self.asking)?;
        if links != Links::None {
            let owner = self.options.has(bit::SYM_OWNER);
            let follow = self.options.has(bit::SYM_LINKS | bit::SYM_OWNER);
            if !follow || entry == Entry::Missing || (owner && links == Links::OtherOwner) {
                let text = format!(
                    "{} is a symbolic link that may not be followed",
                    here.display()
                );
                match &self.options.at {
                    Some(at) => r.note(at, text),
                    None => r.note_fact(text),
                }
                return Ok(Err(403));
            }
        }
        Ok(Kind::of(entry).ok_or(403))
    }

    /// `<Directory>` sections of this depth.
    fn sections(&mut self, key: &[u8], deep: usize, r: &mut Record) {
        while let Some(section) = self.asking.server.directories.get(self.next) {
            let (pattern, wild) = match &section.matching {
                Matching::Exact(pattern) => (pattern, false),
                Matching::Wild(pattern) => (pattern, true),
                _ => break,
            };
            let names = pattern.iter().filter(|byte| **byte == b'/').count();
            if names > deep {
                break;
            }
            self.next += 1;
            let matches = names == deep
                && if wild {
                    fnmatch(pattern, key, true)
                } else {
                    pattern == key
                };
            if matches {
                r.note(&section.at, section.written.clone());
                self.options = self.options.merge(&section.says.options);
                self.overrides = self.overrides.merge(&section.says.overrides);
                take_section(section, &mut self.merged, r);
            }
        }
    }

    fn htaccess(&mut self, directory: &[u8], r: &mut Record) -> Step<Option<u16>> {
        if !self.overrides.any() {
            htaccess::note_ignored(directory, &self.overrides, self.asking, r);
            return Ok(None);
        }
        let found = htaccess::read(directory, &self.overrides, self.asking, r)?;
        match found {
            htaccess::Found::None => Ok(None),
            htaccess::Found::Status(status) => Ok(Some(status)),
            htaccess::Found::Says(says) => {
                self.options = self.options.merge(&says.options);
                self.overrides = self.overrides.merge(&says.overrides);
                self.merged.take(&says);
                r.taken.push(Taken::of(&says));
                Ok(None)
            }
        }
    }
}
