//! A regular file as a whole: made, replaced or taken away. What replaces it is written beside it and
//! renamed over it, with owner, mode, ACL, attributes and inode flags of the file that was there, so that
//! a reader sees one or the other. Refuses what is no regular file, has a second name, or is large.

use super::change::{Change, Subject, Turn};
use super::place::{self, Found, Kind, Links};
use super::spelled::{Spelled, hex, unhex};
use super::{Surprise, World, kept};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Gid, IFlags, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, Uid,
    XattrFlags, fchmod, fchown, fsync, futimens, openat, renameat_with, unlinkat,
};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// A file by its path; which inode it is changes with its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Where, from the host's `/`, without a link on the way.
    pub path: Spelled,
    /// The name in the same directory under which the new content is written first.
    pub beside: String,
}

/// What a path holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Nothing.
    Nothing,
    /// A regular file.
    File(Box<Whole>),
}

/// A regular file with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// The name of its content among what is kept.
    pub sha256: String,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its mode bits.
    pub mode: u32,
    /// Its extended attributes, ACL among them, in hexadecimal.
    pub attributes: BTreeMap<String, String>,
    /// Its inode flags, as lsattr(1) shows them.
    pub flags: u32,
    /// When it was last written: seconds and nanoseconds since 1970. None: when it is written.
    pub modified: Option<(i64, i64)>,
    /// Its inode, where it is there already.
    pub inode: Option<u64>,
}

/// Flags that a person sets and a new file takes; immutable and append-only ones refuse the change itself.
const TAKEN: IFlags = IFlags::NOATIME
    .union(IFlags::NODUMP)
    .union(IFlags::SYNC)
    .union(IFlags::COMPRESSED)
    .union(IFlags::NOCOW)
    .union(IFlags::UNRM);

/// What a file holds that was found by its path; none where it is not there.
///
/// # Errors
/// That it is no regular file, has a second name, or cannot be read.
pub(super) fn bytes(found: &Found) -> Result<Option<Vec<u8>>, Surprise> {
    let entry = found.entry.as_ref();
    entry
        .map(|(_, stat)| Ok(opened(found, stat)?.1))
        .transpose()
}

/// The change that makes a file hold these bytes. It keeps what else belongs to it; a file that is
/// made, or is to be root's, gets `root_mode`, and root as owner and group.
///
/// # Errors
/// What keeps it from being read or kept.
pub(super) fn change(
    world: &World<'_>,
    found: &Found,
    new: &[u8],
    root_mode: Option<u32>,
) -> Result<Change, Surprise> {
    let before = held(found)?;
    if let (Held::File(whole), Some(old)) = (&before, bytes(found)?) {
        world.kept()?.put(&old)?;
        if whole.sha256 != kept::sha256(&old) {
            return Err(Surprise::new(format!(
                "{} changes while it is read",
                found.path.display()
            )));
        }
    }
    let sha256 = world.kept()?.put(new)?;
    let after = match (&before, root_mode) {
        (Held::File(whole), None) => Whole {
            sha256,
            modified: None,
            inode: None,
            ..(**whole).clone()
        },
        (_, mode) => Whole {
            sha256,
            uid: 0,
            gid: 0,
            mode: mode.unwrap_or(0o600),
            attributes: BTreeMap::new(),
            flags: 0,
            modified: None,
            inode: None,
        },
    };
    let at = Content {
        path: Spelled(found.path.clone()),
        beside: world.beside(),
    };
    let mut after = Held::File(Box::new(after));
    if at.is(&before, &after) {
        after = before.clone();
    }
    Ok(Change::Content(Turn { at, before, after }))
}

