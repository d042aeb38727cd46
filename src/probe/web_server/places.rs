//! Which directories and files stand for a whole tree: a bounded walk, breadth first, that takes one
//! file of each kind from each directory. Refuses links: each directory is asked about as itself.

use crate::host::read::MOST_ENTRIES;
use crate::host::{Host, Kind};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// A directory, and a file of each kind in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) path: PathBuf,
    /// The first file of each extension, `` for none.
    pub(super) files: BTreeMap<String, PathBuf>,
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) depth: usize,
    pub(super) directories: usize,
}

/// The spots of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) spots: Vec<Spot>,
    /// Whether directories were left out because of the bounds.
    pub(super) is_cut: bool,
}

/// The directories below a root, itself first; `closed` are not entered. A directory that cannot be
/// listed is still a spot.
pub(super) fn spots(host: &Host, root: &Path, closed: &[PathBuf], bounds: Bounds) -> Sample {
    let mut found = Vec::new();
    let mut is_cut = false;
    let mut open = VecDeque::from([(root.to_owned(), 0)]);
    while let Some((directory, depth)) = open.pop_front() {
        let mut spot = Spot {
            path: directory.clone(),
            files: BTreeMap::new(),
        };
        let entries = host.list_dir(&directory, MOST_ENTRIES).ok().flatten();
        for (name, kind) in entries.unwrap_or_default() {
            let path = directory.join(&name);
            match kind {
                Kind::Directory if closed.contains(&path) => {}
                // This directory itself is in neither list yet.
                Kind::Directory
                    if depth < bounds.depth
                        && found.len() + 1 + open.len() < bounds.directories =>
                {
                    open.push_back((path, depth + 1));
                }
                Kind::Directory => is_cut = true,
                Kind::File => {
                    let extension = extension(&path);
                    spot.files.entry(extension).or_insert(path);
                }
                _ => {}
            }
        }
        found.push(spot);
    }
    Sample {
        spots: found,
        is_cut,
    }
}

fn extension(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('.') {
        // All dot-files are of one kind.
        Some(("", _)) => ".".to_owned(),
        Some((_, extension)) => extension.to_ascii_lowercase(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_tree_is_a_few_spots() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for name in 0..50 {
            std::fs::create_dir_all(at(&format!("d{name:02}/deep/deeper"))).unwrap();
            std::fs::write(at(&format!("d{name:02}/{name}.php")), "").unwrap();
        }
        for name in ["b.log", "a.log", ".env", "x"] {
            std::fs::write(at(name), "").unwrap();
        }
        let bounds = Bounds {
            depth: 2,
            directories: 10,
        };
        let closed = [at("d00")];
        let sample = spots(&Host::default(), folder.path(), &closed, bounds);
        assert!(sample.is_cut);
        let found = sample.spots;
        assert_eq!(found.len(), 10);
        let first = &found[0];
        let kinds: Vec<&str> = first.files.keys().map(String::as_str).collect();
        assert_eq!(kinds, ["", ".", "log"]);
        assert_eq!(first.files["log"], at("a.log"));
        assert!(found.iter().all(|spot| spot.path != at("d00")));
    }
}
