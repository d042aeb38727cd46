//! A site's own checks from a folder: `area/good-state.toml`, like the built-in ones.

use crate::check::Source;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The largest check file, in bytes.
const MAX_FILE: u64 = 256 << 10;

/// Every check file below the folder.
///
/// # Errors
/// Why the folder or a file cannot be read.
pub(super) fn read(folder: &Path) -> Result<Vec<Source>, String> {
    let mut files = Vec::new();
    collect(folder, 0, &mut files)?;
    if files.is_empty() {
        return Err(format!(
            "{}: there is no .toml file in this folder",
            folder.display()
        ));
    }
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let size = fs::metadata(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?
                .len();
            if size > MAX_FILE {
                return Err(format!(
                    "{}: larger than {} KiB",
                    file.display(),
                    MAX_FILE >> 10
                ));
            }
            let text = fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let id = file
                .strip_prefix(folder)
                .unwrap_or(&file)
                .with_extension("");
            Ok((id.to_string_lossy().into_owned(), file, text))
        })
        .collect()
}

fn unreadable(folder: &Path, error: &std::io::Error) -> String {
    let why = match error.kind() {
        ErrorKind::NotFound => "there is no such folder",
        ErrorKind::NotADirectory => "it is no folder: name the one that holds AREA/CHECK.toml",
        ErrorKind::PermissionDenied => "you may not read this folder",
        _ => return format!("{}: {error}", folder.display()),
    };
    format!("{}: {why}", folder.display())
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), String> {
    const DEEPEST: usize = 4;
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
        let kind = entry
            .file_type()
            .map_err(|error| format!("{}: {error}", entry.path().display()))?;
        let path = entry.path();
        if kind.is_dir() && depth < DEEPEST {
            collect(&path, depth + 1, files)?;
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}
