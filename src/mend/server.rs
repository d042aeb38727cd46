//! Running servers that take up their configuration anew: tested with the program that runs, as it was
//! started; only where it is sound for all of them is any told to read it. Refuses programs that
//! somebody but root could have put there, and says so where nothing runs.

use super::{Surprise, World};
use crate::fix::Server;
use crate::host::{Looker, trust};
use crate::target::masters::{Master, masters, workers};
use crate::target::servers::Program;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What programs find in their environment; nothing of deskguard's own goes along.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
/// A test of a large configuration takes seconds; one that waits for a name server takes longer.
const LONGEST_TEST: Duration = Duration::from_secs(60);
/// How long a master may take to start new workers.
const LONGEST_START: Duration = Duration::from_secs(15);
/// How long PHP-FPM takes to start itself anew, and more.
const WITHOUT_WORKERS: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// No more of a server's message is kept, in bytes.
const LONGEST_MESSAGE: u64 = 4 << 10;

/// A server did not take up what it was given.
pub(super) struct Refused {
    pub(super) surprise: Surprise,
    /// The files that it reads.
    pub(super) files: Vec<PathBuf>,
}

/// Lets every running master of a server that reads one of these files take it up; all of them where
/// no file is named. What a person should know is told.
pub(super) fn reload(
    world: &mut World<'_>,
    server: Server,
    files: &BTreeSet<PathBuf>,
) -> Result<(), Refused> {
    let name = match server {
        Server::Nginx => "nginx",
        Server::Apache => "Apache",
        Server::PhpFpm => "PHP-FPM",
        Server::Database => {
            by_hand(world);
            return Ok(());
        }
    };
    if !world.host.is_here() {
        let root = world.host.root.display();
        let text = format!(
            "{root} is only a folder: no {name} of it can be told to read its configuration."
        );
        world.says.push(text);
        return Ok(());
    }
    let found = reading(world, server, files);
    if found.is_empty() {
        let text = format!("No running {name} reads what was changed: nothing is told to read it.");
        world.says.push(text);
        return Ok(());
    }
    for master in &found {
        test(master, name)?;
    }
    for master in &found {
        signal(world, master, name)?;
        world.says.push(format!(
            "{name} (process {}) tested its configuration and took it up.",
            master.pid
        ));
    }
    Ok(())
}

/// Nothing here starts the database server anew.
pub(super) fn by_hand(world: &mut World<'_>) {
    let text = "The database server reads its configuration when it starts: start it anew, when it suits the helpdesk's users.";
    world.says.push(text.to_owned());
}

/// The masters that read one of the files, by the files' own names or where links lead.
fn reading(world: &World<'_>, server: Server, files: &BTreeSet<PathBuf>) -> Vec<Master> {
    let host = world.host;
    let real = |path: &Path| host.real_path(path).ok().flatten();
    let wanted: BTreeSet<PathBuf> = files
        .iter()
        .flat_map(|file| [Some(file.clone()), real(file)])
        .flatten()
        .collect();
    let (mut found, _) = masters(host);
    found.retain(|master| {
        let same = matches!(
            (master.program, server),
            (Program::Nginx, Server::Nginx)
                | (Program::Apache, Server::Apache)
                | (Program::PhpFpm, Server::PhpFpm)
        );
        let reads = |file: &PathBuf| {
            wanted.contains(file) || real(file).is_some_and(|real| wanted.contains(&real))
        };
        same && (files.is_empty() || master.files.iter().any(reads))
    });
    found
}

fn test(master: &Master, name: &str) -> Result<(), Refused> {
    let refused = |surprise: Surprise| Refused {
        surprise,
        files: master.files.clone(),
    };
    trust::only_ours(&Looker::based(PathBuf::from("/")), &master.exe).map_err(|reason| {
        refused(
            Surprise::new(format!(
                "{name} was not asked to test its configuration: {reason}"
            ))
            .remedy("start the server anew from a program of the distribution's, then try again"),
        )
    })?;
    match run(master) {
        Ok((true, _)) => Ok(()),
        Ok((false, message)) => Err(refused(
            Surprise::new(format!(
                "{name} refuses the configuration {}: {}",
                master.config.display(),
                message.trim()
            ))
            .remedy("what was changed for it is taken back"),
        )),
        Err(reason) => Err(refused(Surprise::new(format!(
            "{} could not test {}: {reason}",
            master.exe.display(),
            master.config.display()
        )))),
    }
}

