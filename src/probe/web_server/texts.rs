//! Configuration files read once more, for what stands on their lines.

use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::Place;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files that were read, by their names.
pub(super) struct Texts<'a> {
    host: &'a Host,
    read: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Texts<'a> {
    pub(super) const fn new(host: &'a Host) -> Self {
        Self {
            host,
            read: BTreeMap::new(),
        }
    }

    /// All of a file; nothing where it cannot be read.
    pub(super) fn file(&mut self, path: &Path) -> Option<&[u8]> {
        if !self.read.contains_key(path) {
            let text = self.host.read_file(path, LARGEST_CONFIG).ok()??;
            self.read.insert(path.to_path_buf(), text);
        }
        self.read.get(path).map(Vec::as_slice)
    }

    /// What stands on a line, without the blanks around it; nothing for a file as a whole.
    pub(super) fn line(&mut self, at: &Place) -> Option<String> {
        if at.line == 0 {
            return Some(String::new());
        }
        let text = self.file(&at.file)?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut lines = text.split(|byte| *byte == b'\n');
        let line = lines.nth((at.line as usize).checked_sub(1)?)?;
        String::from_utf8(line.trim_ascii().to_vec()).ok()
    }
}
