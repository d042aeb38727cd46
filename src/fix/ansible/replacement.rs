//! Hunks as expressions of Python's that find lines by number and by what stands there. Refuses to find
//! what was replaced already.

use crate::fix::edit::{Hunk, Lines};
use std::fmt::Write as _;

/// An expression of Python's and what to put in the place of what it finds.
pub(super) fn replacement(hunk: &Hunk) -> (String, String) {
    let before = hunk.line.saturating_sub(1);
    match &hunk.lines {
        Lines::Become { old, new } => {
            let start = match &hunk.above {
                Some(above) => format!(
                    "\\A((?:[^\\n]*\\n){{{}}}{}\\n)",
                    before.saturating_sub(1),
                    escaped(above)
                ),
                None => format!("\\A((?:[^\\n]*\\n){{{before}}})"),
            };
            let lines = |lines: &[String]| -> String {
                lines
                    .iter()
                    .map(|line| format!("{}\\n", escaped(line)))
                    .collect()
            };
            let find = if old.is_empty() {
                format!("{start}(?!{})", lines(new))
            } else {
                format!("{start}{}", lines(old))
            };
            let new: String = new
                .iter()
                .map(|line| format!("{}\n", line.replace('\\', "\\\\")))
                .collect();
            (find, format!("\\g<1>{new}"))
        }
        Lines::Slashed { columns, word } => {
            let mut find = format!("\\A((?:[^\\n]*\\n){{{before}}}");
            let mut put = String::new();
            for (index, column) in columns.iter().enumerate() {
                let _ = write!(find, "[ \\t]{{{column}}})");
                if index == 0 {
                    let _ = write!(find, "(?!// )(?=[^\\n]*{})", escaped(word));
                }
                if index + 1 < columns.len() {
                    find.push_str("([^\\n]*\\n");
                }
                let _ = write!(put, "\\g<{}>// ", index + 1);
            }
            (find, put)
        }
    }
}

/// A text that an expression of Python's takes for itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_' {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
