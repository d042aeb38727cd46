//! Lines of configuration files as they stand there, so that an edit can say what it expects. Each file
//! is read once.

use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::Place;
use std::collections::BTreeMap;
use std::path::PathBuf;

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

    /// What stands on the line, without the blanks around it; nothing for a file as a whole.
    pub(super) fn text(&mut self, at: &Place) -> Option<String> {
        if at.line == 0 {
            return Some(String::new());
        }
        if !self.texts.contains_key(&*at.file) {
            let text = self.host.read_file(&at.file, LARGEST_CONFIG).ok()??;
            self.texts.insert(at.file.to_path_buf(), text);
        }
        let text = self.texts.get(&*at.file)?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut lines = text.split(|byte| *byte == b'\n');
        let line = lines.nth((at.line as usize).checked_sub(1)?)?;
        String::from_utf8(line.trim_ascii().to_vec()).ok()
    }
}
