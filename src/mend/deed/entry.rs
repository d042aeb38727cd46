//! Deeds on one entry: owner, mode, a whole file. Refuses entries that are not there.

use super::account;
use crate::fix::ModeChange;
use crate::mend::apply::Work;
use crate::mend::place::{self, Found, Kind, Links, Place};
use crate::mend::{Surprise, content, mode, owner};
use rustix::fd::OwnedFd;
use rustix::fs::Stat;
use std::path::Path;

/// The entry itself belongs to an account.
pub(super) fn own(
    work: &mut Work<'_, '_>,
    path: &str,
    user: &str,
    group: Option<&str>,
) -> Result<(), Surprise> {
    let (uid, _) = account::user(work.world.host, user)?;
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let (place, entry, stat) = there(&found)?;
    let gid = match group {
        Some(group) => account::group(work.world.host, group)?,
        None => stat.st_gid,
    };
    work.change(owner::change(place, entry, stat, uid, gid)?)
}

/// The entry's mode bits.
pub(super) fn mode(work: &mut Work<'_, '_>, path: &str, change: &str) -> Result<(), Surprise> {
    let change = ModeChange::parse(change).map_err(Surprise::new)?;
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let (place, _, stat) = there(&found)?;
    if place.kind == Kind::Link {
        return Err(Surprise::new(format!(
            "{} is a link, and has no mode of its own",
            found.path.display()
        )));
    }
    let to = change.on(stat.st_mode & 0o7777, place.kind == Kind::Directory);
    work.change(mode::change(place, stat, to))
}

/// A file of root's holds exactly this.
pub(super) fn write(
    work: &mut Work<'_, '_>,
    path: &str,
    text: &str,
    change: &str,
) -> Result<(), Surprise> {
    let mode = ModeChange::parse(change)
        .map_err(Surprise::new)?
        .on(0, false);
    let found = place::find(work.world, Path::new(path), Links::Followed)?;
    let change = content::change(work.world, &found, text.as_bytes(), Some(mode))?;
    work.change(change)
}

/// What was found, which must be there.
pub(super) fn there(found: &Found) -> Result<(Place, &OwnedFd, &Stat), Surprise> {
    match (found.place(), &found.entry) {
        (Some(place), Some((entry, stat))) => Ok((place, entry, stat)),
        _ => Err(
            Surprise::new(format!("{} is not there", found.path.display()))
                .remedy("it was there when the host was audited: audit again"),
        ),
    }
}
