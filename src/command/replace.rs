//! A file put in its place whole or not at all: written beside it, flushed, renamed. Refuses links,
//! directories and devices, so that a planted one leads nowhere. A file that was there keeps its mode
//! and group where it belongs to the caller; somebody else's file is not taken over, only its name.

use rustix::fs::{AtFlags, CWD, FileType, Stat, statat};
use rustix::io::Errno;
use std::fs::Permissions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{PermissionsExt as _, fchown};
use std::path::Path;

/// Refuses what must not be replaced. That a folder is missing is found when it is written: a report
/// that nobody can store is still printed.
///
/// # Errors
/// What is there instead of a file, and what to do.
pub(super) fn check(path: &Path) -> Result<(), String> {
    existing(path).map(drop)
}

/// Puts a file there.
///
/// # Errors
/// Why not; then what was there is still there.
pub(super) fn write(path: &Path, contents: &[u8]) -> Result<(), String> {
    let before = existing(path)?;
    put(path, contents, before.as_ref()).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("there is no folder {}", folder(path).display()),
        _ => error.to_string(),
    })
}

fn put(path: &Path, contents: &[u8], before: Option<&Stat>) -> std::io::Result<()> {
    // A new file has the mode that the umask leaves, as any program's.
    let mut file = tempfile::Builder::new()
        .prefix(".deskguard-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder(path))?;
    let me = rustix::process::geteuid().as_raw();
    if let Some(seen) = before.filter(|seen| seen.st_uid == me) {
        // Giving a file to a group that one is not in is refused: then it stays in one's own.
        let kept = fchown(file.as_file(), None, Some(seen.st_gid)).is_ok();
        let mode = if kept { 0o777 } else { 0o707 };
        let mode = Permissions::from_mode(seen.st_mode & mode);
        file.as_file().set_permissions(mode)?;
    }
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn existing(path: &Path) -> Result<Option<Stat>, String> {
    let seen = match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(seen) => seen,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    match FileType::from_raw_mode(seen.st_mode) {
        FileType::RegularFile => Ok(Some(seen)),
        FileType::Directory => Err("it is a folder; name a file in it".to_owned()),
        FileType::Symlink => {
            Err("it is a symbolic link; name the file that it leads to".to_owned())
        }
        _ => Err("it is no regular file; --format prints to standard output".to_owned()),
    }
}

fn folder(path: &Path) -> &Path {
    let folder: Option<&Path> = path.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        check(&path).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o640
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn links_folders_and_devices_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("passwd"), folder.path().join("link"));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for (path, word) in [
            (link.as_path(), "symbolic link"),
            (folder.path(), "a folder"),
            (Path::new("/dev/null"), "no regular file"),
        ] {
            assert!(
                check(path).unwrap_err().contains(word),
                "{}",
                path.display()
            );
            assert!(write(path, b"x").unwrap_err().contains(word));
        }
        assert_eq!(fs::read(&target).unwrap(), b"kept");
        let missing = write(&folder.path().join("none/x"), b"x").unwrap_err();
        assert!(missing.starts_with("there is no folder"), "{missing}");
    }
}
