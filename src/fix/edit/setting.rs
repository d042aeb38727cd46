//! A setting of the product's PHP configuration: taken out of effect, or given another value. Which
//! bytes to touch is tried out: the evaluator must find the setting as it is wanted, and everything
//! else as it was. Refuses what no such edit brings about.

use super::lines::{ending, split};
use crate::php::{self, Evaluation, Leaf, Limits, Part, PartKind, Sources};
use std::path::{Path, PathBuf};

/// No setting is set more often than this in one file.
const MOST_EDITS: usize = 50;
/// No more edits are tried out for one setting: a file of one endless line would take for ever.
const MOST_TRIES: u32 = 400;

/// The file, and what it is read with.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) sources: &'a dyn Sources,
    pub(super) limits: &'a Limits,
}

/// The text with the setting as it is wanted; unchanged where it is so already.
///
/// # Errors
/// Why it cannot be brought about, with the line.
pub(super) fn setting(
    file: File<'_>,
    text: &[u8],
    name: &str,
    wanted: Option<&str>,
) -> Result<Vec<u8>, String> {
    let first = file.evaluate(text);
    if let Some(note) = first.syntax_errors.first() {
        return Err(format!(
            "line {}: {}: correct that first",
            note.at.line, note.text
        ));
    }
    let wanted = match wanted {
        Some(expression) => Some(Wanted::new(expression)?),
        None => None,
    };
    let before = php::leaves(&first);
    let mut text = text.to_vec();
    let mut now = first;
    let mut tries = 0;
    for _ in 0..MOST_EDITS {
        let leaves = php::leaves(&now);
        if is_as_wanted(&leaves, name, wanted.as_ref()) {
            return match php::doubt(&now, name) {
                Some(why) => Err(format!(
                    "whether {name} is set elsewhere cannot be told: {why}"
                )),
                None => Ok(text),
            };
        }
        let attempt = Attempt {
            file,
            name,
            wanted: wanted.as_ref(),
            before: &before,
            now: &leaves,
        };
        (text, now) = attempt.step(&text, &mut tries)?;
    }
    Err(format!("{name} is set too often: mend it by hand"))
}

/// A value that the setting is to have.
struct Wanted {
    expression: String,
    /// Its leaves, with the setting's name left out.
    leaves: Vec<(String, u64)>,
}

impl Wanted {
    fn new(expression: &str) -> Result<Self, String> {
        let alone = Alone(format!("<?php $it = {expression};").into_bytes());
        let evaluation = php::evaluate(Path::new("/it"), &alone, &Limits::default());
        let leaves = php::leaves(&evaluation).into_iter();
        let leaves: Vec<_> = leaves
            .filter_map(|leaf| Some((leaf.name.strip_prefix("$it")?.to_owned(), leaf.value)))
            .collect();
        let is_plain = evaluation.syntax_errors.is_empty()
            && evaluation.fully_known
            && php::leaves(&evaluation).iter().all(|leaf| {
                leaf.name.starts_with("$it") && !leaf.is_unknown || leaf.name == "return"
            });
        if !is_plain {
            return Err(format!("`{expression}` is no plain value of PHP's"));
        }
        Ok(Self {
            expression: expression.to_owned(),
            leaves,
        })
    }
}

/// Whether a leaf is the setting or part of it.
fn below<'a>(leaf: &'a Leaf, name: &str) -> Option<&'a str> {
    let rest = leaf.name.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with('[')).then_some(rest)
}

fn is_as_wanted(leaves: &[Leaf], name: &str, wanted: Option<&Wanted>) -> bool {
    let mut there = leaves
        .iter()
        .filter_map(|leaf| Some((below(leaf, name)?, leaf.value)));
    match wanted {
        None => there.next().is_none(),
        Some(wanted) => {
            let wanted: Vec<_> = wanted
                .leaves
                .iter()
                .map(|(rest, value)| (rest.as_str(), *value))
                .collect();
            there.eq(wanted)
        }
    }
}

/// One edit on the way.
struct Attempt<'a> {
    file: File<'a>,
    name: &'a str,
    wanted: Option<&'a Wanted>,
    /// What the file said at first.
    before: &'a [Leaf],
    /// What it says now.
    now: &'a [Leaf],
}

