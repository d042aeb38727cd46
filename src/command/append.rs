//! One table more at the end of the settings: read back before it is put in place, whole or not at all.
//! Refuses settings that would not say what was appended.

use super::settings::only_ours;
use super::{Failure, replace};
use crate::config::{Config, DEFAULT_PATH};
use std::path::{Path, PathBuf};

/// Adds the lines of one `[[name]]` to the settings, and says where. `tables` is the table's name and how
/// many of it the settings hold.
///
/// # Errors
/// Why it cannot be added; then the settings are as they were.
pub(super) fn append(
    path: &Path,
    text: &str,
    lines: &str,
    tables: (&str, fn(&Config) -> usize),
) -> Result<PathBuf, Failure> {
    let mut new = text.trim_end().to_owned();
    if !new.is_empty() {
        new.push_str("\n\n");
    }
    new.push_str(lines);
    // What was appended must be read as what it is, one table more.
    let (name, count) = tables;
    let held = |text: &str| Config::parse(path, text).map(|config| count(&config));
    let before = held(text).unwrap_or(0);
    if held(&new).ok() != Some(before + 1) {
        return Err(Failure::Message(format!(
            "{}: a [[{name}]] cannot be appended, because the file lists them in another way. Add this by hand:\n{lines}",
            path.display()
        )));
    }
    let wrong = |problem: String| format!("{}: {problem}", path.display());
    let file = match path.canonicalize() {
        Ok(real) => real,
        Err(_) => {
            make_folder(path)?;
            path.to_owned()
        }
    };
    only_ours(file.parent().unwrap_or(&file))?;
    replace::write(&file, new.as_bytes()).map_err(wrong)?;
    Ok(file)
}

/// `/etc/deskguard` where it is not there yet.
fn make_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|_| path == Path::new(DEFAULT_PATH));
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(())
}
