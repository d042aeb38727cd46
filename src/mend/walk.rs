//! A walk over a tree that is about to be changed: one directory after the other by descriptor, each
//! entry before what it holds. Memory grows with depth and not with width. Refuses to follow a link, to
//! cross into another mount, and to go deeper than the audit does.

use super::Surprise;
use super::place::Kind;
use crate::host::open_path;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, RawDir, ResolveFlags, Stat, fstat, openat2};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// As deep as the audit looks.
const DEEPEST: usize = 1024;
/// Bytes of names read at once.
const BATCH: usize = 32 << 10;

/// What happens to what the walk meets.
pub(super) trait Visitor {
    /// An entry. Returns whether it is to be entered, if it is a directory.
    ///
    /// # Errors
    /// What ends the walk.
    fn entry(&mut self, met: &Met<'_>) -> Result<bool, Surprise>;

    /// A directory has been opened, and what it holds is met next.
    ///
    /// # Errors
    /// What ends the walk.
    fn enter(
        &mut self,
        _directory: BorrowedFd<'_>,
        _name: &OsStr,
        _path: &Path,
    ) -> Result<(), Surprise> {
        Ok(())
    }

    /// All that a directory holds has been met.
    ///
    /// # Errors
    /// What ends the walk.
    fn leave(
        &mut self,
        _above: BorrowedFd<'_>,
        _name: &OsStr,
        _path: &Path,
    ) -> Result<(), Surprise> {
        Ok(())
    }
}

/// An entry that is met.
pub(super) struct Met<'a> {
    /// The directory that it is in.
    pub(super) directory: BorrowedFd<'a>,
    /// Its name there.
    pub(super) name: &'a OsStr,
    /// Its path.
    pub(super) path: &'a Path,
    /// The entry itself, to be asked and not read.
    pub(super) entry: &'a OwnedFd,
    /// What it is.
    pub(super) stat: &'a Stat,
}

impl Met<'_> {
    /// What it is.
    pub(super) fn kind(&self) -> Kind {
        Kind::of(self.stat)
    }
}

struct Frame {
    directory: OwnedFd,
    name: OsString,
    pending: VecDeque<OsString>,
    exhausted: bool,
}

/// Walks over all that a directory holds, itself not included.
///
/// # Errors
/// What the visitor ends it with, a mount, a depth that is not entered, or what the system refused.
pub(super) fn walk(
    top: BorrowedFd<'_>,
    path: &Path,
    visitor: &mut dyn Visitor,
) -> Result<(), Surprise> {
    // A descriptor is open for each level. Where that is not allowed, the walk ends with a reason.
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(
        Resource::Nofile,
        rustix::process::Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
    let top_path = path;
    let mut path = path.to_owned();
    let mut frames = vec![enter(top, OsStr::new("."), &path)?];
    while let Some(frame) = frames.last_mut() {
        if let Some(name) = frame.pending.pop_front() {
            path.push(&name);
            let opened = enter(frame.directory.as_fd(), &name, &path)?;
            if frames.len() > DEEPEST {
                return Err(Surprise::new(format!(
                    "{} holds directories deeper than {DEEPEST} in one another, which are not entered",
                    top_path.display()
                ))
                .remedy("look who made it, and move it out of the tree"));
            }
            visitor.enter(opened.directory.as_fd(), &name, &path)?;
            frames.push(opened);
        } else if frame.exhausted {
            let done = frames.pop();
            if let (Some(above), Some(done)) = (frames.last(), done) {
                visitor.leave(above.directory.as_fd(), &done.name, &path)?;
                path.pop();
            }
        } else {
            read(frame, &path, visitor)?;
        }
    }
    Ok(())
}

fn enter(above: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<Frame, Surprise> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let stay = ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    let directory = loop {
        // A rename elsewhere on the system makes the kernel ask to try again (openat2(2)).
        match openat2(above, name.as_bytes(), flags, Mode::empty(), stay) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::XDEV) => {
                return Err(Surprise::new(format!(
                    "{} is a mount of its own, and the fix stays on the file system it began on",
                    path.display()
                ))
                .remedy("unmount it, or mend what is below it by hand"));
            }
            other => break other.map_err(|e| Surprise::call(e, "read", path))?,
        }
    };
    Ok(Frame {
        directory,
        name: name.to_owned(),
        pending: VecDeque::new(),
        exhausted: false,
    })
}

/// Meets the next batch of a directory's entries.
fn read(frame: &mut Frame, path: &Path, visitor: &mut dyn Visitor) -> Result<(), Surprise> {
    let mut buffer = [MaybeUninit::<u8>::uninit(); BATCH];
    let mut entries = RawDir::new(&frame.directory, &mut buffer);
    loop {
        let Some(entry) = entries.next() else {
            frame.exhausted = true;
            return Ok(());
        };
        let entry = entry.map_err(|e| Surprise::call(e, "read", path))?;
        let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
        if name != "." && name != ".." {
            let at = path.join(&name);
            let opened = open_path(frame.directory.as_fd(), name.as_bytes())
                .and_then(|entry| fstat(&entry).map(|stat| (entry, stat)));
            match opened {
                // Gone since the directory was read.
                Err(Errno::NOENT) => {}
                Err(e) => return Err(Surprise::call(e, "look at", &at)),
                Ok((entry, stat)) => {
                    let met = Met {
                        directory: frame.directory.as_fd(),
                        name: &name,
                        path: &at,
                        entry: &entry,
                        stat: &stat,
                    };
                    if visitor.entry(&met)? && met.kind() == Kind::Directory {
                        frame.pending.push_back(name);
                    }
                }
            }
        }
        if entries.is_buffer_empty() {
            return Ok(());
        }
    }
}
