//! When a running server read its configuration: at its start, or when it was last told to read it
//! again. Refuses to guess: where the signs cannot be seen, the moment is unknown.

use crate::host::{Host, Process, Processes};
use crate::target::servers::Program;
use std::path::Path;

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

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAt {
    /// Seconds since 1970 in UTC, exact to a second or two.
    pub second: i64,
    /// What says so.
    pub because: String,
}

/// When the master's configuration was read.
///
/// nginx replaces every worker when it reads its configuration again, but one that crashed is
/// replaced too: the oldest worker that takes connections is not older than what it works by.
/// Apache writes its pid file at its start and at each restart, graceful or not (`ap_log_pid`).
pub(super) fn running(
    host: &Host,
    processes: &Processes,
    pid: u32,
    program: Program,
    pid_file: Option<&Path>,
) -> Running {
    Running {
        pid,
        read: read_at(host, processes, pid, program, pid_file),
    }
}

fn read_at(
    host: &Host,
    processes: &Processes,
    pid: u32,
    program: Program,
    pid_file: Option<&Path>,
) -> Result<ReadAt, String> {
    let name = program.name();
    let master = processes.running.iter().find(|process| process.pid == pid);
    let master = master.ok_or_else(|| format!("{name}'s process {pid} is gone"))?;
    let boot = boot_time(host)?;
    let started = ReadAt {
        second: started_second(boot, master),
        because: format!("{name}'s process {pid} started then"),
    };
    if program == Program::Apache {
        let Some(file) = pid_file else {
            return Err(format!(
                "whether {name} has read its configuration again cannot be told without its pid file"
            ));
        };
        let Some(stat) = host.stat(file)? else {
            let shown = file.display();
            return Err(format!(
                "whether {name} has read its configuration again cannot be told: its pid file {shown} does not exist"
            ));
        };
        return Ok(if stat.st_mtime > started.second {
            ReadAt {
                second: stat.st_mtime,
                because: format!("{name} wrote {} then", file.display()),
            }
        } else {
            started
        });
    }
    let at_work = |process: &&Process| {
        let title = process.title();
        process.ppid == pid
            && title.starts_with("nginx: worker process")
            && !title.contains("shutting down")
    };
    let oldest = processes.running.iter().filter(at_work);
    let Some(worker) = oldest.min_by_key(|process| process.started) else {
        return Err(format!(
            "{name}'s process {pid} has no worker that can be seen, so nobody knows whether it has read its configuration again"
        ));
    };
    // Workers that start with their master say nothing new.
    let second = started_second(boot, worker);
    Ok(if second > started.second + 1 {
        ReadAt {
            second,
            because: format!(
                "{name}'s oldest worker, process {}, started then",
                worker.pid
            ),
        }
    } else {
        started
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
