//! An entry's owner and group. chown(2) also takes setuid and setgid bits and capabilities from a file:
//! they are part of the state, so that undoing brings them back. Refuses nothing of its own.

use super::change::{Change, Subject, Turn};
use super::place::{self, Kind, Place};
use super::spelled::{hex, unhex};
use super::{Surprise, World};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{AtFlags, CWD, Gid, Mode, Stat, Uid, XattrFlags, chmodat, chownat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::path::Path;

const CAPABILITY: &str = "security.capability";

/// The owner of this entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The entry.
    pub place: Place,
}

/// Whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Mode bits, of which chown takes some.
    pub mode: u32,
    /// File capabilities, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capability: Option<String>,
}

/// The change that gives an entry, as it was just seen, to somebody, with these mode bits. What chown
/// takes from a file is not given back.
///
/// # Errors
/// That its capabilities could not be read.
pub(super) fn change(
    place: Place,
    entry: &OwnedFd,
    stat: &Stat,
    (uid, gid): (u32, u32),
    mode: u32,
) -> Result<Change, Surprise> {
    let before = ids(&place, entry, stat)?;
    let mut after = Ids {
        uid,
        gid,
        mode,
        ..before.clone()
    };
    if (uid, gid) != (before.uid, before.gid) && place.kind == Kind::File {
        after.mode &= !0o6000;
        after.capability = None;
    }
    Ok(Change::Owner(Turn {
        at: Owner { place },
        before,
        after,
    }))
}

fn ids(place: &Place, entry: &OwnedFd, stat: &Stat) -> Result<Ids, Surprise> {
    let capability = match place.kind {
        Kind::File => capability(entry, place.path.as_path())?,
        _ => None,
    };
    Ok(Ids {
        uid: stat.st_uid,
        gid: stat.st_gid,
        mode: stat.st_mode & 0o7777,
        capability: capability.map(|bytes| hex(&bytes)),
    })
}

fn capability(entry: &OwnedFd, path: &Path) -> Result<Option<Vec<u8>>, Surprise> {
    // include/uapi/linux/capability.h XATTR_CAPS_SZ_3 is 24 bytes.
    let mut bytes = [0_u8; 64];
    match rustix::fs::getxattr(place::by_descriptor(entry.as_fd()), CAPABILITY, &mut bytes) {
        Ok(length) => Ok(bytes.get(..length).map(<[u8]>::to_vec)),
        Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
        Err(e) => Err(Surprise::call(e, "read the capabilities of", path)),
    }
}

impl Subject for Owner {
    type State = Ids;

    fn see(&self, world: &mut World<'_>) -> Result<Ids, Surprise> {
        let (entry, stat) = place::open(world, &self.place)?;
        ids(&self.place, &entry, &stat)
    }

    fn set(&self, world: &mut World<'_>, _from: &Ids, to: &Ids) -> Result<(), Surprise> {
        let path = self.place.path.as_path();
        let (entry, stat) = place::open(world, &self.place)?;
        let (uid, gid) = (Uid::from_raw(to.uid), Gid::from_raw(to.gid));
        if (stat.st_uid, stat.st_gid) != (to.uid, to.gid) {
            chownat(&entry, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)
                .map_err(|e| Surprise::call(e, "change the owner of", path))?;
        }
        if self.place.kind == Kind::Link {
            return Ok(());
        }
        let name = place::by_descriptor(entry.as_fd());
        let now = rustix::fs::fstat(&entry).map_err(|e| Surprise::call(e, "look at", path))?;
        if now.st_mode & 0o7777 != to.mode {
            chmodat(CWD, &name, Mode::from_raw_mode(to.mode), AtFlags::empty())
                .map_err(|e| Surprise::call(e, "change the mode of", path))?;
        }
        if let Some(bytes) = to.capability.as_deref().and_then(unhex) {
            rustix::fs::setxattr(&name, CAPABILITY, &bytes, XattrFlags::empty())
                .map_err(|e| Surprise::call(e, "set the capabilities of", path))?;
        }
        Ok(())
    }

    fn names(&self) -> String {
        format!("the owner of {}", self.place.path.as_path().display())
    }

    fn tells(&self, state: &Ids) -> String {
        let capable = if state.capability.is_some() {
            ", with capabilities"
        } else {
            ""
        };
        format!(
            "{}:{} (mode {:04o}{capable})",
            state.uid, state.gid, state.mode
        )
    }

    fn is_between(&self, seen: &Ids, before: &Ids, after: &Ids) -> bool {
        let ids = |state: &Ids| (state.uid, state.gid);
        let bits = |state: &Ids| state.mode & !0o6000;
        [before, after].iter().any(|it| ids(it) == ids(seen))
            && [before, after].iter().any(|it| bits(it) == bits(seen))
    }

    fn is_light(&self) -> bool {
        true
    }
}
