//! An entry that is moved into another directory, and comes back when that is undone. On one file system
//! it is renamed; onto another it is copied, and the copy has its name before the first goes. Refuses to
//! replace anything, and to take away what is not the same as the other.

use super::change::{Change, Subject, Turn};
use super::content::sync;
use super::place::{self, Found, Links};
use super::spelled::Spelled;
use super::surprise::Why;
use super::{Surprise, World, transport};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{RenameFlags, Stat, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// So many entries of one name are numbered; more get a name that nobody else has in mind.
const MOST_NAMESAKES: usize = 100;
/// As the kernel (include/uapi/linux/limits.h NAME_MAX), in bytes.
const LONGEST_NAME: usize = 255;

/// An entry by both of its paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Where it is first, from the host's `/`, without a link on the way.
    pub from: Spelled,
    /// Where it goes, likewise.
    pub to: Spelled,
    /// Its inode in the first place.
    pub inode: u64,
    /// The name that a copy, or what is about to go, has in either directory.
    pub beside: String,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// In the first place.
    First,
    /// In the second.
    Second,
    /// In both: a move between file systems was cut off.
    Both,
}

/// The change that moves what was found to a place that is free.
pub(super) fn change(world: &World<'_>, from: &Found, to: PathBuf) -> Change {
    Change::Moved(Turn {
        at: Moved {
            from: Spelled(from.path.clone()),
            to: Spelled(to),
            inode: from.entry.as_ref().map_or(0, |(_, stat)| stat.st_ino),
            beside: world.beside(),
        },
        before: Where::First,
        after: Where::Second,
    })
}

/// A place in a directory that is free, under a name or, where that is taken, with a number behind it.
///
/// # Errors
/// What the system refused.
pub(super) fn free(
    world: &World<'_>,
    into: &Path,
    directory: &OwnedFd,
    name: &OsStr,
) -> Result<PathBuf, Surprise> {
    let mut tried = name.to_owned();
    for number in 2..=MOST_NAMESAKES {
        match crate::host::open_path(directory.as_fd(), tried.as_bytes()) {
            Err(Errno::NOENT) => return Ok(into.join(tried)),
            Err(e) => return Err(Surprise::call(e, "look into", into)),
            Ok(_) => tried = ending(name, &format!(".{number}")),
        }
    }
    Ok(into.join(ending(name, &world.beside())))
}

/// A name with an ending, cut where it would be too long.
fn ending(name: &OsStr, end: &str) -> OsString {
    let kept = name.len().min(LONGEST_NAME.saturating_sub(end.len()));
    let mut bytes = name.as_bytes().get(..kept).unwrap_or_default().to_vec();
    bytes.extend_from_slice(end.as_bytes());
    OsString::from_vec(bytes)
}

impl Subject for Moved {
    type State = Where;

    fn see(&self, world: &mut World<'_>) -> Result<Where, Surprise> {
        let first = place::find(world, self.from.as_path(), Links::None)?;
        let second = place::find(world, self.to.as_path(), Links::None)?;
        match (first.entry, second.entry) {
            (Some(_), None) => Ok(Where::First),
            (None, Some(_)) => Ok(Where::Second),
            (None, None) => Err(Surprise::new(format!(
                "{} is gone, and so is {}",
                self.from.as_path().display(),
                self.to.as_path().display()
            ))
            .kind(Why::Gone)),
            (Some((first, _)), Some((second, _))) => {
                let path = self.from.as_path();
                match transport::difference(first.as_fd(), second.as_fd(), path)? {
                    None => Ok(Where::Both),
                    Some(other) => Err(Surprise::new(format!(
                        "both {} and {} are there, and they differ in {}",
                        path.display(),
                        self.to.as_path().display(),
                        other.display()
                    ))
                    .kind(Why::Changed)
                    .remedy("look at both, take one away by hand, and undo again")),
                }
            }
        }
    }

    fn set(&self, world: &mut World<'_>, from: &Where, to: &Where) -> Result<(), Surprise> {
        let first = place::find(world, self.from.as_path(), Links::None)?;
        let second = place::find(world, self.to.as_path(), Links::None)?;
        let (here, there) = match (from, to) {
            (_, Where::First) => (second, first),
            _ => (first, second),
        };
        self.clear(&here)?;
        self.clear(&there)?;
        if there.entry.is_none() {
            let how = RenameFlags::NOREPLACE;
            let moved = renameat_with(
                &here.directory,
                &here.name,
                &there.directory,
                &there.name,
                how,
            );
            match moved {
                Ok(()) => {
                    sync(&there.directory, &there.path)?;
                    return sync(&here.directory, &here.path);
                }
                Err(Errno::XDEV) => self.copy(&here, &there)?,
                Err(e) => return Err(Surprise::call(e, "move", &here.path)),
            }
        }
        // The copy is whole: the other goes, under another name first, so that it is never half there.
        self.rename(
            &here.directory,
            &here.name,
            OsStr::new(&self.beside),
            &here.path,
        )?;
        self.clear(&here)?;
        sync(&here.directory, &here.path)
    }

    fn names(&self) -> String {
        self.from.as_path().display().to_string()
    }

    fn tells(&self, state: &Where) -> String {
        match state {
            Where::First => "where it was".to_owned(),
            Where::Second => format!("moved to {}", self.to.as_path().display()),
            Where::Both => format!("also in {}", self.to.as_path().display()),
        }
    }

    fn is_between(&self, seen: &Where, _before: &Where, _after: &Where) -> bool {
        *seen == Where::Both
    }

    fn settle(&self, world: &mut World<'_>, _before: &Where) -> Result<(), Surprise> {
        let first = place::find(world, self.from.as_path(), Links::None)?;
        let is_copy = |(_, stat): &(OwnedFd, Stat)| stat.st_ino != self.inode;
        if first.entry.as_ref().is_some_and(is_copy) {
            world.restored.insert(first.path.clone());
        }
        self.clear(&first)?;
        self.clear(&place::find(world, self.to.as_path(), Links::None)?)
    }
}

impl Moved {
    fn copy(&self, here: &Found, there: &Found) -> Result<(), Surprise> {
        let gone = || Surprise::new(format!("{} is gone", here.path.display()));
        let (entry, _) = here.entry.as_ref().ok_or_else(gone)?;
        let beside = OsStr::new(&self.beside);
        transport::copy(entry.as_fd(), &here.path, there.directory.as_fd(), beside)?;
        self.rename(&there.directory, beside, &there.name, &there.path)?;
        sync(&there.directory, &there.path)
    }

    fn rename(
        &self,
        directory: &OwnedFd,
        from: &OsStr,
        to: &OsStr,
        path: &Path,
    ) -> Result<(), Surprise> {
        renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE)
            .map_err(|e| Surprise::call(e, "rename", path))
    }

    fn clear(&self, found: &Found) -> Result<(), Surprise> {
        transport::remove(
            found.directory.as_fd(),
            OsStr::new(&self.beside),
            &found.path,
        )
    }
}
