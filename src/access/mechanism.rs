//! Verdicts, the mechanism behind each, and the sentence that explains it.
//! Refuses to decide: `permission` and `rights` do. A verdict is `Copy`; only its sentence allocates.

use super::entry::{Blind, Entry, Kind};
use super::permission::Want;
use super::principal::Principal;

/// What made the kernel say yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// The owner class of the mode, or ownership itself.
    Owner,
    /// The group class of the mode, or the owning group's ACL entry.
    OwningGroup(u32),
    /// An ACL entry naming the user.
    NamedUser,
    /// An ACL entry naming a group.
    NamedGroup(u32),
    /// An ACL entry matched, but the mask withholds what it grants.
    Mask,
    /// The other class of the mode.
    Other,
    /// The other entry of an ACL.
    AclOther,
    /// A capability overrides the mode.
    Capability(&'static str),
    /// `chattr +i`.
    Immutable,
    /// `chattr +a`.
    AppendOnly,
    /// The mount or file system is read-only.
    ReadOnlyMount,
    /// A device node on a nodev mount.
    NoDevMount,
    /// A link on a nosymfollow mount.
    NoSymlinkMount,
    /// The sticky bit of the directory.
    Sticky,
    /// Something is mounted there.
    MountPoint,
    /// `fs.protected_symlinks`.
    ProtectedLink,
    /// Only the owner may do this.
    NotOwner,
    /// It is a directory.
    IsDirectory,
    /// It is not a directory.
    NotDirectory,
    /// Nothing is there.
    Missing,
    /// More than forty links.
    LinkLoop,
    /// A name or path which is too long.
    NameTooLong,
    /// `.`, `..` and `/` name nothing that could be taken away.
    DotName,
    /// A slash after a name which is not a directory.
    TrailingSlash,
    /// A link was followed.
    Followed,
}

impl Mechanism {
    /// The word for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::OwningGroup(_) => "owning-group",
            Self::NamedUser => "acl-user",
            Self::NamedGroup(_) => "acl-group",
            Self::Mask => "acl-mask",
            Self::Other => "other",
            Self::AclOther => "acl-other",
            Self::Capability(_) => "capability",
            Self::Immutable => "immutable",
            Self::AppendOnly => "append-only",
            Self::ReadOnlyMount => "read-only-mount",
            Self::NoDevMount => "nodev-mount",
            Self::NoSymlinkMount => "nosymfollow-mount",
            Self::Sticky => "sticky",
            Self::MountPoint => "mount-point",
            Self::ProtectedLink => "protected-symlink",
            Self::NotOwner => "not-owner",
            Self::IsDirectory => "is-directory",
            Self::NotDirectory => "not-directory",
            Self::Missing => "missing",
            Self::LinkLoop => "link-loop",
            Self::NameTooLong => "name-too-long",
            Self::DotName => "dot-name",
            Self::TrailingSlash => "trailing-slash",
            Self::Followed => "followed",
        }
    }
}

/// Why no verdict is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// A server or daemon decides.
    Server(&'static str),
    /// A driver has the last word.
    Driver(&'static str),
    /// The ACL could not be read.
    Acl(Blind),
    /// The inode flags, or whether something is mounted there, could not be read.
    Flags(Blind),
    /// An id may stand for one that the user namespace or the idmapped mount does not map.
    Ids,
    /// New names on an idmapped mount need an account that it maps.
    Idmapped,
    /// `fs.protected_symlinks` could not be read.
    Sysctl(Blind),
    /// The entry itself could not be seen.
    Unseen(Blind),
}

/// Yes, no, or not to be known, each with what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The kernel would grant it.
    Granted(Mechanism),
    /// The kernel would refuse it.
    Denied(Mechanism),
    /// It cannot be known.
    Unknown(Doubt),
}

impl Verdict {
    /// Both must hold: a denial is certain whatever else is unknown; of two grants the first is kept.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Denied(_), _) | (_, Self::Granted(_)) => self,
            (_, Self::Denied(_)) | (Self::Granted(_), Self::Unknown(_)) => other,
            (Self::Unknown(_), Self::Unknown(_)) => self,
        }
    }

    /// Surely yes.
    #[must_use]
    pub const fn is_granted(self) -> bool {
        matches!(self, Self::Granted(_))
    }

    /// Surely no.
    #[must_use]
    pub const fn is_denied(self) -> bool {
        matches!(self, Self::Denied(_))
    }

    /// `null` in JSON where it cannot be known.
    #[must_use]
    pub const fn allowed(self) -> Option<bool> {
        match self {
            Self::Granted(_) => Some(true),
            Self::Denied(_) => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// One sentence: what about `place` decides that `who` may or may not have `want`.
    #[must_use]
    pub fn sentence(
        self,
        who: &Principal,
        place: &str,
        entry: Option<&Entry>,
        want: Want,
    ) -> String {
        let mode = entry.map_or_else(|| "?".into(), |entry| format!("{:04o}", entry.mode));
        let act = deed(entry, want);
        match self {
            Self::Granted(mechanism) => granted(mechanism, &who.name, place, &mode, act),
            Self::Denied(mechanism) => {
                let noun = entry.map_or("entry", |entry| entry.kind.noun());
                denied(mechanism, &who.name, place, &mode, act, noun)
            }
            Self::Unknown(doubt) => doubtful(doubt, place),
        }
    }
}

/// What having the wanted bits on this entry lets one do.
fn deed(entry: Option<&Entry>, want: Want) -> &'static str {
    let directory = entry.is_none_or(|entry| entry.kind == Kind::Directory);
    match (directory, want) {
        (true, Want::READ) => "list it",
        (true, Want::EXEC) => "search it",
        (true, _) => "change the names in it",
        (false, Want::READ) => "read it",
        (false, Want::EXEC) => "execute it",
        (false, _) => "write it",
    }
}

