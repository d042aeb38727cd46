//! A symbolic link that is taken away, and put back when that is undone. Refuses what is no link.

use super::change::{Change, Subject, Turn};
use super::content::sync;
use super::place::{self, Found, Kind, Links};
use super::spelled::Spelled;
use super::surprise::Why;
use super::{Surprise, World};
use crate::host::open_path;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{
    AtFlags, Gid, Stat, Timespec, Timestamps, Uid, chownat, fstat, readlinkat, symlinkat, unlinkat,
    utimensat,
};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// A link by its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where, from the host's `/`, without a link on the way.
    pub path: Spelled,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leads {
    /// Nothing.
    Nothing,
    /// A link.
    Link {
        /// Where it leads.
        target: Spelled,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
        /// When it was made: seconds and nanoseconds since 1970.
        modified: (i64, i64),
    },
}

/// The change that takes away a link that was found.
///
/// # Errors
/// That it is none.
pub(super) fn change(found: &Found) -> Result<Change, Surprise> {
    let before = match &found.entry {
        None => Leads::Nothing,
        Some((entry, stat)) => leads(entry, stat, &found.path)?,
    };
    Ok(Change::Link(Turn {
        at: Link {
            path: Spelled(found.path.clone()),
        },
        before,
        after: Leads::Nothing,
    }))
}

fn leads(entry: &OwnedFd, stat: &Stat, path: &Path) -> Result<Leads, Surprise> {
    if Kind::of(stat) != Kind::Link {
        return Err(Surprise::new(format!(
            "{} is no symbolic link, and is not taken away",
            path.display()
        ))
        .kind(Why::Changed));
    }
    let target =
        readlinkat(entry, "", Vec::new()).map_err(|e| Surprise::call(e, "read the link", path))?;
    Ok(Leads::Link {
        target: Spelled(OsString::from_vec(target.into_bytes()).into()),
        uid: stat.st_uid,
        gid: stat.st_gid,
        modified: (stat.st_mtime, stat.st_mtime_nsec.cast_signed()),
    })
}

impl Subject for Link {
    type State = Leads;

    fn see(&self, world: &mut World<'_>) -> Result<Leads, Surprise> {
        let found = place::find(world, self.path.as_path(), Links::None)?;
        match &found.entry {
            None => Ok(Leads::Nothing),
            Some((entry, stat)) => leads(entry, stat, &found.path),
        }
    }

    fn set(&self, world: &mut World<'_>, _from: &Leads, to: &Leads) -> Result<(), Surprise> {
        let path = self.path.as_path();
        let found = place::find(world, path, Links::None)?;
        let Leads::Link {
            target,
            uid,
            gid,
            modified: (seconds, nanoseconds),
        } = to
        else {
            unlinkat(&found.directory, &found.name, AtFlags::empty())
                .map_err(|e| Surprise::call(e, "take away", path))?;
            return sync(&found.directory, path);
        };
        // One that is there was cut off before it had its owner and its time.
        if found.entry.is_none() {
            symlinkat(target.as_path(), &found.directory, &found.name)
                .map_err(|e| Surprise::call(e, "make the link", path))?;
        }
        // Whoever owns the directory may have put another entry in its place, and must not be given that.
        let made = open_path(found.directory.as_fd(), found.name.as_bytes())
            .map_err(|e| Surprise::call(e, "open", path))?;
        let stat = fstat(&made).map_err(|e| Surprise::call(e, "look at", path))?;
        match leads(&made, &stat, path)? {
            Leads::Link { target: now, .. } if now == *target => {}
            _ => {
                return Err(
                    Surprise::new(format!("{} changes meanwhile", path.display()))
                        .kind(Why::Changed),
                );
            }
        }
        let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
        chownat(&made, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)
            .map_err(|e| Surprise::call(e, "change the owner of", path))?;
        let time = Timespec {
            tv_sec: *seconds,
            tv_nsec: *nanoseconds,
        };
        let times = Timestamps {
            last_access: time,
            last_modification: time,
        };
        utimensat(&made, "", &times, AtFlags::EMPTY_PATH)
            .map_err(|e| Surprise::call(e, "set the time of", path))?;
        sync(&found.directory, path)
    }

    fn names(&self) -> String {
        format!("the link {}", self.path.as_path().display())
    }

    fn tells(&self, state: &Leads) -> String {
        match state {
            Leads::Nothing => "not there".to_owned(),
            Leads::Link { target, .. } => format!("a link to {}", target.as_path().display()),
        }
    }

    fn settle(&self, world: &mut World<'_>, _before: &Leads) -> Result<(), Surprise> {
        world.restored.insert(self.path.0.clone());
        Ok(())
    }

    /// Put back, and not dressed yet.
    fn is_between(&self, seen: &Leads, before: &Leads, _after: &Leads) -> bool {
        match (seen, before) {
            (Leads::Link { target: seen, .. }, Leads::Link { target, .. }) => seen == target,
            _ => false,
        }
    }
}
