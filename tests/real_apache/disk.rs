//! The real disk as www-data would find it, where everything belongs to root. Refuses ACLs and
//! owners: tests do not make any.

use deskguard::route::{Disk, Entry, Links, Source, Sources};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

/// The real disk.
pub(crate) struct RealDisk;

impl Sources for RealDisk {
    fn read(&self, path: &Path) -> Result<Source, String> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                let mut names: Vec<PathBuf> = fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .collect();
                names.sort();
                Ok(Source::Directory(names))
            }
            Ok(_) => fs::read(path)
                .map(Source::Text)
                .map_err(|e| format!("{}: {e}", path.display())),
            Err(_) => Ok(Source::Missing),
        }
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else {
            return Ok(Vec::new());
        };
        let name = name.to_string_lossy().replace('\\', "");
        let start = name.strip_suffix('*').unwrap_or(&name);
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with(start)
            })
            .collect();
        found.sort();
        Ok(found)
    }
}

impl Disk for RealDisk {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Ok(match enter(path) {
            Some(entry) => entry,
            None => match fs::metadata(path) {
                Ok(found) if found.is_dir() => Entry::Directory {
                    readable: found.permissions().mode() & 0o4 != 0,
                    enterable: found.permissions().mode() & 0o1 != 0,
                },
                Ok(found) if found.is_file() => Entry::File {
                    readable: found.permissions().mode() & 0o4 != 0,
                },
                Ok(_) => Entry::Other,
                Err(error) => failed(&error),
            },
        })
    }

    fn links(&self, path: &Path) -> Result<Links, String> {
        let mut here = PathBuf::new();
        let mut found = Links::None;
        for component in path.components() {
            here.push(component);
            let Ok(itself) = fs::symlink_metadata(&here) else {
                break;
            };
            if itself.is_symlink() {
                let same = fs::metadata(&here).is_ok_and(|target| target.uid() == itself.uid());
                found = match (found, same) {
                    (Links::OtherOwner, _) | (_, false) => Links::OtherOwner,
                    _ => Links::SameOwner,
                };
            }
        }
        Ok(found)
    }

    fn link(&self, path: &Path) -> Result<Links, String> {
        let bare = path
            .to_str()
            .map_or(path, |text| Path::new(text.trim_end_matches('/')));
        Ok(match fs::symlink_metadata(bare) {
            Ok(itself) if itself.is_symlink() => {
                match fs::metadata(bare).is_ok_and(|target| target.uid() == itself.uid()) {
                    true => Links::SameOwner,
                    false => Links::OtherOwner,
                }
            }
            _ => Links::None,
        })
    }
}

fn failed(error: &std::io::Error) -> Entry {
    match error.kind() {
        ErrorKind::NotFound => Entry::Missing,
        ErrorKind::NotADirectory => Entry::BelowFile,
        _ => Entry::Unusable,
    }
}

/// A directory on the way that is closed to others.
fn enter(path: &Path) -> Option<Entry> {
    let mut here = PathBuf::new();
    let components: Vec<Component<'_>> = path.components().collect();
    for component in components.iter().take(components.len().saturating_sub(1)) {
        here.push(component);
        match fs::metadata(&here) {
            Ok(found) if found.is_dir() && found.permissions().mode() & 0o1 == 0 => {
                return Some(Entry::Closed);
            }
            Ok(_) => {}
            Err(error) => return Some(failed(&error)),
        }
    }
    None
}
