//! A journal that is read to be undone: from its last whole line backwards, so that its size does not
//! matter, and what of it was undone already. Refuses a journal that others can change, and one that
//! was undone to its beginning.

use super::Surprise;
use super::change::Change;
use super::journal::{self, CHANGES, Heading, Line, Lock, UNDONE, failed};
use super::kept::Kept;
use super::spelled::Spelled;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{Mode, OFlags, fsync, openat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// No line is longer: a path and an ACL at most, in hexadecimal.
const LONGEST: usize = 1 << 20;
const CHUNK: usize = 64 << 10;

/// A journal that is being undone.
#[derive(Debug)]
pub(super) struct Past {
    /// Its first line.
    pub(super) heading: Heading,
    lines: Backwards,
    undone: File,
    path: PathBuf,
    _lock: Lock,
}

/// A line of the file that tells what was undone.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    /// Everything from this byte of the journal on is undone.
    from: u64,
    /// What undoing put back as another inode since the mark before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restored: Vec<Spelled>,
}

/// The heading of a journal, so that its host and its install are known before it is undone.
///
/// # Errors
/// That others can change it, or that it is none.
pub fn heading(path: &Path) -> Result<Heading, Surprise> {
    if !path.try_exists().unwrap_or(true) {
        let missing = Surprise::new(format!("there is no journal {}", path.display()));
        return Err(missing.remedy(
            "--apply said where it put it: in /var/lib/deskguard/journals, unless --journal named another place",
        ));
    }
    journal::ours(path)?;
    let directory = journal::directory(path)?;
    journal::only_ours(directory.as_fd(), path)?;
    let (file, first) = first(&directory, path)?;
    drop(file);
    Heading::read(&first, path)
}

fn first(directory: &OwnedFd, path: &Path) -> Result<(File, Vec<u8>), Surprise> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(directory, CHANGES, flags, Mode::empty()).map_err(|e| match e {
        Errno::NOENT => Surprise::new(format!(
            "{} is no journal of deskguard's: it has no file {CHANGES}",
            path.display()
        )),
        e => Surprise::call(e, "read", path),
    })?;
    journal::only_ours(file.as_fd(), &path.join(CHANGES))?;
    let mut file = File::from(file);
    let mut line = Vec::new();
    let mut start = BufReader::new(std::io::Read::take(&mut file, LONGEST as u64));
    start
        .read_until(b'\n', &mut line)
        .map_err(|e| failed(&e, path))?;
    Ok((file, line))
}

impl Past {
    /// Opens a journal to undo it; what an undo before this one put back as another inode comes with it.
    ///
    /// # Errors
    /// That others can change it, that another run is going on, that it is none, or undone already.
    pub(super) fn open(path: &Path) -> Result<(Self, Kept, BTreeSet<PathBuf>), Surprise> {
        let above = path.parent().unwrap_or(Path::new("/"));
        journal::ours(path)?;
        let lock = journal::lock(above)?;
        let directory = journal::directory(path)?;
        journal::only_ours(directory.as_fd(), path)?;
        let (changes, line) = first(&directory, path)?;
        let heading = Heading::read(&line, path)?;
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let undone = openat(&directory, UNDONE, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|e| Surprise::call(e, "write", path))?;
        fsync(&directory).map_err(|e| Surprise::call(e, "write", path))?;
        journal::only_ours(undone.as_fd(), &path.join(UNDONE))?;
        let mut undone = File::from(undone);
        let (from, restored) = marks(&mut undone, path)?;
        let begin = line.len() as u64;
        if from == Some(begin) {
            return Err(Surprise::new(format!(
                "{} was undone already",
                path.display()
            )));
        }
        let size = changes.metadata().map_err(|e| failed(&e, path))?.len();
        let past = Self {
            heading,
            lines: Backwards::new(changes, begin, from.unwrap_or(size).min(size)),
            undone,
            path: path.to_owned(),
            _lock: lock,
        };
        Ok((past, journal::kept(&directory, path)?, restored))
    }

    /// The line before the ones that were given so far, and where it starts.
    ///
    /// # Errors
    /// That the journal cannot be read or holds what is no line of it. A last line that a crash cut off
    /// is passed over: its change was not begun.
    pub(super) fn last(&mut self) -> Result<Option<(u64, Line)>, Surprise> {
        while let Some((at, line, whole)) = self.lines.last().map_err(|e| failed(&e, &self.path))? {
            if !whole {
                continue;
            }
            let line = serde_json::from_slice(&line).map_err(|e| {
                Surprise::new(format!(
                    "{}: the line at byte {at} is broken: {e}",
                    self.path.join(CHANGES).display()
                ))
            })?;
            return Ok(Some((at, line)));
        }
        Ok(None)
    }

