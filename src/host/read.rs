//! Files and directories of the audited host, for whoever reads configurations.
//! Refuses to block on a FIFO, to open a device, to read without a bound, and to leave the host's root.

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags, Stat, fstat, openat, openat2,
    readlinkat, statat,
};
use rustix::io::{Errno, read};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// No directory of configurations has more entries than this.
pub const MOST_ENTRIES: usize = 65_536;

/// A host, by the directory that is its `/`. Links are followed inside it only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// `/`, or a folder that stands for it.
    pub root: PathBuf,
}

impl Default for Host {
    fn default() -> Self {
        Self { root: "/".into() }
    }
}

/// What a directory's entry is; a link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Anything else: a device, a FIFO, a socket.
    Other,
}

impl Host {
    /// A folder that is looked at as if it were a host.
    #[must_use]
    pub const fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Whether this is the machine that deskguard runs on.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Whether anything is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn exists(&self, path: &Path) -> Result<bool, String> {
        Ok(self.stat(path)?.is_some())
    }

    /// Whether a regular file is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn is_file(&self, path: &Path) -> Result<bool, String> {
        Ok(self
            .stat(path)?
            .is_some_and(|seen| kind(&seen) == Kind::File))
    }

    /// Whether a directory is there, links followed.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn is_dir(&self, path: &Path) -> Result<bool, String> {
        Ok(self
            .stat(path)?
            .is_some_and(|seen| kind(&seen) == Kind::Directory))
    }

    /// The owner of what is there, links followed; `None` where nothing is.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn owner(&self, path: &Path) -> Result<Option<u32>, String> {
        Ok(self.stat(path)?.map(|seen| seen.st_uid))
    }

    /// A file's content. `None` means that it does not exist.
    ///
    /// # Errors
    /// A sentence that says why it was not read, with its path.
    pub fn read_file(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, String> {
        let content = self.read_start(path, limit + 1)?;
        if content
            .as_ref()
            .is_some_and(|content| content.len() > limit)
        {
            return Err(format!("{} is larger than {}", path.display(), size(limit)));
        }
        Ok(content)
    }

    /// A regular file, open for reading. `None` means that it does not exist.
    ///
    /// # Errors
    /// A sentence that says why it was not opened, with its path.
    pub fn open_file(&self, path: &Path) -> Result<Option<File>, String> {
        let Some(seen) = self.open(path, OFlags::PATH)? else {
            return Ok(None);
        };
        regular(&seen, path)?;
        let file = self.reopen(&seen, path)?;
        file.map(|file| regular(&file, path).map(|()| File::from(file)))
            .transpose()
    }

    /// The first bytes of a file, no more than `limit`. `None` means that it does not exist.
    ///
    /// # Errors
    /// A sentence that says why it was not read, with its path.
    pub fn read_start(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, String> {
        // Looking comes before opening: to open some devices is already to act on them.
        let Some(seen) = self.open(path, OFlags::PATH)? else {
            return Ok(None);
        };
        regular(&seen, path)?;
        let Some(file) = self.reopen(&seen, path)? else {
            return Ok(None);
        };
        regular(&file, path)?;
        let content = read_up_to(&file, limit).map_err(|e| sentence(e, path))?;
        Ok(Some(content))
    }

    /// A directory's entries in the order of their bytes. `None` means that it does not exist.
    ///
    /// # Errors
    /// A sentence that says why they are not all there.
    pub fn list_dir(
        &self,
        path: &Path,
        limit: usize,
    ) -> Result<Option<Vec<(OsString, Kind)>>, String> {
        let Some(directory) = self.open(path, OFlags::RDONLY | OFlags::DIRECTORY)? else {
            return Ok(None);
        };
        let mut buffer = [MaybeUninit::<u8>::uninit(); 8192];
        let mut entries = Vec::new();
        let mut raw = RawDir::new(&directory, &mut buffer);
        while let Some(entry) = raw.next() {
            let entry = entry.map_err(|e| sentence(e, path))?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            if entries.len() == limit {
                return Err(format!("{} has more than {limit} entries", path.display()));
            }
            let kind = match entry.file_type() {
                FileType::Unknown => statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(Kind::Other, |stat| kind(&stat)),
                known => kind_of(known),
            };
            entries.push((name, kind));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Some(entries))
    }

    /// Where a symbolic link points, as it says. `None`: nothing is there, or no link.
    ///
    /// # Errors
    /// A sentence that says why nobody could look.
    pub fn read_link(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        let Some(link) = self.open(path, OFlags::PATH | OFlags::NOFOLLOW)? else {
            return Ok(None);
        };
        match readlinkat(&link, "", Vec::new()) {
            Ok(target) => Ok(Some(OsString::from_vec(target.into_bytes()).into())),
            Err(Errno::INVAL | Errno::NOENT) => Ok(None),
            Err(e) => Err(sentence(e, path)),
        }
    }

    /// The path with every link resolved, as the host would name it. `None`: it does not exist.
    ///
    /// # Errors
    /// A sentence that says why nobody could look.
    pub fn real_path(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        let Some(seen) = self.open(path, OFlags::PATH)? else {
            return Ok(None);
        };
        let real = descriptor_path(&seen).map_err(|e| sentence(e, path))?;
        if self.is_here() || path.starts_with(&self.root) {
            return Ok(Some(real));
        }
        let root = self.open(Path::new("/"), OFlags::PATH)?;
        let root = root.and_then(|root| descriptor_path(&root).ok());
        let inside = root
            .as_deref()
            .and_then(|root| real.strip_prefix(root).ok());
        Ok(Some(inside.map_or(real.clone(), |inside| {
            Path::new("/").join(inside)
        })))
    }

    /// What the path leads to, links followed. `None`: it does not exist.
    ///
    /// # Errors
    /// A sentence that says why nobody could look.
    pub fn stat(&self, path: &Path) -> Result<Option<Stat>, String> {
        let seen = self.open(path, OFlags::PATH)?;
        seen.map(|seen| fstat(&seen).map_err(|e| sentence(e, path)))
            .transpose()
    }

    /// Whether a name is there, links not followed.
    pub(super) fn is_there(&self, path: &Path) -> Result<bool, String> {
        let seen = self.open(path, OFlags::PATH | OFlags::NOFOLLOW)?;
        Ok(seen.is_some())
    }

    fn open(&self, path: &Path, flags: OFlags) -> Result<Option<OwnedFd>, String> {
        let path = &Path::new("/").join(path);
        let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        // A path that already lies below a folder that stands for a host is taken as it is.
        let opened = if self.is_here() || path.starts_with(&self.root) {
            openat(CWD, path, flags, Mode::empty())
        } else {
            self.open_inside(path, flags)
        };
        match opened {
            Ok(descriptor) => Ok(Some(descriptor)),
            Err(Errno::NOENT) => Ok(None),
            // A file where a directory should be: what is asked for is not there.
            Err(Errno::NOTDIR) if flags.contains(OFlags::PATH) => Ok(None),
            Err(e) => Err(sentence(e, path)),
        }
    }

    fn open_inside(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        let root = openat(
            CWD,
            &self.root,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        // openat2 refuses flags that mean nothing beside O_PATH.
        let flags = if flags.contains(OFlags::PATH) {
            flags - OFlags::NONBLOCK - OFlags::NOCTTY
        } else {
            flags
        };
        openat2(&root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)
    }

    /// Opens what was looked at, and not what its path has become since.
    fn reopen(&self, seen: &OwnedFd, path: &Path) -> Result<Option<OwnedFd>, String> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let by_descriptor = format!("/proc/self/fd/{}", seen.as_raw_fd());
        match openat(CWD, by_descriptor, flags, Mode::empty()) {
            Ok(file) => Ok(Some(file)),
            Err(Errno::NOENT) => self.open(path, OFlags::RDONLY), // no /proc here
            Err(e) => Err(sentence(e, path)),
        }
    }
}

fn regular(file: &OwnedFd, path: &Path) -> Result<(), String> {
    let stat = fstat(file).map_err(|e| sentence(e, path))?;
    let what = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => return Ok(()),
        FileType::Directory => "directory",
        FileType::Fifo => "FIFO",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        _ => "thing of an unknown kind",
    };
    Err(format!("{} is a {what}, not a file", path.display()))
}

