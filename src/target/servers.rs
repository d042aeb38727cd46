//! Who serves the product and who schedules it, in one answer.
//! Refuses ids: accounts are named as the configuration names them, the caller knows their numbers.

use super::php_fpm::{self, Pool};
use super::schedule::{self, ScheduledJob};
use super::web_server::{self, WebServer};
use crate::host::{Host, Process, Processes};
use std::path::Path;

/// A program whose workers handle requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// nginx.
    Nginx,
    /// The Apache HTTP server.
    Apache,
    /// PHP's process manager.
    PhpFpm,
}

impl Program {
    /// The name that facts use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::PhpFpm => "php-fpm",
        }
    }
}

/// A process that handles requests right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningWorker {
    /// Whose it is.
    pub program: Program,
    /// Its number.
    pub pid: u32,
    /// Its effective user id.
    pub uid: u32,
    /// Its effective group id.
    pub gid: u32,
    /// PHP's pool.
    pub pool: Option<String>,
    /// Whether it lives in a container; see [`Process::elsewhere`].
    pub elsewhere: Option<bool>,
}

/// Why there may be more than was found, each a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// Web servers, their accounts and what they publish.
    pub web: Vec<String>,
    /// Pools of PHP-FPM.
    pub pools: Vec<String>,
    /// Running processes.
    pub processes: Vec<String>,
    /// Scheduled tasks.
    pub jobs: Vec<String>,
}

/// Who serves and who schedules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Servers {
    /// Web servers by their configurations, running or not.
    pub programs: Vec<WebServer>,
    /// Pools of PHP-FPM by their configurations.
    pub pools: Vec<Pool>,
    /// Running workers.
    pub workers: Vec<RunningWorker>,
    /// What runs the product.
    pub jobs: Vec<ScheduledJob>,
    /// Why there may be more.
    pub missed: Missed,
}

/// Looks for everything that serves or schedules the product installed at `root`.
#[must_use]
pub fn look(host: &Host, root: &Path, web_config: Option<&Path>) -> Servers {
    let processes = Processes::look(host);
    // Servers and schedules have nothing to do with each other; both take many small files.
    let ((programs, web), (pools, missed_pools), (jobs, missed_jobs)) =
        std::thread::scope(|scope| {
            let schedule = scope.spawn(|| schedule::look(host, root, &processes));
            let web = web_server::look(host, &processes, web_config);
            let pools = php_fpm::look(host, &processes);
            let jobs = schedule
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (web, pools, jobs)
        });
    let running = &processes.running;
    Servers {
        programs,
        pools,
        workers: running.iter().filter_map(|p| worker(p, running)).collect(),
        jobs,
        missed: Missed {
            web,
            pools: missed_pools,
            processes: processes.missed,
            jobs: missed_jobs,
        },
    }
}

fn worker(process: &Process, running: &[Process]) -> Option<RunningWorker> {
    let title = process.title();
    let (program, pool) =
        if title.starts_with("nginx: worker process") && process.may_be(&["nginx"]) {
            (Program::Nginx, None)
        } else if let Some(pool) = title.strip_prefix("php-fpm: pool ")
            && process.may_be(&["php-fpm", "php"])
        {
            (Program::PhpFpm, Some(pool.trim().to_owned()))
        } else if web_server::is_apache(process)
            && running
                .iter()
                .any(|parent| parent.pid == process.ppid && web_server::is_apache(parent))
        {
            (Program::Apache, None)
        } else {
            return None;
        };
    Some(RunningWorker {
        program,
        pid: process.pid,
        uid: process.euid,
        gid: process.egid,
        pool,
        elsewhere: process.elsewhere,
    })
}
