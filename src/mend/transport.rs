//! Whole entries from one directory into another: copied with all that belongs to them, compared with
//! their copy, taken away. By descriptor, so that nobody can aim a copy elsewhere; refuses devices,
//! second names of files, mounts and links on the way.

use super::Surprise;
use super::guise::Guise;
use super::place::{Kind, by_descriptor};
use super::walk::{Met, Visitor, walk};
use crate::host::open_path;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, fsync, mkdirat, mknodat, openat, readlinkat,
    symlinkat, unlinkat,
};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Copies an entry, with all below it, under a name that is not taken.
///
/// # Errors
/// What cannot be copied, or what the system refused. A part of the copy may be there then.
pub(super) fn copy(
    entry: BorrowedFd<'_>,
    path: &Path,
    into: BorrowedFd<'_>,
    name: &OsStr,
) -> Result<(), Surprise> {
    let stat = fstat(entry).map_err(|e| Surprise::call(e, "look at", path))?;
    let Some(directory) = one(entry, &stat, path, into, name)? else {
        return Ok(());
    };
    let mut copying = Copying {
        into: vec![directory],
        guises: vec![Guise::of(entry, &stat, path)?],
    };
    walk(entry, path, &mut copying)?;
    copying.close(path)
}

/// The directories that are being filled, and what they get once they are full.
struct Copying {
    into: Vec<OwnedFd>,
    guises: Vec<Guise>,
}

impl Copying {
    fn close(&mut self, path: &Path) -> Result<(), Surprise> {
        let (Some(directory), Some(guise)) = (self.into.pop(), self.guises.pop()) else {
            return Ok(());
        };
        guise.put_on(directory.as_fd(), Kind::Directory, path)?;
        fsync(&directory).map_err(|e| Surprise::call(e, "write", path))
    }
}

impl Visitor for Copying {
    /// A directory is made when it is entered: here it is only looked at.
    fn entry(&mut self, met: &Met<'_>) -> Result<bool, Surprise> {
        if met.kind() != Kind::Directory
            && let Some(into) = self.into.last()
        {
            one(
                met.entry.as_fd(),
                met.stat,
                met.path,
                into.as_fd(),
                met.name,
            )?;
        }
        Ok(true)
    }

    fn enter(
        &mut self,
        directory: BorrowedFd<'_>,
        name: &OsStr,
        path: &Path,
    ) -> Result<(), Surprise> {
        let stat = fstat(directory).map_err(|e| Surprise::call(e, "look at", path))?;
        let Some(into) = self.into.last() else {
            return Ok(());
        };
        if let Some(made) = one(directory, &stat, path, into.as_fd(), name)? {
            self.guises.push(Guise::of(directory, &stat, path)?);
            self.into.push(made);
        }
        Ok(())
    }

    fn leave(
        &mut self,
        _above: BorrowedFd<'_>,
        _name: &OsStr,
        path: &Path,
    ) -> Result<(), Surprise> {
        self.close(path)
    }
}

/// Copies one entry; a directory without what it holds, open for reading, and root's alone until it is
/// full.
fn one(
    entry: BorrowedFd<'_>,
    stat: &Stat,
    path: &Path,
    into: BorrowedFd<'_>,
    name: &OsStr,
) -> Result<Option<OwnedFd>, Surprise> {
    let failed = |e: Errno| Surprise::call(e, "copy", path);
    let name = name.as_bytes();
    let made = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {
            if stat.st_nlink > 1 {
                return Err(Surprise::new(format!(
                    "{} has {} names (hard links), which a copy would part",
                    path.display(),
                    stat.st_nlink
                ))
                .remedy("make it a copy of its own, or do it by hand"));
            }
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            let from = openat(CWD, by_descriptor(entry), flags, Mode::empty()).map_err(failed)?;
            let flags =
                OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let to = openat(into, name, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
            let mut to = File::from(to);
            std::io::copy(&mut File::from(from), &mut to)
                .map_err(|e| failed(Errno::from_io_error(&e).unwrap_or(Errno::IO)))?;
            Guise::of(entry, stat, path)?.put_on(to.as_fd(), Kind::File, path)?;
            return fsync(&to).map(|()| None).map_err(failed);
        }
        FileType::Directory => {
            mkdirat(into, name, Mode::RWXU).map_err(failed)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            return openat(into, name, flags, Mode::empty())
                .map(Some)
                .map_err(failed);
        }
        FileType::Symlink => {
            let target = readlinkat(entry, "", Vec::new()).map_err(failed)?;
            symlinkat(target.as_c_str(), into, name).map_err(failed)?;
            open_path(into, name).map_err(failed)?
        }
        kind @ (FileType::Fifo | FileType::Socket) => {
            mknodat(into, name, kind, Mode::RUSR | Mode::WUSR, 0).map_err(failed)?;
            open_path(into, name).map_err(failed)?
        }
        _ => {
            return Err(Surprise::new(format!(
                "{} is a device, and is not copied",
                path.display()
            ))
            .remedy("look who made it, and take it away"));
        }
    };
    Guise::of(entry, stat, path)?.put_on(made.as_fd(), Kind::of(stat), path)?;
    Ok(None)
}

