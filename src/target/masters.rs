//! The servers that run right now and can be told to read their configuration again: how each was
//! started, and so how its program tests what it would read. Only masters that root runs; refuses those
//! in containers, whose paths are not the host's.

use super::servers::Program;
use super::{php_fpm, php_runtime, web_server};
use crate::host::{Host, Process, Processes};
use std::path::{Path, PathBuf};

/// A running master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Master {
    /// Which server.
    pub program: Program,
    /// Its process.
    pub pid: u32,
    /// When the process started, in clock ticks since the machine did: the number alone may be given
    /// to another one.
    pub started: u64,
    /// Its program.
    pub exe: PathBuf,
    /// The file that it starts from.
    pub config: PathBuf,
    /// What makes the program test that configuration, as the master was started.
    pub test: Vec<String>,
    /// What its configuration takes from the environment.
    pub environment: Vec<(String, String)>,
    /// Every file that it reads.
    pub files: Vec<PathBuf>,
}

/// The masters of a host, and why there may be more.
#[must_use]
pub fn masters(host: &Host) -> (Vec<Master>, Vec<String>) {
    let processes = Processes::look(host);
    let mut found = web_server::masters(host, &processes);
    found.extend(fpm(host, &processes));
    (found, processes.missed)
}

/// The pids of a master's workers. A child that has not given itself its title yet takes no connection
/// yet, and one that nginx sends home takes no more.
#[must_use]
pub fn workers(host: &Host, master: &Master) -> Vec<u32> {
    let running = Processes::look(host).running;
    let at_work = |process: &&Process| {
        let title = process.title();
        let titled = match master.program {
            Program::Nginx => title.starts_with("nginx: worker process"),
            Program::PhpFpm => title.starts_with("php-fpm: pool "),
            Program::Apache => true,
        };
        process.ppid == master.pid && titled && !title.contains("shutting down")
    };
    let own = running.iter().filter(at_work);
    own.map(|process| process.pid).collect()
}

fn fpm(host: &Host, processes: &Processes) -> Vec<Master> {
    let (pools, _) = php_fpm::look(host, processes);
    let runtimes = php_runtime::look(host, &pools, &[]);
    let mut found: Vec<Master> = Vec::new();
    for (pool, runtime) in pools.iter().zip(&runtimes) {
        let master = pool.master.and_then(|pid| {
            let mut running = processes.running.iter();
            running.find(|process| process.pid == pid && process.euid == 0)
        });
        let (Some(process), Some(exe)) = (master, &pool.binary) else {
            continue;
        };
        let files = runtime.ini.files.iter().map(PathBuf::as_path);
        let files = files.chain([&*pool.config, &*pool.at.file]);
        let files = files.map(Path::to_owned);
        match found.iter_mut().find(|master| master.pid == process.pid) {
            Some(known) => known.files.extend(files),
            None => found.push(Master {
                program: Program::PhpFpm,
                pid: process.pid,
                started: process.started,
                exe: exe.clone(),
                config: pool.config.clone(),
                test: vec![
                    "-t".to_owned(),
                    "-y".to_owned(),
                    pool.config.to_string_lossy().into_owned(),
                ],
                environment: Vec::new(),
                files: files.collect(),
            }),
        }
    }
    found
}
