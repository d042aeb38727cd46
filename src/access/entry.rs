//! What is known of one directory entry: as much as the kernel asks when it decides.
//! Refuses to hold names, sizes and times: a tree walk makes one of these for each of millions of entries.

use std::fmt;
use std::sync::Arc;

use super::acl::Acl;

/// The type of an inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A named pipe.
    Fifo,
    /// A UNIX socket.
    Socket,
    /// A block device.
    Block,
    /// A character device.
    Character,
}

impl Kind {
    /// The word a sentence uses.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Link => "symbolic link",
            Self::Fifo => "named pipe",
            Self::Socket => "socket",
            Self::Block => "block device",
            Self::Character => "character device",
        }
    }

    /// Whether a read-only mount stops writing to it (fs/namei.c sb_permission, include/linux/fs.h special_file).
    #[must_use]
    pub const fn stored(self) -> bool {
        matches!(self, Self::File | Self::Directory | Self::Link)
    }
}

/// Why something could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blind {
    /// The auditor itself was refused.
    Refused,
    /// The kernel or file system does not report it.
    NotReported,
    /// Extended attributes are read through /proc, which is not there.
    NoProc,
    /// The extended attribute does not decode.
    Malformed,
    /// Looking would mount something.
    Automount,
    /// Below /proc/PID the kernel asks who looks, not what the mode says.
    Process,
    /// Nobody asked for it when the entry was looked at.
    NotAsked,
    /// The path leads through more directories than are followed.
    TooDeep,
    /// Any other error number.
    Errno(i32),
}

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "permission denied to the auditor",
            Self::NotReported => "this kernel does not report it",
            Self::NoProc => "/proc is not mounted",
            Self::Malformed => "the attribute is malformed",
            Self::Automount => "an automount point which is not mounted",
            Self::Process => "below /proc/PID the kernel decides by process, not by mode",
            Self::TooDeep => "the path leads through more directories than deskguard follows",
            Self::NotAsked => "it was not looked at",
            Self::Errno(number) => {
                return write!(f, "{}", std::io::Error::from_raw_os_error(*number));
            }
        })
    }
}

/// An inode flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Set.
    Yes,
    /// Not set.
    No,
    /// Could not be read.
    Unknown(Blind),
}

/// The access ACL of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AclState {
    /// There is none: the mode says all.
    None,
    /// There is one.
    Some(Arc<Acl>),
    /// It could not be read.
    Unknown(Blind),
}

/// Who decides on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FsKind {
    /// The generic rules, on this machine.
    Local,
    /// Mode bits may deny, but a driver has the last word before it grants (proc, sysfs, cgroup …).
    Driver(&'static str),
    /// A server, a daemon or an unknown driver decides either way (nfs, cifs, fuse, 9p …).
    Server(&'static str),
}

/// What the mount adds to every entry seen through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Read-only, as mount or as file system.
    pub read_only: bool,
    /// Device nodes cannot be opened.
    pub nodev: bool,
    /// Links cannot be followed.
    pub nosymfollow: bool,
    /// Owners may be shown as the overflow id, because a user namespace does not map them.
    pub partial_ids: bool,
    /// The mount shows other owners than the file system stores, and has new files made only by those it maps.
    pub idmapped: bool,
    /// The file system has no immutable and append-only flags, so none need be reported.
    pub flagless: bool,
    /// Who decides.
    pub kind: FsKind,
}

impl Mount {
    /// An ordinary local read-write mount.
    pub const PLAIN: Self = Self {
        read_only: false,
        nodev: false,
        nosymfollow: false,
        partial_ids: false,
        idmapped: false,
        flagless: false,
        kind: FsKind::Local,
    };
}

/// One entry, as the kernel sees it when it decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its type.
    pub kind: Kind,
    /// The lower twelve bits of `st_mode`.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// `system.posix_acl_access`.
    pub acl: AclState,
    /// `chattr +i`.
    pub immutable: Flag,
    /// `chattr +a`.
    pub append_only: Flag,
    /// The mount it is seen through.
    pub mount: Mount,
}

impl Entry {
    /// An entry without ACL and flags on an ordinary mount.
    #[must_use]
    pub const fn plain(kind: Kind, mode: u32, uid: u32, gid: u32) -> Self {
        Self {
            kind,
            mode,
            uid,
            gid,
            acl: AclState::None,
            immutable: Flag::No,
            append_only: Flag::No,
            mount: Mount::PLAIN,
        }
    }

    /// Whether an id of this entry may stand for one that the user namespace or the mount does not map.
    #[must_use]
    pub const fn ids_in_doubt(&self) -> bool {
        const OVERFLOW: u32 = 65534;
        (self.mount.partial_ids || self.mount.idmapped)
            && (self.uid == OVERFLOW || self.gid == OVERFLOW)
    }
}
