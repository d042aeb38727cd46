//! What an edit does to the lines of a file, so that a script or a playbook can do the same where
//! deskguard is not: from the text before and the text after. Refuses lines that cannot be shown, among
//! them those with a secret, and texts whose last line has no end.

use super::lines::split;
use super::{edited, edits};
use crate::check::StepKind;
use crate::fix::{Action, quote};
use crate::php::{Limits, Sources};
use std::collections::BTreeMap;

/// Lines that become others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first of the old lines, from 1; where there is none, the line before which the new ones go.
    pub line: u32,
    /// The line above, where there is one that can be shown.
    pub above: Option<String>,
    /// What changes.
    pub lines: Lines,
}

/// How lines change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// These become those.
    Become {
        /// What stands there now; may be empty.
        old: Vec<String>,
        /// What is to stand there; may be empty.
        new: Vec<String>,
    },
    /// Each becomes a comment of PHP's by `// ` in this column, in bytes from 0. What it holds need not
    /// be shown; the first of them holds this word.
    Slashed {
        /// A column for each line.
        columns: Vec<usize>,
        /// A word by which the first line is known.
        word: String,
    },
}

/// The hunks of deeds that edit files, by the deed's place among all; or why they cannot be told.
/// Deeds of one file work one after another, so that each finds what those before it left.
pub fn hunks<'a>(
    actions: impl Iterator<Item = &'a Action>,
    texts: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    sources: &dyn Sources,
    limits: &Limits,
) -> BTreeMap<usize, Result<Vec<Hunk>, String>> {
    let mut now: BTreeMap<&str, Result<Vec<u8>, String>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (number, action) in actions.enumerate() {
        let Some(path) = edits(action) else { continue };
        let text = now.entry(path).or_insert_with(|| texts(path));
        let made = text.clone().and_then(|before| {
            let after = edited(action, &before, sources, limits)?;
            let hunks = between(action, &before, &after)?;
            *text = Ok(after);
            Ok(hunks)
        });
        found.insert(number, made);
    }
    found
}

fn between(action: &Action, before: &[u8], after: &[u8]) -> Result<Vec<Hunk>, String> {
    if before == after {
        return Ok(Vec::new());
    }
    let (old, new) = (split(before), split(after));
    if old.len() == new.len() && slashed(&old, &new).is_none() {
        return apart(action, &old, &new);
    }
    let hunk = changed(action, &old, &new, (1, None))?;
    Ok(vec![hunk])
}

/// A hunk for each run of lines that become others, where none comes or goes.
fn apart(action: &Action, old: &[&[u8]], new: &[&[u8]]) -> Result<Vec<Hunk>, String> {
    let pairs: Vec<(&[u8], &[u8])> = old.iter().copied().zip(new.iter().copied()).collect();
    let mut hunks = Vec::new();
    let (mut line, mut above) = (1, None);
    for run in pairs.chunk_by(|one, other| (one.0 == one.1) == (other.0 == other.1)) {
        let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = run.iter().copied().unzip();
        if old != new {
            hunks.push(changed(action, &old, &new, (line, above))?);
        }
        line += u32::try_from(run.len()).unwrap_or(u32::MAX);
        above = old.last().copied();
    }
    Ok(hunks)
}

/// One hunk: from the first line that differs to the last one.
fn changed(
    action: &Action,
    mut old: &[&[u8]],
    mut new: &[&[u8]],
    (mut line, mut above): (u32, Option<&[u8]>),
) -> Result<Hunk, String> {
    while let ([one, older @ ..], [other, newer @ ..]) = (old, new)
        && one == other
    {
        (old, new) = (older, newer);
        line += 1;
        above = Some(one);
    }
    while let ([older @ .., one], [newer @ .., other]) = (old, new)
        && one == other
    {
        (old, new) = (older, newer);
    }
    let above = above.and_then(|it| shown(&[it]).ok()?.pop());
    let lines = match slashed(old, new) {
        Some(columns) => Lines::Slashed {
            columns,
            word: word(action).ok_or("the line cannot be told by a word of it")?,
        },
        None => Lines::Become {
            old: shown(old)?,
            new: shown(new)?,
        },
    };
    Ok(Hunk { line, above, lines })
}

