//! Random trees: odd modes, owners, ACLs, flags, links, special files and mounts, and their removal.
//! Refuses to leave anything behind: dropping a tree unmounts, clears flags and removes, also after a panic.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use rustix::fs::IFlags;

use super::dress::{GIDS, UIDS, chmod, mode, set_acl, set_flag};
use super::random::Random;

/// A tree on disk.
pub(crate) struct Tree {
    /// Everything lies below this.
    pub(crate) base: PathBuf,
    /// Directories that take new names while the tree grows.
    pub(crate) directories: Vec<PathBuf>,
    /// Everything else.
    pub(crate) others: Vec<PathBuf>,
    /// A hard link for each entry that may be unlinked.
    pub(crate) stash: HashMap<PathBuf, PathBuf>,
    stash_of: HashMap<PathBuf, PathBuf>,
    /// The first path of what is seen again through a bind mount.
    pub(crate) original: HashMap<PathBuf, PathBuf>,
    pub(crate) mounts: Vec<PathBuf>,
    read_only_later: Vec<PathBuf>,
    open_share: usize,
}

impl Tree {
    /// Makes a tree below `base`, which must exist and be empty.
    pub(crate) fn grow(base: &Path, in_memory: bool, random: &mut Random) -> Self {
        let mut tree = Self {
            base: base.into(),
            directories: Vec::new(),
            others: Vec::new(),
            stash: HashMap::new(),
            stash_of: HashMap::new(),
            original: HashMap::new(),
            mounts: Vec::new(),
            read_only_later: Vec::new(),
            open_share: *random.pick(&[0, 20, 50, 75, 90]),
        };
        if in_memory {
            tree.mount_memory(base, MsFlags::empty());
        }
        fs::set_permissions(base, fs::Permissions::from_mode(0o755)).expect("chmod base");
        let top = base.join("t");
        tree.make_directory(&top, None);
        for index in 0..25 + random.below(35) {
            tree.add(index, random);
        }
        tree.add_link_chain(random);
        tree.dress(random);
        tree.bind(random);
        tree
    }

    fn add(&mut self, index: usize, random: &mut Random) {
        let parent = random.pick(&self.directories).clone();
        let name = match random.below(40) {
            0 => b"\xff\xfe n".to_vec(),
            1 => b"new\nline".to_vec(),
            _ => format!("n{index}").into_bytes(),
        };
        let path = parent.join(OsStr::from_bytes(&name));
        if path.symlink_metadata().is_ok() {
            return;
        }
        match random.below(100) {
            0..=34 => self.make_directory(&path, Some(&parent)),
            35..=42 => self.add_mount(&path, &parent, random),
            43..=62 => {
                fs::write(&path, "x").expect("write");
                self.keep(&path, &parent);
            }
            63..=84 => {
                let body = self.link_body(&path, random);
                symlink(OsStr::from_bytes(&body), &path).expect("symlink");
                self.keep(&path, &parent);
            }
            85..=89 => self.special(&path, &parent, SFlag::S_IFIFO, 0),
            90..=93 => {
                // The address of a socket is short: bind it by a short name, then move it.
                let short = self.base.join("s");
                drop(UnixListener::bind(&short));
                if fs::rename(&short, &path).is_ok() {
                    self.keep(&path, &parent);
                } else {
                    let _ = fs::remove_file(&short);
                    self.special(&path, &parent, SFlag::S_IFSOCK, 0);
                }
            }
            94..=97 => self.special(&path, &parent, SFlag::S_IFCHR, makedev(1, 3)),
            _ => self.special(&path, &parent, SFlag::S_IFBLK, makedev(241, 77)),
        }
    }

    fn special(&mut self, path: &Path, parent: &Path, kind: SFlag, device: u64) {
        mknod(path, kind, Mode::S_IRWXU, device).expect("mknod");
        self.keep(path, parent);
    }

