//! What lies on disk, as the server's worker would find it. The models ask through [`Disk`] and open
//! nothing themselves; [`Imagined`] adds files that are not there yet, for questions such as «if PHP
//! wrote a script here, would it run?».

use super::{Source, Sources};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What a path leads to, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A regular file; whether the worker can open it.
    File {
        /// Whether the worker can open it for reading.
        readable: bool,
    },
    /// A directory.
    Directory {
        /// Whether the worker can read the names in it.
        readable: bool,
        /// Whether the worker may enter it.
        enterable: bool,
    },
    /// A device, socket or pipe.
    Other,
    /// Nothing (ENOENT), or a link that leads nowhere.
    Missing,
    /// A file stands where a directory would have to be (ENOTDIR).
    BelowFile,
    /// A directory on the way is closed to the worker (EACCES).
    Closed,
    /// Links lead in a circle (ELOOP), or the name is too long (ENAMETOOLONG).
    Unusable,
}

/// The disk as the worker sees it. An error is a sentence that names the path.
pub trait Disk: Sources {
    /// What the path leads to for the worker. The path is absolute and may hold `..`, doubled and
    /// trailing slashes; they mean what they mean to open(2).
    ///
    /// # Errors
    /// Why nobody could look.
    fn entry(&self, path: &Path) -> Result<Entry, String>;

    /// Whether some link on the way, or the last name itself, is a symbolic link, and whether all of
    /// them belong to the owner of what they lead to (`SymLinksIfOwnerMatch`, `disable_symlinks`).
    ///
    /// # Errors
    /// Why nobody could look.
    fn links(&self, path: &Path) -> Result<Links, String>;

    /// The same for the last name alone. What is not there is no link.
    ///
    /// # Errors
    /// Why nobody could look; also where the links on the way hide what the last name is.
    fn link(&self, path: &Path) -> Result<Links, String> {
        let whole = self.links(path)?;
        if whole == Links::None {
            return Ok(whole);
        }
        match (self.links(path.parent().unwrap_or(path))?, whole) {
            (Links::None, _) | (Links::SameOwner, Links::OtherOwner) => Ok(whole),
            _ => Err(format!(
                "not known: whether {} is a symbolic link itself",
                path.display()
            )),
        }
    }
}

/// Symbolic links on the way to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// None.
    None,
    /// Some, all with the owner of what they lead to.
    SameOwner,
    /// Some, of other owners.
    OtherOwner,
}

/// A disk with files that are not there yet; the worker can read them.
pub struct Imagined<'a> {
    disk: &'a dyn Disk,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl<'a> Imagined<'a> {
    /// The disk, and the files that it is to have besides. Their directories must exist.
    #[must_use]
    pub fn new(disk: &'a dyn Disk, files: Vec<PathBuf>) -> Self {
        let files = files.into_iter().map(|file| (file, Vec::new())).collect();
        Self { disk, files }
    }

    /// The same with what the files hold: an `.htaccess` decides by its text.
    #[must_use]
    pub const fn with_text(disk: &'a dyn Disk, files: Vec<(PathBuf, Vec<u8>)>) -> Self {
        Self { disk, files }
    }
}

impl Sources for Imagined<'_> {
    fn read(&self, path: &Path) -> Result<Source, String> {
        if let Some((_, text)) = self.files.iter().find(|(file, _)| file == path) {
            return Ok(Source::Text(text.clone()));
        }
        self.disk.read(path)
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        self.disk.glob(pattern)
    }
}

impl Disk for Imagined<'_> {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        if let Some((file, _)) = self.files.iter().find(|(file, _)| path.starts_with(file)) {
            // To be equal as paths is not enough: a last slash asks for a directory.
            let is_file = path == file && !path.as_os_str().as_bytes().ends_with(b"/");
            return Ok(if is_file {
                Entry::File { readable: true }
            } else {
                Entry::BelowFile
            });
        }
        self.disk.entry(path)
    }

    fn links(&self, path: &Path) -> Result<Links, String> {
        match self.files.iter().find(|(file, _)| file == path) {
            Some((file, _)) => self.disk.links(file.parent().unwrap_or(file)),
            None => self.disk.links(path),
        }
    }

    fn link(&self, path: &Path) -> Result<Links, String> {
        if self.files.iter().any(|(file, _)| file == path) {
            return Ok(Links::None);
        }
        self.disk.link(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::NoSources;

    struct Empty;

    impl Sources for Empty {
        fn read(&self, path: &Path) -> Result<Source, String> {
            NoSources.read(path)
        }

        fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
            NoSources.glob(pattern)
        }
    }

    impl Disk for Empty {
        fn entry(&self, _: &Path) -> Result<Entry, String> {
            Ok(Entry::Missing)
        }

        fn links(&self, _: &Path) -> Result<Links, String> {
            Ok(Links::None)
        }
    }

    #[test]
    fn an_imagined_file_is_no_directory() {
        let disk = Imagined::new(&Empty, vec!["/d/x.php".into()]);
        let file = Ok(Entry::File { readable: true });
        for (path, expected) in [
            ("/d/x.php", file.clone()),
            ("/d//x.php", file),
            ("/d/x.php/", Ok(Entry::BelowFile)),
            ("/d/x.php/y", Ok(Entry::BelowFile)),
            ("/d/x.ph", Ok(Entry::Missing)),
        ] {
            assert_eq!(disk.entry(Path::new(path)), expected, "{path}");
        }
    }
}
