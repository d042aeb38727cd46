//! cron's tables and script folders, by the rules of the cron that the distribution ships.
//! Refuses to say when a task runs; only whether it does.

use super::{Command, ScheduledJob, Scheduler, Search, Task};
use crate::host::Kind;
use crate::host::read::MOST_ENTRIES;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const USER_TABLES: &[&str] = &[
    "/var/spool/cron/crontabs",
    "/var/spool/cron/tabs",
    "/var/spool/cron",
    "/etc/crontabs",
];
const SCRIPT_FOLDERS: &[&str] = &[
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/periodic/15min",
    "/etc/periodic/hourly",
    "/etc/periodic/daily",
];

/// Looks through every table and folder.
pub(super) fn look(search: &mut Search<'_>) {
    let debian = search.host.stat(Path::new("/etc/debian_version"));
    let debian = debian.is_ok_and(|found| found.is_some());
    let mut seen: Vec<PathBuf> = Vec::new();
    for folder in USER_TABLES {
        // Alpine has one folder under two names.
        let real = search.host.real_path(Path::new(folder)).ok().flatten();
        if real.as_ref().is_some_and(|real| seen.contains(real)) {
            continue;
        }
        seen.extend(real);
        for (name, path) in files(search, folder) {
            if !name.starts_with(['.', '#']) && !name.starts_with("tmp.") {
                table(search, &path, Some(&name), None, debian);
            }
        }
    }
    table(search, Path::new("/etc/crontab"), None, None, debian);
    for (name, path) in files(search, "/etc/cron.d") {
        table(
            search,
            &path,
            None,
            ignored(&name, debian).as_deref(),
            debian,
        );
    }
    for folder in SCRIPT_FOLDERS {
        for (name, path) in files(search, folder) {
            script(search, &name, &path, debian);
        }
    }
}

fn files(search: &mut Search<'_>, folder: &str) -> Vec<(String, PathBuf)> {
    let listed = search.host.list_dir(Path::new(folder), MOST_ENTRIES);
    let entries = search.noted(listed).flatten().unwrap_or_default();
    let files = entries
        .into_iter()
        .filter(|(_, kind)| matches!(kind, Kind::File | Kind::Link));
    files
        .map(|(name, _)| {
            let path = Path::new(folder).join(&name);
            (name.to_string_lossy().into_owned(), path)
        })
        .collect()
}

/// Why cron passes over a file of this name.
fn ignored(name: &str, debian: bool) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if debian && !name.chars().all(plain) {
        return Some(
            "cron on Debian ignores files whose names have a dot or other signs".to_owned(),
        );
    }
    let ends = [
        "~",
        ".rpmsave",
        ".rpmorig",
        ".rpmnew",
        ".dpkg-old",
        ".dpkg-dist",
        ".swp",
    ];
    (name.starts_with(['.', '#']) || ends.iter().any(|end| name.ends_with(end)))
        .then(|| "cron ignores backup copies".to_owned())
}

fn blank(user: &str, path: &Path, line: u32) -> ScheduledJob {
    ScheduledJob {
        user: user.to_owned(),
        effective_user: user.to_owned(),
        uid: None,
        command: String::new(),
        updates: false,
        enabled: true,
        scheduler: Scheduler::Cron,
        path: path.display().to_string(),
        line,
        notes: Vec::new(),
    }
}

/// A table of one user, or with a column for the user.
fn table(
    search: &mut Search<'_>,
    path: &Path,
    owner: Option<&str>,
    ignored: Option<&str>,
    debian: bool,
) {
    let Some(text) = search.read(path) else {
        return;
    };
    let text = String::from_utf8_lossy(&text);
    let unfinished = debian && !text.is_empty() && !text.ends_with('\n');
    let mut variables = BTreeMap::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = variable(line) {
            variables.insert(name, value);
            continue;
        }
        let Some((user, command)) = entry(line, owner) else {
            let path = path.display();
            search.miss(format!("{path}:{number} is no line of a crontab"));
            continue;
        };
        let mut job = blank(user, path, number);
        if let Some(why) = ignored {
            job.enabled = false;
            job.notes.push(why.to_owned());
        }
        if unfinished {
            job.notes.push(
                "the last line has no end, and Debian's cron then ignores the file".to_owned(),
            );
        }
        let command = before_percent(command);
        search.consider(&Task {
            command: Command::Text(&command),
            directory: None,
            variables: &variables,
            job,
        });
    }
}

/// `NAME = value`, quotes around either.
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let name = bare(name);
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (is_name && starts).then(|| (name, bare(value)))
}

/// The account and the command of a line.
fn entry<'a>(line: &'a str, owner: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    // SUSE's cron keeps quiet in the log about lines that start with a dash.
    let line = line.strip_prefix('-').unwrap_or(line);
    let times = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..times {
        rest = rest.split_once([' ', '\t'])?.1.trim_start();
    }
    let timed = times == 1 || line.starts_with(|c: char| c.is_ascii_digit() || c == '*');
    let (user, command) = match owner {
        Some(owner) => (owner, rest),
        None => rest.split_once([' ', '\t'])?,
    };
    let command = command.trim();
    (timed && !command.is_empty()).then_some((user, command))
}

/// An unescaped `%` ends the command, the rest is its input; `\%` is a `%`.
fn before_percent(command: &str) -> String {
    let mut out = String::new();
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'%') => {
                letters.next();
                out.push('%');
            }
            '%' => break,
            other => out.push(other),
        }
    }
    out
}

/// A script in a folder that cron runs as root.
fn script(search: &mut Search<'_>, name: &str, path: &Path, debian: bool) {
    let Some(text) = search.read(path) else {
        return;
    };
    let mut job = blank("root", path, 0);
    job.notes.extend(ignored(name, debian));
    let mode = search
        .host
        .stat(path)
        .ok()
        .flatten()
        .map(|stat| stat.st_mode);
    if mode.is_some_and(|mode| mode & 0o111 == 0) {
        job.notes
            .push("the script is not executable, so nothing runs it".to_owned());
    }
    job.enabled = job.notes.is_empty();
    search.consider(&Task {
        command: Command::Text(&String::from_utf8_lossy(&text)),
        directory: Some(Path::new("/")),
        variables: &BTreeMap::new(),
        job,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_by_their_columns() {
        let root = Some("root");
        assert_eq!(entry("*/1 * * * * php x", root), Some(("root", "php x")));
        assert_eq!(entry("@reboot\tphp x", root), Some(("root", "php x")));
        assert_eq!(
            entry("-0 1 * * 1-5  www  php x", None),
            Some(("www", "php x"))
        );
        assert_eq!(entry("@daily www php x", None), Some(("www", "php x")));
        assert_eq!(entry("* * * * *", root), None);
        assert_eq!(entry("nonsense of a line with words", root), None);
        let found = variable("MAILTO = \"a b\"");
        assert_eq!(found, Some(("MAILTO".to_owned(), "a b".to_owned())));
        assert_eq!(variable("* * * * * A=1 php x"), None);
        assert_eq!(variable("5 * * * * A=1 php x"), None);
        assert_eq!(before_percent("date +\\%d%input%more"), "date +%d");
    }

    #[test]
    fn names_that_cron_passes_over() {
        assert!(ignored("deskpro.bak", true).is_some());
        assert!(ignored("deskpro.conf", false).is_none());
        assert!(ignored("deskpro~", false).is_some());
        assert!(ignored("desk-pro_1", true).is_none());
    }
}