    fn make_directory(&mut self, path: &Path, parent: Option<&Path>) {
        fs::create_dir(path).expect("mkdir");
        fs::write(path.join(".keep"), "").expect("a directory is never empty");
        let stash = match parent {
            Some(parent) => self.stash_of[parent].clone(),
            None => self.new_stash(&self.base.join(".stash")),
        };
        self.stash_of.insert(path.into(), stash);
        self.directories.push(path.into());
    }

    fn new_stash(&self, path: &Path) -> PathBuf {
        fs::create_dir(path).expect("mkdir stash");
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("chmod stash");
        path.into()
    }

    /// Notes an entry and keeps a hard link of it, from which it can be restored.
    fn keep(&mut self, path: &Path, parent: &Path) {
        let spare = self.stash_of[parent].join(self.stash.len().to_string());
        nix::unistd::linkat(
            nix::fcntl::AT_FDCWD,
            path,
            nix::fcntl::AT_FDCWD,
            &spare,
            nix::fcntl::AtFlags::empty(),
        )
        .expect("link");
        self.stash.insert(path.into(), spare);
        self.others.push(path.into());
    }

    fn mount_memory(&mut self, path: &Path, flags: MsFlags) {
        mount(Some("tmpfs"), path, Some("tmpfs"), flags, Some("size=8m")).expect("mount tmpfs");
        self.mounts.push(path.into());
    }

    fn add_mount(&mut self, path: &Path, parent: &Path, random: &mut Random) {
        if self.mounts.len() > 6 || random.chance(30) {
            // A file with another one mounted upon it.
            fs::write(path, "below").expect("write");
            let source = self.base.join(format!(".file{}", self.mounts.len()));
            fs::write(&source, "above").expect("write");
            mount(
                Some(&source),
                path,
                None::<&str>,
                MsFlags::MS_BIND,
                None::<&str>,
            )
            .expect("bind a file");
            self.mounts.push(path.into());
            self.others.push(path.into());
            return;
        }
        self.make_directory(path, Some(parent));
        let choices = [
            MsFlags::empty(),
            MsFlags::MS_NODEV,
            MsFlags::from_bits_retain(256),
            MsFlags::MS_RDONLY,
        ];
        let flags = *random.pick(&choices);
        self.mount_memory(path, flags.difference(MsFlags::MS_RDONLY));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
        let stash = self.new_stash(&path.join(".stash"));
        self.stash_of.insert(path.into(), stash);
        if flags.contains(MsFlags::MS_RDONLY) {
            self.read_only_later.push(path.into());
        }
    }

    /// Where a link points: absolute, relative, up, through other links, nowhere, in circles.
    fn link_body(&self, path: &Path, random: &mut Random) -> Vec<u8> {
        let anything: Vec<&PathBuf> = self.directories.iter().chain(&self.others).collect();
        let target = *random.pick(&anything);
        let name = |path: &Path| path.file_name().expect("name").as_bytes().to_vec();
        let mut body = match random.below(14) {
            0 => b"nowhere".to_vec(),
            1 => name(path),
            2 => [b"../", name(target).as_slice()].concat(),
            3 => b"..".to_vec(),
            4 => b".".to_vec(),
            5 => b"/".to_vec(),
            6 => [name(target).as_slice(), b"/../", name(target).as_slice()].concat(),
            7 => name(target),
            8 => [target.as_os_str().as_bytes(), b"/nowhere"].concat(),
            9 => {
                let depth = path.components().count() - 1;
                [
                    b"../".repeat(depth).as_slice(),
                    &target.as_os_str().as_bytes()[1..],
                ]
                .concat()
            }
            _ => target.as_os_str().as_bytes().to_vec(),
        };
        if random.chance(25) {
            body.push(b'/');
        }
        body
    }

