//! Edits of configuration files: a text and a deed become the new text, or the reason why not. What is
//! not edited stays byte for byte, and an edit that was made already changes nothing. Pure: files come
//! as bytes, the files beside a PHP file through its sources.

mod cron;
mod hunk;
mod ini;
mod lines;
mod setting;
mod snippet;

pub use hunk::{Hunk, Lines, hunks};

use super::Action;
use crate::php::{Limits, Sources};
use std::path::Path;

/// The file that the deed edits; nothing where it edits none.
#[must_use]
pub fn edits(action: &Action) -> Option<&str> {
    match action {
        Action::Setting { path, .. }
        | Action::Ini { path, .. }
        | Action::Snippet { path, .. }
        | Action::Line { path, .. }
        | Action::CronLine { path, .. } => Some(path),
        _ => None,
    }
}

/// The text as the deed wants it. `sources` and `limits` are what a PHP file is evaluated with.
///
/// # Errors
/// Why the edit cannot be made, with file, line and remedy.
pub fn edited(
    action: &Action,
    text: &[u8],
    sources: &dyn Sources,
    limits: &Limits,
) -> Result<Vec<u8>, String> {
    let path = edits(action).ok_or("the deed edits no file")?;
    let (line, made) = match action {
        Action::Setting { setting, value, .. } => {
            let file = setting::File {
                path: Path::new(path),
                sources,
                limits,
            };
            (0, setting::setting(file, text, setting, value.as_deref()))
        }
        Action::Ini {
            section,
            key,
            value,
            ..
        } => (0, ini::ini(text, section.as_deref(), key, value)),
        Action::Snippet {
            server,
            line,
            expected,
            text: wanted,
            ..
        } => (
            *line,
            snippet::snippet(*server, text, *line, expected, wanted),
        ),
        Action::Line {
            server,
            line,
            expected,
            text: wanted,
            ..
        } => (*line, snippet::line(*server, text, *line, expected, wanted)),
        Action::CronLine { line, user, .. } => {
            (*line, cron::cron_line(text, *line, user.as_deref()))
        }
        _ => (0, Err("the deed edits no file".to_owned())),
    };
    made.map_err(|problem| match line {
        0 => format!("{path}: {problem}"),
        line => format!("{path}:{line}: {problem}"),
    })
}

#[cfg(test)]
mod tests;
