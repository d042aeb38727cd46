//! What the random trees really held, counted in what the questions led through: a kind that never occurs is
//! a kind that was never compared. Refuses a run in which one is missing. The model is not asked: entries are
//! counted as they were seen, links by what the kernel itself says of them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use deskguard::access::{AclState, Chain, End, Entry, Flag, Kind, LastName, Step, Tag};
use nix::errno::Errno;

/// Everything that has to occur, each in at least one question.
const KINDS: [&str; 35] = [
    "acl on a directory",
    "acl mask below a named entry",
    "acl named group",
    "acl named user",
    "acl under an empty group class",
    "append-only directory",
    "append-only file",
    "block device",
    "bind mount, read-only",
    "character device",
    "default acl",
    "directory that is a mount point",
    "fifo",
    "file that is a mount point",
    "immutable directory",
    "immutable file",
    "link dangling",
    "link in a sticky directory, protected",
    "link looping",
    "link over the fortieth",
    "link through a closed directory",
    "mode that denies its owner",
    "mode without any right",
    "name that is not text",
    "name too long",
    "nodev mount",
    "nosymfollow mount",
    "path too long",
    "set-gid directory",
    "set-uid file",
    "socket",
    "sticky directory",
    "tmpfs",
    "tmpfs, read-only",
    "trailing slash after a file",
];

