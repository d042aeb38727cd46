//! What each mount adds: read-only, nodev, nosymfollow, and who decides on its file system.
//! One `fstatfs` a mount, whatever the number of entries. Refuses to guess about file systems it does not know.

use std::cell::RefCell;
use std::os::fd::BorrowedFd;

use rustix::fs::{StatVfsMountFlags, fstatfs, fstatvfs};

use super::mount_table::MountTable;
use crate::access::{FsKind, Mount};

/// `ST_NOSYMFOLLOW` of include/linux/statfs.h.
const NOSYMFOLLOW: u64 = 0x2000;

/// proc's name, which the walk looks for.
pub(super) const PROC: &str = "proc";

/// Magic numbers (include/uapi/linux/magic.h and each file system's own header) of those which decide by
/// fs/namei.c generic_permission alone: ext2/3/4, xfs, btrfs, tmpfs, ramfs, overlayfs, f2fs, bcachefs, jfs,
/// reiserfs, nilfs2, squashfs, erofs, isofs, cramfs, romfs, hugetlbfs.
const LOCAL: [u64; 17] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0x0102_1994,
    0x8584_58F6,
    0x794C_7630,
    0xF2F5_2010,
    0xCA45_1A4E,
    0x3153_464A,
    0x5265_4973,
    0x3434,
    0x7371_7368,
    0xE0F5_E1E2,
    0x9660,
    0x28CD_3D45,
    0x7275,
    0x9584_58F6,
];

/// Those which had no inode flags while their kernels did not report any: tmpfs, ramfs, hugetlbfs, squashfs,
/// isofs, erofs, cramfs, romfs.
const FLAGLESS: [u64; 8] = [
    0x0102_1994,
    0x8584_58F6,
    0x9584_58F6,
    0x7371_7368,
    0x9660,
    0xE0F5_E1E2,
    0x28CD_3D45,
    0x7275,
];

/// Those where a driver may refuse what the mode grants.
const DRIVERS: [(u64, &str); 12] = [
    (0x9FA0, PROC),
    (0x6265_6572, "sysfs"),
    (0x0027_E0EB, "cgroup"),
    (0x6367_7270, "cgroup2"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x7363_6673, "securityfs"),
    (0x1CD1, "devpts"),
    (0x6265_6570, "configfs"),
    (0xCAFE_4A11, "bpf"),
    (0x1980_0202, "mqueue"),
    (0x6165_676C, "pstore"),
];

/// Those where a server or daemon decides.
const SERVERS: [(u64, &str); 15] = [
    (0x6969, "nfs"),
    (0xFF53_4D42, "cifs"),
    (0xFE53_4D42, "smb2"),
    (0x517B, "smb"),
    (0x6573_5546, "fuse"),
    (0x0102_1997, "9p"),
    (0x00C3_6400, "ceph"),
    (0x5346_414F, "afs"),
    (0x7375_7245, "coda"),
    (0x2FC1_2FC1, "zfs"),
    (0x4D44, "vfat"),
    (0x2011_BAB0, "exfat"),
    (0x7366_746E, "ntfs"),
    (0xF15F, "ecryptfs"),
    (0x786F_4256, "vboxsf"),
];

/// The mounts met so far, by mount id. Each thread of a walk has its own: a lock for each entry would cost
/// more than a few questions twice.
#[derive(Debug, Default)]
pub struct Mounts {
    /// A host has few mounts: a list is searched faster than a key is hashed.
    known: RefCell<Vec<(u64, Mount)>>,
    partial_ids: bool,
}

impl Mounts {
    /// None met yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            known: RefCell::default(),
            partial_ids: partial_ids(),
        }
    }

    /// The mount of `fd` (an `O_PATH` descriptor will do); asked of the kernel once for each mount id.
    #[must_use]
    pub fn of(&self, fd: BorrowedFd<'_>, id: Option<u64>) -> Mount {
        if let Some(mount) = id.and_then(|id| self.get(id)) {
            return mount;
        }
        let mount = self.look(fd, id);
        if let (Some(id), Ok(mut known)) = (id, self.known.try_borrow_mut()) {
            known.push((id, mount));
        }
        mount
    }

    /// A mount met before.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Mount> {
        let known = self.known.try_borrow().ok()?;
        let found = known.iter().find(|(known, _)| *known == id);
        found.map(|(_, mount)| *mount)
    }

    fn look(&self, fd: BorrowedFd<'_>, id: Option<u64>) -> Mount {
        let unread = Mount {
            kind: FsKind::Server("a file system that could not be read"),
            ..Mount::PLAIN
        };
        let (Ok(flags), Ok(fs)) = (fstatvfs(fd), fstatfs(fd)) else {
            return unread;
        };
        let magic = u64::try_from(fs.f_type).unwrap_or_default() & 0xFFFF_FFFF;
        Mount {
            read_only: flags.f_flag.contains(StatVfsMountFlags::RDONLY),
            nodev: flags.f_flag.contains(StatVfsMountFlags::NODEV),
            nosymfollow: flags.f_flag.bits() & NOSYMFOLLOW != 0,
            partial_ids: self.partial_ids,
            idmapped: id.is_some_and(|id| MountTable::read().is_idmapped(id)),
            flagless: FLAGLESS.contains(&magic),
            kind: kind_of(magic),
        }
    }
}

fn kind_of(magic: u64) -> FsKind {
    let named = |list: &[(u64, &'static str)]| {
        list.iter()
            .find(|(number, _)| *number == magic)
            .map(|(_, name)| *name)
    };
    if LOCAL.contains(&magic) {
        FsKind::Local
    } else if let Some(name) = named(&DRIVERS) {
        FsKind::Driver(name)
    } else {
        FsKind::Server(named(&SERVERS).unwrap_or("a file system unknown to deskguard"))
    }
}

/// Whether this user namespace leaves ids unmapped: anything but the identity over all of them.
fn partial_ids() -> bool {
    std::fs::read_to_string("/proc/self/uid_map")
        .is_ok_and(|map| map.split_whitespace().ne(["0", "0", "4294967295"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_file_systems_are_not_guessed_about() {
        assert_eq!(kind_of(0xEF53), FsKind::Local);
        assert_eq!(kind_of(0x9FA0), FsKind::Driver("proc"));
        assert_eq!(kind_of(0x6969), FsKind::Server("nfs"));
        assert!(matches!(kind_of(1), FsKind::Server(_)));
    }

    #[test]
    fn the_mount_of_proc_is_proc() {
        let proc = std::fs::File::open("/proc").unwrap();
        let mounts = Mounts::new();
        let mount = mounts.of(std::os::fd::AsFd::as_fd(&proc), Some(7));
        assert_eq!(
            (mount.kind, mounts.get(7)),
            (FsKind::Driver(PROC), Some(mount))
        );
    }
}
