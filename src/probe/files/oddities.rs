//! Entries that are listed one by one: by their name, by their bits, by where they lead, and by how
//! they differ from what the release shipped. Refuses to judge whether they may lie where they lie.

use super::context::Context;
use super::names;
use super::observer::Observer;
use super::rights::Rights;
use super::tally::{Area, Listed};
use super::walk::{Place, join};
use crate::access::{Entry, Kind};
use crate::target::{as_path, normalise};
use rustix::fs::readlinkat;
use std::ffi::CStr;

impl Observer<'_> {
    fn listed(&self, place: &Place<'_, Context>, name: &[u8], entry: &Entry, kind: &str) -> Listed {
        Listed {
            rank: 1,
            path: join(place.path, name),
            kind: kind.to_owned(),
            uid: entry.uid,
            mode: entry.mode,
            readers: 0,
            unsure: false,
            in_web_root: place.context.in_web_root,
            note: String::new(),
        }
    }

    pub(super) fn by_name(
        &mut self,
        place: &Place<'_, Context>,
        name: &[u8],
        entry: &Entry,
        rights: &Rights,
        odd: bool,
    ) {
        let here = place.context;
        let directory = entry.kind == Kind::Directory;
        if entry.kind == Kind::File && entry.mode & 0o6000 != 0 && entry.mode & 0o111 != 0 {
            let kind = match entry.mode & 0o6000 {
                0o4000 => "set-uid",
                0o2000 => "set-gid",
                _ => "set-uid and set-gid",
            };
            // Set-gid without group execution is mandatory locking, not a lent right.
            if entry.mode & 0o4000 != 0 || entry.mode & 0o010 != 0 {
                self.tally
                    .setid
                    .offer(self.listed(place, name, entry, kind));
            }
        }
        if here.in_web_root
            && (odd || directory)
            && let Some(kind) = names::leftover(name, directory)
        {
            let mut listed = self.listed(place, name, entry, kind);
            if self.is_shipped(&listed.path) {
                "shipped".clone_into(&mut listed.note);
            }
            listed.rank = u8::from(!listed.note.is_empty());
            self.tally.leftovers.offer(listed);
        }
        if directory || entry.kind == Kind::Link {
            return;
        }
        if is_private(place.path, name, odd) {
            let mut listed = self.listed(
                place,
                name,
                entry,
                names::dump(&name.to_ascii_lowercase()).unwrap_or("configuration backup"),
            );
            listed.readers = rights.read & here.reach;
            listed.unsure = rights.unknown & here.reach != 0;
            listed.rank = u8::from(
                listed.readers
                    & (self.survey.principals.strangers | self.survey.principals.everybody)
                    == 0,
            );
            self.tally.backups.offer(listed);
        }
        if here.area == Area::Data
            && let Some(kind) = names::script(name)
        {
            let mut listed = self.listed(place, name, entry, kind);
            listed.note = self.own_script(place, name).to_owned();
            listed.rank = u8::from(!listed.note.is_empty());
            self.tally.scripts.offer(listed);
        }
    }

    /// Why the product itself puts a script there; empty where it does not.
    fn own_script(&self, place: &Place<'_, Context>, name: &[u8]) -> &'static str {
        let closed = self.survey.closed.as_deref();
        let at_top = closed.is_some_and(|top| top.as_os_str().as_encoded_bytes() == place.path);
        match name {
            _ if place.context.compiled => "the product compiles its own code here",
            b".htaccess" if at_top => "the release ships it to close the directory",
            _ if names::moved_config(place.path, name) => {
                "the installer moves the configuration that it replaces here"
            }
            _ => "",
        }
    }

    fn is_shipped(&self, path: &[u8]) -> bool {
        self.survey
            .checksums
            .is_some_and(|list| list.number(self.survey.root, path).is_some())
    }

    pub(super) fn compare(&mut self, place: &Place<'_, Context>, name: &CStr, entry: &Entry) {
        let Some(list) = self.survey.checksums else {
            return;
        };
        if entry.kind != Kind::File || place.context.area == Area::Data {
            return;
        }
        let path = join(place.path, name.to_bytes());
        let Some(number) = list.number(self.survey.root, &path) else {
            if names::is_php(name.to_bytes()) && !list.is_site_file(self.survey.root, &path) {
                self.tally.modified.offer(self.listed(
                    place,
                    name.to_bytes(),
                    entry,
                    "unknown script",
                ));
            }
            return;
        };
        self.tally.met.insert(number);
        match list.matches(number, place.directory, name) {
            Ok(true) => self.tally.compared += 1,
            Ok(false) => {
                self.tally.compared += 1;
                self.tally
                    .modified
                    .offer(self.listed(place, name.to_bytes(), entry, "changed"));
            }
            Err(reason) => self.tally.doubt(reason, path),
        }
    }

    pub(super) fn link(&mut self, place: &Place<'_, Context>, name: &CStr, entry: &Entry) {
        if !place.context.in_web_root {
            return;
        }
        let Ok(target) = readlinkat(place.directory, name, Vec::new()) else {
            return;
        };
        // By its text alone: every link below the root is met, so that one that leads out through
        // another is told by the other. Where it really ends is looked up afterwards.
        let spelled = normalise(&as_path(place.path).join(as_path(target.to_bytes())));
        if self
            .survey
            .inside
            .iter()
            .any(|root| spelled.starts_with(root))
        {
            return;
        }
        let mut listed = self.listed(place, name.to_bytes(), entry, &target.to_string_lossy());
        listed.note = spelled.to_string_lossy().into_owned();
        self.tally.links.offer(listed);
    }
}

/// Dumps, backups and copies of configuration that hold secrets. `odd`: the name may be left over.
pub(super) fn is_private(directory: &[u8], name: &[u8], odd: bool) -> bool {
    if names::moved_config(directory, name) {
        return true;
    }
    let config = name
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"config."));
    odd && (names::dump(&name.to_ascii_lowercase()).is_some()
        || (config && names::leftover(name, false).is_some()))
}
