//! One entry, looked at without opening it: statx, and the ACL where it could matter.
//! Refuses to follow links, trigger automounts, or open anything for reading: descriptors are `O_PATH`.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Statx, StatxAttributes, StatxFlags};
use rustix::io::Errno;

use super::mount::Mounts;
use crate::access::{Acl, AclState, Blind, Entry, Flag, Kind, Mount, Want};

const ACL_ACCESS: &str = "system.posix_acl_access";
/// The kernel stores no larger attribute (include/uapi/linux/limits.h XATTR_SIZE_MAX).
const LARGEST_ACL: usize = 65536;

/// An entry as seen, and what tells it from others.
#[derive(Clone, Debug)]
pub struct Sight {
    /// What the rules ask about.
    pub entry: Entry,
    /// The mount it is seen through, where the kernel tells.
    pub mount_id: Option<u64>,
    /// Whether it is the root of a mount, where the kernel tells.
    pub mount_root: Flag,
    /// What tells it from entries of another class; none where its ACL had to be asked for.
    pub stamp: Option<Stamp>,
}

/// Everything that the kernel says of an entry and the rules depend on: two entries of one stamp, looked at
/// with the same `wanted`, are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    mode: u16,
    uid: u32,
    gid: u32,
    attributes: StatxAttributes,
    reported: StatxAttributes,
    mount: u64,
}

/// Looks at `name` in the directory `dir` without following it. The ACL is read only where the mode's group
/// or other class has a bit of `wanted`: elsewhere only the owner and capabilities can hold it.
pub fn entry_at(
    dir: BorrowedFd<'_>,
    name: &CStr,
    mounts: &Mounts,
    wanted: Want,
) -> Result<Sight, Errno> {
    let stat = stat_at(dir, name)?;
    sight_at(dir, name, &stat, mounts, wanted)
}

/// The same, or nothing where it is of the stamp that the caller has seen: a walk meets thousands of entries
/// that are alike.
pub fn entry_unlike(
    dir: BorrowedFd<'_>,
    name: &CStr,
    mounts: &Mounts,
    wanted: Want,
    seen: Option<Stamp>,
) -> Result<Option<Sight>, Errno> {
    let stat = stat_at(dir, name)?;
    if seen.is_some() && stamp(&stat) == seen {
        return Ok(None);
    }
    sight_at(dir, name, &stat, mounts, wanted).map(Some)
}

fn stat_at(dir: BorrowedFd<'_>, name: &CStr) -> Result<Statx, Errno> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
    rustix::fs::statx(dir, name, flags, fields())
}

fn stamp(stat: &Statx) -> Option<Stamp> {
    Some(Stamp {
        mode: stat.stx_mode,
        uid: stat.stx_uid,
        gid: stat.stx_gid,
        attributes: stat.stx_attributes,
        reported: stat.stx_attributes_mask,
        mount: mount_id(stat)?,
    })
}

fn sight_at(
    dir: BorrowedFd<'_>,
    name: &CStr,
    stat: &Statx,
    mounts: &Mounts,
    wanted: Want,
) -> Result<Sight, Errno> {
    let mount = match mount_id(stat).and_then(|id| mounts.get(id)) {
        Some(mount) => mount,
        None => mounts.of(open_path(dir, name.to_bytes())?.as_fd(), mount_id(stat)),
    };
    Ok(sight(stat, mount, wanted, || {
        read_acl(&below_descriptor(dir, name.to_bytes()))
    }))
}

/// Looks at what an `O_PATH` descriptor holds: the very same entry for every question.
pub fn entry_of(fd: BorrowedFd<'_>, mounts: &Mounts, wanted: Want) -> Result<Sight, Errno> {
    let stat = rustix::fs::statx(
        fd,
        "",
        AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC,
        fields(),
    )?;
    let mount = mounts.of(fd, mount_id(&stat));
    Ok(sight(&stat, mount, wanted, || {
        read_acl(&below_descriptor(fd, b""))
    }))
}

