//! A host in a folder that everybody can reach, with one install on it, and the tools to dress its
//! entries: owners, modes, ACLs, flags, mounts. Takes everything away again, also after a panic.

use crate::accounts::{Account, GROUP, PASSWD, ROOT};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use rustix::fs::{IFlags, XattrFlags};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};

/// An install of one kind on a host of its own.
pub(crate) struct Install {
    folder: tempfile::TempDir,
    /// What is given to the audit; usually the install's root.
    pub(crate) given: PathBuf,
    /// The install's root.
    pub(crate) root: PathBuf,
    /// The directory that holds its data: v4 `dir_data`, v5 `user_dir`, the container's own.
    pub(crate) data: PathBuf,
    /// Its configuration files by the product's ids.
    pub(crate) configs: BTreeMap<&'static str, PathBuf>,
    /// Where the line that was planted last stands.
    pub(crate) planted: (PathBuf, usize),
    mounts: Vec<PathBuf>,
    flagged: Vec<PathBuf>,
}

/// An ACL's entry for a named user or group: number and permission bits.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    User(u32, u16),
    Group(u32, u16),
}

impl Install {
    /// A host with accounts and an empty `/srv`.
    pub(crate) fn on_a_host_of_its_own(root: &str) -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "these tests make files of several owners: run them as root (sudo -E cargo test)"
        );
        let folder = tempfile::Builder::new()
            .prefix("deskguard-planted-")
            .tempdir()
            .unwrap();
        let host = folder.path().canonicalize().unwrap();
        fs::set_permissions(&host, fs::Permissions::from_mode(0o755)).unwrap();
        let root = host.join(root);
        let install = Self {
            data: root.clone(),
            given: root.clone(),
            root,
            folder,
            configs: BTreeMap::new(),
            planted: (PathBuf::new(), 0),
            mounts: Vec::new(),
            flagged: Vec::new(),
        };
        install.dir("host:etc", ROOT, 0o755);
        install.dir("host:srv", ROOT, 0o755);
        install.dir("host:root", ROOT, 0o700);
        install.file("host:etc/passwd", ROOT, 0o644, PASSWD);
        install.file("host:etc/group", ROOT, 0o644, GROUP);
        install
    }

    /// The host's root directory.
    pub(crate) fn host(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// `data:x` below the data directory, `host:x` below the host's root, anything else below the
    /// install's root.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        match path.split_once(':') {
            Some(("data", "")) => self.data.clone(),
            Some(("data", below)) => self.data.join(below),
            Some(("host", below)) => self.host().join(below),
            _ if path.is_empty() => self.root.clone(),
            _ => self.root.join(path),
        }
    }

    /// Makes a directory; those above it must be there.
    pub(crate) fn dir(&self, path: &str, owner: Account, mode: u32) {
        let path = self.at(path);
        fs::create_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        chown(&path, Some(owner.0), Some(owner.1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Makes a file, or replaces it.
    pub(crate) fn file(&self, path: &str, owner: Account, mode: u32, text: impl AsRef<[u8]>) {
        let at = self.at(path);
        fs::write(&at, text).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
        self.chown(path, owner);
        self.chmod(path, mode);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// Changes a file's text, not who may do what with it.
    pub(crate) fn rewrite(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::write(self.at(path), text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        let at = self.at(path);
        if at.is_dir() {
            fs::remove_dir_all(at).unwrap();
        } else {
            fs::remove_file(at).unwrap();
        }
    }

    pub(crate) fn link(&self, path: &str, target: impl AsRef<Path>, owner: Account) {
        symlink(target, self.at(path)).unwrap();
        lchown(self.at(path), Some(owner.0), Some(owner.1)).unwrap();
    }

    pub(crate) fn chown(&self, path: &str, owner: Account) {
        chown(self.at(path), Some(owner.0), Some(owner.1)).unwrap();
    }

    pub(crate) fn chgrp(&self, path: &str, group: u32) {
        chown(self.at(path), None, Some(group)).unwrap();
    }

    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// An ACL that keeps what the mode says and adds these; the mask grants all of them unless named.
    pub(crate) fn acl(&self, path: &str, named: &[Named], mask: Option<u16>) {
        self.write_acl(path, "system.posix_acl_access", named, mask);
    }

    /// Takes the ACL away; what the mode says stays.
    pub(crate) fn remove_acl(&self, path: &str) {
        rustix::fs::removexattr(self.at(path), "system.posix_acl_access").unwrap();
    }

    /// An ACL for what will be made in the directory.
    pub(crate) fn default_acl(&self, path: &str, named: &[Named]) {
        self.write_acl(path, "system.posix_acl_default", named, None);
    }

    fn write_acl(&self, path: &str, name: &str, named: &[Named], mask: Option<u16>) {
        const NOBODY: u32 = u32::MAX;
        let path = self.at(path);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let class = |shift: u32| (mode >> shift & 7) as u16;
        let mut entries = vec![(1_u16, class(6), NOBODY)];
        entries.extend(named.iter().filter_map(|it| match it {
            Named::User(uid, bits) => Some((2, *bits, *uid)),
            Named::Group(..) => None,
        }));
        entries.push((4, class(3), NOBODY));
        entries.extend(named.iter().filter_map(|it| match it {
            Named::Group(gid, bits) => Some((8, *bits, *gid)),
            Named::User(..) => None,
        }));
        let all = named.iter().fold(class(3), |bits, it| match it {
            Named::User(_, more) | Named::Group(_, more) => bits | more,
        });
        entries.push((16, mask.unwrap_or(all), NOBODY));
        entries.push((32, class(0), NOBODY));
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (tag, bits, id) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(bits.to_le_bytes());
            bytes.extend(id.to_le_bytes());
        }
        rustix::fs::setxattr(&path, name, &bytes, XattrFlags::empty()).unwrap_or_else(|error| {
            panic!("{}: the file system takes no ACLs: {error}", path.display())
        });
    }

    /// Sets an inode flag until the install is taken away.
    pub(crate) fn flag(&mut self, path: &str, flag: IFlags) {
        let path = self.at(path);
        let file = fs::File::open(&path).unwrap();
        let flags = rustix::fs::ioctl_getflags(&file).unwrap();
        rustix::fs::ioctl_setflags(&file, flags | flag).unwrap_or_else(|error| {
            panic!(
                "{}: the file system takes no flags: {error}",
                path.display()
            )
        });
        self.flagged.push(path);
    }

    /// Mounts a directory read-only over itself until the install is taken away.
    pub(crate) fn read_only_mount(&mut self, path: &str) {
        let path = self.at(path);
        let none: Option<&str> = None;
        mount(Some(&path), &path, none, MsFlags::MS_BIND, none).unwrap();
        self.mounts.push(path.clone());
        let again = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(none, &path, none, again, none).unwrap();
    }

    /// Adds a line to the configuration file of this id and remembers where it stands.
    pub(crate) fn config(&mut self, id: &str, line: &str) {
        let path = self.configs[id].clone();
        let mut text = fs::read_to_string(&path).unwrap();
        self.planted = (path.clone(), text.lines().count() + 1);
        text.push_str(line);
        text.push('\n');
        fs::write(path, text).unwrap();
    }

    /// Changes a word of a configuration file that must be there, and remembers its line.
    pub(crate) fn reconfig(&mut self, id: &str, from: &str, to: &str) {
        let path = self.configs[id].clone();
        let text = fs::read_to_string(&path).unwrap();
        let line = text.lines().position(|line| line.contains(from));
        let line = line.unwrap_or_else(|| panic!("{} has no {from}", path.display()));
        self.planted = (path.clone(), line + 1);
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// `{root}`, `{data}`, `{host}`, `{config}` and `{line}` in a text that a case expects.
    pub(crate) fn spell(&self, text: &str) -> String {
        let (path, line) = &self.planted;
        text.replace("{root}", &self.root.to_string_lossy())
            .replace("{data}", &self.data.to_string_lossy())
            .replace("{host}", &self.host().to_string_lossy())
            .replace("{config}", &path.to_string_lossy())
            .replace("{line}", &line.to_string())
    }
}

impl Drop for Install {
    fn drop(&mut self) {
        for path in self.mounts.iter().rev() {
            let _ = umount2(path, MntFlags::MNT_DETACH);
        }
        for path in &self.flagged {
            if let Ok(file) = fs::File::open(path)
                && let Ok(flags) = rustix::fs::ioctl_getflags(&file)
            {
                let plain = flags.difference(IFlags::IMMUTABLE | IFlags::APPEND);
                let _ = rustix::fs::ioctl_setflags(&file, plain);
            }
        }
    }
}
