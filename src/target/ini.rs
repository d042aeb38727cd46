//! Files of `[section]` and `key = value`: PHP-FPM's, systemd's and supervisor's dialects.
//! Refuses to interpret values; a line that fits nothing is given back by its number.

/// Whose rules a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `;` comments, quoted values, comments after values.
    Php,
    /// `#` and `;` comments, a backslash at the end continues a line.
    Systemd,
    /// `#` and `;` comments, an indented line continues a value, ` ;` ends it.
    Supervisor,
}

/// A `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: u32,
}

/// The entries of a file, and the lines that are none.
pub(super) fn entries(text: &[u8], dialect: Dialect) -> (Vec<Entry>, Vec<u32>) {
    let text = String::from_utf8_lossy(text);
    let mut section = String::new();
    let mut found: Vec<Entry> = Vec::new();
    let mut broken = Vec::new();
    let mut continued: Option<(String, u32)> = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let (line, number) = match continued.take() {
            // A comment between two parts of a line is left out, the line goes on.
            Some(start) if is_comment(line, dialect) => {
                continued = Some(start);
                continue;
            }
            Some((start, first)) => (format!("{start} {}", line.trim()), first),
            None => (line.trim_end().to_owned(), number),
        };
        if line.trim().is_empty() || is_comment(&line, dialect) {
            continue;
        }
        if dialect == Dialect::Systemd
            && let Some(start) = line.strip_suffix('\\')
        {
            continued = Some((start.to_owned(), number));
            continue;
        }
        if dialect == Dialect::Supervisor
            && line.starts_with([' ', '\t'])
            && let Some(last) = found.last_mut()
        {
            last.value.push('\n');
            last.value.push_str(line.trim());
            continue;
        }
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
            section = name.0.trim().to_owned();
        } else if let Some((key, value)) = line.split_once('=') {
            found.push(Entry {
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value_of(value.trim(), dialect),
                line: number,
            });
        } else {
            broken.push(number);
        }
    }
    (found, broken)
}

fn is_comment(line: &str, dialect: Dialect) -> bool {
    let line = line.trim_start();
    line.starts_with(';') || (dialect != Dialect::Php && line.starts_with('#'))
}

fn value_of(value: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Systemd => value.to_owned(),
        Dialect::Supervisor => match value.split_once(" ;") {
            Some((value, _)) => value.trim_end().to_owned(),
            None => value.to_owned(),
        },
        Dialect::Php => {
            for quote in ['"', '\''] {
                let inner = value.strip_prefix(quote);
                if let Some((inner, _)) = inner.and_then(|inner| inner.split_once(quote)) {
                    return inner.to_owned();
                }
            }
            let end = value.find(';').unwrap_or(value.len());
            value.get(..end).unwrap_or(value).trim_end().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Vec<(String, String, String, u32)> {
        let (found, broken) = entries(text.as_bytes(), dialect);
        assert!(broken.is_empty());
        let each = found.into_iter();
        each.map(|e| (e.section, e.key, e.value, e.line)).collect()
    }

    fn entry(section: &str, key: &str, value: &str, line: u32) -> (String, String, String, u32) {
        (section.to_owned(), key.to_owned(), value.to_owned(), line)
    }

    #[test]
    fn each_dialect_by_its_rules() {
        assert_eq!(
            read(
                "; x\n[www]\n user = \"a;b\" ; c\nlisten=/run/x.sock;y\n",
                Dialect::Php
            ),
            [
                entry("www", "user", "a;b", 3),
                entry("www", "listen", "/run/x.sock", 4)
            ]
        );
        assert_eq!(
            read(
                "[Service]\nExecStart=/a \\\n# no\n  b;c\nUser=x\n",
                Dialect::Systemd
            ),
            [
                entry("Service", "ExecStart", "/a  b;c", 2),
                entry("Service", "User", "x", 5)
            ]
        );
        assert_eq!(
            read(
                "[program:x]\ncommand=a b ; c\nenvironment=A=1,\n  B=2\n",
                Dialect::Supervisor
            ),
            [
                entry("program:x", "command", "a b", 2),
                entry("program:x", "environment", "A=1,\nB=2", 3)
            ]
        );
        assert_eq!(entries(b"[a]\nnonsense\n", Dialect::Php).1, [2]);
    }
}