/// A descriptor that can be asked but not read; opening one never blocks and never mounts.
pub fn open_path(dir: BorrowedFd<'_>, name: &[u8]) -> Result<rustix::fd::OwnedFd, Errno> {
    rustix::fs::openat(
        dir,
        name,
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

fn fields() -> StatxFlags {
    StatxFlags::TYPE | StatxFlags::MODE | StatxFlags::UID | StatxFlags::GID | StatxFlags::MNT_ID
}

fn mount_id(stat: &Statx) -> Option<u64> {
    (stat.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(stat.stx_mnt_id)
}

fn sight(stat: &Statx, mount: Mount, wanted: Want, acl: impl FnOnce() -> AclState) -> Sight {
    let mode = u32::from(stat.stx_mode);
    let kind = kind(mode);
    let attribute = |wanted: StatxAttributes| {
        if !stat.stx_attributes_mask.contains(wanted) {
            if mount.flagless {
                Flag::No
            } else {
                Flag::Unknown(Blind::NotReported)
            }
        } else if stat.stx_attributes.contains(wanted) {
            Flag::Yes
        } else {
            Flag::No
        }
    };
    // Who asks for everything asks for advice too: under an empty group class an ACL sleeps until a chmod.
    let may_matter =
        wanted.bits() == 7 || mode & 0o070 != 0 && (mode | mode >> 3) & wanted.bits() != 0;
    let asked = may_matter && kind != Kind::Link;
    let acl = if asked { acl() } else { AclState::None };
    let entry = Entry {
        kind,
        mode: mode & 0o7777,
        uid: stat.stx_uid,
        gid: stat.stx_gid,
        acl,
        immutable: attribute(StatxAttributes::IMMUTABLE),
        append_only: attribute(StatxAttributes::APPEND),
        mount,
    };
    Sight {
        entry,
        mount_id: mount_id(stat),
        mount_root: attribute(StatxAttributes::MOUNT_ROOT),
        stamp: stamp(stat).filter(|_| !asked),
    }
}

fn kind(mode: u32) -> Kind {
    match FileType::from_raw_mode(mode) {
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::BlockDevice => Kind::Block,
        FileType::CharacterDevice => Kind::Character,
        _ => Kind::File,
    }
}

/// Extended attributes are not to be had from an `O_PATH` descriptor itself, but through its name in /proc.
fn below_descriptor(fd: BorrowedFd<'_>, name: &[u8]) -> Vec<u8> {
    let mut path = format!("/proc/self/fd/{}", fd.as_raw_fd()).into_bytes();
    if !name.is_empty() {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    path
}

/// The ACL of a directory that is open for reading anyway: cheaper than by name, and of this very
/// directory.
#[must_use]
pub fn acl_of_open(directory: BorrowedFd<'_>) -> AclState {
    let mut small = [0; 256];
    match rustix::fs::fgetxattr(directory, ACL_ACCESS, &mut small) {
        Ok(length) => decode(small.get(..length).unwrap_or_default()),
        Err(Errno::RANGE) => read_acl(&below_descriptor(directory, b"")),
        Err(Errno::NODATA | Errno::OPNOTSUPP) => AclState::None,
        Err(error) => AclState::Unknown(blind(error)),
    }
}

/// Reads the ACL of a path below /proc/self/fd. A bare descriptor is a magic link, which must be followed;
/// a name below it must not be.
fn read_acl(path: &[u8]) -> AclState {
    if !proc_is_mounted() {
        return AclState::Unknown(Blind::NoProc);
    }
    let bare = path.iter().filter(|byte| **byte == b'/').count() == 4;
    let read = |buffer: &mut [u8]| match bare {
        true => rustix::fs::getxattr(path, ACL_ACCESS, buffer),
        false => rustix::fs::lgetxattr(path, ACL_ACCESS, buffer),
    };
    let mut small = [0; 256];
    match read(&mut small) {
        Ok(length) => decode(small.get(..length).unwrap_or_default()),
        Err(Errno::RANGE) => {
            let mut large = vec![0; LARGEST_ACL];
            match read(&mut large) {
                Ok(length) => decode(large.get(..length).unwrap_or_default()),
                Err(error) => AclState::Unknown(blind(error)),
            }
        }
        Err(Errno::NODATA | Errno::OPNOTSUPP) => AclState::None,
        Err(error) => AclState::Unknown(blind(error)),
    }
}

fn decode(bytes: &[u8]) -> AclState {
    Acl::decode(bytes).map_or(AclState::Unknown(Blind::Malformed), |acl| {
        AclState::Some(Arc::new(acl))
    })
}

/// The reason an error number stands for.
pub(super) fn blind(error: Errno) -> Blind {
    match error {
        Errno::ACCESS | Errno::PERM => Blind::Refused,
        other => Blind::Errno(other.raw_os_error()),
    }
}

/// Whether /proc/self/fd is really proc's.
fn proc_is_mounted() -> bool {
    const PROC_MAGIC: i64 = 0x9FA0;
    static MOUNTED: OnceLock<bool> = OnceLock::new();
    *MOUNTED.get_or_init(|| {
        let fd = open_path(
            CWD,
            Path::new("/proc/self/fd").as_os_str().as_encoded_bytes(),
        );
        fd.and_then(rustix::fs::fstatfs)
            .is_ok_and(|fs| fs.f_type == PROC_MAGIC)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::XattrFlags;

    const ALL: Want = Want::READ.and(Want::WRITE_EXEC);

    /// user::rw- user:33:rw- group::r-- mask::rw- other::---
    const NAMED: [u8; 44] = [
        2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 6, 0, 33, 0, 0, 0, 4, 0, 4, 0, 255, 255,
        255, 255, 16, 0, 6, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
    ];

    #[test]
    fn both_ways_to_look_see_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "").unwrap();
        rustix::fs::setxattr(&path, ACL_ACCESS, &NAMED, XattrFlags::empty()).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("l")).unwrap();
        let (dir, mounts) = (
            open_path(CWD, folder.path().as_os_str().as_encoded_bytes()).unwrap(),
            Mounts::new(),
        );
        for name in [c"f", c"l"] {
            let by_name = entry_at(dir.as_fd(), name, &mounts, ALL).unwrap();
            let by_descriptor = entry_of(
                open_path(dir.as_fd(), name.to_bytes()).unwrap().as_fd(),
                &mounts,
                ALL,
            )
            .unwrap();
            assert_eq!(by_name.entry, by_descriptor.entry);
        }
        let seen = entry_at(dir.as_fd(), c"f", &mounts, ALL).unwrap().entry;
        assert!(
            matches!(seen.acl, AclState::Some(acl) if acl.get(crate::access::Tag::User(33)) == Some(6))
        );
        assert_eq!(
            entry_at(dir.as_fd(), c"f", &mounts, Want::EXEC)
                .unwrap()
                .entry
                .acl,
            AclState::None
        );
        assert_eq!(
            entry_at(dir.as_fd(), c"gone", &mounts, ALL).unwrap_err(),
            Errno::NOENT
        );
    }
}
