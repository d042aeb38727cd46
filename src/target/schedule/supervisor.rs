//! supervisord's programs. Refuses its expressions: `%(…)s` stays as written.

use super::{Command, ScheduledJob, Scheduler, Search, Task};
use crate::target::ini::{Dialect, Entry, entries};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MAINS: &[&str] = &[
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisord.conf",
    "/usr/local/etc/supervisord.conf",
];
const PATTERNS: &[&str] = &[
    "/etc/supervisor/conf.d/*.conf",
    "/etc/supervisor.d/*.ini",
    "/etc/supervisor.d/*.conf",
    "/etc/supervisord.d/*.ini",
    "/etc/supervisord.d/*.conf",
];

/// Looks through every program.
pub(super) fn look(search: &mut Search<'_>) {
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    let mut default = "root".to_owned();
    let mut patterns: Vec<PathBuf> = PATTERNS.iter().map(PathBuf::from).collect();
    for main in MAINS.iter().map(Path::new) {
        for entry in read(search, main) {
            match (entry.section.as_str(), entry.key.as_str()) {
                ("supervisord", "user") => default = entry.value,
                ("include", "files") => {
                    let folder = main.parent().unwrap_or(Path::new("/"));
                    let named = entry.value.split_whitespace();
                    patterns.extend(named.map(|pattern| folder.join(pattern)));
                }
                _ => {}
            }
        }
        files.insert(main.to_owned());
    }
    for pattern in patterns {
        let found = search.host.glob(&pattern);
        files.extend(search.noted(found).unwrap_or_default());
    }
    for file in files {
        let mut programs: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in read(search, &file) {
            if entry.section.starts_with("program:") {
                programs
                    .entry(entry.section.clone())
                    .or_default()
                    .push(entry);
            }
        }
        for program in programs.values() {
            consider(search, &file, program, &default);
        }
    }
}

fn read(search: &mut Search<'_>, file: &Path) -> Vec<Entry> {
    let text = search.read(file).unwrap_or_default();
    let (entries, broken) = entries(&text, Dialect::Supervisor);
    for line in broken {
        let file = file.display();
        search.miss(format!("{file}:{line}: neither a section nor a setting"));
    }
    entries
}

fn consider(search: &mut Search<'_>, file: &Path, program: &[Entry], default: &str) {
    let get = |key: &str| program.iter().rev().find(|entry| entry.key == key);
    let Some(command) = get("command") else {
        return;
    };
    let Some(words) = shlex::split(&command.value) else {
        let file = file.display();
        search.miss(format!("{file}:{}: a quote is not closed", command.line));
        return;
    };
    let user = get("user").map_or(default, |entry| &entry.value);
    let off = ["false", "off", "no", "0"];
    let enabled = !get("autostart").is_some_and(|e| off.contains(&e.value.to_lowercase().as_str()));
    let directory = get("directory").map(|entry| PathBuf::from(&entry.value));
    let notes = (!enabled).then(|| "autostart is off".to_owned());
    search.consider(&Task {
        command: Command::Words(&words),
        directory: directory.as_deref(),
        variables: &BTreeMap::new(),
        job: ScheduledJob {
            user: user.to_owned(),
            effective_user: user.to_owned(),
            uid: None,
            command: String::new(),
            updates: false,
            enabled,
            scheduler: Scheduler::Supervisor,
            path: file.display().to_string(),
            line: command.line,
            notes: notes.into_iter().collect(),
        },
    });
}