fn held(found: &Found) -> Result<Held, Surprise> {
    let Some((_, stat)) = &found.entry else {
        return Ok(Held::Nothing);
    };
    let path = &found.path;
    let (file, bytes) = opened(found, stat)?;
    let flags = rustix::fs::ioctl_getflags(&file).unwrap_or(IFlags::empty());
    Ok(Held::File(Box::new(Whole {
        sha256: kept::sha256(&bytes),
        uid: stat.st_uid,
        gid: stat.st_gid,
        mode: stat.st_mode & 0o7777,
        attributes: attributes(&file, path)?,
        flags: (flags & TAKEN).bits(),
        modified: Some((stat.st_mtime, stat.st_mtime_nsec.cast_signed())),
        inode: Some(stat.st_ino),
    })))
}

/// The content of what was found, through the descriptor that was looked at.
fn opened(found: &Found, stat: &Stat) -> Result<(File, Vec<u8>), Surprise> {
    let path = &found.path;
    let Some((entry, _)) = &found.entry else {
        return Err(Surprise::new(format!("{} is gone", path.display())));
    };
    if Kind::of(stat) != Kind::File {
        return Err(Surprise::new(format!(
            "{} is no regular file",
            path.display()
        )));
    }
    if stat.st_nlink > 1 {
        return Err(Surprise::new(format!(
            "{} has {} names (hard links), of which only one would be rewritten",
            path.display(),
            stat.st_nlink
        ))
        .remedy(format!(
            "find the others with find / -xdev -inum {}, and make this one a copy of its own",
            stat.st_ino
        )));
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(
        CWD,
        place::by_descriptor(entry.as_fd()),
        flags,
        Mode::empty(),
    )
    .map_err(|e| Surprise::call(e, "read", path))?;
    let mut file = File::from(file);
    let bytes = kept::read(&mut file, path)?;
    Ok((file, bytes))
}

fn attributes(file: &File, path: &Path) -> Result<BTreeMap<String, String>, Surprise> {
    let failed = |e| Surprise::call(e, "read the attributes of", path);
    let mut names = vec![0_u8; 64 << 10];
    let length = match rustix::fs::flistxattr(file, &mut *names) {
        Err(Errno::OPNOTSUPP) => 0,
        other => other.map_err(failed)?,
    };
    let mut found = BTreeMap::new();
    let mut value = vec![0_u8; 64 << 10];
    let names = names.get(..length).unwrap_or_default();
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let length = rustix::fs::fgetxattr(file, name, &mut *value).map_err(failed)?;
        let bytes = value.get(..length).unwrap_or_default();
        found.insert(String::from_utf8_lossy(name).into_owned(), hex(bytes));
    }
    Ok(found)
}

impl Subject for Content {
    type State = Held;

    fn see(&self, world: &mut World<'_>) -> Result<Held, Surprise> {
        held(&place::find(world, self.path.as_path(), Links::None)?)
    }

    fn set(&self, world: &mut World<'_>, from: &Held, to: &Held) -> Result<(), Surprise> {
        let path = self.path.as_path();
        let found = place::find(world, path, Links::None)?;
        let failed = |what: &'static str| move |e: Errno| Surprise::call(e, what, path);
        let Held::File(whole) = to else {
            unlinkat(&found.directory, &found.name, AtFlags::empty())
                .map_err(failed("take away"))?;
            return sync(&found.directory, path);
        };
        let bytes = world.kept()?.get(&whole.sha256)?;
        self.clear(&found)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(
            &found.directory,
            &self.beside,
            flags,
            Mode::RUSR | Mode::WUSR,
        )
        .map_err(failed("write beside"))?;
        let mut file = File::from(file);
        file.write_all(&bytes)
            .map_err(|e| failed("write beside")(Errno::from_io_error(&e).unwrap_or(Errno::IO)))?;
        dress(&file, whole, path)?;
        fsync(&file).map_err(failed("write beside"))?;
        let how = match from {
            Held::Nothing => RenameFlags::NOREPLACE,
            Held::File(_) => RenameFlags::empty(),
        };
        renameat_with(
            &found.directory,
            &self.beside,
            &found.directory,
            &found.name,
            how,
        )
        .map_err(failed("replace"))?;
        sync(&found.directory, path)
    }

