//! What is nobody's business: configuration, source, dumps, logs, dot-files, and scripts that are no
//! entry points. One file of each kind stands for its directory.

use super::data::{Groups, is_data};
use super::guard;
use super::places::{Bounds, Sample, Spot, spots};
use super::surface::Surface;
use crate::facts::{FilesFacts, Known, Listing, Reach};
use crate::target::{Generation, Target};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An application has some thousand directories; those near its root stand for the rest.
const BOUNDS: Bounds = Bounds {
    depth: 3,
    directories: 160,
};
/// No more leftovers are asked about.
const MOST_LISTED: usize = 200;

/// Extensions of what is for the eyes of visitors.
const PUBLIC: &[&str] = &[
    "css",
    "js",
    "mjs",
    "map",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "ico",
    "webp",
    "woff",
    "woff2",
    "ttf",
    "eot",
    "otf",
    "htm",
    "html",
    "swf",
    "mp3",
    "mp4",
    "wav",
    "ogg",
    "cur",
    "less",
    "scss",
    "json",
    "txt",
    "md",
    "pdf",
    "xap",
    "webmanifest",
    "wasm",
];

/// Lists of one kind each.
#[derive(Default)]
pub(super) struct Private {
    pub(super) credentials: Listing<Reach>,
    pub(super) private: Listing<Reach>,
    pub(super) scripts: Listing<Reach>,
    pub(super) directories: Listing<Reach>,
    /// Whether directories of the install were left out.
    pub(super) is_cut: bool,
}

pub(super) fn observe(
    surface: &Surface<'_>,
    target: &Target,
    files: &FilesFacts,
    data: &[Spot],
) -> Private {
    let closed: Vec<PathBuf> = data.iter().map(|spot| spot.path.clone()).collect();
    let Sample {
        spots: tree,
        is_cut,
    } = spots(surface.host, &target.root, &closed, BOUNDS);
    let credentials = credentials(surface, target, files);
    let mut scripts = Groups::default();
    let mut private = Groups::default();
    for spot in &tree {
        for (extension, path) in &spot.files {
            if is_data(target, path) || is_credential(target, path) {
                continue;
            }
            if extension == "php" || extension == "phtml" {
                let all = all_scripts(surface, target, spot);
                for path in all {
                    let mut rows = surface.reaches(&path, "script", &[], "");
                    let intended = is_entry_point(target, &path);
                    rows.iter_mut().for_each(|row| row.intended = intended);
                    let beside = entry_points(target).any(|it| it.parent() == path.parent());
                    let rows = guarded(rows, if beside { guard::exact } else { guard::alike });
                    scripts.add(rows.clone());
                    if !intended {
                        private.add(rows);
                    }
                }
            } else if !is_public(extension, &spot.path) {
                let rows = surface.reaches(path, kind_of(extension), &[], "");
                private.add(guarded(rows, guard::alike));
            }
        }
    }
    for (path, kind) in listed(target, files) {
        let rows = surface.reaches(&path, &kind, &[], "");
        private.add(guarded(rows, guard::exact));
    }
    let mut directories = Groups::default();
    for spot in tree.iter().chain(data) {
        directories.add(surface.reaches(&spot.path, "directory", &[], ""));
        directories.add(surface.reaches(&spot.path, "directory", &[], "/"));
    }
    let missed = &surface.missed;
    let list = |groups: Groups, more: &[String]| Listing {
        rows: groups.rows,
        missed: missed.iter().chain(more).cloned().collect(),
    };
    Private {
        credentials: list(credentials, &files.credentials.missed),
        private: list(private, &files.leftovers.missed),
        scripts: list(scripts, &[]),
        directories: list(directories, &[]),
        is_cut,
    }
}

/// Whether a file of this kind is for visitors. A name without an extension says nothing but among
/// commands.
fn is_public(extension: &str, directory: &Path) -> bool {
    PUBLIC.contains(&extension) || extension.is_empty() && !directory.ends_with("bin")
}

