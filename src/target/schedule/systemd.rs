//! systemd's services and the timers that start them, drop-ins laid over them.
//! Refuses user instances and generators, and specifiers in paths stay as written.

use super::{Command, ScheduledJob, Scheduler, Search, Task};
use crate::host::read::MOST_ENTRIES;
use crate::target::ini::{Dialect, Entry, entries};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The first folder that has a name wins.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// Looks through every service.
pub(super) fn look(search: &mut Search<'_>) {
    let units = Units::list(search);
    let mut started: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for (name, path) in units.of_kind(".timer") {
        let Some(timer) = units.read(search, name, path) else {
            continue;
        };
        let service = match timer.last("Timer", "Unit") {
            Some(entry) => entry.value.clone(),
            None => name.replace(".timer", ".service"),
        };
        let enabled = units.is_wanted(name);
        started
            .entry(template(&service))
            .or_default()
            .push((name.clone(), enabled));
    }
    for (name, path) in units.of_kind(".service") {
        if let Some(service) = units.read(search, name, path) {
            let timers = started
                .get(&template(name))
                .map(Vec::as_slice)
                .unwrap_or_default();
            service.consider(search, timers, units.is_wanted(name));
        }
    }
}

/// `a@b.service` is made of `a@.service`.
fn template(name: &str) -> String {
    match (name.split_once('@'), name.rsplit_once('.')) {
        (Some((start, _)), Some((_, kind))) => format!("{start}@.{kind}"),
        _ => name.to_owned(),
    }
}

#[derive(Default)]
struct Units {
    files: BTreeMap<String, PathBuf>,
    /// Drop-in folders, by the unit's name, in the order of precedence.
    drop_ins: BTreeMap<String, Vec<PathBuf>>,
    /// What `*.wants` and `*.requires` folders link to.
    wanted: BTreeSet<String>,
}

impl Units {
    fn list(search: &mut Search<'_>) -> Self {
        let mut units = Self::default();
        for folder in FOLDERS.iter().map(Path::new) {
            for name in names(search, folder) {
                let path = folder.join(&name);
                if name.ends_with(".wants") || name.ends_with(".requires") {
                    let wanted = names(search, &path);
                    units
                        .wanted
                        .extend(wanted.iter().map(|name| template(name)));
                } else if let Some(unit) = name.strip_suffix(".d") {
                    units
                        .drop_ins
                        .entry(unit.to_owned())
                        .or_default()
                        .push(path);
                } else if name.ends_with(".service") || name.ends_with(".timer") {
                    units.files.entry(name).or_insert(path);
                }
            }
        }
        units
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (&String, &PathBuf)> {
        self.files
            .iter()
            .filter(move |(name, _)| name.ends_with(kind))
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.wanted.contains(&template(name))
    }

    /// A unit with its drop-ins; nothing if it is masked.
    fn read(&self, search: &mut Search<'_>, name: &str, path: &Path) -> Option<Unit> {
        let link = search.host.read_link(path).ok().flatten();
        if link.is_some_and(|target| target == Path::new("/dev/null")) {
            return None;
        }
        let text = search.read(path)?;
        let mut unit = Unit {
            path: path.to_owned(),
            entries: Vec::new(),
        };
        unit.add(search, path, &text);
        let mut overlays: BTreeMap<String, PathBuf> = BTreeMap::new();
        for folder in self.drop_ins.get(name).into_iter().flatten() {
            for file in names(search, folder) {
                if file.ends_with(".conf") {
                    overlays
                        .entry(file.clone())
                        .or_insert_with(|| folder.join(&file));
                }
            }
        }
        for overlay in overlays.values() {
            if let Some(text) = search.read(overlay) {
                unit.add(search, overlay, &text);
            }
        }
        Some(unit)
    }
}

fn names(search: &mut Search<'_>, folder: &Path) -> Vec<String> {
    let listed = search.host.list_dir(folder, MOST_ENTRIES);
    let entries = search.noted(listed).flatten().unwrap_or_default();
    let names = entries.into_iter().map(|(name, _)| name);
    names.filter_map(|name| name.into_string().ok()).collect()
}

struct Unit {
    path: PathBuf,
    entries: Vec<(PathBuf, Entry)>,
}

impl Unit {
    fn add(&mut self, search: &mut Search<'_>, path: &Path, text: &[u8]) {
        let (entries, broken) = entries(text, Dialect::Systemd);
        for line in broken {
            let path = path.display();
            search.miss(format!("{path}:{line}: neither a section nor a setting"));
        }
        let entries = entries.into_iter().map(|entry| (path.to_owned(), entry));
        self.entries.extend(entries);
    }

    fn all(&self, section: &str, key: &str) -> Vec<&(PathBuf, Entry)> {
        let mut found = Vec::new();
        for entry in &self.entries {
            if entry.1.section == section && entry.1.key == key {
                // An empty value takes back what was said before.
                if entry.1.value.is_empty() {
                    found.clear();
                } else {
                    found.push(entry);
                }
            }
        }
        found
    }

    fn last(&self, section: &str, key: &str) -> Option<&Entry> {
        self.all(section, key).last().map(|(_, entry)| entry)
    }

    fn consider(&self, search: &mut Search<'_>, timers: &[(String, bool)], wanted: bool) {
        let user = self
            .last("Service", "User")
            .map_or("root", |entry| &entry.value);
        let directory = self.last("Service", "WorkingDirectory");
        let directory = directory.map(|e| PathBuf::from(e.value.trim_start_matches('-')));
        let mut notes: Vec<String> = Vec::new();
        let enabled = wanted || timers.iter().any(|(_, enabled)| *enabled);
        for (timer, enabled) in timers {
            let how = if *enabled {
                "starts it"
            } else {
                "would start it, and is not enabled"
            };
            notes.push(format!("{timer} {how}"));
        }
        if timers.is_empty() && !wanted {
            notes.push("no timer starts it, and it is not enabled".to_owned());
        }
        let scheduler = if timers.is_empty() {
            Scheduler::Service
        } else {
            Scheduler::Timer
        };
        for key in ["ExecStartPre", "ExecStart", "ExecStartPost"] {
            for (path, entry) in self.all("Service", key) {
                // `+` runs with all rights whatever `User=` says; the other signs change nothing here.
                let signs = |c: char| "@-:+!|".contains(c);
                let command = entry.value.trim_start_matches(signs);
                let prefix = entry.value.len() - command.len();
                let elevated = entry.value.get(..prefix).is_some_and(|p| p.contains('+'));
                let user = if elevated { "root" } else { user };
                let Some(words) = shlex::split(&command.replace("%%", "%")) else {
                    let path = path.display();
                    search.miss(format!("{path}:{}: a quote is not closed", entry.line));
                    continue;
                };
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
                        scheduler,
                        path: path.display().to_string(),
                        line: entry.line,
                        notes: self.overlaid(path, &notes),
                    },
                });
            }
        }
    }

    /// The notes, and which unit a drop-in belongs to.
    fn overlaid(&self, path: &Path, notes: &[String]) -> Vec<String> {
        let mut notes = notes.to_vec();
        if path != self.path {
            notes.push(format!("it changes {}", self.path.display()));
        }
        notes
    }
}