    fn names(&self) -> String {
        self.path.as_path().display().to_string()
    }

    fn tells(&self, state: &Held) -> String {
        match state {
            Held::Nothing => "not there".to_owned(),
            Held::File(whole) => format!(
                "a file of {}:{}, mode {:04o}, SHA-256 {}…",
                whole.uid,
                whole.gid,
                whole.mode,
                whole.sha256.get(..12).unwrap_or_default()
            ),
        }
    }

    /// The time does not count, nor labels that the kernel gives (SELinux, IMA).
    fn is(&self, seen: &Held, state: &Held) -> bool {
        match (seen, state) {
            (Held::Nothing, Held::Nothing) => true,
            (Held::File(seen), Held::File(state)) => {
                let own = |whole: &Whole| {
                    let mut own = whole.attributes.clone();
                    own.retain(|name, _| {
                        !name.starts_with("security.") || name == "security.capability"
                    });
                    (own, whole.sha256.clone(), whole.uid, whole.gid, whole.mode)
                };
                own(seen) == own(state)
            }
            _ => false,
        }
    }

    fn settle(&self, world: &mut World<'_>, before: &Held) -> Result<(), Surprise> {
        let found = place::find(world, self.path.as_path(), Links::None)?;
        if let (Held::File(whole), Some((_, stat))) = (before, &found.entry)
            && let Some(old) = whole.inode
        {
            world.replaced(old, stat.st_ino);
        }
        self.clear(&found)
    }
}

impl Content {
    /// Takes away what a cut off replacement left beside.
    fn clear(&self, found: &Found) -> Result<(), Surprise> {
        match unlinkat(&found.directory, &self.beside, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(e) => Err(Surprise::call(
                e,
                "take away what lies beside",
                self.path.as_path(),
            )),
        }
    }
}

/// Gives a new file what belongs to it.
fn dress(file: &File, whole: &Whole, path: &Path) -> Result<(), Surprise> {
    let failed = |what: &'static str| move |e: Errno| Surprise::call(e, what, path);
    fchown(
        file,
        Some(Uid::from_raw(whole.uid)),
        Some(Gid::from_raw(whole.gid)),
    )
    .map_err(failed("set the owner of the new"))?;
    // A directory's default ACL may have given it one that the old file has not.
    for name in attributes(file, path)?.keys() {
        if name.starts_with("system.posix_acl") && !whole.attributes.contains_key(name) {
            rustix::fs::fremovexattr(file, name.as_str())
                .map_err(failed("take the ACL off the new"))?;
        }
    }
    fchmod(file, Mode::from_raw_mode(whole.mode)).map_err(failed("set the mode of the new"))?;
    for (name, value) in &whole.attributes {
        let value = unhex(value).unwrap_or_default();
        rustix::fs::fsetxattr(file, name.as_str(), &value, XattrFlags::empty())
            .map_err(failed("set the attributes of the new"))?;
    }
    if whole.flags != 0 {
        let now =
            rustix::fs::ioctl_getflags(file).map_err(failed("look at the flags of the new"))?;
        let flags = now | IFlags::from_bits_truncate(whole.flags);
        rustix::fs::ioctl_setflags(file, flags).map_err(failed("set the flags of the new"))?;
    }
    if let Some((seconds, nanoseconds)) = whole.modified {
        let time = Timespec {
            tv_sec: seconds,
            tv_nsec: nanoseconds,
        };
        let times = Timestamps {
            last_access: time,
            last_modification: time,
        };
        futimens(file, &times).map_err(failed("set the time of the new"))?;
    }
    Ok(())
}

/// A name is on the disk once its directory is.
pub(super) fn sync(directory: &OwnedFd, path: &Path) -> Result<(), Surprise> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(directory, ".", flags, Mode::empty())
        .and_then(fsync)
        .map_err(|e| Surprise::call(e, "write the directory of", path))
}
