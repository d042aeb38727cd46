//! Contents too large for a line of the journal, kept beside it, each in a file named by its SHA-256.
//! Refuses to give back bytes that are not the ones that were kept.

use super::Surprise;
use super::spelled::hex;
use super::surprise::Why;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// No larger file is replaced: configurations are small.
pub(super) const LARGEST: u64 = 16 << 20;

/// The journal's directory of contents.
#[derive(Debug)]
pub(super) struct Kept {
    directory: OwnedFd,
    path: PathBuf,
}

impl Kept {
    pub(super) const fn new(directory: OwnedFd, path: PathBuf) -> Self {
        Self { directory, path }
    }

    /// Keeps bytes, on the disk before this returns; the name by which they come back.
    ///
    /// # Errors
    /// What the system refused.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<String, Surprise> {
        let name = sha256(bytes);
        let path = self.path.join(&name);
        let failed = |e: Errno| Surprise::call(e, "write", &path);
        // A file of that name that a crash cut short is written anew.
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file =
            openat(&self.directory, &name, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
        let mut file = File::from(file);
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(|e| failed(Errno::from_io_error(&e).unwrap_or(Errno::IO)))?;
        rustix::fs::fsync(&self.directory).map_err(failed)?;
        Ok(name)
    }

    /// Bytes that were kept.
    ///
    /// # Errors
    /// That they are not there, or are others.
    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>, Surprise> {
        let path = self.path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.directory, name, flags, Mode::empty())
            .map_err(|e| Surprise::call(e, "read", &path))?;
        let bytes = read(&mut File::from(file), &path)?;
        if sha256(&bytes) == name {
            Ok(bytes)
        } else {
            Err(Surprise::new(format!(
                "{} does not hold what was kept in it",
                path.display()
            )))
        }
    }
}

/// All of a file, if it is no larger than what is replaced.
pub(super) fn read(file: &mut File, path: &Path) -> Result<Vec<u8>, Surprise> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Surprise::call(Errno::from_io_error(&e).unwrap_or(Errno::IO), "read", path))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Surprise::new(format!(
            "{} is larger than {} MiB, and is not rewritten",
            path.display(),
            LARGEST >> 20
        ))
        .kind(Why::Changed));
    }
    Ok(bytes)
}

/// The name of these bytes.
#[must_use]
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