fn granted(mechanism: Mechanism, who: &str, place: &str, mode: &str, act: &str) -> String {
    match mechanism {
        Mechanism::Owner => format!("{place} is mode {mode} and {who} owns it, so may {act}"),
        Mechanism::OwningGroup(gid) => {
            format!("{place} is mode {mode} and {who} is in its group {gid}, which may {act}")
        }
        Mechanism::NamedUser => format!("an ACL entry of {place} names {who}, who may {act}"),
        Mechanism::NamedGroup(gid) => {
            format!("an ACL entry of {place} names group {gid}, {who} is in it and may {act}")
        }
        Mechanism::Other => format!("{place} is mode {mode}: others may {act}"),
        Mechanism::AclOther => format!("the ACL of {place} lets others {act}"),
        Mechanism::Capability(name) => {
            format!("{who} has {name} and may {act} whatever the mode of {place}")
        }
        other => format!("{place}: {}", other.word()),
    }
}

fn denied(
    mechanism: Mechanism,
    who: &str,
    place: &str,
    mode: &str,
    act: &str,
    noun: &str,
) -> String {
    match mechanism {
        Mechanism::Owner => {
            format!("{place} is mode {mode} and {who} owns it, but its owner may not {act}")
        }
        Mechanism::OwningGroup(gid) => {
            format!("{place} is mode {mode} and {who} is in its group {gid}, which may not {act}")
        }
        Mechanism::NamedUser => {
            format!("an ACL entry of {place} names {who} and does not let them {act}")
        }
        Mechanism::NamedGroup(gid) => {
            format!(
                "{who} is in group {gid}, which the ACL of {place} names and does not let {act}"
            )
        }
        Mechanism::Mask => {
            format!("the ACL of {place} matches {who}, but its mask does not let them {act}")
        }
        Mechanism::Other => {
            format!(
                "{place} is mode {mode}, {who} is neither its owner nor in its group, and others may not {act}"
            )
        }
        Mechanism::AclOther => {
            format!("no ACL entry of {place} matches {who}, and it does not let others {act}")
        }
        Mechanism::Immutable => format!("{place} is immutable (chattr +i)"),
        Mechanism::AppendOnly => format!("{place} is append-only (chattr +a)"),
        Mechanism::ReadOnlyMount => format!("{place} is on a read-only mount"),
        Mechanism::NoDevMount => format!("{place} is a device node on a nodev mount"),
        Mechanism::NoSymlinkMount => format!("{place} is a link on a nosymfollow mount"),
        Mechanism::Sticky => {
            format!("{place} is sticky (mode {mode}), and {who} owns neither it nor the entry")
        }
        Mechanism::MountPoint => format!("{place} is a mount point"),
        Mechanism::ProtectedLink => format!(
            "fs.protected_symlinks: {place} is a link in a sticky directory open to all, and owned neither by \
             {who} nor by the directory's owner"
        ),
        Mechanism::NotOwner => format!("{who} does not own {place}"),
        Mechanism::IsDirectory => format!("{place} is a directory"),
        Mechanism::NotDirectory => format!("{place} is a {noun}, not a directory"),
        Mechanism::Missing => format!("{place} does not exist"),
        Mechanism::LinkLoop => format!("{place}: more than 40 symbolic links"),
        Mechanism::NameTooLong => format!("{place}: name too long"),
        Mechanism::DotName => {
            format!("{place} is named by . or .. or /, which cannot be removed or renamed")
        }
        Mechanism::TrailingSlash => format!("{place} is a {noun}, and a slash follows its name"),
        Mechanism::Capability(name) => format!("{who} lacks {name} for {place}"),
        Mechanism::Followed => format!("{place} cannot be followed"),
    }
}

fn doubtful(doubt: Doubt, place: &str) -> String {
    match doubt {
        Doubt::Server(name) => format!("{place} is on {name}, where the mode does not decide"),
        Doubt::Driver(name) => format!("{place} is on {name}, where a driver has the last word"),
        Doubt::Acl(why) => format!("the ACL of {place} could not be read: {why}"),
        Doubt::Flags(why) => format!("the flags of {place} could not be read: {why}"),
        Doubt::Ids => {
            format!("{place} has an owner or group which this user namespace or mount does not map")
        }
        Doubt::Idmapped => format!(
            "{place} is on an idmapped mount, where only accounts that it maps make files: its map is not read"
        ),
        Doubt::Sysctl(why) => {
            format!("fs.protected_symlinks decides about {place} and could not be read: {why}")
        }
        Doubt::Unseen(why) => format!("{place} could not be seen: {why}"),
    }
}
