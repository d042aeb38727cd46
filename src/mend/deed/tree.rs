//! A whole tree changes hands: its entries and itself go to another owner and lose mode bits. Changes of
//! many entries are written down together. Refuses what the walk refuses, and second names of files.

use super::entry::there;
use crate::fix::{ModeChange, is_systems};
use crate::mend::acl::{self, Which};
use crate::mend::apply::Work;
use crate::mend::place::{self, Kind, Links, Place};
use crate::mend::spelled::Spelled;
use crate::mend::walk::{Met, Visitor, walk};
use crate::mend::{Change, Surprise, account, mode, owner};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::Stat;
use std::path::{Path, PathBuf};

/// As many changes are written down at once: one wait for the disk serves them all.
const BATCH: usize = 512;

/// What is asked of a tree, as the action spells it.
#[derive(Debug)]
pub(super) struct Close<'a> {
    pub(super) path: &'a str,
    pub(super) except: &'a [String],
    pub(super) from: &'a str,
    pub(super) user: &'a str,
    pub(super) group: Option<&'a str>,
    pub(super) mode: &'a str,
}

/// Closes a tree.
pub(super) fn close(work: &mut Work<'_, '_>, asked: &Close<'_>) -> Result<(), Surprise> {
    let host = work.world.host;
    let found = place::find(work.world, Path::new(asked.path), Links::Followed)?;
    let (top, entry, stat) = there(&found)?;
    if top.kind != Kind::Directory {
        return Err(Surprise::new(format!(
            "{} is no directory",
            found.path.display()
        )));
    }
    if is_systems(&found.path) {
        return Err(Surprise::new(format!(
            "{} is a directory of the system's, and what lies in it is not the helpdesk's alone",
            found.path.display()
        ))
        .remedy("give the helpdesk a directory of its own"));
    }
    let mut except = Vec::new();
    for path in asked.except {
        let kept = place::find(work.world, Path::new(path), Links::Followed)?;
        if found.path.starts_with(&kept.path) {
            return Err(Surprise::new(format!(
                "{} lies in {}, which is to stay as it is",
                found.path.display(),
                kept.path.display()
            )));
        }
        except.push(kept.path);
    }
    let mut closing = Closing {
        from: account::user(host, asked.from)?,
        to: account::user(host, asked.user)?,
        group: match asked.group {
            Some(group) => Some(account::group(host, group)?),
            None => None,
        },
        mode: ModeChange::parse(asked.mode).map_err(Surprise::new)?,
        device: stat.st_dev,
        except,
        work,
        changes: Vec::new(),
    };
    closing.add(top, entry, stat)?;
    walk(entry.as_fd(), &found.path, &mut closing)?;
    closing.flush()
}

struct Closing<'a, 'w, 'h> {
    work: &'a mut Work<'w, 'h>,
    from: u32,
    to: u32,
    group: Option<u32>,
    mode: ModeChange,
    device: u64,
    except: Vec<PathBuf>,
    changes: Vec<Change>,
}

impl Closing<'_, '_, '_> {
    /// Hands in what an entry needs.
    fn add(&mut self, place: Place, entry: &OwnedFd, stat: &Stat) -> Result<(), Surprise> {
        let mut bits = stat.st_mode & 0o7777;
        let moves = stat.st_uid == self.from && (self.from != self.to || self.group.is_some());
        if !moves {
            if place.kind != Kind::Link {
                let to = self.mode.on(bits, place.kind == Kind::Directory);
                self.changes.push(mode::change(place, stat, to));
            }
            return self.flush_if_full();
        }
        let whose = (self.to, self.group.unwrap_or(stat.st_gid));
        if place.kind == Kind::Link {
            let change = owner::change(place, entry, stat, whose, bits)?;
            self.changes.push(change);
            return self.flush_if_full();
        }
        if place.kind == Kind::File {
            bits &= !0o6000; // chown takes them
        }
        let listed = acl::read(entry, Which::Access, place.path.as_path())?;
        match (self.group, listed) {
            (None, _) => self.hand_over(place, entry, stat, whose, bits),
            (Some(_), None) => {
                let shared = bits & !0o070 | bits >> 3 & 0o050; // g=u,g-w
                self.hand_over(place, entry, stat, whose, shared)
            }
            (Some(_), Some(listed)) => {
                // The middle bits are the mask here, and the owning group has an entry of its own.
                let group = u8::try_from(bits >> 6 & 5).unwrap_or_default();
                let to = self
                    .mode
                    .on(bits | u32::from(group) << 3, place.kind == Kind::Directory);
                let after = listed.with_mode(to, group);
                let owner = owner::change(place.clone(), entry, stat, whose, bits)?;
                let acl = acl::change(place, Which::Access, Some(&listed), Some(&after));
                self.changes.extend([owner, acl]);
                self.flush_if_full()
            }
        }
    }

    /// The entry goes to its new owner with these bits, less those that are taken.
    fn hand_over(
        &mut self,
        place: Place,
        entry: &OwnedFd,
        stat: &Stat,
        whose: (u32, u32),
        bits: u32,
    ) -> Result<(), Surprise> {
        let to = self.mode.on(bits, place.kind == Kind::Directory);
        let change = owner::change(place, entry, stat, whose, to)?;
        self.changes.push(change);
        self.flush_if_full()
    }

    fn flush_if_full(&mut self) -> Result<(), Surprise> {
        if self.changes.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Surprise> {
        self.work.changes(std::mem::take(&mut self.changes))
    }
}

impl Visitor for Closing<'_, '_, '_> {
    fn entry(&mut self, met: &Met<'_>) -> Result<bool, Surprise> {
        if self.except.iter().any(|path| path == met.path) {
            return Ok(false);
        }
        if met.stat.st_dev != self.device {
            return Err(Surprise::new(format!(
                "{} is a mount of its own, and the fix stays on the file system it began on",
                met.path.display()
            ))
            .remedy("unmount it, or mend it by hand"));
        }
        let place = Place {
            path: Spelled(met.path.to_owned()),
            inode: met.stat.st_ino,
            kind: met.kind(),
        };
        self.add(place, met.entry, met.stat)?;
        Ok(true)
    }
}
