//! When a running server read its configuration: at its start, or when it was last told to read it
//! again. Refuses to guess: where the signs cannot be seen, the moment is unknown.

use crate::host::{Host, Process, Processes};
use crate::target::servers::Program;
use std::path::{Path, PathBuf};

/// Linux tells processes' times in hundredths of a second (`USER_HZ`) on every platform that
/// deskguard is built for.
const TICKS_A_SECOND: u64 = 100;

/// A running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its master's process.
    pub pid: u32,
    /// When it read its configuration, and how one knows; or why nobody knows.
    pub read: Result<ReadAt, String>,
}

/// A moment, in seconds since 1970 in UTC, each exact to a second or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAt {
    /// It was not before this.
    pub earliest: i64,
    /// It was not after this.
    pub latest: i64,
    /// What says so.
    pub because: String,
}

impl ReadAt {
    const fn exactly(second: i64, because: String) -> Self {
        Self {
            earliest: second,
            latest: second,
            because,
        }
    }
}

/// When the master's configuration was read.
///
/// nginx and PHP-FPM replace every worker when they read their configuration again: the oldest one
/// that takes connections is not older than what it works by. nginx's live until then, PHP-FPM's
/// come and go. Apache's do too, but it writes its pid file at its start and at each restart,
/// graceful or not (`ap_log_pid`).
pub(in crate::target) fn running(
    host: &Host,
    processes: &Processes,
    pid: u32,
    program: Program,
    pid_files: &[PathBuf],
) -> Running {
    Running {
        pid,
        read: read_at(host, processes, pid, program, pid_files),
    }
}

fn read_at(
    host: &Host,
    processes: &Processes,
    pid: u32,
    program: Program,
    pid_files: &[PathBuf],
) -> Result<ReadAt, String> {
    let name = program.name();
    let master = processes.running.iter().find(|process| process.pid == pid);
    let master = master.ok_or_else(|| format!("{name}'s process {pid} is gone"))?;
    let boot = boot_time(host)?;
    let started = started_second(boot, master);
    let start = ReadAt::exactly(started, format!("{name}'s process {pid} started then"));
    if program == Program::Apache {
        return apache(host, start, pid, pid_files);
    }
    let oldest = oldest_worker(processes, pid);
    let Some(worker) = oldest else {
        return Err(format!(
            "{name}'s process {pid} has no worker that can be seen, so nobody knows whether it has read its configuration again"
        ));
    };
    // Workers that start with their master say nothing new.
    let second = started_second(boot, worker);
    if second <= started + 1 {
        return Ok(start);
    }
    let because = format!(
        "{name}'s oldest worker, process {}, started then",
        worker.pid
    );
    Ok(ReadAt {
        earliest: if program == Program::Nginx {
            second
        } else {
            started
        },
        ..ReadAt::exactly(second, because)
    })
}

fn oldest_worker(processes: &Processes, master: u32) -> Option<&Process> {
    let at_work = |process: &&Process| {
        let title = process.title();
        process.ppid == master
            && (title.starts_with("nginx: worker process") || title.starts_with("php-fpm: pool "))
            && !title.contains("shutting down")
    };
    let workers = processes.running.iter().filter(at_work);
    workers.min_by_key(|process| process.started)
}

/// By the pid file, which is known by the number that it holds.
fn apache(host: &Host, start: ReadAt, pid: u32, pid_files: &[PathBuf]) -> Result<ReadAt, String> {
    let holds = |file: &&PathBuf| {
        let text = host.read_start(file, 32).ok().flatten().unwrap_or_default();
        String::from_utf8_lossy(&text).trim() == pid.to_string()
    };
    let Some(file) = pid_files.iter().find(holds) else {
        return Err(format!(
            "whether Apache has read its configuration again cannot be told: no pid file of process {pid} was found"
        ));
    };
    let stat = host.stat(file)?;
    let written = stat.map_or(start.latest, |stat| stat.st_mtime);
    Ok(if written > start.latest {
        ReadAt::exactly(written, format!("Apache wrote {} then", file.display()))
    } else {
        start
    })
}

fn started_second(boot: i64, process: &Process) -> i64 {
    boot.saturating_add_unsigned(process.started / TICKS_A_SECOND)
}

/// Seconds since 1970 at which the machine started (proc_stat(5), `btime`).
fn boot_time(host: &Host) -> Result<i64, String> {
    let unknown = || "/proc/stat does not say when the machine started".to_owned();
    let stat = host.read_start(Path::new("/proc/stat"), 1 << 20)?;
    let stat = stat.ok_or_else(unknown)?;
    let stat = String::from_utf8_lossy(&stat);
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    line.and_then(|second| second.trim().parse().ok())
        .ok_or_else(unknown)
}