    /// Links upon links, around the forty that are followed.
    fn add_link_chain(&mut self, random: &mut Random) {
        let parent = random.pick(&self.directories).clone();
        let length = 38 + random.below(5);
        let mut target = random.pick(&self.directories).clone();
        for index in 0..length {
            let path = parent.join(format!("c{index}"));
            symlink(&target, &path).expect("symlink");
            target = PathBuf::from(path.file_name().expect("name"));
            if index + 1 == length {
                self.keep(&path, &parent);
            }
        }
    }

    /// Owners, modes, ACLs and flags, once everything is there.
    fn dress(&mut self, random: &mut Random) {
        let mut all: Vec<PathBuf> = self
            .directories
            .iter()
            .chain(&self.others)
            .cloned()
            .collect();
        all.reverse();
        for path in all {
            let kind = path.symlink_metadata().expect("lstat").file_type();
            lchown(&path, Some(*random.pick(&UIDS)), Some(*random.pick(&GIDS))).expect("chown");
            if kind.is_symlink() {
                continue;
            }
            if kind.is_dir() && random.chance(self.open_share) {
                chmod(
                    &path,
                    *random.pick(&[0o755, 0o777, 0o1777, 0o2775, 0o711, 0o773]),
                );
            } else if random.chance(95) {
                chmod(&path, mode(kind.is_dir(), random));
            }
            if random.chance(35 - self.open_share / 5) {
                set_acl(&path, "system.posix_acl_access", random);
                if random.chance(20) {
                    chmod(&path, mode(kind.is_dir(), random));
                }
            }
            if kind.is_dir() && random.chance(15) {
                set_acl(&path, "system.posix_acl_default", random);
            }
            if (kind.is_dir() || kind.is_file()) && random.chance(9) {
                let flag = if random.chance(50) {
                    IFlags::IMMUTABLE
                } else {
                    IFlags::APPEND
                };
                set_flag(&path, flag, true);
            }
        }
    }

    /// The same again through a read-only bind mount, and the mounts that become read-only.
    fn bind(&mut self, random: &mut Random) {
        for path in self.read_only_later.clone() {
            let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
            mount(None::<&str>, &path, None::<&str>, flags, None::<&str>)
                .expect("remount read-only");
        }
        let extra = *random.pick(&[
            MsFlags::empty(),
            MsFlags::MS_NODEV,
            MsFlags::from_bits_retain(256),
        ]);
        self.bind_again("ro", MsFlags::MS_RDONLY | extra, random);
        self.bind_again("rw", MsFlags::empty(), random);
    }

    /// A directory of the tree once more, without the mounts in it.
    fn bind_again(&mut self, name: &str, flags: MsFlags, random: &mut Random) {
        // What lies below a mount point is not there in the other view of it.
        let there: Vec<&PathBuf> = self
            .directories
            .iter()
            .filter(|path| path.is_dir())
            .collect();
        let source = (*random.pick(&there)).clone();
        let target = self.base.join(name);
        fs::create_dir(&target).expect("mkdir");
        mount(
            Some(&source),
            &target,
            None::<&str>,
            MsFlags::MS_BIND,
            None::<&str>,
        )
        .expect("bind");
        self.mounts.push(target.clone());
        if !flags.is_empty() {
            let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | flags;
            mount(None::<&str>, &target, None::<&str>, flags, None::<&str>).expect("remount");
        }
        let seen = |list: &[PathBuf]| -> Vec<(PathBuf, PathBuf)> {
            let rest = |path: &PathBuf| {
                path.strip_prefix(&source)
                    .ok()
                    .map(|rest| (path.clone(), target.join(rest)))
            };
            list.iter().filter_map(rest).collect()
        };
        let (directories, others) = (seen(&self.directories), seen(&self.others));
        for (first, again) in &others {
            let first = self.original.get(first).unwrap_or(first).clone();
            self.original.insert(again.clone(), first);
        }
        self.directories
            .extend(directories.into_iter().map(|(_, again)| again));
        self.others
            .extend(others.into_iter().map(|(_, again)| again));
    }
}
