//! What belongs to an entry besides its content: owner, mode, ACLs and other attributes, inode flags,
//! time. Taken from one entry and given to another; refuses to leave any of it out.

use super::Surprise;
use super::place::{Kind, by_descriptor};
use super::spelled::{hex, unhex};
use rustix::fd::{AsFd as _, BorrowedFd};
use rustix::fs::{
    AtFlags, CWD, Gid, IFlags, Mode, OFlags, Stat, Timespec, Timestamps, Uid, XattrFlags, chmodat,
    chownat, openat, utimensat,
};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest list of names, and the largest value, that the kernel has (include/uapi/linux/limits.h
/// XATTR_LIST_MAX, XATTR_SIZE_MAX).
const LARGEST: usize = 64 << 10;

/// Flags that a person sets and a new entry takes; immutable and append-only ones refuse a change itself.
const TAKEN: IFlags = IFlags::NOATIME
    .union(IFlags::NODUMP)
    .union(IFlags::SYNC)
    .union(IFlags::COMPRESSED)
    .union(IFlags::NOCOW)
    .union(IFlags::UNRM);

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guise {
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its mode bits.
    pub mode: u32,
    /// Its extended attributes, ACLs among them, in hexadecimal.
    pub attributes: BTreeMap<String, String>,
    /// Its inode flags, as lsattr(1) shows them.
    pub flags: u32,
    /// When it was last written: seconds and nanoseconds since 1970. None: when it is written.
    pub modified: Option<(i64, i64)>,
}

impl Guise {
    /// What a new file of an account gets.
    pub(super) const fn plain(uid: u32, gid: u32, mode: u32) -> Self {
        Self {
            uid,
            gid,
            mode,
            attributes: BTreeMap::new(),
            flags: 0,
            modified: None,
        }
    }

    /// That of an entry, by any descriptor of it.
    ///
    /// # Errors
    /// What the system refused.
    pub(super) fn of(entry: BorrowedFd<'_>, stat: &Stat, path: &Path) -> Result<Self, Surprise> {
        let kind = Kind::of(stat);
        Ok(Self {
            uid: stat.st_uid,
            gid: stat.st_gid,
            mode: stat.st_mode & 0o7777,
            attributes: match kind {
                Kind::Link => BTreeMap::new(),
                _ => attributes(entry, path)?,
            },
            flags: match kind {
                Kind::File | Kind::Directory => flags(entry).bits(),
                Kind::Link | Kind::Special => 0,
            },
            modified: Some((stat.st_mtime, stat.st_mtime_nsec.cast_signed())),
        })
    }

    /// Gives it to an entry, by any descriptor of it.
    ///
    /// # Errors
    /// What the system refused.
    pub(super) fn put_on(
        &self,
        entry: BorrowedFd<'_>,
        kind: Kind,
        path: &Path,
    ) -> Result<(), Surprise> {
        let failed = |what: &'static str| move |e: Errno| Surprise::call(e, what, path);
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        chownat(entry, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)
            .map_err(failed("set the owner of"))?;
        if kind != Kind::Link {
            self.rights(entry, path)?;
        }
        if matches!(kind, Kind::File | Kind::Directory) && self.flags != 0 {
            let open = reopen(entry).map_err(failed("set the flags of"))?;
            let now = rustix::fs::ioctl_getflags(&open).map_err(failed("set the flags of"))?;
            let flags = now | IFlags::from_bits_truncate(self.flags);
            rustix::fs::ioctl_setflags(&open, flags).map_err(failed("set the flags of"))?;
        }
        if let Some((seconds, nanoseconds)) = self.modified {
            let time = Timespec {
                tv_sec: seconds,
                tv_nsec: nanoseconds,
            };
            let times = Timestamps {
                last_access: time,
                last_modification: time,
            };
            utimensat(entry, "", &times, AtFlags::EMPTY_PATH).map_err(failed("set the time of"))?;
        }
        Ok(())
    }

    fn rights(&self, entry: BorrowedFd<'_>, path: &Path) -> Result<(), Surprise> {
        let failed = |what: &'static str| move |e: Errno| Surprise::call(e, what, path);
        let name = by_descriptor(entry);
        // A directory's default ACL may have given it one that it is not to have.
        for other in attributes(entry, path)?.keys() {
            if other.starts_with("system.posix_acl") && !self.attributes.contains_key(other) {
                rustix::fs::removexattr(&name, other.as_str())
                    .map_err(failed("take the ACL off"))?;
            }
        }
        let mode = Mode::from_raw_mode(self.mode);
        chmodat(CWD, &name, mode, AtFlags::empty()).map_err(failed("set the mode of"))?;
        for (attribute, value) in &self.attributes {
            let value = unhex(value).unwrap_or_default();
            rustix::fs::setxattr(&name, attribute.as_str(), &value, XattrFlags::empty())
                .map_err(failed("set the attributes of"))?;
        }
        Ok(())
    }

    /// What counts when two are compared: the time does not, nor flags, nor labels that the kernel gives
    /// (SELinux, IMA).
    pub(super) fn counts(&self) -> (u32, u32, u32, BTreeMap<&str, &str>) {
        let own = |name: &str| !name.starts_with("security.") || name == "security.capability";
        let attributes = self.attributes.iter();
        let attributes = attributes
            .filter(|(name, _)| own(name))
            .map(|(name, value)| (name.as_str(), value.as_str()));
        (self.uid, self.gid, self.mode, attributes.collect())
    }
}

fn reopen(entry: BorrowedFd<'_>) -> Result<rustix::fd::OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    openat(CWD, by_descriptor(entry), flags, Mode::empty())
}

fn flags(entry: BorrowedFd<'_>) -> IFlags {
    let open = reopen(entry);
    let flags = open.and_then(|open| rustix::fs::ioctl_getflags(open.as_fd()));
    // Not every file system has any.
    flags.unwrap_or(IFlags::empty()) & TAKEN
}

fn attributes(entry: BorrowedFd<'_>, path: &Path) -> Result<BTreeMap<String, String>, Surprise> {
    let failed = |e| Surprise::call(e, "read the attributes of", path);
    let at = by_descriptor(entry);
    let mut names = vec![0_u8; LARGEST];
    let length = match rustix::fs::listxattr(&at, &mut *names) {
        Err(Errno::OPNOTSUPP) => 0,
        other => other.map_err(failed)?,
    };
    let mut found = BTreeMap::new();
    let names = names.get(..length).unwrap_or_default();
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let mut value = vec![0_u8; LARGEST];
        let length = rustix::fs::getxattr(&at, name, &mut *value).map_err(failed)?;
        let bytes = value.get(..length).unwrap_or_default();
        found.insert(String::from_utf8_lossy(name).into_owned(), hex(bytes));
    }
    Ok(found)
}
