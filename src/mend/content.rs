//! A regular file as a whole: made, replaced or taken away. What replaces it is written beside it and
//! renamed over it, with owner, mode, ACL, attributes and inode flags of the file that was there, so that
//! a reader sees one or the other. Refuses what is no regular file, has a second name, or is large.

use super::change::{Change, Subject, Turn};
use super::guise::Guise;
use super::place::{self, Found, Kind, Links};
use super::spelled::Spelled;
use super::surprise::Why;
use super::{Surprise, World, kept};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RenameFlags, Stat, fsync, openat, renameat_with, unlinkat,
};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
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
    /// What else belongs to it.
    pub guise: Guise,
    /// Its inode, where it is there already.
    pub inode: Option<u64>,
}

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
            guise: Guise {
                modified: None,
                ..whole.guise.clone()
            },
            inode: None,
        },
        (_, mode) => Whole {
            sha256,
            guise: Guise::plain(0, 0, mode.unwrap_or(0o600)),
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
    Ok(Held::File(Box::new(Whole {
        sha256: kept::sha256(&bytes),
        guise: Guise::of(file.as_fd(), stat, path)?,
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
        return Err(
            Surprise::new(format!("{} is no regular file", path.display())).kind(Why::Changed),
        );
    }
    if stat.st_nlink > 1 {
        return Err(Surprise::new(format!(
            "{} has {} names (hard links), of which only one would be rewritten",
            path.display(),
            stat.st_nlink
        ))
        .kind(Why::Changed)
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
        whole.guise.put_on(file.as_fd(), Kind::File, path)?;
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
                whole.guise.uid,
                whole.guise.gid,
                whole.guise.mode,
                whole.sha256.get(..12).unwrap_or_default()
            ),
        }
    }

    fn is(&self, seen: &Held, state: &Held) -> bool {
        match (seen, state) {
            (Held::Nothing, Held::Nothing) => true,
            (Held::File(seen), Held::File(state)) => {
                seen.sha256 == state.sha256 && seen.guise.counts() == state.guise.counts()
            }
            _ => false,
        }
    }

    fn settle(&self, world: &mut World<'_>, before: &Held) -> Result<(), Surprise> {
        let found = place::find(world, self.path.as_path(), Links::None)?;
        if let (Held::File(whole), Some((_, stat))) = (before, &found.entry)
            && whole.inode != Some(stat.st_ino)
        {
            world.restored.insert(found.path.clone());
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

/// A name is on the disk once its directory is.
pub(super) fn sync(directory: &OwnedFd, path: &Path) -> Result<(), Surprise> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(directory, ".", flags, Mode::empty())
        .and_then(fsync)
        .map_err(|e| Surprise::call(e, "write the directory of", path))
}