/// Whether the program finds its configuration sound, and what it says.
fn run(master: &Master) -> Result<(bool, String), String> {
    let text = |error: std::io::Error| error.to_string();
    let mut child = Command::new(&master.exe)
        .args(&master.test)
        .env_clear()
        .env("PATH", PATH)
        .envs(master.environment.iter().cloned())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(text)?;
    let errors = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut errors) = errors {
            let _ = errors
                .by_ref()
                .take(LONGEST_MESSAGE)
                .read_to_end(&mut bytes);
            // What is beyond goes unread, so that the program is not stopped by a full pipe.
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
        }
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let until = Instant::now() + LONGEST_TEST;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(text)? {
            break status;
        }
        if Instant::now() > until {
            child.kill().map_err(text)?;
            child.wait().map_err(text)?;
            return Err(format!("it took longer than {} s", LONGEST_TEST.as_secs()));
        }
        std::thread::sleep(BETWEEN_LOOKS);
    };
    let message = reader.join().unwrap_or_default();
    Ok((status.success(), message))
}

/// nginx: «Controlling nginx»; Apache: «Stopping and Restarting»; PHP-FPM: php-fpm(8).
fn signal(world: &World<'_>, master: &Master, name: &str) -> Result<(), Refused> {
    let refused = |message: String| Refused {
        surprise: Surprise::new(message).remedy("look into its error log"),
        files: master.files.clone(),
    };
    let signal = match master.program {
        Program::Nginx => Signal::HUP,
        Program::Apache => Signal::USR1,
        Program::PhpFpm => Signal::USR2,
    };
    let pid = i32::try_from(master.pid).ok().and_then(Pid::from_raw);
    let process = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    // The number may have gone to another process since it was looked at; the descriptor cannot.
    let (Some(process), true) = (process, is_there(world, master)) else {
        return Err(refused(format!("{name}'s process {} is gone", master.pid)));
    };
    let before = workers(world.host, master);
    pidfd_send_signal(&process, signal).map_err(|error| {
        refused(format!(
            "{name}'s process {} was not told to read its configuration: {error}",
            master.pid
        ))
    })?;
    let until = Instant::now() + LONGEST_START;
    if before.is_empty() && master.program == Program::PhpFpm {
        // Its pools start workers on demand: it starts itself anew, which nothing shows.
        std::thread::sleep(WITHOUT_WORKERS);
    }
    while !before.is_empty() || successor(world, master).is_none() {
        std::thread::sleep(BETWEEN_LOOKS);
        let successor = successor(world, master);
        let now = successor
            .as_ref()
            .map_or_else(Vec::new, |it| workers(world.host, it));
        let has_new = now.iter().any(|pid| !before.contains(pid));
        let has_old = now.iter().any(|pid| before.contains(pid));
        // Apache's old children answer what they have begun, and are not told apart from new ones.
        let replaced = has_new && (master.program == Program::Apache || !has_old);
        // PHP-FPM's master starts itself anew, and is none for a moment.
        if (replaced || before.is_empty()) && successor.is_some() {
            break;
        }
        if Instant::now() > until {
            return Err(refused(format!(
                "{name}'s process {} found its configuration sound and started no worker with it within {} s",
                master.pid,
                LONGEST_START.as_secs()
            )));
        }
    }
    Ok(())
}

/// The same server after it was told. A PHP-FPM that runs in the background starts anew as another process
/// (`fpm_pctl_exec`), and is the one that works by the same file.
fn successor(world: &World<'_>, master: &Master) -> Option<Master> {
    let (now, _) = masters(world.host);
    let same = |it: &&Master| (it.pid, it.started) == (master.pid, master.started);
    let like = |it: &&Master| {
        let theirs = (it.program, &it.exe, &it.config);
        theirs == (master.program, &master.exe, &master.config)
    };
    let anew = || {
        now.iter()
            .find(like)
            .filter(|it| it.program == Program::PhpFpm)
    };
    now.iter().find(same).or_else(anew).cloned()
}

fn is_there(world: &World<'_>, master: &Master) -> bool {
    let (now, _) = masters(world.host);
    now.iter()
        .any(|it| (it.pid, it.started) == (master.pid, master.started))
}
