//! The output of `nginx -T`: many files in one, each behind a line that names it.
//! Refuses to look anywhere else: what the dump does not hold is missing.

use crate::route::{Source, Sources};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const MARK: &[u8] = b"# configuration file ";

/// The files of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// The file that nginx started from.
    pub main: PathBuf,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Dump {
    /// Cuts a dump into its files; nothing if the text is no dump.
    #[must_use]
    pub fn split(text: &[u8]) -> Option<Self> {
        let mut main = None;
        let mut current: Option<PathBuf> = None;
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if let Some(path) = marked(line) {
                main.get_or_insert_with(|| path.clone());
                files.entry(path.clone()).or_default();
                current = Some(path);
            } else if let Some(path) = &current {
                files
                    .entry(path.clone())
                    .or_default()
                    .extend_from_slice(line);
            } else if !before_first(line) {
                return None;
            }
        }
        main.map(|main| Self { main, files })
    }

    /// The text of the file that nginx started from.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.files
            .get(&self.main)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

fn marked(line: &[u8]) -> Option<PathBuf> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let path = line.strip_prefix(MARK)?.strip_suffix(b":")?;
    path.starts_with(b"/")
        .then(|| PathBuf::from(OsStr::from_bytes(path)))
}

/// `nginx -T 2>&1` says first that the syntax is fine, or complains.
fn before_first(line: &[u8]) -> bool {
    line.starts_with(b"nginx: ") || line.trim_ascii().is_empty()
}

impl Sources for Dump {
    fn read(&self, path: &Path) -> Result<Source, String> {
        Ok(self
            .files
            .get(path)
            .map_or(Source::Missing, |text| Source::Text(text.clone())))
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        let matcher = crate::route::pattern::Pattern::new(pattern)?;
        Ok(self
            .files
            .keys()
            .filter(|path| matcher.matches(path))
            .cloned()
            .collect())
    }
}
