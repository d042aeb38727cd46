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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    /// A chain of directories deeper than any path is long, entered through links that take great steps.
    #[test]
    fn a_hostile_depth_is_given_up_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("d");
        std::fs::create_dir(&top).unwrap();
        let body = "d/".repeat(1500);
        let mut here = rustix::fs::open(
            folder.path(),
            rustix::fs::OFlags::PATH,
            rustix::fs::Mode::empty(),
        )
        .unwrap();
        for level in 0..6000 {
            let _ = rustix::fs::mkdirat(&here, "d", rustix::fs::Mode::RWXU);
            if level % 1500 == 0 && level > 0 {
                rustix::fs::symlinkat(body.as_str(), &here, "far").unwrap();
            }
            here = rustix::fs::openat(
                &here,
                "d",
                rustix::fs::OFlags::PATH,
                rustix::fs::Mode::empty(),
            )
            .unwrap();
        }
        let start = [
            folder.path().as_os_str().as_bytes(),
            b"/",
            body.as_bytes(),
            b"far/far/far",
        ]
        .concat();
        let chain = Looker::based("/".into()).chain(&start);
        assert!(
            matches!(chain.end, End::Unseen(_, Blind::TooDeep)),
            "{:?}",
            chain.steps.len()
        );
        drop(here);
        std::fs::remove_dir_all(folder.path()).unwrap();
    }

    #[test]
    fn what_cannot_be_walked_is_said_at_once() {
        let looker = Looker::based("/".into());
        assert_eq!(looker.chain(b"").end, End::Missing(Vec::new()));
        assert_eq!(looker.chain(b"a\0b").end, End::Missing(b"a\0b".to_vec()));
        assert_eq!(looker.chain(&[b'/'; 4096]).end, End::TooLong);
        assert_eq!(looker.chain(&[b'/'; 4095]).end, End::Reached(0));
    }
}