/// Where `// ` was put into each line, if nothing else was done to any.
fn slashed(old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<usize>> {
    if old.len() != new.len() {
        return None;
    }
    let each = old.iter().zip(new);
    each.map(|(old, new)| {
        let column = old.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let columns = [column.count(), 0];
        columns.into_iter().find(|column| {
            let (blanks, rest) = old.split_at_checked(*column).unwrap_or_default();
            [blanks, b"// ", rest].concat() == **new
        })
    })
    .collect()
}

/// The last word of a setting's name: `dev` of `$C['debug']['dev']`.
fn word(action: &Action) -> Option<String> {
    let Action::Setting { setting, .. } = action else {
        return None;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = setting.split(|c| !plain(c));
    words.rfind(|it| !it.is_empty()).map(str::to_owned)
}

/// Lines without their ends.
fn shown(lines: &[&[u8]]) -> Result<Vec<String>, String> {
    let shown = lines.iter().map(|line| {
        let text = std::str::from_utf8(line).map_err(|_| "a line is not UTF-8")?;
        let text = text.strip_suffix('\n').ok_or("the last line has no end")?;
        quote(StepKind::Shell, &text.replace('\t', " "))
            .map_err(|_| "a line holds what a script cannot")?;
        if is_secret(text) {
            return Err("a line holds what may be a secret".to_owned());
        }
        Ok(text.to_owned())
    });
    shown.collect()
}

/// Whether a line gives something a value that nobody else may read.
fn is_secret(line: &str) -> bool {
    const WORDS: [&str; 7] = ["pass", "secret", "token", "salt", "key", "auth", "dsn"];
    let line = line.to_lowercase();
    let gives = line.contains('=') || line.contains("define");
    gives && WORDS.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Server;

    fn one(action: &Action, before: &str, after: &str) -> Result<Hunk, String> {
        between(action, before.as_bytes(), after.as_bytes()).map(|mut it| it.remove(0))
    }

    fn setting(name: &str) -> Action {
        Action::Setting {
            path: "/c.php".to_owned(),
            setting: name.to_owned(),
            line: 0,
            value: None,
        }
    }

    #[test]
    fn a_statement_that_goes_is_not_shown() {
        let before = "<?php\n\t$C['t']['token'] = 'x'\n;\n$D['password'] = 'y';\n";
        let after = "<?php\n\t// $C['t']['token'] = 'x'\n// ;\n$D['password'] = 'y';\n";
        let hunk = one(&setting("$C['t']['token']"), before, after).unwrap();
        let lines = Lines::Slashed {
            columns: vec![1, 0],
            word: "token".to_owned(),
        };
        assert_eq!((hunk.line, hunk.lines), (2, lines));
        let whole = one(&setting("$C['x']"), "$C['password'] = 1;\n", "x\n");
        assert!(whole.unwrap_err().contains("secret"));
    }

    #[test]
    fn lines_that_come_and_lines_that_go() {
        let snippet = Action::Reload {
            server: Server::Nginx,
            service: None,
        };
        let hunk = one(&snippet, "a\nb\n", "a\nx\ny\nb\n").unwrap();
        let lines = Lines::Become {
            old: Vec::new(),
            new: vec!["x".to_owned(), "y".to_owned()],
        };
        assert_eq!((hunk.line, hunk.lines), (2, lines));
        let hunk = one(&snippet, "a\nb\nc\n", "a\nc\n").unwrap();
        let lines = Lines::Become {
            old: vec!["b".to_owned()],
            new: Vec::new(),
        };
        assert_eq!((hunk.line, hunk.lines), (2, lines));
        assert!(one(&snippet, "a\nb", "a\nc").is_err());
    }

    /// Lines between those that change are not shown: they may hold secrets.
    #[test]
    fn lines_that_lie_apart_are_hunks_of_their_own() {
        let before = "$C['t'] = 1;\n$C['password'] = 2;\n$C['t'] = 3;\n";
        let after = "// $C['t'] = 1;\n$C['password'] = 2;\n// $C['t'] = 3;\n";
        let hunks = between(&setting("$C['t']"), before.as_bytes(), after.as_bytes()).unwrap();
        let lines: Vec<u32> = hunks.iter().map(|hunk| hunk.line).collect();
        assert_eq!(lines, [1, 3]);
        let slashed = |hunk: &Hunk| matches!(hunk.lines, Lines::Slashed { .. });
        assert!(hunks.iter().all(slashed), "{hunks:?}");
    }
}
