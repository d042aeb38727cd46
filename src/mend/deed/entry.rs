//! Deeds on one entry: owner, mode, a whole file. Refuses entries that are not there.

use crate::fix::{ModeChange, Server};
use crate::mend::acl::{self, Which};
use crate::mend::apply::Work;
use crate::mend::place::{self, Found, Kind, Links, Place};
use crate::mend::{Surprise, account, content, link, made, mode, moved, owner};
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
    let uid = account::user(work.world.host, user)?;
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let (place, entry, stat) = there(&found)?;
    let gid = match group {
        Some(group) => account::group(work.world.host, group)?,
        None => stat.st_gid,
    };
    let bits = stat.st_mode & 0o7777;
    work.change(owner::change(place, entry, stat, (uid, gid), bits)?)
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
    (bits, server): (&str, Option<Server>),
) -> Result<(), Surprise> {
    let mode = ModeChange::parse(bits).map_err(Surprise::new)?.on(0, false);
    let found = place::find(work.world, Path::new(path), Links::Followed)?;
    let change = content::change(work.world, &found, text.as_bytes(), Some(mode))?;
    match server {
        Some(_) if !change.is_none() => super::edit::made(work, Path::new(path), change),
        _ => work.change(change),
    }
}

/// Every ACL of the entry goes.
pub(super) fn strip_acl(work: &mut Work<'_, '_>, path: &str) -> Result<(), Surprise> {
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let (place, entry, stat) = there(&found)?;
    no_link(&place)?;
    let listed = acl::access(entry, stat, &found.path)?;
    let stripped = listed.stripped();
    let given = acl::read(entry, Which::Default, &found.path)?;
    work.change(acl::change(
        place.clone(),
        Which::Access,
        Some(&listed),
        Some(&stripped),
    ))?;
    work.change(acl::change(place, Which::Default, given.as_ref(), None))
}

/// An account gets an entry of its own in the ACL.
pub(super) fn grant_acl(
    work: &mut Work<'_, '_>,
    path: &str,
    user: &str,
    rights: &str,
    inherit: bool,
) -> Result<(), Surprise> {
    let uid = account::user(work.world.host, user)?;
    let bits = rights.chars().try_fold(0_u8, |bits, right| match right {
        'r' => Some(bits | 4),
        'w' => Some(bits | 2),
        'x' => Some(bits | 1),
        '-' => Some(bits),
        _ => None,
    });
    let bits = bits.ok_or_else(|| Surprise::new(format!("`{rights}` are no rights: rwx are")))?;
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let (place, entry, stat) = there(&found)?;
    no_link(&place)?;
    let listed = acl::access(entry, stat, &found.path)?;
    let granting = listed.granting(uid, bits);
    // Entries that a default ACL has not come from the access ACL (setfacl(1)).
    let given = acl::read(entry, Which::Default, &found.path)?;
    let giving = given.clone().unwrap_or_else(|| listed.base());
    work.change(acl::change(
        place.clone(),
        Which::Access,
        Some(&listed),
        Some(&granting),
    ))?;
    if !inherit || place.kind != Kind::Directory {
        return Ok(());
    }
    let giving = giving.granting(uid, bits);
    work.change(acl::change(
        place,
        Which::Default,
        given.as_ref(),
        Some(&giving),
    ))
}

/// A directory of this owner, group and mode, made where it is missing.
pub(super) fn directory(
    work: &mut Work<'_, '_>,
    path: &str,
    (user, group): (&str, &str),
    bits: &str,
) -> Result<(), Surprise> {
    let uid = account::user(work.world.host, user)?;
    let gid = account::group(work.world.host, group)?;
    let bits = ModeChange::parse(bits).map_err(Surprise::new)?.on(0, true);
    let found = place::find(work.world, Path::new(path), Links::Followed)?;
    let Some((entry, stat)) = &found.entry else {
        return work.change(made::change(&found, uid, gid, bits));
    };
    match found.place() {
        Some(place) if place.kind == Kind::Directory => {
            work.change(owner::change(place, entry, stat, (uid, gid), bits)?)
        }
        _ => Err(Surprise::new(format!(
            "{} is there, and is no directory",
            found.path.display()
        ))),
    }
}

/// A link goes.
pub(super) fn unlink(work: &mut Work<'_, '_>, path: &str) -> Result<(), Surprise> {
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    work.change(link::change(&found)?)
}

/// An entry goes into a directory of root's. What is gone already needs no going.
pub(super) fn put_away(work: &mut Work<'_, '_>, path: &str, into: &str) -> Result<(), Surprise> {
    let found = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    if found.entry.is_none() {
        return Ok(());
    }
    let closed = place::find(work.world, Path::new(into), Links::Followed)?;
    if closed.entry.is_none() {
        work.change(made::change(&closed, 0, 0, 0o700))?;
    }
    let closed = place::find(work.world, Path::new(into), Links::Followed)?;
    let (place, entry, stat) = there(&closed)?;
    if place.kind != Kind::Directory || stat.st_uid != 0 || stat.st_mode & 0o077 != 0 {
        return Err(Surprise::new(format!(
            "{} is no directory that root alone can enter",
            closed.path.display()
        ))
        .remedy("chown root and chmod 0700 it, or move it away"));
    }
    let free = moved::free(work.world, &closed.path, entry, &found.name)?;
    let change = moved::change(work.world, &found, free);
    work.change(change)
}

/// A directory goes to another place. Where it is there already, and not in the first, it went.
pub(super) fn move_tree(work: &mut Work<'_, '_>, path: &str, to: &str) -> Result<(), Surprise> {
    let from = place::find(work.world, Path::new(path), Links::OnTheWay)?;
    let to = place::find(work.world, Path::new(to), Links::OnTheWay)?;
    if from.entry.is_none() && to.entry.is_some() {
        return Ok(());
    }
    let (place, ..) = there(&from)?;
    if place.kind != Kind::Directory {
        return Err(Surprise::new(format!(
            "{} is no directory",
            from.path.display()
        )));
    }
    if to.entry.is_some() {
        return Err(Surprise::new(format!(
            "{} is there already, and nothing is moved over it",
            to.path.display()
        ))
        .remedy("look what it holds, and move it away"));
    }
    if to.path.starts_with(&from.path) {
        return Err(Surprise::new(format!(
            "{} lies in {}, which is to move there",
            to.path.display(),
            from.path.display()
        )));
    }
    let change = moved::change(work.world, &from, to.path);
    work.change(change)
}

fn no_link(place: &Place) -> Result<(), Surprise> {
    if place.kind == Kind::Link {
        return Err(Surprise::new(format!(
            "{} is a link, and has no ACL of its own",
            place.path.as_path().display()
        )));
    }
    Ok(())
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
