//! Bounded reading of a host that may be hostile: regular files only, up to a limit, never blocking
//! on a FIFO or a device. Says why it could not look; a file that is not there is no error.

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat, stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A host, seen through its root directory: `/` for this machine, a folder in tests.
#[derive(Debug, Clone)]
pub struct Host {
    root: PathBuf,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            root: PathBuf::from("/"),
        }
    }
}

impl Host {
    /// A folder that is looked at as if it were a host.
    #[must_use]
    pub const fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// The root directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether this is the machine that deskguard runs on.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }

    /// The path under which this machine knows a path of the host. Only system files (accounts,
    /// crontabs, configurations) are looked up through it; an install's path stands for itself when
    /// it already lies below the host's root.
    fn real(&self, path: &Path) -> PathBuf {
        if self.is_here() || path.starts_with(&self.root) {
            return path.to_owned();
        }
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A regular file's bytes; `None` where nothing is there.
    ///
    /// # Errors
    /// Why it could not be read: permission, kind, size.
    pub fn read_file(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = match openat(CWD, self.real(path), flags, Mode::empty()) {
            Ok(opened) => opened,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            Err(error) => return Err(sentence(path, error)),
        };
        let seen = fstat(&opened).map_err(|error| sentence(path, error))?;
        if FileType::from_raw_mode(seen.st_mode) != FileType::RegularFile {
            return Err(format!("{} is not a regular file", path.display()));
        }
        let mut bytes = Vec::new();
        File::from(opened)
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        if bytes.len() as u64 > limit {
            return Err(format!(
                "{} is larger than {} KiB",
                path.display(),
                limit >> 10
            ));
        }
        Ok(Some(bytes))
    }

    /// Whether anything is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn exists(&self, path: &Path) -> Result<bool, String> {
        Ok(self.kind(path)?.is_some())
    }

    /// Whether a regular file is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn is_file(&self, path: &Path) -> Result<bool, String> {
        Ok(self.kind(path)? == Some(FileType::RegularFile))
    }

    /// Whether a directory is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn is_dir(&self, path: &Path) -> Result<bool, String> {
        Ok(self.kind(path)? == Some(FileType::Directory))
    }

    fn kind(&self, path: &Path) -> Result<Option<FileType>, String> {
        match stat(self.real(path)) {
            Ok(seen) => Ok(Some(FileType::from_raw_mode(seen.st_mode))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(sentence(path, error)),
        }
    }

    /// The owner of what is there, links followed; `None` where nothing is.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn owner(&self, path: &Path) -> Result<Option<u32>, String> {
        match stat(self.real(path)) {
            Ok(seen) => Ok(Some(seen.st_uid)),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(sentence(path, error)),
        }
    }

    /// The path with links resolved; `None` where nothing is there.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn real_path(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        match self.real(path).canonicalize() {
            Ok(real) => Ok(Some(real)),
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
                Some(number) => Err(sentence(path, number)),
                None => Err(format!("{} cannot be resolved: {error}", path.display())),
            },
        }
    }
}

fn sentence(path: &Path, error: Errno) -> String {
    match error {
        Errno::ACCESS | Errno::PERM => format!("permission denied on {}", path.display()),
        other => format!("{} cannot be looked at: {other}", path.display()),
    }
}
