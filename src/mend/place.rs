//! Entries by descriptor, from the host's `/` downwards, one name after the other. Refuses links,
//! except where the audit's paths lead through links of root's that nobody else could have put there;
//! refuses an entry that is another than it was, and files that have a second name.

use super::spelled::Spelled;
use super::surprise::{BUSY, Why};
use super::{Surprise, World};
use crate::host::open_path;
use rustix::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

/// As the kernel (include/linux/namei.h MAXSYMLINKS).
const MOST_LINKS: usize = 40;

/// An entry, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where, from the host's `/`, without a link on the way.
    pub path: Spelled,
    /// Its inode, so that another in its place is told from it.
    pub inode: u64,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket or a device.
    Special,
}

impl Kind {
    /// By the type in a mode.
    #[must_use]
    pub(super) fn of(stat: &Stat) -> Self {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Directory,
            FileType::Symlink => Self::Link,
            _ => Self::Special,
        }
    }
}

/// Which links a path may lead through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// None.
    None,
    /// Root's own, in directories that only root can change; the last name is not followed.
    OnTheWay,
    /// The same, and the last name is followed.
    Followed,
}

/// Where a path leads: the directory, the name in it, and what is there.
#[derive(Debug)]
pub(super) struct Found {
    /// The path without links, from the host's `/`.
    pub(super) path: PathBuf,
    /// The directory, a descriptor that can be asked but not read.
    pub(super) directory: OwnedFd,
    /// The name in it.
    pub(super) name: OsString,
    /// The entry, likewise; none where nothing has that name.
    pub(super) entry: Option<(OwnedFd, Stat)>,
}

impl Found {
    /// The entry's place, where there is one.
    #[must_use]
    pub(super) fn place(&self) -> Option<Place> {
        self.entry.as_ref().map(|(_, stat)| Place {
            path: Spelled(self.path.clone()),
            inode: stat.st_ino,
            kind: Kind::of(stat),
        })
    }
}

