//! Who serves the product and who schedules it, in one answer.
//! Refuses ids: accounts are named as the configuration names them, the caller knows their numbers.

use super::php_fpm::{self, Pool};
use super::php_runtime::{self, PhpRuntime};
use super::schedule::{self, ScheduledJob};
use super::web_server::{self, WebServer};
use crate::access::Capabilities;
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
    /// Its parent's number.
    pub parent: u32,
    /// Its effective user id.
    pub uid: u32,
    /// Its effective group id.
    pub gid: u32,
    /// Every group that it is in.
    pub groups: Vec<u32>,
    /// Its effective capabilities.
    pub capabilities: Capabilities,
    /// Whether they count on the host; see [`Process::own_user_namespace`].
    pub own_user_namespace: Option<bool>,
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
    /// Every PHP of those pools, and of Apache's modules.
    pub php: Vec<PhpRuntime>,
    /// Running workers.
    pub workers: Vec<RunningWorker>,
    /// What runs the product.
    pub jobs: Vec<ScheduledJob>,
    /// Why there may be more.
    pub missed: Missed,
}

/// Looks for everything that serves, whatever it serves; scheduled tasks are not looked for.
#[must_use]
pub fn look_at_web(host: &Host, web_config: Option<&Path>) -> Servers {
    serving(host, &Processes::look(host), web_config)
}

/// Looks for everything that serves or schedules the product installed at `root`.
#[must_use]
pub fn look(host: &Host, root: &Path, web_config: Option<&Path>) -> Servers {
    let processes = Processes::look(host);
    // They have nothing to do with each other, and both read hundreds of small files.
    std::thread::scope(|scope| {
        let jobs = scope.spawn(|| schedule::look(host, root, &processes));
        let mut servers = serving(host, &processes, web_config);
        let jobs = jobs.join();
        (servers.jobs, servers.missed.jobs) =
            jobs.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        servers
    })
}

/// What serves. A server that ended while it was looked at may have left without its configuration, and is
/// no reason to doubt the others.
fn serving(host: &Host, processes: &Processes, web_config: Option<&Path>) -> Servers {
    let seen = serving_by(host, processes, web_config);
    if seen.missed.web.is_empty() && seen.missed.pools.is_empty() {
        return seen;
    }
    let living = processes.living(host);
    if living == *processes {
        return seen;
    }
    serving_by(host, &living, web_config)
}

fn serving_by(host: &Host, processes: &Processes, web_config: Option<&Path>) -> Servers {
    let (programs, web) = web_server::look(host, processes, web_config);
    let (pools, missed_pools) = php_fpm::look(host, processes);
    let running = &processes.running;
    Servers {
        php: php_runtime::look(host, &pools, &programs),
        programs,
        pools,
        workers: running.iter().filter_map(|p| worker(p, running)).collect(),
        jobs: Vec::new(),
        missed: Missed {
            web,
            pools: missed_pools,
            processes: processes.missed.clone(),
            jobs: Vec::new(),
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
        parent: process.ppid,
        uid: process.euid,
        gid: process.egid,
        groups: process.groups.clone(),
        capabilities: Capabilities(process.capabilities),
        own_user_namespace: process.own_user_namespace,
        pool,
        elsewhere: process.elsewhere,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ended_meanwhile_leaves_no_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let host = Host {
            root: folder.path().to_owned(),
        };
        let master = Process {
            pid: 30,
            args: vec!["php-fpm: master process (/gone/fpm.conf)".to_owned()],
            ..Process::default()
        };
        let processes = Processes {
            running: vec![master],
            missed: Vec::new(),
        };
        let missed = || serving(&host, &processes, None).missed.pools;
        assert_eq!(missed(), Vec::<String>::new());
        std::fs::create_dir_all(folder.path().join("proc/30")).unwrap();
        assert_eq!(missed(), ["/gone/fpm.conf does not exist"]);
    }
}