fn read_up_to(file: &OwnedFd, limit: usize) -> Result<Vec<u8>, Errno> {
    let mut content = Vec::new();
    // Most files are small, those of /proc above all: a large chunk would cost more than reading them.
    let mut chunk = vec![0_u8; limit.min(4 << 10)];
    while content.len() < limit {
        if content.len() >= chunk.len() {
            chunk.resize(limit.min(64 << 10), 0);
        }
        let room = chunk.len().min(limit - content.len());
        let count = match read(file, chunk.get_mut(..room).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e),
        };
        content.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    Ok(content)
}

fn descriptor_path(descriptor: &OwnedFd) -> Result<PathBuf, Errno> {
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    let path = readlinkat(CWD, link, Vec::new())?;
    Ok(OsString::from_vec(path.into_bytes()).into())
}

pub(super) fn kind(stat: &Stat) -> Kind {
    kind_of(FileType::from_raw_mode(stat.st_mode))
}

const fn kind_of(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    }
}

fn sentence(error: Errno, path: &Path) -> String {
    let path = path.display();
    match error {
        Errno::ACCESS | Errno::PERM => format!("permission denied on {path}"),
        Errno::LOOP => format!("{path} leads through too many links"),
        Errno::NOTDIR => format!("{path} is not a directory"),
        Errno::NAMETOOLONG => format!("the path {path} is too long"),
        other => format!("{path} cannot be read: {other}"),
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        _ if bytes >= 1 << 10 => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}