    /// Writes down that everything from this byte on is undone.
    ///
    /// # Errors
    /// What the system refused.
    pub(super) fn mark(
        &mut self,
        from: u64,
        restored: impl IntoIterator<Item = PathBuf>,
        now: bool,
    ) -> Result<(), Surprise> {
        let restored = restored.into_iter().map(Spelled).collect();
        let mark = Mark { from, restored };
        let mut text = serde_json::to_vec(&mark).map_err(|e| Surprise::new(e.to_string()))?;
        text.push(b'\n');
        self.undone
            .write_all(&text)
            .map_err(|e| failed(&e, &self.path))?;
        if now { self.sync() } else { Ok(()) }
    }

    /// Sees to it that the marks are on the disk.
    ///
    /// # Errors
    /// What the system refused.
    pub(super) fn sync(&self) -> Result<(), Surprise> {
        self.undone.sync_data().map_err(|e| failed(&e, &self.path))
    }

    /// Where the first line below the heading starts.
    #[must_use]
    pub(super) const fn begin(&self) -> u64 {
        self.lines.begin
    }
}

/// How far an undo before this one came. A mark that a crash cut off counts for nothing, and is ended,
/// so that the next one stands on a line of its own.
fn marks(undone: &mut File, path: &Path) -> Result<(Option<u64>, BTreeSet<PathBuf>), Surprise> {
    let mut from = None;
    let mut restored = BTreeSet::new();
    undone
        .seek(SeekFrom::Start(0))
        .map_err(|e| failed(&e, path))?;
    let mut torn = false;
    for line in BufReader::new(&*undone).split(b'\n') {
        let line = line.map_err(|e| failed(&e, path))?;
        torn = false;
        match serde_json::from_slice::<Mark>(&line) {
            Ok(mark) => {
                from = Some(mark.from);
                restored.extend(mark.restored.into_iter().map(|path| path.0));
            }
            Err(_) => torn = true,
        }
    }
    if torn {
        undone.write_all(b"\n").map_err(|e| failed(&e, path))?;
    }
    Ok((from, restored))
}

/// Lines of a file from a place backwards to another.
#[derive(Debug)]
struct Backwards {
    file: File,
    begin: u64,
    /// Where the bytes that were not read yet end.
    unread: u64,
    /// Bytes that were read and not given, which end at a line's end.
    rest: Vec<u8>,
    /// Whether the end of `rest` is where reading began, so that a line without an end is cut off.
    fresh: bool,
}

impl Backwards {
    const fn new(file: File, begin: u64, end: u64) -> Self {
        Self {
            file,
            begin,
            unread: end,
            rest: Vec::new(),
            fresh: true,
        }
    }

    /// Where the line starts, its bytes, and whether it is whole.
    fn last(&mut self) -> std::io::Result<Option<(u64, Vec<u8>, bool)>> {
        loop {
            let body = self.rest.strip_suffix(b"\n").unwrap_or(&self.rest);
            if let Some(newline) = body.iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(self.give(newline + 1)));
            }
            if self.unread <= self.begin {
                return Ok((!self.rest.is_empty()).then(|| self.give(0)));
            }
            if self.rest.len() > LONGEST {
                return Err(std::io::Error::other("a line is too long"));
            }
            let start = self.unread.saturating_sub(CHUNK as u64).max(self.begin);
            let length = usize::try_from(self.unread - start).unwrap_or(CHUNK);
            let mut chunk = vec![0_u8; length];
            self.file.read_exact_at(&mut chunk, start)?;
            chunk.append(&mut self.rest);
            self.rest = chunk;
            self.unread = start;
        }
    }

    fn give(&mut self, from: usize) -> (u64, Vec<u8>, bool) {
        let line = self.rest.split_off(from);
        let whole = line.ends_with(b"\n") || !self.fresh;
        self.fresh = false;
        (self.unread + from as u64, line, whole)
    }
}

impl Line {
    /// The change, if it is one.
    pub(super) fn change(self) -> Option<Change> {
        match self {
            Self::Change(change) => Some(*change),
            Self::Mends(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backwards(text: &str, begin: u64) -> Vec<(u64, String, bool)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut lines = Backwards::new(file, begin, text.len() as u64);
        std::iter::from_fn(|| lines.last().unwrap())
            .map(|(at, line, whole)| (at, String::from_utf8(line).unwrap(), whole))
            .collect()
    }

    #[test]
    fn lines_come_backwards_and_a_torn_one_is_known() {
        let line = |at, text: &str, whole| (at, text.to_owned(), whole);
        assert_eq!(
            backwards("head\none\ntwo\nthr", 5),
            [
                line(13, "thr", false),
                line(9, "two\n", true),
                line(5, "one\n", true)
            ]
        );
        assert_eq!(backwards("head\none\n", 5), [line(5, "one\n", true)]);
        assert_eq!(backwards("head\n", 5), []);
        let long = "x".repeat(3 * CHUNK);
        let text = format!("h\n{long}\n{long}a\n");
        let found = backwards(&text, 2);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, format!("{long}a\n"));
        assert_eq!(found[1], (2, format!("{long}\n"), true));
    }
}
