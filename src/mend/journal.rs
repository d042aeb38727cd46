//! The journal: a directory of root's with a file of one JSON line a change, each on the disk before
//! its change is made, and the contents that are kept beside it. Refuses a directory that others can
//! change, a journal of another version, and two runs at once.

use super::Surprise;
use super::change::Change;
use super::kept::Kept;
use crate::host::{Looker, trust};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, fstat, fsync, mkdirat, openat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What this deskguard writes and reads.
const FORMAT: u32 = 1;
pub(super) const CHANGES: &str = "changes";
pub(super) const UNDONE: &str = "undone";
const KEPT: &str = "kept";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The format of the lines below.
    pub journal: u32,
    /// The deskguard that wrote it.
    pub deskguard: String,
    /// The machine's name.
    pub host: String,
    /// The directory that is the host's `/`.
    pub root: PathBuf,
    /// The install.
    pub install: PathBuf,
    /// When it was begun: RFC 3339, UTC.
    pub started: String,
}

/// A line below the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// The changes below carry out a deed that mends these checks.
    Mends(Vec<String>),
    /// A change.
    Change(Box<Change>),
}

impl Heading {
    /// The heading of a journal that begins now.
    #[must_use]
    pub(super) fn new(root: &Path, install: &Path, started: &str) -> Self {
        Self {
            journal: FORMAT,
            deskguard: env!("CARGO_PKG_VERSION").to_owned(),
            host: machine(),
            root: root.to_owned(),
            install: install.to_owned(),
            started: started.to_owned(),
        }
    }

    /// Reads a first line.
    ///
    /// # Errors
    /// That it is none, or of a version that this deskguard does not know, or of another machine.
    pub(super) fn read(line: &[u8], path: &Path) -> Result<Self, Surprise> {
        #[derive(Deserialize)]
        struct Version {
            journal: u32,
        }
        let path = path.display();
        let none = || Surprise::new(format!("{path} is no journal of deskguard's"));
        let version: Version = serde_json::from_slice(line).map_err(|_| none())?;
        if version.journal != FORMAT {
            return Err(Surprise::new(format!(
                "{path} is a journal of format {}, and this deskguard reads format {FORMAT}",
                version.journal
            ))
            .remedy("undo it with the deskguard that wrote it"));
        }
        let heading: Self = serde_json::from_slice(line).map_err(|_| none())?;
        if heading.host != machine() {
            return Err(Surprise::new(format!(
                "{path} was written on the machine {}, and this one is {}",
                heading.host,
                machine()
            )));
        }
        Ok(heading)
    }
}

fn machine() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    changes: File,
    path: PathBuf,
    _lock: Lock,
}

/// The directory of the journals, locked until this is dropped.
#[derive(Debug)]
pub(super) struct Lock(OwnedFd);

impl Drop for Lock {
    /// Closing would not do while a child that is about to start a program holds the same descriptor.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl Journal {
    /// Begins a journal in a directory that is not there yet; the directory above is made where it is
    /// missing.
    ///
    /// # Errors
    /// That others could change it, that another run is going on, or what the system refused.
    pub(super) fn create(path: &Path, heading: &Heading) -> Result<(Self, Kept), Surprise> {
        let above = path.parent().unwrap_or(Path::new("/"));
        for missing in missing(above) {
            make(&missing)?;
        }
        ours(above)?;
        let lock = lock(above)?;
        make(path)?;
        make(&path.join(KEPT))?;
        let directory = directory(path)?;
        let kept = Kept::new(self::directory(&path.join(KEPT))?, path.join(KEPT));
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let failed = |e: Errno| Surprise::call(e, "write", path);
        let changes =
            openat(&directory, CHANGES, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
        let mut journal = Self {
            changes: File::from(changes),
            path: path.join(CHANGES),
            _lock: lock,
        };
        journal.append(heading)?;
        journal.sync()?;
        fsync(&directory).map_err(failed)?;
        fsync(&self::directory(above)?).map_err(failed)?;
        Ok((journal, kept))
    }

    /// Writes down what is about to happen; on the disk when this returns.
    ///
    /// # Errors
    /// What the system refused: then nothing may be changed.
    pub(super) fn write(&mut self, lines: &[Line]) -> Result<(), Surprise> {
        for line in lines {
            self.append(line)?;
        }
        self.sync()
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), Surprise> {
        let mut text = serde_json::to_vec(line).map_err(|e| Surprise::new(e.to_string()))?;
        text.push(b'\n');
        self.changes
            .write_all(&text)
            .map_err(|e| failed(&e, &self.path))
    }

    fn sync(&self) -> Result<(), Surprise> {
        self.changes.sync_data().map_err(|e| failed(&e, &self.path))
    }
}

pub(super) fn failed(error: &std::io::Error, path: &Path) -> Surprise {
    Surprise::call(
        Errno::from_io_error(error).unwrap_or(Errno::IO),
        "write",
        path,
    )
}

/// The directories of a path that are not there, the topmost first.
fn missing(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = path
        .ancestors()
        .take_while(|it| !it.as_os_str().is_empty() && it.symlink_metadata().is_err())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

fn make(path: &Path) -> Result<(), Surprise> {
    mkdirat(CWD, path, Mode::RWXU).map_err(|e| match e {
        Errno::EXIST => Surprise::new(format!("{} is there already", path.display()))
            .remedy("name a journal that is not there yet"),
        e => Surprise::call(e, "make", path),
    })
}

pub(super) fn directory(path: &Path) -> Result<OwnedFd, Surprise> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::empty()).map_err(|e| Surprise::call(e, "open", path))
}

/// Accepts a directory that only root and the caller can change or read.
pub(super) fn ours(path: &Path) -> Result<(), Surprise> {
    trust::only_ours(&Looker::based("/".into()), path).map_err(Surprise::new)
}

/// Accepts what was opened only where nobody else can write it, whoever could have led the way there.
pub(super) fn only_ours(opened: BorrowedFd<'_>, path: &Path) -> Result<(), Surprise> {
    let stat = fstat(opened).map_err(|e| Surprise::call(e, "look at", path))?;
    let me = rustix::process::geteuid().as_raw();
    if (stat.st_uid == 0 || stat.st_uid == me) && stat.st_mode & 0o022 == 0 {
        return Ok(());
    }
    Err(Surprise::new(format!(
        "{} belongs to uid {} with mode {:04o}, so others could change what is undone",
        path.display(),
        stat.st_uid,
        stat.st_mode & 0o7777
    ))
    .remedy("look who changed it; undo by hand what a journal holds that others could write"))
}

/// One run at a time.
pub(super) fn lock(above: &Path) -> Result<Lock, Surprise> {
    let lock = directory(above)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Lock(lock)),
        Err(Errno::WOULDBLOCK) => Err(Surprise::new(format!(
            "another deskguard is carrying out or undoing fixes: it holds {}",
            above.display()
        ))
        .remedy("wait until it is done")),
        Err(e) => Err(Surprise::call(e, "lock", above)),
    }
}

/// The contents beside a journal that is open.
pub(super) fn kept(journal: &OwnedFd, path: &Path) -> Result<Kept, Surprise> {
    let path = path.join(KEPT);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = openat(journal, KEPT, flags, Mode::empty())
        .map_err(|e| Surprise::call(e, "open", &path))?;
    only_ours(directory.as_fd(), &path)?;
    Ok(Kept::new(directory, path))
}
