//! A directory that is copied to another place, and whose copy goes when that is undone. Refuses to take
//! away a copy that is no longer what it was made of.

use super::change::{Change, Subject, Turn};
use super::content::sync;
use super::place::{self, Kind, Links};
use super::spelled::Spelled;
use super::{Surprise, World, transport};
use rustix::fd::AsFd as _;
use rustix::fs::{RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A copy by its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// What is copied, from the host's `/`, without a link on the way.
    pub from: Spelled,
    /// The copy, likewise.
    pub to: Spelled,
    /// The name beside the copy under which it grows.
    pub beside: String,
}

/// What is in the place of the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copy {
    /// Nothing.
    Nothing,
    /// The same as in the first place.
    Same,
    /// Something else: here they differ.
    Differs(Spelled),
}

/// The change that copies a directory; none where the same is there already.
///
/// # Errors
/// That the first place is no directory, or that something else is in the second.
pub(super) fn change(
    world: &mut World<'_>,
    from: &str,
    to: &str,
) -> Result<Option<Change>, Surprise> {
    let source = place::find(world, Path::new(from), Links::Followed)?;
    let target = place::find(world, Path::new(to), Links::Followed)?;
    match source.place() {
        Some(place) if place.kind == Kind::Directory => {}
        _ => {
            return Err(Surprise::new(format!(
                "{} is no directory",
                source.path.display()
            )));
        }
    }
    if target.path.starts_with(&source.path) {
        return Err(Surprise::new(format!(
            "{} lies in {}, of which it is to be a copy",
            target.path.display(),
            source.path.display()
        )));
    }
    let at = Copied {
        from: Spelled(source.path),
        to: Spelled(target.path),
        beside: world.beside(),
    };
    match at.see(world)? {
        Copy::Nothing => Ok(Some(Change::Copied(Turn {
            at,
            before: Copy::Nothing,
            after: Copy::Same,
        }))),
        Copy::Same => Ok(None),
        Copy::Differs(path) => Err(Surprise::new(format!(
            "{to} is there already, and is not the same as {from}: they differ in {}",
            path.as_path().display()
        ))
        .remedy("name another place, or make them the same by hand")),
    }
}

impl Subject for Copied {
    type State = Copy;

    fn see(&self, world: &mut World<'_>) -> Result<Copy, Surprise> {
        let copy = place::find(world, self.to.as_path(), Links::None)?;
        let Some((copy, _)) = copy.entry else {
            return Ok(Copy::Nothing);
        };
        let source = place::find(world, self.from.as_path(), Links::None)?;
        let Some((source, _)) = source.entry else {
            return Ok(Copy::Differs(self.from.clone()));
        };
        let differs = transport::difference(source.as_fd(), copy.as_fd(), self.from.as_path())?;
        Ok(differs.map_or(Copy::Same, |path: PathBuf| Copy::Differs(Spelled(path))))
    }

    fn set(&self, world: &mut World<'_>, _from: &Copy, to: &Copy) -> Result<(), Surprise> {
        let path = self.to.as_path();
        let target = place::find(world, path, Links::None)?;
        let directory = target.directory.as_fd();
        let beside = OsStr::new(&self.beside);
        transport::remove(directory, beside, path)?;
        let rename = |from: &OsStr, to: &OsStr| {
            renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE)
                .map_err(|e| Surprise::call(e, "rename", path))
        };
        if *to == Copy::Nothing {
            rename(&target.name, beside)?;
            transport::remove(directory, beside, path)?;
        } else {
            let source = place::find(world, self.from.as_path(), Links::None)?;
            let gone = || Surprise::new(format!("{} is gone", self.from.as_path().display()));
            let (source, _) = source.entry.ok_or_else(gone)?;
            transport::copy(source.as_fd(), self.from.as_path(), directory, beside)?;
            rename(beside, &target.name)?;
        }
        sync(&target.directory, path)
    }

    fn names(&self) -> String {
        format!(
            "the copy {} of {}",
            self.to.as_path().display(),
            self.from.as_path().display()
        )
    }

    fn tells(&self, state: &Copy) -> String {
        match state {
            Copy::Nothing => "not there".to_owned(),
            Copy::Same => "there".to_owned(),
            Copy::Differs(path) => format!("different in {}", path.as_path().display()),
        }
    }

    /// What a copy that was cut off left beside goes.
    fn settle(&self, world: &mut World<'_>, _before: &Copy) -> Result<(), Surprise> {
        let path = self.to.as_path();
        let target = place::find(world, path, Links::None)?;
        transport::remove(target.directory.as_fd(), OsStr::new(&self.beside), path)
    }
}
