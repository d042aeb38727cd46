//! Everything that a folder holds: names, types, owners, modes, ACLs and other attributes, inode flags,
//! contents, times. Two pictures are compared entry by entry; times of directories are left out, since
//! names in them come and go.

use rustix::fs::{AtFlags, CWD, statat};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    entries: BTreeMap<PathBuf, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    mode: u32,
    uid: u32,
    gid: u32,
    links: u64,
    flags: Option<u32>,
    attributes: BTreeMap<Vec<u8>, Vec<u8>>,
    content: Vec<u8>,
    modified: Option<(i64, u64)>,
}

impl Picture {
    pub(crate) fn of(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        for found in walkdir::WalkDir::new(root) {
            let found = found.unwrap();
            let inside = found.path().strip_prefix(root).unwrap().to_owned();
            entries.insert(inside, Entry::of(found.path()));
        }
        Self { entries }
    }

    /// Fails with every difference.
    #[allow(
        dead_code,
        reason = "one of the two test programs wants the list instead"
    )]
    pub(crate) fn compare(&self, later: &Self) {
        let differences = self.differences(later);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    pub(crate) fn differences(&self, later: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (path, entry) in &self.entries {
            match later.entries.get(path) {
                None => found.push(format!("{} is gone", path.display())),
                Some(other) if other != entry => {
                    found.push(format!("{}: {entry:?}\n  is now {other:?}", path.display()));
                }
                Some(_) => {}
            }
        }
        for path in later
            .entries
            .keys()
            .filter(|path| !self.entries.contains_key(*path))
        {
            found.push(format!("{} is new", path.display()));
        }
        found
    }
}

impl Entry {
    fn of(path: &Path) -> Self {
        let stat = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        let kind = stat.st_mode & 0o170_000;
        let (is_file, is_dir, is_link) = (kind == 0o100_000, kind == 0o040_000, kind == 0o120_000);
        let content = match (is_file, is_link) {
            (true, _) => fs::read(path).unwrap(),
            (_, true) => fs::read_link(path).unwrap().as_os_str().as_bytes().to_vec(),
            _ => Vec::new(),
        };
        let flags = (is_file || is_dir).then(|| {
            let file = fs::File::open(path).unwrap();
            rustix::fs::ioctl_getflags(&file).map_or(0, |flags| {
                // How the file system stores it, not what anybody set.
                (flags - rustix::fs::IFlags::from_bits_retain(0x0008_1000)).bits()
            })
        });
        Self {
            mode: stat.st_mode,
            uid: stat.st_uid,
            gid: stat.st_gid,
            links: if is_dir { 0 } else { stat.st_nlink },
            flags,
            attributes: attributes(path),
            content,
            modified: (!is_dir).then_some((stat.st_mtime, stat.st_mtime_nsec)),
        }
    }
}

fn attributes(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut names = vec![0_u8; 65536];
    let length = rustix::fs::llistxattr(path, &mut *names).unwrap_or(0);
    let names = names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty());
    names
        .map(|name| {
            let mut value = vec![0_u8; 65536];
            let length = rustix::fs::lgetxattr(path, name, &mut *value).unwrap();
            (name.to_vec(), value[..length].to_vec())
        })
        .collect()
}
