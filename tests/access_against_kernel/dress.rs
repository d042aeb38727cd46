//! What an entry wears: mode, ACL, flags. Refuses links, which wear nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{IFlags, XattrFlags};

use super::random::Random;

pub(crate) const UIDS: [u32; 4] = [0, 61001, 61002, 61003];
pub(crate) const GIDS: [u32; 5] = [0, 62001, 62002, 62003, 62004];

/// Every flag below a directory: a file may have got its flag through another mount of it.
pub(crate) fn clear_flags(path: &Path) {
    let Ok(kind) = path.symlink_metadata().map(|metadata| metadata.file_type()) else {
        return;
    };
    if kind.is_dir() || kind.is_file() {
        set_flag(path, IFlags::IMMUTABLE | IFlags::APPEND, false);
    }
    if kind.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            clear_flags(&entry.path());
        }
    }
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

/// Mostly what people set, sometimes anything.
pub(crate) fn mode(directory: bool, random: &mut Random) -> u32 {
    const DIRECTORIES: [u32; 16] = [
        0o755, 0o755, 0o775, 0o777, 0o1777, 0o1777, 0o2775, 0o750, 0o711, 0o700, 0o733, 0o1775,
        0o3777, 0o077, 0o705, 0o000,
    ];
    const FILES: [u32; 14] = [
        0o644, 0o664, 0o666, 0o600, 0o640, 0o660, 0o606, 0o066, 0o006, 0o466, 0o000, 0o4755,
        0o2775, 0o2664,
    ];
    if random.chance(35) {
        random.below(0o10000) as u32
            | if directory && random.chance(60) {
                0o111
            } else {
                0
            }
    } else {
        *random.pick(if directory { &DIRECTORIES } else { &FILES })
    }
}

pub(crate) fn set_acl(path: &Path, name: &str, random: &mut Random) {
    let none = u32::MAX;
    let perm = |random: &mut Random| {
        if random.chance(40) {
            7
        } else {
            random.below(8) as u16
        }
    };
    let mut entries = vec![(1u16, perm(random), none)];
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for uid in UIDS {
        if random.chance(30) {
            users.push((2, perm(random), uid));
        }
    }
    for gid in GIDS {
        if random.chance(30) {
            groups.push((8, perm(random), gid));
        }
    }
    let masked = !users.is_empty() || !groups.is_empty() || random.chance(50);
    entries.extend(users);
    entries.push((4, perm(random), none));
    entries.extend(groups);
    if masked {
        entries.push((16, perm(random), none));
    }
    entries.push((32, perm(random), none));
    let mut bytes = 2u32.to_le_bytes().to_vec();
    for (tag, perm, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(perm.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    rustix::fs::setxattr(path, name, &bytes, XattrFlags::empty()).expect("setxattr");
}

pub(crate) fn open(path: &Path) -> fs::File {
    fs::File::open(path).expect("open as root")
}

pub(crate) fn set_flag(path: &Path, flag: IFlags, on: bool) {
    let file = open(path);
    let flags = rustix::fs::ioctl_getflags(&file).expect("getflags");
    let flags = if on {
        flags.union(flag)
    } else {
        flags.difference(flag)
    };
    rustix::fs::ioctl_setflags(&file, flags).expect("setflags");
}