/// Finds what an action names. Paths below the folder that stands for the host are taken as they are.
///
/// # Errors
/// That a link, or a missing directory, or `..` out of a directory that others could swap, is on the way.
pub(super) fn find(world: &World<'_>, path: &Path, links: Links) -> Result<Found, Surprise> {
    let inside = path.strip_prefix(&world.host.root).unwrap_or(path);
    let mut names: VecDeque<OsString> = VecDeque::new();
    for part in inside.components() {
        match part {
            Component::Normal(name) => names.push_back(name.to_owned()),
            Component::ParentDir => names.push_back("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Way::begin(world, path)?.go(names, links)
}

/// Opens the entry of a place, which must still be the same one.
///
/// # Errors
/// That it is gone, or another than it was.
pub(super) fn open(world: &World<'_>, place: &Place) -> Result<(OwnedFd, Stat), Surprise> {
    let path = place.path.as_path();
    let found = find(world, path, Links::None)?;
    let Some((entry, stat)) = found.entry else {
        return Err(Surprise::new(format!("{} is gone", path.display())).kind(Why::Gone));
    };
    let same = stat.st_ino == place.inode || world.undoing && world.is_restored(path);
    if Kind::of(&stat) != place.kind || !same {
        return Err(Surprise::new(format!(
            "{} is another entry than the one that was looked at",
            path.display()
        ))
        .kind(Why::Changed)
        .remedy(if world.undoing {
            "somebody put another in its place since the fix, and it stays as it is"
        } else {
            BUSY
        }));
    }
    if !world.undoing {
        only_name(&found.directory, &found.name, &entry, path)?;
    }
    Ok((entry, stat))
}

/// Refuses what has a second name: whoever made it may mean a file of somebody else's. The name is
/// asked for between, so that taking it away in the right moment does not hide that it was the second.
fn only_name(
    directory: &OwnedFd,
    name: &OsStr,
    entry: &OwnedFd,
    path: &Path,
) -> Result<(), Surprise> {
    for _ in 0..2 {
        let held = fstat(entry).map_err(|e| Surprise::call(e, "look at", path))?;
        let named = open_path(directory.as_fd(), name.as_bytes())
            .and_then(|named| fstat(&named))
            .map_err(|e| Surprise::call(e, "look at", path))?;
        if named.st_ino != held.st_ino || named.st_dev != held.st_dev {
            return Err(Surprise::new(format!(
                "{} was replaced while it was looked at",
                path.display()
            ))
            .remedy(
                "somebody changes the tree: stop the web server and the scheduled task first",
            ));
        }
        let is_directory = Kind::of(&held) == Kind::Directory;
        if !is_directory && (held.st_nlink > 1 || named.st_nlink > 1) {
            return Err(Surprise::new(format!(
                "{} has {} names (hard links), and changing it would change the others as well",
                path.display(),
                held.st_nlink.max(named.st_nlink)
            ))
            .remedy(format!(
                "find the others with find / -xdev -inum {}, and make this one a copy of its own",
                held.st_ino
            )));
        }
    }
    Ok(())
}

/// The name by which the kernel lets an `O_PATH` descriptor be changed (proc_pid_fd(5)): it leads to the
/// very entry that is held, whatever its path has become.
#[must_use]
pub(super) fn by_descriptor(entry: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", entry.as_raw_fd())
}

/// A walk from the host's `/`.
struct Way<'a> {
    asked: &'a Path,
    /// The directories on the way that only root can change, so that `..` in a link of root's is known.
    kept: Vec<OwnedFd>,
    /// The directory that was reached last, where others than root can change it or one above.
    loose: Option<OwnedFd>,
    path: PathBuf,
}

impl<'a> Way<'a> {
    fn begin(world: &World<'_>, asked: &'a Path) -> Result<Self, Surprise> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = &world.host.root;
        let top =
            openat(CWD, root, flags, Mode::empty()).map_err(|e| Surprise::call(e, "open", root))?;
        Ok(Self {
            asked,
            kept: vec![top],
            loose: None,
            path: "/".into(),
        })
    }

    fn here(&self) -> Result<&OwnedFd, Surprise> {
        let here = self.loose.as_ref().or(self.kept.last());
        here.ok_or_else(|| self.refuse("leads above the host's root"))
    }

    fn refuse(&self, why: &str) -> Surprise {
        Surprise::new(format!("{} {why}", self.asked.display()))
    }

    fn go(mut self, mut names: VecDeque<OsString>, links: Links) -> Result<Found, Surprise> {
        let mut followed = 0;
        while let Some(name) = names.pop_front() {
            if name == ".." {
                self.up()?;
                continue;
            }
            let last = names.is_empty();
            let opened = open_path(self.here()?.as_fd(), name.as_bytes())
                .and_then(|entry| fstat(&entry).map(|stat| (entry, stat)));
            let (entry, stat) = match opened {
                Ok(opened) => opened,
                Err(Errno::NOENT) if last => return self.found(name, None),
                Err(Errno::NOENT) => {
                    let missing = self.path.join(&name);
                    return Err(Surprise::new(format!(
                        "{}: there is no {}",
                        self.asked.display(),
                        missing.display()
                    ))
                    .kind(Why::Gone));
                }
                Err(e) => return Err(Surprise::call(e, "look at", &self.path.join(&name))),
            };
            match Kind::of(&stat) {
                Kind::Link if last && links != Links::Followed => {
                    return self.found(name, Some((entry, stat)));
                }
                Kind::Link => {
                    followed += 1;
                    let target = self.target(&name, &entry, &stat, links, followed)?;
                    for part in target.into_iter().rev() {
                        names.push_front(part);
                    }
                }
                _ if last => return self.found(name, Some((entry, stat))),
                Kind::Directory => self.down(&name, entry, &stat)?,
                _ => {
                    let refused = self.refuse("leads through what is no directory");
                    return Err(refused.kind(Why::Changed));
                }
            }
        }
        Err(self.refuse("names no entry of a directory"))
    }

    fn found(self, name: OsString, entry: Option<(OwnedFd, Stat)>) -> Result<Found, Surprise> {
        let path = self.path.join(&name);
        let none = || Surprise::new(format!("{} has no directory", path.display()));
        let Self {
            loose, mut kept, ..
        } = self;
        let directory = loose.or_else(|| kept.pop()).ok_or_else(none)?;
        Ok(Found {
            path,
            directory,
            name,
            entry,
        })
    }

    fn down(&mut self, name: &OsStr, entry: OwnedFd, stat: &Stat) -> Result<(), Surprise> {
        let rooted = self.loose.is_none() && is_fixed(self.here()?, stat)?;
        self.path.push(name);
        if rooted {
            self.kept.push(entry);
        } else {
            self.loose = Some(entry);
        }
        Ok(())
    }

    fn up(&mut self) -> Result<(), Surprise> {
        if self.loose.is_some() {
            return Err(self.refuse("leads upwards from a directory that others can change"));
        }
        if self.kept.len() > 1 {
            self.kept.pop();
            self.path.pop();
        }
        Ok(())
    }

    /// The names that a link of root's stands for.
    fn target(
        &mut self,
        name: &OsStr,
        entry: &OwnedFd,
        stat: &Stat,
        links: Links,
        followed: usize,
    ) -> Result<Vec<OsString>, Surprise> {
        let link = self.path.join(name);
        let ours = self.loose.is_none() && stat.st_uid == 0 && is_fixed(self.here()?, stat)?;
        if links == Links::None || !ours {
            return Err(Surprise::new(format!(
                "{} is a link{}, and links are not followed",
                link.display(),
                if ours {
                    ""
                } else {
                    " that others than root could have put there"
                }
            ))
            .kind(Why::Changed)
            .remedy("name the place that it leads to, or put a directory in its place"));
        }
        if followed > MOST_LINKS {
            return Err(self.refuse("leads through too many links"));
        }
        let target = readlinkat(entry, "", Vec::new())
            .map_err(|e| Surprise::call(e, "read the link", &link))?;
        let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
        if target.is_absolute() {
            self.kept.truncate(1);
            self.path = "/".into();
        }
        Ok(target
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_owned()),
                Component::ParentDir => Some("..".into()),
                _ => None,
            })
            .collect())
    }
}

/// Whether only root can put another entry in the place of this one. The group class of the mode bounds
/// every entry of an ACL as well; in a sticky directory others than an entry's owner cannot rename it.
fn is_fixed(directory: &OwnedFd, entry: &Stat) -> Result<bool, Surprise> {
    let stat =
        fstat(directory).map_err(|e| Surprise::call(e, "look at", Path::new("a directory")))?;
    let closed = stat.st_mode & 0o022 == 0;
    let sticky = stat.st_mode & 0o1000 != 0 && entry.st_uid == 0;
    Ok(stat.st_uid == 0 && (closed || sticky))
}
