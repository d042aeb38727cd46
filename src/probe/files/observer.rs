//! What the walk does with each entry: asks for rights over its class, joins them with what its
//! directory allows, and tallies. Refuses to judge: whether a finding matters is the checks'
//! business.

use super::alike::Alike;
use super::changes::Run;
use super::checksums::Checksums;
use super::context::Context;
use super::groups::Example;
use super::names;
use super::oddities::is_private;
use super::principals::{Principals, Set};
use super::rights::{Memory, Rights};
use super::tally::{Area, ReadAsKey, Tally};
use super::walk::{Place, Visitor, join};
use super::worst::Worst;
use crate::access::{AclState, Entry, Kind, Want};
use crate::host::{Mounts, acl_of_open, entry_unlike};
use rustix::fd::BorrowedFd;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one walk is about; shared by its threads.
pub(super) struct Survey<'a> {
    pub(super) principals: &'a Principals,
    /// The install's root.
    pub(super) root: &'a Path,
    /// Every data directory, links resolved, and whether the product keeps its own code there.
    pub(super) data: &'a [(PathBuf, bool)],
    /// Every document root, links resolved.
    pub(super) document_roots: &'a [PathBuf],
    /// Directories whose links may be followed by the web server and must stay inside.
    pub(super) inside: &'a [PathBuf],
    pub(super) checksums: Option<&'a Checksums>,
    /// The data directory that the release ships an `.htaccess` in.
    pub(super) closed: Option<PathBuf>,
}

/// One thread's eyes.
pub(super) struct Observer<'a> {
    pub(super) survey: &'a Survey<'a>,
    memory: Memory,
    /// Each thread's own, so that threads do not wait for each other.
    mounts: Mounts,
    pub(super) tally: Tally,
    /// What the directories that are being read hold, by their depth.
    pub(super) runs: Vec<Vec<Run>>,
    /// The owner met last, and its group.
    pub(super) last_owner: Option<((Area, u32), usize)>,
    /// The runs that the entry met last counts in.
    pub(super) touched: Vec<usize>,
    /// What plain files of this directory came to.
    pub(super) alike: Alike,
}

impl<'a> Observer<'a> {
    pub(super) fn new(survey: &'a Survey<'a>) -> Self {
        Self {
            survey,
            memory: Memory::default(),
            mounts: Mounts::new(),
            tally: Tally::default(),
            runs: Vec::new(),
            last_owner: None,
            touched: Vec::new(),
            alike: Alike::default(),
        }
    }

    /// Meets the walk's root itself, and says what it passes on.
    pub(super) fn root(&mut self, path: &Path, entry: &Entry, reach: Set, above: Set) -> Context {
        let rights = self.memory.rights(self.survey.principals, entry);
        let context = self.root_context(path, entry, &rights, reach, above);
        let outside = Context {
            reach,
            names: 0,
            top: Some(Arc::from(&b"."[..])),
            ..context.clone()
        };
        let place = Place {
            directory: rustix::fs::CWD,
            path: path.parent().unwrap_or(path).as_os_str().as_encoded_bytes(),
            depth: 0,
            context: &outside,
        };
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        self.tally.entries += 1;
        self.tally.directories += 1;
        let odd = names::may_be_left_over(name);
        self.meet(&place, name, entry, &rights, odd);
        self.leave(&place);
        context
    }

    fn owner(&mut self, place: &Place<'_, Context>, name: &[u8], entry: &Entry, area: Area) {
        let key = (area, entry.uid);
        let group = match self.last_owner {
            Some((last, group)) if last == key => Some(group),
            _ => self.tally.owners.place(key),
        };
        self.last_owner = group.map(|group| (key, group));
        if let Some(group) = group.and_then(|group| self.tally.owners.at(group)) {
            offer(
                &mut group.examples,
                place,
                name,
                || rank(name, entry),
                String::new,
            );
        }
    }

