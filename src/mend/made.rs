//! A directory that is made where nothing is, and goes again when that is undone. Refuses to take away
//! one that somebody has put something into, or dressed otherwise.

use super::change::{Change, Subject, Turn};
use super::content::sync;
use super::place::{self, Found, Kind, Links};
use super::spelled::Spelled;
use super::surprise::{BUSY, Why};
use super::{Surprise, World};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, RawDir, Uid, chmodat, chownat, fstat, mkdirat, openat,
    unlinkat,
};
use serde::{Deserialize, Serialize};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A directory by its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where, from the host's `/`, without a link on the way.
    pub path: Spelled,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum There {
    /// Nothing.
    Nothing,
    /// A directory of this owner, group and mode.
    Directory {
        /// The user.
        uid: u32,
        /// The group.
        gid: u32,
        /// Mode bits.
        mode: u32,
        /// Whether it holds nothing.
        empty: bool,
    },
}

/// The change that makes a directory where nothing was found.
pub(super) fn change(found: &Found, uid: u32, gid: u32, mode: u32) -> Change {
    Change::Made(Turn {
        at: Made {
            path: Spelled(found.path.clone()),
        },
        before: There::Nothing,
        after: There::Directory {
            uid,
            gid,
            mode: mode & 0o7777,
            empty: true,
        },
    })
}

impl Subject for Made {
    type State = There;

    fn see(&self, world: &mut World<'_>) -> Result<There, Surprise> {
        let path = self.path.as_path();
        let found = place::find(world, path, Links::None)?;
        let Some((entry, stat)) = &found.entry else {
            return Ok(There::Nothing);
        };
        if Kind::of(stat) != Kind::Directory {
            return Err(
                Surprise::new(format!("{} is no directory", path.display())).kind(Why::Changed)
            );
        }
        Ok(There::Directory {
            uid: stat.st_uid,
            gid: stat.st_gid,
            mode: stat.st_mode & 0o7777,
            empty: is_empty(entry, path)?,
        })
    }

    fn set(&self, world: &mut World<'_>, _from: &There, to: &There) -> Result<(), Surprise> {
        let path = self.path.as_path();
        let found = place::find(world, path, Links::None)?;
        let There::Directory { uid, gid, mode, .. } = to else {
            // Only an empty directory goes by this call.
            unlinkat(&found.directory, &found.name, AtFlags::REMOVEDIR)
                .map_err(|e| Surprise::call(e, "take away", path))?;
            return sync(&found.directory, path);
        };
        mkdirat(&found.directory, &found.name, Mode::RWXU)
            .map_err(|e| Surprise::call(e, "make", path))?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let made = openat(
            &found.directory,
            found.name.as_bytes(),
            flags,
            Mode::empty(),
        )
        .map_err(|e| Surprise::call(e, "open", path))?;
        // Whoever owns the directory above may have put another of root's in its place.
        let stat = fstat(&made).map_err(|e| Surprise::call(e, "look at", path))?;
        let own = stat.st_uid == rustix::process::geteuid().as_raw();
        if !own || stat.st_mode & 0o077 != 0 || !is_empty(&made, path)? {
            return Err(Surprise::new(format!(
                "{} was replaced while it was made",
                path.display()
            ))
            .kind(Why::Changed)
            .remedy(BUSY));
        }
        let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
        chownat(&made, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)
            .map_err(|e| Surprise::call(e, "change the owner of", path))?;
        let mode = Mode::from_raw_mode(*mode);
        chmodat(
            CWD,
            place::by_descriptor(made.as_fd()),
            mode,
            AtFlags::empty(),
        )
        .map_err(|e| Surprise::call(e, "change the mode of", path))?;
        sync(&found.directory, path)
    }

    fn names(&self) -> String {
        format!("the directory {}", self.path.as_path().display())
    }

    fn tells(&self, state: &There) -> String {
        match state {
            There::Nothing => "not there".to_owned(),
            There::Directory {
                uid,
                gid,
                mode,
                empty,
            } => format!(
                "{uid}:{gid}, mode {mode:04o}, {}",
                if *empty {
                    "empty"
                } else {
                    "with something in it"
                }
            ),
        }
    }

    /// Made, and not dressed yet.
    fn is_between(&self, seen: &There, _before: &There, after: &There) -> bool {
        match (seen, after) {
            (
                There::Directory {
                    uid, gid, empty, ..
                },
                There::Directory {
                    uid: user,
                    gid: group,
                    ..
                },
            ) => *empty && (*uid == 0 || uid == user) && (*gid == 0 || gid == group || *uid == 0),
            _ => false,
        }
    }
}

fn is_empty(entry: &OwnedFd, path: &Path) -> Result<bool, Surprise> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory =
        openat(entry, ".", flags, Mode::empty()).map_err(|e| Surprise::call(e, "read", path))?;
    let mut buffer = [MaybeUninit::<u8>::uninit(); 1024];
    let mut entries = RawDir::new(&directory, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|e| Surprise::call(e, "read", path))?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}