type Edited = (Vec<u8>, Evaluation);

impl Attempt<'_> {
    /// The first edit that brings the setting nearer and changes nothing else.
    fn step(&self, text: &[u8], tries: &mut u32) -> Result<Edited, String> {
        let mut there = self
            .now
            .iter()
            .filter(|leaf| below(leaf, self.name).is_some());
        let Some(leaf) = there.next_back() else {
            return self.added(text);
        };
        let line = leaf.at.line;
        if *leaf.at.file != *self.file.path {
            return Err(format!(
                "{} is also set in {} on line {line}: mend it there",
                self.name,
                leaf.at.file.display()
            ));
        }
        let mut parts = php::parts(text, line)?;
        // A statement that sets this alone is easier to read as a comment than half of one.
        parts.sort_by_key(|part| !(self.wanted.is_none() && sets(text, part, self.name)));
        for part in parts {
            let Some(edited) = self.edited(text, &part) else {
                continue;
            };
            *tries += 1;
            if *tries > MOST_TRIES {
                break;
            }
            if let Some(now) = self.accepted(&edited) {
                return Ok((edited, now));
            }
        }
        Err(format!(
            "line {line}: what sets {} there cannot be told from the rest: give it a line and a statement of its own, or mend it by hand",
            self.name
        ))
    }

    fn edited(&self, text: &[u8], part: &Part) -> Option<Vec<u8>> {
        match (self.wanted, part.kind) {
            (Some(wanted), PartKind::Value) => {
                let mut made = text.get(..part.bytes.start)?.to_vec();
                made.extend_from_slice(wanted.expression.as_bytes());
                made.extend_from_slice(text.get(part.bytes.end..)?);
                Some(made)
            }
            (None, PartKind::Statement | PartKind::Body | PartKind::Element) => {
                commented(text, part)
            }
            _ => None,
        }
    }

    /// What the edited file says, if it is better and nothing else has changed.
    fn accepted(&self, text: &[u8]) -> Option<Evaluation> {
        let evaluation = self.file.evaluate(text);
        if !evaluation.syntax_errors.is_empty() {
            return None;
        }
        let leaves = php::leaves(&evaluation);
        let own = |leaf: &Leaf| is_own(leaf, self.name);
        let rest = |leaves: &[Leaf]| -> Vec<(String, u64)> {
            let others = leaves.iter().filter(|leaf| !own(leaf));
            others.map(|leaf| (leaf.name.clone(), leaf.value)).collect()
        };
        let mine = |leaves: &[Leaf]| -> Vec<(u32, PathBuf, u64, String)> {
            let own = leaves
                .iter()
                .filter(|leaf| below(leaf, self.name).is_some());
            own.map(|leaf| {
                (
                    leaf.at.line,
                    leaf.at.file.to_path_buf(),
                    leaf.value,
                    leaf.name.clone(),
                )
            })
            .collect()
        };
        let (mut old, mut new) = (rest(self.before), rest(&leaves));
        old.sort();
        new.sort();
        let is_nearer = mine(&leaves) != mine(self.now);
        (old == new && is_nearer).then_some(evaluation)
    }

    /// The setting stands nowhere: a statement of its own at the end.
    fn added(&self, text: &[u8]) -> Result<Edited, String> {
        let wanted = self.wanted.ok_or("there is nothing to add")?;
        let offset = php::end(text)?;
        let lines = split(text);
        let end = ending(&lines, 0);
        let statement = if self.name.starts_with('$') {
            format!("{} = {};", self.name, wanted.expression)
        } else {
            format!("define('{}', {});", self.name, wanted.expression)
        };
        let (head, tail) = text.split_at_checked(offset).ok_or("the file is cut off")?;
        let edited = [head, end, statement.as_bytes(), tail].concat();
        match self.accepted(&edited) {
            Some(now) => Ok((edited, now)),
            None => Err(format!(
                "{} cannot be added at the end of the file: add it by hand",
                self.name
            )),
        }
    }
}

