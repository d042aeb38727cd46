//! A key of an ini file: php.ini, a pool of PHP-FPM's, my.cnf. The last line of a key counts in all of
//! them, so that is the one that is changed. Refuses sections that are for some requests only.

use super::lines::{cut, ending, indent, split};

/// The text with the key set; unchanged where the line that counts holds the value already.
///
/// # Errors
/// Why the place cannot be told.
pub(super) fn ini(
    text: &[u8],
    section: Option<&str>,
    key: &str,
    value: &str,
) -> Result<Vec<u8>, String> {
    if [key, value].iter().any(|it| it.contains(['\n', '\r'])) {
        return Err("a value of one line is wanted".to_owned());
    }
    let lines = split(text);
    let places = places(&lines, section, key);
    if let Some(index) = places.counting {
        let old = lines.get(index).copied().unwrap_or_default();
        return Ok(replaced(&lines, index, &changed(old, value)));
    }
    if section.is_some() && places.header.is_none() {
        let name = section.unwrap_or_default();
        return Ok(with_section(&lines, name, key, value));
    }
    // Behind the header, where no section of another kind can have begun.
    let at = places.header.map_or(0, |header| header + 1);
    let end = ending(&lines, at.saturating_sub(1));
    let (before, after) = lines.split_at_checked(at).unwrap_or((&lines, &[]));
    let mut made = before.concat();
    let mark = if at == 0 { mark_of(after) } else { &[] };
    made.extend_from_slice(mark);
    if !made.is_empty() && at > 0 && !made.ends_with(b"\n") {
        made.extend_from_slice(end);
    }
    made.extend_from_slice(format!("{key} = {value}").as_bytes());
    made.extend_from_slice(end);
    let after = after.concat();
    made.extend_from_slice(after.get(mark.len()..).unwrap_or_default());
    Ok(made)
}

/// The byte order mark that the text begins with.
fn mark_of<'a>(lines: &[&'a [u8]]) -> &'a [u8] {
    let first = lines.first().copied().unwrap_or_default();
    if first.starts_with(b"\xef\xbb\xbf") {
        first.get(..3).unwrap_or_default()
    } else {
        &[]
    }
}

/// Where the key and its section stand.
#[derive(Default)]
struct Places {
    /// The last line that sets the key.
    counting: Option<usize>,
    /// The first header of the section.
    header: Option<usize>,
}

fn places(lines: &[&[u8]], section: Option<&str>, key: &str) -> Places {
    let mut places = Places::default();
    let mut here = section.is_none();
    for (index, line) in lines.iter().enumerate() {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let line = line.trim_ascii();
        if let Some(name) = line.strip_prefix(b"[") {
            let name = name.split(|byte| *byte == b']').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).trim().to_owned();
            // Sections of php.ini are headings only, but for those of single hosts and paths.
            let special = ["HOST=", "PATH="].iter().any(|kind| {
                name.get(..kind.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(kind))
            });
            here = section.map_or(!special, |wanted| wanted == name);
            if here && places.header.is_none() {
                places.header = Some(index);
            }
        } else if here && key_of(line).is_some_and(|found| same(&found, key)) {
            places.counting = Some(index);
        }
    }
    places
}

fn key_of(line: &[u8]) -> Option<String> {
    if line.starts_with(b";") || line.starts_with(b"#") {
        return None;
    }
    let key = line.split(|byte| *byte == b'=').next()?;
    Some(String::from_utf8_lossy(key).trim().to_owned())
}

/// MySQL takes `-` and `_` for the same in names of options.
fn same(one: &str, other: &str) -> bool {
    one == other || one.replace('-', "_") == other.replace('-', "_")
}

/// The line with another value; a comment behind it goes, since it spoke of the old one.
fn changed(line: &[u8], value: &str) -> Vec<u8> {
    let (body, end) = cut(line);
    let equals = body.iter().position(|byte| *byte == b'=');
    let (key, old) = body.split_at(equals.map_or(body.len(), |at| at + 1));
    let blanks = indent(old);
    if without_comment(old) == value.as_bytes() {
        return line.to_vec();
    }
    let mut made = key.to_vec();
    if equals.is_none() {
        made.extend_from_slice(b" = ");
    }
    made.extend_from_slice(blanks);
    made.extend_from_slice(value.as_bytes());
    made.extend_from_slice(end);
    made
}

fn without_comment(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    if value.starts_with(b"\"") || value.starts_with(b"'") {
        return value;
    }
    let end = value.iter().position(|byte| matches!(byte, b';' | b'#'));
    value
        .get(..end.unwrap_or(value.len()))
        .unwrap_or(value)
        .trim_ascii()
}

fn replaced(lines: &[&[u8]], index: usize, line: &[u8]) -> Vec<u8> {
    let each = lines.iter().enumerate();
    each.flat_map(|(at, old)| if at == index { line } else { old })
        .copied()
        .collect()
}

fn with_section(lines: &[&[u8]], section: &str, key: &str, value: &str) -> Vec<u8> {
    let mut made = lines.concat();
    let end = ending(lines, lines.len().saturating_sub(1));
    if !made.is_empty() && !made.ends_with(b"\n") {
        made.extend_from_slice(end);
    }
    for line in [format!("[{section}]"), format!("{key} = {value}")] {
        made.extend_from_slice(line.as_bytes());
        made.extend_from_slice(end);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, section: Option<&str>, key: &str, value: &str) -> String {
        let made = ini(text.as_bytes(), section, key, value).unwrap();
        let again = ini(&made, section, key, value).unwrap();
        assert_eq!(made, again, "{text:?}");
        String::from_utf8(made).unwrap()
    }

    #[test]
    fn the_line_that_counts_is_the_one_that_changes() {
        let text = "[PHP]\r\nexpose_php = On\r\n;expose_php = Off\r\nexpose_php=On ; why\r\n[HOST=x]\r\nexpose_php=On\r\n";
        assert_eq!(
            set(text, None, "expose_php", "Off"),
            text.replace("expose_php=On ; why", "expose_php=Off")
        );
        let pool = "[a]\nphp_admin_flag[x] = on\n[b]\nphp_admin_flag[x] = on";
        assert_eq!(
            set(pool, Some("b"), "php_admin_flag[x]", "off"),
            "[a]\nphp_admin_flag[x] = on\n[b]\nphp_admin_flag[x] = off"
        );
        let sql = "[client]\nlocal-infile=1\n[mysqld]\nlocal_infile\n";
        assert_eq!(
            set(sql, Some("mysqld"), "local-infile", "0"),
            "[client]\nlocal-infile=1\n[mysqld]\nlocal_infile = 0\n"
        );
    }

    #[test]
    fn a_new_key_stands_where_it_counts_for_everything() {
        assert_eq!(
            set("[HOST=x]\na=1\n", None, "b", "2"),
            "b = 2\n[HOST=x]\na=1\n"
        );
        assert_eq!(set("; c\n[PHP]", None, "b", "2"), "; c\n[PHP]\nb = 2\n");
        assert_eq!(
            set("\u{feff}a = 1\n", None, "b", "2"),
            "\u{feff}b = 2\na = 1\n"
        );
        assert_eq!(set("", None, "b", "2"), "b = 2\n");
        assert_eq!(
            set("[a]\nx=1", Some("b"), "k", "v"),
            "[a]\nx=1\n[b]\nk = v\n"
        );
        assert!(ini(b"", None, "a", "1\nb = 2").is_err());
    }
}
