//! Lines of configuration files as they stand there, so that an edit can say what it expects. Each file
//! is read once.

use crate::host::glob::LARGEST_CONFIG;
use crate::host::{Host, line_of};
use crate::route::Place;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) struct Lines<'a> {
    host: &'a Host,
    texts: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(host: &'a Host) -> Self {
        Self {
            host,
            texts: BTreeMap::new(),
        }
    }

    /// All of a file; nothing where it cannot be read.
    pub(super) fn file(&mut self, path: &Path) -> Option<&[u8]> {
        if !self.texts.contains_key(path) {
            let text = self.host.read_file(path, LARGEST_CONFIG).ok()??;
            self.texts.insert(path.to_path_buf(), text);
        }
        self.texts.get(path).map(Vec::as_slice)
    }

    /// What stands on the line, without the blanks around it; nothing for a file as a whole.
    pub(super) fn text(&mut self, at: &Place) -> Option<String> {
        if at.line == 0 {
            return Some(String::new());
        }
        line_of(self.file(&at.file)?, at.line)
    }
}
