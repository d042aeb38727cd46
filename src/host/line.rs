//! One line of a configuration file as it stands there, so that an edit can say what it expects.

use super::glob::LARGEST_CONFIG;
use super::read::Host;
use std::path::Path;

impl Host {
    /// What stands on a line, from 1, without the blanks around it and a byte order mark; nothing where the
    /// file cannot be read or has no such line.
    #[must_use]
    pub fn line(&self, path: &Path, line: u32) -> Option<String> {
        line_of(&self.read_file(path, LARGEST_CONFIG).ok()??, line)
    }
}

/// The same of a text.
#[must_use]
pub fn line_of(text: &[u8], line: u32) -> Option<String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.nth((line as usize).checked_sub(1)?)?;
    String::from_utf8(line.trim_ascii().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_an_edit_expects() {
        let text = b"\xef\xbb\xbfa 1;\r\n\t b;\n\xff";
        let line = |number| line_of(text, number);
        assert_eq!(line(1).as_deref(), Some("a 1;"));
        assert_eq!(line(2).as_deref(), Some("b;"));
        assert_eq!([line(0), line(3), line(4)], [None, None, None]);
    }
}