/// How often each kind occurred.
pub(crate) struct Coverage(BTreeMap<&'static str, u64>);

impl Coverage {
    pub(crate) fn new() -> Self {
        Self(KINDS.iter().map(|kind| (*kind, 0)).collect())
    }

    fn saw(&mut self, kind: &'static str) {
        let count = self.0.get_mut(kind);
        *count.unwrap_or_else(|| panic!("{kind} is not in the list")) += 1;
    }

    /// Counts what one question leads through.
    pub(crate) fn note(&mut self, path: &[u8], chain: &Chain, protected: bool) {
        for place in &chain.places {
            self.entry(&place.path, &place.entry);
        }
        self.links(path, chain, protected);
        if std::str::from_utf8(path).is_err() {
            self.saw("name that is not text");
        }
        match &chain.end {
            End::TooLong if path.len() >= 4096 => self.saw("path too long"),
            End::TooLong => self.saw("name too long"),
            End::NotDirectory(_) if path.ends_with(b"/") => self.saw("trailing slash after a file"),
            _ => {}
        }
        let Some(LastName::Entry { place, mount_point }) = chain.last.map(|last| last.name) else {
            return;
        };
        if mount_point == Flag::Yes {
            match chain.entry(place).map(|entry| entry.kind) {
                Some(Kind::Directory) => self.saw("directory that is a mount point"),
                _ => self.saw("file that is a mount point"),
            }
        }
    }

    fn entry(&mut self, path: &[u8], entry: &Entry) {
        let directory = entry.kind == Kind::Directory;
        match entry.kind {
            Kind::Fifo => self.saw("fifo"),
            Kind::Socket => self.saw("socket"),
            Kind::Block => self.saw("block device"),
            Kind::Character => self.saw("character device"),
            _ => {}
        }
        let word = |of_directory, of_file| if directory { of_directory } else { of_file };
        if entry.immutable == Flag::Yes {
            self.saw(word("immutable directory", "immutable file"));
        }
        if entry.append_only == Flag::Yes {
            self.saw(word("append-only directory", "append-only file"));
        }
        for (bits, of_directory, kind) in [
            (0o1000, true, "sticky directory"),
            (0o2000, true, "set-gid directory"),
            (0o4000, false, "set-uid file"),
        ] {
            if entry.mode & bits != 0 && of_directory == directory {
                self.saw(kind);
            }
        }
        if entry.kind != Kind::Link && entry.mode & 0o777 == 0 {
            self.saw("mode without any right");
        }
        if !(entry.mode >> 6) & entry.mode & 7 != 0 {
            self.saw("mode that denies its owner");
        }
        self.acl(path, entry);
        self.mount(path, entry);
    }

    fn acl(&mut self, path: &[u8], entry: &Entry) {
        let path = OsStr::from_bytes(path);
        if entry.kind == Kind::Link {
            return;
        }
        let has = |name| rustix::fs::lgetxattr(path, name, &mut [0_u8; 512]).is_ok();
        if entry.kind == Kind::Directory && has("system.posix_acl_default") {
            self.saw("default acl");
        }
        if entry.mode & 0o070 == 0 && has("system.posix_acl_access") {
            self.saw("acl under an empty group class");
        }
        let AclState::Some(acl) = &entry.acl else {
            return;
        };
        if entry.kind == Kind::Directory {
            self.saw("acl on a directory");
        }
        let mask = acl.get(Tag::Mask).unwrap_or(7);
        for (tag, bits) in acl.entries() {
            match tag {
                Tag::User(_) => self.saw("acl named user"),
                Tag::Group(_) => self.saw("acl named group"),
                _ => continue,
            }
            if bits & !mask != 0 {
                self.saw("acl mask below a named entry");
            }
        }
    }

    fn mount(&mut self, path: &[u8], entry: &Entry) {
        const TMPFS: i64 = 0x0102_1994;
        if entry.mount.nodev {
            self.saw("nodev mount");
        }
        if entry.mount.nosymfollow {
            self.saw("nosymfollow mount");
        }
        if entry.kind == Kind::Link {
            return;
        }
        let memory = rustix::fs::statfs(OsStr::from_bytes(path)).is_ok_and(|fs| fs.f_type == TMPFS);
        match (memory, entry.mount.read_only) {
            (true, true) => self.saw("tmpfs, read-only"),
            (true, false) => self.saw("tmpfs"),
            (false, true) => self.saw("bind mount, read-only"),
            (false, false) => {}
        }
    }

    fn links(&mut self, path: &[u8], chain: &Chain, protected: bool) {
        let follows = chain.steps.iter().filter_map(|step| match step {
            Step::Follow {
                link,
                directory,
                trailing,
            } => Some((*link, *directory, *trailing)),
            Step::Search(_) => None,
        });
        let follows: Vec<_> = follows.collect();
        let Some((last, ..)) = follows.last() else {
            return;
        };
        let kernel = std::fs::metadata(Path::new(OsStr::from_bytes(path)));
        let error = kernel
            .err()
            .and_then(|error| error.raw_os_error())
            .map(Errno::from_raw);
        let circle = follows.iter().filter(|(link, ..)| link == last).count() > 1;
        match error {
            Some(Errno::ELOOP) if circle => self.saw("link looping"),
            Some(Errno::ELOOP) => self.saw("link over the fortieth"),
            Some(Errno::ENOENT) => self.saw("link dangling"),
            _ => {}
        }
        let behind = chain
            .steps
            .iter()
            .skip_while(|step| !matches!(step, Step::Follow { .. }));
        for step in behind {
            if let Step::Search(place) = step
                && chain
                    .entry(*place)
                    .is_some_and(|entry| entry.mode & 0o001 == 0)
            {
                self.saw("link through a closed directory");
                break;
            }
        }
        for (link, directory, trailing) in follows {
            let (Some(link), Some(directory)) = (chain.entry(link), chain.entry(directory)) else {
                continue;
            };
            let open = directory.mode & 0o1002 == 0o1002 && directory.uid != link.uid;
            if protected && trailing && open {
                self.saw("link in a sticky directory, protected");
            }
        }
    }

    /// One line a kind, and those that never occurred.
    pub(crate) fn lines(&self) -> (Vec<String>, Vec<&'static str>) {
        let lines = self.0.iter().map(|(kind, count)| format!("{kind} {count}"));
        let never = self.0.iter().filter(|(_, count)| **count == 0);
        (lines.collect(), never.map(|(kind, _)| *kind).collect())
    }
}