    /// What every entry is asked. `odd`: its name may be left over.
    fn meet(
        &mut self,
        place: &Place<'_, Context>,
        name: &[u8],
        entry: &Entry,
        rights: &Rights,
        odd: bool,
    ) {
        // A data directory belongs to the data, though it lies in the application.
        let is_data = entry.kind == Kind::Directory && self.area(place.path, name).is_some();
        let area = if is_data {
            Area::Data
        } else {
            place.context.area
        };
        if rights.unknown & place.context.reach != 0 {
            self.tally.doubt(
                "its ACL, flags or file system could not be judged".to_owned(),
                join(place.path, name),
            );
        }
        self.touched.clear();
        self.owner(place, name, entry, area);
        self.changes(place, name, entry, rights, area);
        if (rights.only_as_owner | rights.only_as_member) != 0 && area == Area::App {
            self.read_as(place, name, entry, rights);
        }
        self.by_name(place, name, entry, rights, odd);
    }

    fn read_as(&mut self, place: &Place<'_, Context>, name: &[u8], entry: &Entry, rights: &Rights) {
        let sets = [(false, rights.only_as_owner), (true, rights.only_as_member)];
        for (as_member, set) in sets {
            for (principal, ..) in self.survey.principals.of(set) {
                let key = ReadAsKey {
                    principal,
                    as_member,
                    owner: entry.uid,
                };
                self.tally.read_as(key, || join(place.path, name));
            }
        }
    }

    fn root_context(
        &self,
        path: &Path,
        entry: &Entry,
        rights: &Rights,
        reach: Set,
        above: Set,
    ) -> Context {
        let parent = path.parent().unwrap_or(path).as_os_str();
        let name = path.file_name().unwrap_or_default();
        let area = self.area(parent.as_encoded_bytes(), name.as_encoded_bytes());
        let mut context = Context {
            outer: reach,
            reach: 0,
            names: 0,
            owners: rights.owners,
            sticky: rights.sticky,
            above,
            above_path: Arc::from(path.as_os_str().as_encoded_bytes()),
            area: area.map_or(Area::App, |_| Area::Data),
            compiled: area.unwrap_or(false),
            in_web_root: self
                .survey
                .document_roots
                .iter()
                .any(|root| path.starts_with(root)),
            top: None,
            entry: Arc::new(entry.clone()),
        };
        context.enter(rights);
        context
    }

    /// `Some` for a data directory, with whether the product compiles code into it.
    fn area(&self, directory: &[u8], name: &[u8]) -> Option<bool> {
        self.survey
            .data
            .iter()
            .find(|(data, _)| is_at(data, directory, name))
            .map(|(_, compiled)| *compiled)
    }

    fn child_context(
        &self,
        place: &Place<'_, Context>,
        name: &[u8],
        entry: Entry,
        rights: &Rights,
    ) -> Context {
        let here = place.context;
        let data = self.area(place.path, name);
        let taken = self.replaceable(here, rights);
        let mut context = Context {
            outer: here.reach,
            reach: 0,
            names: 0,
            owners: rights.owners,
            sticky: rights.sticky,
            above: here.above | taken,
            above_path: if taken & !here.above == 0 {
                Arc::clone(&here.above_path)
            } else {
                Arc::from(join(place.path, name))
            },
            area: if data.is_some() {
                Area::Data
            } else {
                here.area
            },
            compiled: data.unwrap_or(here.compiled),
            in_web_root: here.in_web_root
                || self
                    .survey
                    .document_roots
                    .iter()
                    .any(|root| is_at(root, place.path, name)),
            top: Some(here.top.clone().unwrap_or_else(|| Arc::from(name))),
            entry: Arc::new(entry),
        };
        context.enter(rights);
        context
    }
}

