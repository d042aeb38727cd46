//! The kernel's permission functions for one entry, three-valued: granted, denied, or not to be known.
//! Refuses paths: what lies before the entry is `rights`' business. Allocates nothing.

use super::entry::{AclState, Entry, Flag, FsKind, Kind};
use super::mechanism::{Doubt, Mechanism, Verdict};
use super::principal::{Capabilities, Principal};

/// What is wanted of an entry: `MAY_READ`, `MAY_WRITE`, `MAY_EXEC` (include/linux/fs.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Want(u32);

impl Want {
    /// Read a file, list a directory.
    pub const READ: Self = Self(4);
    /// Write a file, change a directory's names.
    pub const WRITE: Self = Self(2);
    /// Search a directory, execute a file.
    pub const EXEC: Self = Self(1);
    /// What changing the names of a directory needs.
    pub const WRITE_EXEC: Self = Self(3);

    /// Both together, which is more than each alone: one class or ACL entry must hold all bits.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of `other` is wanted.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The three bits, as in one octal digit of a mode.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

/// One class against what is wanted: every bit must be there.
pub(super) const fn grade(bits: u32, want: Want, mechanism: Mechanism) -> Verdict {
    if want.0 & !bits & 7 == 0 {
        Verdict::Granted(mechanism)
    } else {
        Verdict::Denied(mechanism)
    }
}

/// fs/namei.c inode_permission: the mount and the immutable flag first, then generic_permission.
#[must_use]
pub fn permission(who: &Principal, entry: &Entry, want: Want) -> Verdict {
    let writes = want.has(Want::WRITE);
    if writes && entry.mount.read_only && entry.kind.stored() {
        return Verdict::Denied(Mechanism::ReadOnlyMount);
    }
    if writes && entry.immutable == Flag::Yes {
        return Verdict::Denied(Mechanism::Immutable);
    }
    if let FsKind::Server(name) = entry.mount.kind {
        return Verdict::Unknown(Doubt::Server(name));
    }
    let verdict = generic_permission(who, entry, want);
    if !verdict.is_granted() {
        return verdict;
    }
    match (entry.mount.kind, entry.immutable) {
        (FsKind::Driver(name), _) if writes || entry.kind != Kind::Directory => {
            Verdict::Unknown(Doubt::Driver(name))
        }
        (_, Flag::Unknown(why)) if writes => Verdict::Unknown(Doubt::Flags(why)),
        // fs/namei.c may_create, fs/attr.c: fsuidgid_has_mapping of the mount.
        _ if entry.mount.idmapped && writes && entry.kind == Kind::Directory => {
            Verdict::Unknown(Doubt::Idmapped)
        }
        _ if entry.ids_in_doubt()
            && (writes || matches!(verdict, Verdict::Granted(Mechanism::Capability(_)))) =>
        {
            Verdict::Unknown(Doubt::Ids)
        }
        _ => verdict,
    }
}

/// fs/namei.c generic_permission: the class decides, then capabilities may override.
fn generic_permission(who: &Principal, entry: &Entry, want: Want) -> Verdict {
    let by_class = acl_permission_check(who, entry, want);
    if by_class.is_granted() {
        return by_class;
    }
    let holds = |capability| who.capabilities.has(capability);
    let directory = entry.kind == Kind::Directory;
    let looks_only = if directory {
        !want.has(Want::WRITE)
    } else {
        want == Want::READ
    };
    if looks_only && holds(Capabilities::DAC_READ_SEARCH) {
        return Verdict::Granted(Mechanism::Capability("CAP_DAC_READ_SEARCH"));
    }
    let executable = !want.has(Want::EXEC) || entry.mode & 0o111 != 0;
    if (directory || executable) && holds(Capabilities::DAC_OVERRIDE) {
        return Verdict::Granted(Mechanism::Capability("CAP_DAC_OVERRIDE"));
    }
    by_class
}

/// fs/namei.c acl_permission_check: owner; else the ACL, where there is one and the mode's group class is
/// not empty; else group or other.
fn acl_permission_check(who: &Principal, entry: &Entry, want: Want) -> Verdict {
    if who.uid == entry.uid {
        return grade(entry.mode >> 6, want, Mechanism::Owner);
    }
    let by_mode = if who.is_in(entry.gid) {
        grade(entry.mode >> 3, want, Mechanism::OwningGroup(entry.gid))
    } else {
        grade(entry.mode, want, Mechanism::Other)
    };
    if entry.mode & 0o070 == 0 {
        return by_mode;
    }
    match &entry.acl {
        AclState::None => by_mode,
        AclState::Some(acl) => acl.permission(who, entry.gid, want),
        // Whatever the ACL says, the group class of the mode is its mask and the other class is its *other*.
        AclState::Unknown(_)
            if want.0 & !(entry.mode >> 3) & 7 != 0 && want.0 & !entry.mode & 7 != 0 =>
        {
            by_mode
        }
        AclState::Unknown(why) => Verdict::Unknown(Doubt::Acl(*why)),
    }
}

/// fs/namei.c may_open: `permission`, and what opening adds for devices, directories and append-only files.
#[must_use]
pub fn may_open(who: &Principal, entry: &Entry, want: Want) -> Verdict {
    if matches!(entry.kind, Kind::Block | Kind::Character) && entry.mount.nodev {
        return Verdict::Denied(Mechanism::NoDevMount);
    }
    let verdict = permission(who, entry, want);
    if !want.has(Want::WRITE) {
        return verdict;
    }
    if entry.kind == Kind::Directory {
        return Verdict::Denied(Mechanism::IsDirectory);
    }
    verdict.and(unflagged(entry.append_only, Mechanism::AppendOnly))
}

/// fs/namei.c may_delete without its type checks, and the mount points that vfs_unlink, vfs_rmdir and
/// vfs_rename refuse: `Ok` about the directory or `Err` about the victim says which of the two decides.
pub fn may_remove(
    who: &Principal,
    directory: &Entry,
    victim: &Entry,
    mount_point: Flag,
) -> Result<Verdict, Verdict> {
    let names = permission(who, directory, Want::WRITE_EXEC)
        .and(unflagged(directory.append_only, Mechanism::AppendOnly));
    if names.is_denied() {
        return Ok(names);
    }
    let victim_stays = check_sticky(who, directory, victim)
        .and(unflagged(victim.append_only, Mechanism::AppendOnly))
        .and(unflagged(victim.immutable, Mechanism::Immutable))
        .and(unflagged(mount_point, Mechanism::MountPoint));
    match victim_stays {
        Verdict::Granted(_) => Ok(names),
        Verdict::Unknown(_) if matches!(names, Verdict::Unknown(_)) => Ok(names),
        decided => Err(decided),
    }
}

/// fs/namei.c __check_sticky: only the owner of the victim or of the directory may take a name away.
fn check_sticky(who: &Principal, directory: &Entry, victim: &Entry) -> Verdict {
    let free = directory.mode & 0o1000 == 0 || who.uid == victim.uid || who.uid == directory.uid;
    if free || (who.capabilities.has(Capabilities::FOWNER) && !victim.ids_in_doubt()) {
        Verdict::Granted(Mechanism::Owner)
    } else if who.capabilities.has(Capabilities::FOWNER) {
        Verdict::Unknown(Doubt::Ids)
    } else {
        Verdict::Denied(Mechanism::Sticky)
    }
}

/// fs/open.c chmod_common and fs/attr.c may_setattr, setattr_prepare: owner or `CAP_FOWNER`, a mount that
/// may be written whatever the type, no flag.
#[must_use]
pub fn may_chmod(who: &Principal, entry: &Entry) -> Verdict {
    if entry.mount.read_only {
        return Verdict::Denied(Mechanism::ReadOnlyMount);
    }
    let flags = unflagged(entry.immutable, Mechanism::Immutable)
        .and(unflagged(entry.append_only, Mechanism::AppendOnly));
    let owner = if who.uid == entry.uid {
        Verdict::Granted(Mechanism::Owner)
    } else if !who.capabilities.has(Capabilities::FOWNER) {
        Verdict::Denied(Mechanism::NotOwner)
    } else if entry.ids_in_doubt() {
        Verdict::Unknown(Doubt::Ids)
    } else {
        Verdict::Granted(Mechanism::Capability("CAP_FOWNER"))
    };
    match entry.mount.kind {
        FsKind::Server(name) => flags.and(Verdict::Unknown(Doubt::Server(name))),
        FsKind::Driver(name) => owner.and(flags).and(Verdict::Unknown(Doubt::Driver(name))),
        FsKind::Local => owner.and(flags),
    }
}

/// fs/namei.c pick_link and may_follow_link, for a link in trailing position where `trailing` holds.
#[must_use]
pub fn may_follow(
    who: &Principal,
    directory: &Entry,
    link: &Entry,
    trailing: bool,
    protected: Flag,
) -> Verdict {
    const OPEN_STICKY: u32 = 0o1002;
    if link.mount.nosymfollow {
        return Verdict::Denied(Mechanism::NoSymlinkMount);
    }
    let watched = trailing
        && who.uid != link.uid
        && directory.mode & OPEN_STICKY == OPEN_STICKY
        && directory.uid != link.uid;
    match protected {
        Flag::Yes if watched => Verdict::Denied(Mechanism::ProtectedLink),
        Flag::Unknown(why) if watched => Verdict::Unknown(Doubt::Sysctl(why)),
        _ => Verdict::Granted(Mechanism::Followed),
    }
}

/// A flag that forbids.
const fn unflagged(flag: Flag, forbids: Mechanism) -> Verdict {
    match flag {
        Flag::Yes => Verdict::Denied(forbids),
        Flag::No => Verdict::Granted(Mechanism::Owner),
        Flag::Unknown(why) => Verdict::Unknown(Doubt::Flags(why)),
    }
}
