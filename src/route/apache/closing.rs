//! Where a section of Apache's closes in a text, to the byte, so that lines can be put at its end,
//! where the last word is. Refuses sections that do not close in the same file.

use super::lines::lines;
use super::words::first_word;

/// The line, counted from 1, of the tag that closes the section which opens on `line`.
///
/// # Errors
/// What stands there instead.
pub fn closing(text: &[u8], line: u32) -> Result<u32, String> {
    let mut open: Vec<Vec<u8>> = Vec::new();
    let mut depth = None;
    for it in lines(text) {
        if let Some(rest) = it.text.strip_prefix(b"</") {
            let name = rest.split(|byte| *byte == b'>').next().unwrap_or_default();
            let opened = open.pop();
            if !opened.is_some_and(|opened| opened.eq_ignore_ascii_case(name.trim_ascii())) {
                let shown = String::from_utf8_lossy(name).into_owned();
                return Err(format!(
                    "line {}: nothing opens what </{shown}> closes",
                    it.number
                ));
            }
            if depth == Some(open.len()) {
                return Ok(it.number);
            }
        } else if let Some(rest) = it.text.strip_prefix(b"<") {
            if it.number == line {
                depth = Some(open.len());
            }
            let name = first_word(rest).map(|(name, _)| name);
            let name = name.as_ref().map_or(&b""[..], |name| name.bytes());
            open.push(name.strip_suffix(b">").unwrap_or(name).to_vec());
        }
    }
    Err(match depth {
        Some(_) => "the section that opens there is not closed in this file".to_owned(),
        None => "no section opens there".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_close_where_apache_closes_them() {
        let text = b"# <A>\n<VirtualHost *:80>\n <Directory />\n# </VirtualHost>\n </directory>\n A \\\n</VirtualHost>\n</VirtualHost>\n<If \"%{X} > 1\">\n</If>\n";
        assert_eq!(closing(text, 2), Ok(8));
        assert_eq!(closing(text, 3), Ok(5));
        assert_eq!(closing(text, 9), Ok(10));
        assert!(closing(text, 1).is_err());
        assert!(closing(b"<A>\n<B>\n</A>\n", 1).is_err());
        assert!(closing(b"<A>\n", 1).is_err());
    }
}
