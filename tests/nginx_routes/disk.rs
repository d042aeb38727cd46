//! The files that both the server and the model see, and the disk as www-data finds it.

use deskguard::route::{Disk, Entry, Links, Source, Sources};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Files below the web folder, by the names that nasty URLs ask for.
const FILES: &[&str] = &[
    "index.html",
    "index.php",
    "x.php",
    "x.txt",
    "upload.jpg",
    "config.php",
    "sp ace.txt",
    "UPPER.PHP",
    "x.php.jpg",
    "x.phtml",
    "a+b.txt",
    "%41.txt",
    "a?b.php",
    ".htaccess",
    ".git/config",
    "admin/index.php",
    "admin/panel.php",
    "data/secret.txt",
    "data/evil.php",
    "data/index.php",
    "data/sub/x.php",
    "dir/x.php",
    "dir/index.htm",
    "upload/a.jpg",
    "upload/shell.php",
    "upload/shell.phar",
    "empty/keep.txt",
    "other/index.html",
    "other/x.php",
    "other/data/evil.php",
    "other/.hidden",
    "50x.html",
    "err.php",
    "secret/unreadable.txt",
    "secret/unreadable.php",
    "closed/inside.txt",
    "closed/inside.php",
    "folder.php/x.txt",
    "Data/evil.php",
    "wwwindex.php",
];

/// Makes the files; each says whether it was sent or run, and which it is.
pub(crate) fn make(www: &Path) {
    for name in FILES {
        let path = www.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(
            &path,
            format!(
                "FILE {}\n<?php header('X-Ran: ' . __FILE__); echo 'RAN ' . __FILE__ . \"\\n\"; ?>\n",
                path.display()
            ),
        )
        .unwrap();
    }
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(www.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("secret/unreadable.txt", 0o600);
    mode("secret/unreadable.php", 0o600);
    mode("closed", 0o700);
    fs::create_dir_all(www.join("unlisted")).unwrap();
    mode("unlisted", 0o711);
    symlink("x.txt", www.join("link.txt")).unwrap();
    symlink("data", www.join("linked")).unwrap();
    symlink("circle", www.join("circle")).unwrap();
    symlink("nowhere", www.join("broken.php")).unwrap();
    // A sibling whose name begins like the root's, for URIs without a slash.
    fs::write(www.parent().unwrap().join("wwwx.php"), "FILE wwwx\n").unwrap();
    let mut open = vec![www.to_owned()];
    while let Some(path) = open.pop() {
        if path.parent().is_none() {
            break;
        }
        open.push(path.parent().unwrap().to_owned());
        if path.starts_with(std::env::temp_dir()) && path != std::env::temp_dir() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
}

/// The disk for one who is neither owner nor in a group of anything on it.
pub(crate) struct Others;

impl Others {
    fn look(path: &Path) -> Entry {
        let mut at = PathBuf::from("/");
        let names: Vec<_> = path.components().skip(1).collect();
        for (index, name) in names.iter().enumerate() {
            let above = fs::metadata(&at).unwrap();
            if !above.is_dir() {
                return Entry::BelowFile;
            }
            if above.mode() & 0o001 == 0 {
                return Entry::Closed;
            }
            at.push(name);
            if let Err(e) = fs::metadata(&at) {
                return match e.raw_os_error() {
                    Some(libc_enoent) if libc_enoent == nix::errno::Errno::ENOENT as i32 => {
                        Entry::Missing
                    }
                    Some(e) if e == nix::errno::Errno::ENOTDIR as i32 => Entry::BelowFile,
                    _ => Entry::Unusable,
                };
            }
            let _ = index;
        }
        let found = fs::metadata(&at).unwrap();
        let slash = path.as_os_str().as_encoded_bytes();
        if found.is_dir() {
            return Entry::Directory {
                readable: found.mode() & 0o004 != 0,
                enterable: found.mode() & 0o001 != 0,
            };
        }
        if slash.ends_with(b"/") || slash.ends_with(b"/.") {
            return Entry::BelowFile;
        }
        if found.is_file() {
            return Entry::File {
                readable: found.mode() & 0o004 != 0,
            };
        }
        Entry::Other
    }
}

impl Sources for Others {
    fn read(&self, path: &Path) -> Result<Source, String> {
        fs::read(path).map(Source::Text).map_err(|e| e.to_string())
    }

    fn glob(&self, _: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

impl Disk for Others {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Ok(Self::look(path))
    }

    fn links(&self, path: &Path) -> Result<Links, String> {
        let mut at = PathBuf::from("/");
        let mut links = Links::None;
        for name in path.components().skip(1) {
            at.push(name);
            let Ok(found) = fs::symlink_metadata(&at) else {
                break;
            };
            if found.is_symlink() {
                let same = fs::metadata(&at).is_ok_and(|to| to.uid() == found.uid());
                links = match (links, same) {
                    (Links::OtherOwner, _) | (_, false) => Links::OtherOwner,
                    (_, true) => Links::SameOwner,
                };
            }
        }
        Ok(links)
    }
}
