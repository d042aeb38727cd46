//! The two marker files: made under names that nobody can guess, by the directory's descriptor, and
//! taken away when dropped. Refuses to follow a link, to replace anything, and to delete a file that is
//! not its own.

use super::super::trust::Trust;
use rustix::fs::{AtFlags, Mode, OFlags, fstat, openat, statat, unlinkat};
use rustix::io::write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Words that nobody can guess, and that stand in no source as they are printed.
pub(super) struct Words {
    /// What both names hold.
    pub(super) name: String,
    /// What the text says.
    pub(super) said: String,
    /// What a script prints.
    pub(super) printed: String,
}

impl Words {
    pub(super) fn new(trust: &Trust) -> Result<Self, String> {
        let word = || {
            let bytes = trust.random()?;
            Ok::<_, String>(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        };
        let (name, said): (String, String) = (word()?, word()?);
        Ok(Self {
            name: format!("deskguard-canary-{name}"),
            said,
            printed: word()?,
        })
    }

    fn script(&self) -> String {
        let reversed: String = self.printed.chars().rev().collect();
        format!(
            "<?php /* put here by deskguard --canary; it prints a word; delete it if it is still here */ echo strrev('{reversed}'); ?>\n"
        )
    }

    fn text(&self) -> String {
        format!("{} {}", self.said, self.script())
    }
}

/// The two files, while they are there.
pub(super) struct Markers {
    directory: OwnedFd,
    place: PathBuf,
    /// Name, device and inode.
    files: Vec<(String, u64, u64)>,
}

impl Markers {
    pub(super) fn put(directory: &Path, words: &Words) -> Result<Self, String> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(rustix::fs::CWD, directory, flags, Mode::empty())
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        let mut markers = Self {
            directory: opened,
            place: directory.to_owned(),
            files: Vec::new(),
        };
        // What fails half way is taken away when `markers` is dropped.
        markers.file(&format!("{}.txt", words.name), &words.text())?;
        markers.file(&format!("{}.php", words.name), &words.script())?;
        Ok(markers)
    }

    fn file(&mut self, name: &str, content: &str) -> Result<(), String> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let place = self.place.join(name);
        let say = |error| format!("{}: {error}", place.display());
        let file = openat(&self.directory, name, flags, mode).map_err(say)?;
        let seen = fstat(&file).map_err(say)?;
        self.files.push((name.to_owned(), seen.st_dev, seen.st_ino));
        // The umask may have made it unreadable for the web server.
        rustix::fs::fchmod(&file, mode).map_err(say)?;
        let mut rest = content.as_bytes();
        while !rest.is_empty() {
            let count = write(&file, rest).map_err(say)?;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Takes them away; what could not be is named.
    pub(super) fn take_away(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        for (name, device, inode) in self.files.drain(..) {
            let place = self.place.join(&name).to_string_lossy().into_owned();
            match statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(seen) if (seen.st_dev, seen.st_ino) == (device, inode) => {
                    if let Err(error) = unlinkat(&self.directory, &name, AtFlags::empty()) {
                        left.push(format!("{place}: {error}"));
                    }
                }
                Ok(_) => left.push(format!("{place}: somebody has put another file there")),
                // Somebody else was faster.
                Err(rustix::io::Errno::NOENT) => {}
                Err(error) => left.push(format!("{place}: {error}")),
            }
        }
        left
    }
}

impl Drop for Markers {
    fn drop(&mut self) {
        self.take_away();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn words() -> Words {
        Words::new(&Trust::load()).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn they_are_gone_after_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let words = words();
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _markers = Markers::put(folder.path(), &words).unwrap();
            assert_eq!(names(folder.path()).len(), 2);
            panic!("something broke");
        }));
        assert!(result.is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn no_link_is_followed_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let words = words();
        assert!(Markers::put(&link, &words).is_err());
        // The second name is taken: the first file goes away again.
        let taken = format!("{}.php", words.name);
        std::os::unix::fs::symlink("/etc/passwd", real.join(&taken)).unwrap();
        assert!(Markers::put(&real, &words).is_err());
        assert_eq!(names(&real), [taken]);
    }

    #[test]
    fn a_file_of_somebody_else_is_left_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let words = words();
        let mut markers = Markers::put(folder.path(), &words).unwrap();
        let text = folder.path().join(format!("{}.txt", words.name));
        fs::rename(&text, folder.path().join("moved")).unwrap();
        fs::write(&text, "another").unwrap();
        let left = markers.take_away();
        assert!(
            left[0].contains("somebody has put another file there"),
            "{left:?}"
        );
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn what_is_printed_stands_in_no_source() {
        let words = words();
        for source in [words.script(), words.text()] {
            assert!(!source.contains(&words.printed) && source.contains("strrev("));
        }
    }
}