/// In the root every script counts: that is where v4 keeps its commands beside its entry points.
fn all_scripts(surface: &Surface<'_>, target: &Target, spot: &Spot) -> Vec<PathBuf> {
    let first = spot.files.get("php").or_else(|| spot.files.get("phtml"));
    let is_root = spot.path == target.root || entry_directory(target) == Some(spot.path.clone());
    if !is_root {
        return first.cloned().into_iter().collect();
    }
    let entries = surface
        .host
        .list_dir(&spot.path, crate::host::read::MOST_ENTRIES);
    let names = entries.ok().flatten().unwrap_or_default().into_iter();
    let scripts = names.filter(|(name, kind)| {
        let name = name.to_string_lossy();
        *kind == crate::host::Kind::File && (name.ends_with(".php") || name.ends_with(".phtml"))
    });
    let paths = scripts.map(|(name, _)| spot.path.join(name));
    paths.filter(|path| !is_credential(target, path)).collect()
}

/// The directory that the generation means to publish.
fn entry_directory(target: &Target) -> Option<PathBuf> {
    let generation = target.generation.known()?;
    Some(generation.shipped_document_root(&target.root))
}

/// The scripts that the product means to run for visitors (v4: its root and the stubs for servers
/// without rewriting; later: one).
fn entry_points(target: &Target) -> impl Iterator<Item = PathBuf> {
    let root = entry_directory(target).unwrap_or_else(|| target.root.clone());
    let names: &[&str] = match target.generation {
        Known::Known(Generation::V4) => &[
            "index.php",
            "file.php",
            "dp.php",
            "get_messages.php",
            "admin/index.php",
            "agent/index.php",
        ],
        _ => &["index.php"],
    };
    names.iter().map(move |name| root.join(name))
}

fn is_entry_point(target: &Target, path: &Path) -> bool {
    entry_points(target).any(|it| it == path)
}

/// The rows with what refuses each of them.
fn guarded(mut rows: Vec<Reach>, guard: impl Fn(&str) -> Option<String>) -> Vec<Reach> {
    for row in &mut rows {
        row.guard = guard(&row.url).unwrap_or_default();
    }
    rows
}

fn is_credential(target: &Target, path: &Path) -> bool {
    let files = target.settings.iter().flat_map(|settings| &settings.files);
    files.into_iter().any(|file| file.file.path == path)
}

/// Configuration files and other files with credentials, and their copies.
fn credentials(surface: &Surface<'_>, target: &Target, files: &FilesFacts) -> Groups {
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for file in target.settings.iter().flat_map(|settings| &settings.files) {
        if file.there == Ok(true) {
            paths.insert(file.file.path.clone());
        }
    }
    paths.extend(
        files
            .credentials
            .rows
            .iter()
            .map(|row| PathBuf::from(&row.path)),
    );
    let copies = files.leftovers.rows.iter().filter(|row| {
        let name = row.path.rsplit('/').next().unwrap_or_default();
        name.contains("config") || name.starts_with(".env")
    });
    paths.extend(copies.map(|row| PathBuf::from(&row.path)));
    let mut rows = Groups::default();
    for path in paths.iter().take(MOST_LISTED) {
        let real = surface.real(path);
        // Data directories have a list of their own.
        if !is_data(target, &real) || is_credential(target, path) {
            let found = surface.reaches(&real, "configuration", &[], "");
            rows.add(guarded(found, guard::exact));
        }
    }
    rows
}

/// What the walk over the files found of leftovers and backups.
fn listed(target: &Target, files: &FilesFacts) -> Vec<(PathBuf, String)> {
    let leftovers = files.leftovers.rows.iter();
    let leftovers = leftovers.map(|row| (PathBuf::from(&row.path), row.kind.clone()));
    let backups = files.backups.rows.iter();
    let backups = backups.map(|row| (PathBuf::from(&row.path), row.kind.clone()));
    let all = leftovers.chain(backups);
    all.filter(|(path, _)| !is_data(target, path))
        .take(MOST_LISTED)
        .collect()
}

fn kind_of(extension: &str) -> &'static str {
    match extension {
        "." => "dot-file",
        "log" => "log",
        "sql" | "zip" | "gz" | "bz2" | "xz" | "tar" | "dump" => "dump or archive",
        "bat" | "sh" | "" => "script or command",
        _ => "file that is not for visitors",
    }
}
