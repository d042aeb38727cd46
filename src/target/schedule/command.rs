//! Whether a command line runs the product, as whom, and whether it also carries out updates.
//! Refuses to guess a directory: a relative name in an unknown one is said to be unclear.

use super::shell::commands;
use super::wrapper::{Inner, base, unwrap};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Wrappers in one another, no deeper than this.
const DEEPEST: usize = 20;

/// What a command does for the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobKind {
    /// Whether it also replaces the application by a newer one.
    pub updates: bool,
}

/// A command that runs the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProductCommand {
    pub(super) kind: JobKind,
    /// The account that a wrapper changed to.
    pub(super) user: Option<String>,
}

/// What looking at a command line told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) product: Vec<ProductCommand>,
    /// Commands that look like the product's, in a directory that is not known.
    pub(super) unclear: Vec<String>,
    /// Programs that may be scripts, which may run the product.
    pub(super) scripts: Vec<(PathBuf, Option<String>)>,
}

/// Where a command runs.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The working directory, if it is known.
    pub(super) directory: Option<&'a Path>,
    /// Variables whose values are known.
    pub(super) variables: &'a BTreeMap<String, String>,
    /// Whether a directory is the install's root.
    pub(super) is_root: &'a dyn Fn(&Path) -> bool,
}

/// Whether a command line runs the product installed at `root`, and what it then does. The last
/// word is that of the most dangerous command in it.
#[must_use]
pub fn is_product_command(command: &str, root: &Path) -> Option<JobKind> {
    let setting = Setting {
        directory: None,
        variables: &BTreeMap::new(),
        is_root: &|directory| directory == root,
    };
    let kinds = read_text(command, setting).product;
    kinds
        .into_iter()
        .map(|found| found.kind)
        .max_by_key(|kind| kind.updates)
}

/// Looks at a text for a shell.
pub(super) fn read_text(text: &str, setting: Setting<'_>) -> Reading {
    let mut reading = Reading::default();
    let mut walk = Walk {
        setting,
        reading: &mut reading,
    };
    walk.text(text, setting.directory.map(Path::to_owned), None, 0);
    reading
}

/// Looks at a command whose words are known.
pub(super) fn read_words(words: &[String], setting: Setting<'_>) -> Reading {
    let mut reading = Reading::default();
    let mut walk = Walk {
        setting,
        reading: &mut reading,
    };
    walk.words(words, &mut setting.directory.map(Path::to_owned), None, 0);
    reading
}

struct Walk<'a> {
    setting: Setting<'a>,
    reading: &'a mut Reading,
}

impl Walk<'_> {
    fn text(&mut self, text: &str, directory: Option<PathBuf>, user: Option<&str>, depth: usize) {
        let mut directory = directory;
        for words in commands(text, self.setting.variables) {
            self.words(&words, &mut directory, user, depth);
        }
    }

    fn words(
        &mut self,
        words: &[String],
        directory: &mut Option<PathBuf>,
        user: Option<&str>,
        depth: usize,
    ) {
        let Some(first) = words.first().filter(|_| depth < DEEPEST) else {
            return;
        };
        if first == "cd" || first == "pushd" {
            let target = words.iter().skip(1).find(|word| !word.starts_with('-'));
            *directory = target.and_then(|to| absolute(to, directory.as_deref()));
            return;
        }
        let Some(unwrapped) = unwrap(words) else {
            self.program(words, directory.as_deref(), user);
            return;
        };
        let user = unwrapped.user.as_deref().or(user);
        let mut inside = match &unwrapped.directory {
            Some(to) => absolute(to, directory.as_deref()),
            None => directory.clone(),
        };
        match unwrapped.inner {
            Inner::Words(words) => self.words(&words, &mut inside, user, depth + 1),
            Inner::Text(text) => self.text(&text, inside, user, depth + 1),
        }
    }

    fn program(&mut self, words: &[String], directory: Option<&Path>, user: Option<&str>) {
        let user = user.map(str::to_owned);
        let Some((script, arguments)) = script(words) else {
            return;
        };
        // The container's loop, wherever its image keeps it.
        if base(script) == "tasksd" {
            let kind = JobKind { updates: false };
            self.reading.product.push(ProductCommand { kind, user });
            return;
        }
        let Some(path) = absolute(script, directory) else {
            if depth_of(script).is_some() {
                let shown = words.join(" ");
                self.reading.unclear.push(shown);
            }
            return;
        };
        let root = depth_of(script).or_else(|| depth_of(&path.to_string_lossy()));
        let root = root.and_then(|(depth, _)| path.ancestors().nth(depth));
        if root.is_some_and(|root| (self.setting.is_root)(root)) {
            let kind = JobKind {
                updates: updates(&path, arguments),
            };
            self.reading.product.push(ProductCommand { kind, user });
        } else {
            self.reading.scripts.push((path, user));
        }
    }
}

/// The script that a command runs, PHP taken off, and its arguments.
fn script(words: &[String]) -> Option<(&str, &[String])> {
    let (first, rest) = words.split_first()?;
    let name = base(first).to_ascii_lowercase();
    let version = name
        .strip_prefix("php")
        .map(|v| v.trim_start_matches("-cli"));
    let is_php = version.is_some_and(|version| {
        let version = version.trim_end_matches(".exe");
        version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    if !is_php {
        return Some((first, rest));
    }
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        at += match word.as_str() {
            "-d" | "-c" | "-z" => 2,
            "-f" | "--file" | "--" => 1,
            // These run no file.
            "-r" | "-R" | "-B" | "-v" | "-i" | "-m" => return None,
            option if option.starts_with('-') => 1,
            _ => break,
        };
    }
    Some((rest.get(at)?, rest.get(at + 1..).unwrap_or_default()))
}

/// The product's entry points: how far below the root they lie.
fn depth_of(script: &str) -> Option<(usize, &'static str)> {
    const ENTRIES: &[(usize, &str)] = &[
        (1, "cron.php"),
        (1, "upgrade.php"),
        (2, "bin/cron"),
        (3, "app/bin/deskpro-cron-runner.sh"),
    ];
    let entry = ENTRIES
        .iter()
        .find(|(_, entry)| Path::new(script).ends_with(entry));
    entry.copied()
}

/// v4's entry points always carry updates out; v5's does unless it is told not to.
fn updates(path: &Path, arguments: &[String]) -> bool {
    !path.ends_with("bin/cron") || !arguments.iter().any(|word| word == "--no-auto-updater")
}

/// The path made absolute and free of `.` and `..`; nothing if that cannot be known.
fn absolute(path: &str, directory: Option<&Path>) -> Option<PathBuf> {
    if path.contains('$') || path.starts_with('~') {
        return None;
    }
    let joined = match directory {
        Some(directory) => directory.join(path),
        None => PathBuf::from(path),
    };
    if joined.is_relative() {
        return None;
    }
    let mut clean = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    Some(clean)
}

#[cfg(test)]
mod tests;