impl Visitor for Observer<'_> {
    type Context = Context;

    fn entry(
        &mut self,
        place: &Place<'_, Context>,
        name: &CStr,
        kind: FileType,
    ) -> Option<Context> {
        let bytes = name.to_bytes();
        let odd = names::may_be_left_over(bytes);
        let wanted = match kind {
            FileType::RegularFile if !is_private(place.path, bytes, odd) => Want::WRITE,
            // Who may enter is asked of the open directory, which is cheaper.
            FileType::Directory => Want::WRITE,
            _ => Want::WRITE.and(Want::READ).and(Want::EXEC),
        };
        let plain = kind == FileType::RegularFile && !odd && self.is_plain(place, bytes);
        let seen = self.alike.stamp(place).filter(|_| plain);
        let sight = match entry_unlike(place.directory, name, &self.mounts, wanted, seen) {
            Ok(Some(sight)) => sight,
            Ok(None) => {
                self.again(place);
                return None;
            }
            // It vanished while we walked: it is not there any more.
            Err(Errno::NOENT | Errno::STALE) => return None,
            Err(error) => {
                self.tally.miss(format!("{error}"), join(place.path, bytes));
                return None;
            }
        };
        let entry = sight.entry;
        self.tally.entries += 1;
        let rights = self.memory.rights(self.survey.principals, &entry);
        self.meet(place, bytes, &entry, &rights, odd);
        if plain && rights.unknown == 0 {
            self.remember(place, sight.stamp, &entry);
        }
        match entry.kind {
            Kind::Directory => {
                self.tally.directories += 1;
                Some(self.child_context(place, bytes, entry, &rights))
            }
            Kind::Link => {
                self.link(place, name, &entry);
                None
            }
            _ => {
                self.compare(place, name, &entry);
                None
            }
        }
    }

    fn opened(&mut self, directory: BorrowedFd<'_>, path: &[u8], mut context: Context) -> Context {
        let entry = &context.entry;
        if entry.acl != AclState::None || entry.mode & 0o070 == 0 {
            return context;
        }
        let acl = acl_of_open(directory);
        if acl != AclState::None {
            let entry = Entry {
                acl,
                ..(**entry).clone()
            };
            let rights = self.memory.rights(self.survey.principals, &entry);
            context.enter(&rights);
            context.entry = Arc::new(entry);
            if rights.unknown & context.outer != 0 {
                self.tally
                    .doubt("an ACL could not be read".to_owned(), path.to_vec());
            }
        }
        context
    }

    fn leave(&mut self, place: &Place<'_, Context>) {
        self.alike.forget();
        self.end_runs(place);
    }

    fn blocked(&mut self, path: &[u8], reason: String) {
        self.tally.miss(reason, path.to_vec());
    }
}

/// Whether a path is `directory/name`, without building it.
fn is_at(path: &Path, directory: &[u8], name: &[u8]) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let rest = path.strip_suffix(name).filter(|_| !name.is_empty());
    rest.and_then(|rest| rest.strip_suffix(b"/"))
        .is_some_and(|rest| rest == directory.strip_suffix(b"/").unwrap_or(directory))
}

/// Code and directories before the rest.
pub(super) fn rank(name: &[u8], entry: &Entry) -> u8 {
    u8::from(!(entry.kind == Kind::Directory || names::is_php(name)))
}

/// Whether `directory/name` sorts before a path, without building it.
fn precedes(directory: &[u8], name: &[u8], path: &[u8]) -> bool {
    match path.split_at_checked(directory.len()) {
        Some((head, tail)) if head == directory => name < tail.strip_prefix(b"/").unwrap_or(tail),
        _ => join(directory, name).as_slice() < path,
    }
}

/// Offers an example without building its text unless it stays.
pub(super) fn offer(
    examples: &mut Worst<Example>,
    place: &Place<'_, Context>,
    name: &[u8],
    rank: impl Fn() -> u8,
    because: impl FnOnce() -> String,
) {
    let depth = u16::try_from(place.depth).unwrap_or(u16::MAX);
    let beats = |kept: &Example| {
        // A kept one of the worse sort at no greater depth cannot be beaten from further down.
        if kept.rank == 0 && depth > kept.depth {
            return false;
        }
        match (rank(), depth).cmp(&(kept.rank, kept.depth)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => precedes(place.path, name, &kept.path),
        }
    };
    examples.offer_with(beats, || Example {
        rank: rank(),
        depth,
        path: join(place.path, name),
        because: because(),
    });
}
