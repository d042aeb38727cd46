//! Putting right what a judge was allowed to do, and taking a tree away whole, also after a panic.
//! Refuses to leave a flag, a mount or a file behind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, umount2};
use rustix::fs::IFlags;

use super::dress::{clear_flags, open, set_flag};
use super::tree::Tree;

impl Tree {
    /// Puts an unlinked name back.
    pub(crate) fn relink(&self, path: &Path) {
        let path = self.original.get(path).map_or(path, PathBuf::as_path);
        let spare = self
            .stash
            .get(path)
            .unwrap_or_else(|| panic!("{} was unlinked but not stashed", path.display()));
        nix::unistd::linkat(
            nix::fcntl::AT_FDCWD,
            spare,
            nix::fcntl::AT_FDCWD,
            path,
            nix::fcntl::AtFlags::empty(),
        )
        .expect("relink");
    }

    /// Takes away a directory that a judge made, even out of an append-only one.
    pub(crate) fn unmake(parent: &Path, path: &[u8]) {
        let append_only = rustix::fs::ioctl_getflags(open(parent))
            .expect("flags")
            .contains(IFlags::APPEND);
        if append_only {
            set_flag(parent, IFlags::APPEND, false);
        }
        fs::remove_dir(OsStr::from_bytes(path)).expect("rmdir");
        if append_only {
            set_flag(parent, IFlags::APPEND, true);
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        for path in self.mounts.iter().rev() {
            let _ = umount2(path, MntFlags::MNT_DETACH);
        }
        clear_flags(&self.base);
        if let Err(error) = fs::remove_dir_all(&self.base) {
            println!("{} stays behind: {error}", self.base.display());
        }
    }
}
