//! What runs the product by the clock: crontabs, timers, supervisors, and loops that run right now.
//! Refuses to repeat secrets: what a command line holds of them becomes `***`.

mod command;
mod crontab;
mod running;
mod secret;
mod shell;
mod supervisor;
mod systemd;
mod wrapper;

pub use command::{JobKind, is_product_command};

use crate::host::{Host, Processes};
use command::{Reading, Setting, read_text, read_words};
use secret::without_secrets;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// No script is read further than this.
const LONGEST_SCRIPT: usize = 64 << 10;
/// Ordinary users write crontabs: no more scripts, tasks and reasons than these come of them.
const MOST_SCRIPTS: usize = 2000;
const MOST_JOBS: usize = 2000;
const MOST_REASONS: usize = 500;

/// Who starts a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduler {
    /// cron, by a table or a folder of scripts.
    Cron,
    /// A timer of systemd.
    Timer,
    /// A service of systemd that no timer starts.
    Service,
    /// supervisord.
    Supervisor,
    /// It runs right now; who started it is not known.
    Process,
}

/// A task that runs the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledJob {
    /// Whose table or unit it is; `#1000` for a process, whose account has no name here.
    pub user: String,
    /// Whom the command runs as, after `sudo`, `su` and the like.
    pub effective_user: String,
    /// The effective user id of a process.
    pub uid: Option<u32>,
    /// The command line, secrets and control characters taken out.
    pub command: String,
    /// Whether it also replaces the application by a newer one.
    pub updates: bool,
    /// Whether anything starts it; `notes` say why not.
    pub enabled: bool,
    /// Who starts it.
    pub scheduler: Scheduler,
    /// The crontab, unit or file, or `process 123`.
    pub path: String,
    /// The line, 0 where there is none.
    pub line: u32,
    /// What the reader should know besides, each a sentence.
    pub notes: Vec<String>,
}

/// All tasks that could be found, and why there may be more.
pub(super) fn look(
    host: &Host,
    root: &Path,
    processes: &Processes,
) -> (Vec<ScheduledJob>, Vec<String>) {
    let mut search = Search {
        host,
        root,
        real_root: host.real_path(root).ok().flatten(),
        jobs: Vec::new(),
        missed: Vec::new(),
        followed: 0,
    };
    crontab::look(&mut search);
    systemd::look(&mut search);
    supervisor::look(&mut search);
    running::look(&mut search, processes);
    if search.jobs.len() > MOST_JOBS {
        search.jobs.truncate(MOST_JOBS);
        search
            .missed
            .insert(0, format!("there are more than {MOST_JOBS} tasks"));
    }
    if search.followed > MOST_SCRIPTS {
        let reason = format!("more than {MOST_SCRIPTS} scripts are started by something");
        search.missed.insert(0, reason);
    }
    (search.jobs, search.missed)
}

/// The search for tasks of one install.
struct Search<'a> {
    host: &'a Host,
    root: &'a Path,
    real_root: Option<PathBuf>,
    jobs: Vec<ScheduledJob>,
    missed: Vec<String>,
    followed: usize,
}

/// A command that something starts.
enum Command<'a> {
    /// For a shell.
    Text(&'a str),
    /// As words.
    Words(&'a [String]),
}

/// A task of which nobody knows yet whether it is the product's.
struct Task<'a> {
    command: Command<'a>,
    directory: Option<&'a Path>,
    variables: &'a BTreeMap<String, String>,
    /// The job as it would be; what the command tells is filled in.
    job: ScheduledJob,
}

impl Search<'_> {
    /// The content of a configuration file; a reason is noted where it cannot be read.
    fn read(&mut self, path: &Path) -> Option<Vec<u8>> {
        let text = self.host.read_file(path, crate::host::glob::LARGEST_CONFIG);
        self.noted(text).flatten()
    }

    fn noted<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|reason| self.miss(reason)).ok()
    }

    /// Notes why there may be more.
    fn miss(&mut self, reason: String) {
        if self.missed.len() < MOST_REASONS {
            self.missed.push(reason);
        }
    }

    /// Keeps the task if it runs the product, itself or by a script.
    fn consider(&mut self, task: &Task<'_>) {
        let reading = self.reading(&task.command, task.directory, task.variables);
        let shown = match task.command {
            Command::Text(text) => without_secrets(text),
            Command::Words(words) => without_secrets(&words.join(" ")),
        };
        self.keep(&reading, task, &shown, None);
        if reading.product.is_empty() {
            for (script, user) in &reading.scripts {
                self.follow(script, user.as_deref(), task, &shown);
            }
        }
    }

    fn reading(
        &self,
        command: &Command<'_>,
        directory: Option<&Path>,
        variables: &BTreeMap<String, String>,
    ) -> Reading {
        let is_root = |directory: &Path| {
            directory == self.root
                || self.real_root.is_some()
                    && self.host.real_path(directory).ok().flatten() == self.real_root
        };
        let setting = Setting {
            directory,
            variables,
            is_root: &is_root,
        };
        match command {
            Command::Text(text) => read_text(text, setting),
            Command::Words(words) => read_words(words, setting),
        }
    }

    fn keep(&mut self, reading: &Reading, task: &Task<'_>, shown: &str, through: Option<&Path>) {
        let place = match task.job.line {
            0 => task.job.path.clone(),
            line => format!("{}:{line}", task.job.path),
        };
        for command in &reading.unclear {
            let command = without_secrets(command);
            self.miss(format!(
                "{place}: `{command}` may be the product's, its directory is not known"
            ));
        }
        for product in &reading.product {
            let mut job = ScheduledJob {
                command: shown.to_owned(),
                updates: product.kind.updates,
                ..task.job.clone()
            };
            if let Some(script) = through {
                job.notes
                    .push(format!("the command is in {}", script.display()));
            }
            if let Some(user) = &product.user {
                job.effective_user.clone_from(user);
            }
            // Two commands of one line that say the same are one task.
            let same_place =
                |other: &&ScheduledJob| other.path == job.path && other.line == job.line;
            let known = self
                .jobs
                .iter()
                .rev()
                .take_while(same_place)
                .any(|other| *other == job);
            if !known && self.jobs.len() <= MOST_JOBS {
                self.jobs.push(job);
            }
        }
    }

    /// Looks into a shell script, one step deep.
    fn follow(&mut self, script: &Path, user: Option<&str>, task: &Task<'_>, shown: &str) {
        self.followed += 1;
        if self.followed > MOST_SCRIPTS {
            return;
        }
        // Most are programs: two bytes tell, before the rest is read.
        let start = self.host.read_start(script, 2);
        let text = match start.and_then(|start| match start.as_deref() {
            Some(b"#!") => self.host.read_start(script, LONGEST_SCRIPT),
            _ => Ok(None),
        }) {
            Ok(text) => text.unwrap_or_default(),
            Err(reason) if reason.starts_with("permission denied") => {
                self.miss(format!("{}: {reason}", task.job.path));
                return;
            }
            Err(_) => return,
        };
        let text = String::from_utf8_lossy(&text);
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("#!") || !first.contains("sh") {
            return;
        }
        let mut reading = self.reading(&Command::Text(&text), None, task.variables);
        for product in &mut reading.product {
            if product.user.is_none() {
                product.user = user.map(str::to_owned);
            }
        }
        self.keep(&reading, task, shown, Some(script));
    }
}
