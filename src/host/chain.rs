//! Gathers the chain of a path as given: absolute or relative, any bytes, any length.
//! Refuses to judge it, and what the kernel would refuse before it looks at anything: no name, or too long a one.

use std::path::{Path, PathBuf};

use super::mount::Mounts;
use super::mount_table::MountTable;
use super::walk::walk;
use crate::access::{Blind, Chain, End, Flag, Sysctl};

/// include/uapi/linux/limits.h PATH_MAX, which counts the final NUL.
const LONGEST_PATH: usize = 4096;

/// Gathers chains; remembers the mounts it met.
#[derive(Debug)]
pub struct Looker {
    mounts: Mounts,
    table: MountTable,
    base: PathBuf,
    sysctl: Sysctl,
}

impl Looker {
    /// A looker which joins relative paths to the current directory.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self::based(std::env::current_dir()?))
    }

    /// A looker which joins relative paths to `base`.
    #[must_use]
    pub fn based(base: PathBuf) -> Self {
        Self {
            mounts: Mounts::new(),
            table: MountTable::read(),
            base,
            sysctl: sysctl(Path::new("/proc/sys/fs/protected_symlinks")),
        }
    }

    /// The settings of the running kernel.
    #[must_use]
    pub const fn sysctl(&self) -> Sysctl {
        self.sysctl
    }

    /// The mounts met so far.
    #[must_use]
    pub const fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    /// Walks `path` from `/`.
    #[must_use]
    pub fn chain(&self, path: &[u8]) -> Chain {
        if path.is_empty() || path.contains(&0) {
            Chain::stopped(End::Missing(path.to_vec()))
        } else if path.len() >= LONGEST_PATH {
            Chain::stopped(End::TooLong)
        } else {
            walk(&self.mounts, &self.table, &self.absolute(path))
        }
    }

    fn absolute(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        let mut joined = self.base.as_os_str().as_encoded_bytes().to_vec();
        joined.push(b'/');
        joined.extend_from_slice(path);
        joined
    }
}

/// `fs.protected_symlinks`, as the running kernel has it.
fn sysctl(path: &Path) -> Sysctl {
    let protected_symlinks = match std::fs::read(path) {
        Ok(value) if value.starts_with(b"0") => Flag::No,
        Ok(_) => Flag::Yes,
        Err(error) => Flag::Unknown(
            error
                .raw_os_error()
                .map_or(Blind::NotReported, Blind::Errno),
        ),
    };
    Sysctl { protected_symlinks }
}