/// Whether a leaf is the setting, or a copy of it in what the file returns.
fn is_own(leaf: &Leaf, name: &str) -> bool {
    if below(leaf, name).is_some() {
        return true;
    }
    let path = name.find('[').and_then(|at| name.get(at..));
    path.is_some_and(|path| below(leaf, &format!("return{path}")).is_some())
}

/// Whether a part is a statement that sets this and nothing else.
fn sets(text: &[u8], part: &Part, name: &str) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        let bytes = text.iter().filter(|byte| !byte.is_ascii_whitespace());
        bytes
            .map(|byte| if *byte == b'"' { b'\'' } else { *byte })
            .collect()
    };
    let statement = text.get(part.bytes.clone()).unwrap_or_default();
    let left = [name.as_bytes(), b"="].concat();
    part.kind == PartKind::Statement && plain(statement).starts_with(&plain(&left))
}

/// The text with the part as a comment, so that no other line moves.
fn commented(text: &[u8], part: &Part) -> Option<Vec<u8>> {
    let mut end = part.bytes.end;
    if part.kind == PartKind::Element {
        end += comma(text.get(end..)?);
    }
    let (before, rest) = text.split_at_checked(part.bytes.start)?;
    let inner = rest.get(..end - part.bytes.start)?;
    let after = text.get(end..)?;
    if part.kind != PartKind::Body && is_alone(before, after) && !holds(inner, b"?>") {
        return Some([before, &slashed(inner), after].concat());
    }
    if holds(inner, b"*/") {
        return None;
    }
    let ends = if part.kind == PartKind::Body {
        &b" */;"[..]
    } else {
        b" */"
    };
    Some([before, b"/* ", inner, ends, after].concat())
}

/// How many bytes to behind the comma that follows, 0 where none does.
fn comma(after: &[u8]) -> usize {
    let blanks = after
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    if after.get(blanks) == Some(&b',') {
        blanks + 1
    } else {
        0
    }
}

/// Whether nothing but blanks stands beside it on its lines.
fn is_alone(before: &[u8], after: &[u8]) -> bool {
    let breaks = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let left = before.rsplit(breaks).next().unwrap_or_default();
    let right = after.split(breaks).next().unwrap_or_default();
    left.trim_ascii().is_empty() && right.trim_ascii().is_empty() && before.iter().any(breaks)
}

/// Every line of it a comment of its own.
fn slashed(text: &[u8]) -> Vec<u8> {
    let mut made = b"// ".to_vec();
    let mut bytes = text.iter().peekable();
    while let Some(byte) = bytes.next() {
        made.push(*byte);
        if *byte == b'\n' || (*byte == b'\r' && bytes.peek() != Some(&&b'\n')) {
            made.extend_from_slice(b"// ");
        }
    }
    made
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

impl File<'_> {
    fn evaluate(&self, text: &[u8]) -> Evaluation {
        let with = With {
            file: *self,
            text: text.to_vec(),
        };
        php::evaluate(self.path, &with, self.limits)
    }
}

/// The host's files, one of them with another text.
struct With<'a> {
    file: File<'a>,
    text: Vec<u8>,
}

impl Sources for With<'_> {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        if path == self.file.path {
            return Ok(Some(self.text.clone()));
        }
        self.file.sources.read(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, String> {
        self.file.sources.exists(path)
    }

    fn is_file(&self, path: &Path) -> Result<bool, String> {
        self.file.sources.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> Result<bool, String> {
        self.file.sources.is_dir(path)
    }

    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        self.file.sources.realpath(path)
    }
}

/// One text and nothing beside it.
struct Alone(Vec<u8>);

impl Sources for Alone {
    fn read(&self, _: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(self.0.clone()))
    }

    fn exists(&self, _: &Path) -> Result<bool, String> {
        Err("only this text is read".to_owned())
    }

    fn is_file(&self, _: &Path) -> Result<bool, String> {
        Err("only this text is read".to_owned())
    }

    fn is_dir(&self, _: &Path) -> Result<bool, String> {
        Err("only this text is read".to_owned())
    }

    fn realpath(&self, _: &Path) -> Result<Option<PathBuf>, String> {
        Err("only this text is read".to_owned())
    }
}