/// Takes away an entry with all below it, if it is there.
///
/// # Errors
/// What the system refused, or a mount below it.
pub(super) fn remove(directory: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<(), Surprise> {
    let failed = |e: Errno| Surprise::call(e, "take away", path);
    match unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR) => {}
        Err(e) => return Err(failed(e)),
    }
    let top = open_path(directory, name.as_bytes()).map_err(failed)?;
    walk(top.as_fd(), path, &mut Removing)?;
    unlinkat(directory, name, AtFlags::REMOVEDIR).map_err(failed)
}

struct Removing;

impl Visitor for Removing {
    fn entry(&mut self, met: &Met<'_>) -> Result<bool, Surprise> {
        if met.kind() != Kind::Directory {
            unlinkat(met.directory, met.name, AtFlags::empty())
                .map_err(|e| Surprise::call(e, "take away", met.path))?;
        }
        Ok(true)
    }

    fn leave(&mut self, above: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<(), Surprise> {
        unlinkat(above, name, AtFlags::REMOVEDIR).map_err(|e| Surprise::call(e, "take away", path))
    }
}

/// The first thing in which a copy differs from the entry that it was made of: names, kinds, owners,
/// modes, attributes, sizes, times of files, targets of links. None where there is no difference.
///
/// # Errors
/// What could not be looked at.
pub(super) fn difference(
    entry: BorrowedFd<'_>,
    copy: BorrowedFd<'_>,
    path: &Path,
) -> Result<Option<PathBuf>, Surprise> {
    let stat = fstat(entry).map_err(|e| Surprise::call(e, "look at", path))?;
    if !alike(entry, &stat, copy, path)? {
        return Ok(Some(path.to_owned()));
    }
    if Kind::of(&stat) != Kind::Directory {
        return Ok(None);
    }
    // Each is walked once, and held against the other: the second time for names that only it has.
    for (one, other) in [(entry, copy), (copy, entry)] {
        let other = open_path(other, b".").map_err(|e| Surprise::call(e, "look at", path))?;
        let mut comparing = Comparing {
            beside: vec![other],
            found: None,
        };
        walk(one, path, &mut comparing)?;
        if comparing.found.is_some() {
            return Ok(comparing.found);
        }
    }
    Ok(None)
}

struct Comparing {
    beside: Vec<OwnedFd>,
    found: Option<PathBuf>,
}

impl Visitor for Comparing {
    fn entry(&mut self, met: &Met<'_>) -> Result<bool, Surprise> {
        if self.found.is_some() {
            return Ok(false);
        }
        let Some(beside) = self.beside.last() else {
            return Ok(false);
        };
        let same = match open_path(beside.as_fd(), met.name.as_bytes()) {
            Ok(other) => alike(met.entry.as_fd(), met.stat, other.as_fd(), met.path)?,
            Err(Errno::NOENT) => false,
            Err(e) => return Err(Surprise::call(e, "look at", met.path)),
        };
        if !same {
            self.found = Some(met.path.to_owned());
        }
        Ok(same)
    }

    fn enter(
        &mut self,
        _directory: BorrowedFd<'_>,
        name: &OsStr,
        path: &Path,
    ) -> Result<(), Surprise> {
        if let Some(beside) = self.beside.last() {
            let next = open_path(beside.as_fd(), name.as_bytes())
                .map_err(|e| Surprise::call(e, "look at", path))?;
            self.beside.push(next);
        }
        Ok(())
    }

    fn leave(
        &mut self,
        _above: BorrowedFd<'_>,
        _name: &OsStr,
        _path: &Path,
    ) -> Result<(), Surprise> {
        self.beside.pop();
        Ok(())
    }
}

fn alike(
    entry: BorrowedFd<'_>,
    stat: &Stat,
    copy: BorrowedFd<'_>,
    path: &Path,
) -> Result<bool, Surprise> {
    let failed = |e: Errno| Surprise::call(e, "look at", path);
    let other = fstat(copy).map_err(failed)?;
    let kind = Kind::of(stat);
    if stat.st_mode != other.st_mode {
        return Ok(false);
    }
    let times = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
    let same = match kind {
        Kind::File => times(stat) == times(&other),
        Kind::Link => {
            let target = |link| readlinkat(link, "", Vec::new()).map_err(failed);
            target(entry)? == target(copy)?
        }
        Kind::Directory | Kind::Special => true,
    };
    let (mine, yours) = (
        Guise::of(entry, stat, path)?,
        Guise::of(copy, &other, path)?,
    );
    Ok(same && mine.counts() == yours.counts())
}
