//! The database server that runs on this machine and listens where the product connects to: its process,
//! the file that has the last word on its options, and the service that starts it anew. Refuses servers in
//! containers, whose paths are not the host's, and whoever merely passes connections on.

use super::my_cnf::{self, Started};
use crate::host::sockets::{holders, waiting, waiting_at};
use crate::host::{Host, Process, Processes};
use crate::mysql::Place;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Programs that are servers.
const PROGRAMS: [&str; 2] = ["mariadbd", "mysqld"];
/// What starts a server and watches it, where no systemd does.
const WATCHERS: [&str; 2] = ["mysqld_safe", "mariadbd-safe"];
/// Names that packages give to the init script.
const SCRIPTS: [&str; 3] = ["mariadb", "mysql", "mysqld"];

/// The server's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseProcess {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub started: u64,
    /// Its program.
    pub exe: PathBuf,
    /// Its arguments, the program first.
    pub args: Vec<String>,
    /// The account that it runs as.
    pub euid: u32,
    /// What starts it anew: a service's name, as systemd or service(8) has it; else why nothing does.
    pub service: Result<String, String>,
}

/// The process that listens at a place of this machine.
///
/// # Errors
/// Why it is not known.
pub fn database_process(host: &Host, place: &Place) -> Result<DatabaseProcess, String> {
    if !host.is_here() {
        return Err(format!("{} is only a folder", host.root.display()));
    }
    let inodes = inodes(host, place)?;
    if inodes.is_empty() {
        return Err(format!("no process of this machine listens at {place}"));
    }
    let held: Vec<u32> = holders(host, &inodes).into_values().collect();
    let processes = Processes::look(host);
    let mut running = processes.running.iter();
    let process = running
        .find(|process| held.contains(&process.pid))
        .ok_or_else(|| format!("which process listens at {place} is only shown to root"))?;
    let exe = process.exe.clone().unwrap_or_default();
    let name = exe.file_name().map(|name| name.to_string_lossy());
    if !name.is_some_and(|name| PROGRAMS.contains(&&*name)) {
        return Err(format!(
            "what listens at {place} is {} and no database server: it passes connections on",
            process.comm
        ));
    }
    if process.elsewhere != Some(false) {
        return Err(
            "the database server runs in a container, whose files are not the host's".to_owned(),
        );
    }
    Ok(DatabaseProcess {
        pid: process.pid,
        started: process.started,
        args: process.args.clone(),
        euid: process.euid,
        service: service(host, process, &processes.running),
        exe,
    })
}

/// A file that it reads after everything else that sets what database/server-hardened wants to be set;
/// `persisted` is where MySQL keeps variables.
///
/// # Errors
/// Why there is none.
pub fn database_drop_in(
    host: &Host,
    server: &DatabaseProcess,
    persisted: Option<&Path>,
) -> Result<PathBuf, String> {
    let path = PathBuf::from(format!("/proc/{}/environ", server.pid));
    let environment = host.read_start(&path, 1 << 20)?.unwrap_or_default();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let variable = |name: &str| {
        let mut all = environment.split('\0');
        all.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
            .filter(|value| !value.is_empty())
    };
    let started = Started {
        args: &server.args,
        home: variable("HOME"),
        own_home: variable("MARIADB_HOME").or_else(|| variable("MYSQL_HOME")),
        persisted,
    };
    my_cnf::last_word(host, &started)
}

fn inodes(host: &Host, place: &Place) -> Result<Vec<u64>, String> {
    let (host_part, port) = match place {
        Place::Socket(path) => return waiting_at(host, path),
        Place::Tcp { .. } if !place.is_local() => {
            return Err(format!("the database is on another machine ({place})"));
        }
        Place::Tcp { host, port } => (host, *port),
    };
    let address: Option<IpAddr> = host_part.parse().ok();
    let (sockets, missed) = waiting(host);
    let fits = |own: IpAddr| own.is_unspecified() || address.is_none_or(|it| it == own);
    let found: Vec<u64> = sockets
        .iter()
        .filter(|it| it.protocol == "tcp" && it.port == port && fits(it.address))
        .map(|it| it.inode)
        .collect();
    match missed.into_iter().next() {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}

/// The service that a process belongs to.
fn service(host: &Host, process: &Process, running: &[Process]) -> Result<String, String> {
    if host.is_dir(Path::new("/run/systemd/system"))? {
        let path = PathBuf::from(format!("/proc/{}/cgroup", process.pid));
        let groups = host.read_start(&path, 64 << 10)?.unwrap_or_default();
        return unit(&String::from_utf8_lossy(&groups))
            .ok_or_else(|| "systemd does not run the database server as a service".to_owned());
    }
    let watcher = running.iter().find(|it| it.pid == process.ppid);
    let watched = watcher.is_some_and(|watcher| {
        let last = watcher.args.last().map(Path::new);
        let name = last
            .and_then(Path::file_name)
            .map(|it| it.to_string_lossy());
        // With arguments of its own it was started by somebody else.
        watcher.args.len() <= 2 && name.is_some_and(|name| WATCHERS.contains(&&*name))
    });
    if !watched {
        return Err("neither systemd nor an init script runs the database server".to_owned());
    }
    let script = |name: &&str| {
        let stat = host.stat(&Path::new("/etc/init.d").join(name));
        let stat = stat.ok().flatten();
        stat.is_some_and(|it| it.st_uid == 0 && it.st_mode & 0o022 == 0 && it.st_mode & 0o100 != 0)
    };
    let mut scripts = SCRIPTS.into_iter().filter(|name| script(name));
    match (scripts.next(), scripts.next()) {
        (Some(one), None) => Ok(one.to_owned()),
        (None, _) => Err("there is no init script for the database server".to_owned()),
        (Some(one), Some(other)) => Err(format!(
            "/etc/init.d/{one} and /etc/init.d/{other} are both there"
        )),
    }
}

/// The system's own service that a control group is of: `0::/system.slice/mariadb.service`, in the first
/// version of groups `1:name=systemd:/…`.
fn unit(groups: &str) -> Option<String> {
    let of_systemd = groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        rest.strip_prefix("name=systemd:")
    });
    let alone = || groups.lines().find_map(|line| line.strip_prefix("0::"));
    let path = of_systemd.or_else(alone)?;
    let below = path.strip_prefix("/system.slice/")?;
    let name = below.rsplit('/').find(|part| part.ends_with(".service"))?;
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '@' | '-');
    let name = name.strip_suffix(".service")?;
    (!name.starts_with(['-', '.']) && name.chars().all(usual)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_group_names_the_service() {
        for (groups, expected) in [
            ("0::/system.slice/mariadb.service\n", Some("mariadb")),
            (
                "0::/system.slice/system-mariadb.slice/mariadb@two.service\n",
                Some("mariadb@two"),
            ),
            ("0::/system.slice/mysql.service/inner\n", Some("mysql")),
            (
                "9:cpu:/x\n1:name=systemd:/system.slice/mysqld.service\n0::/\n",
                Some("mysqld"),
            ),
            ("0::/user.slice/user-0.slice/session-1.scope\n", None),
            (
                "0::/user.slice/user-0.slice/user@0.service/app.slice/db.service\n",
                None,
            ),
            ("0::/system.slice/docker-1234.scope\n", None),
            ("0::/system.slice/a b.service\n", None),
            ("", None),
        ] {
            assert_eq!(unit(groups).as_deref(), expected, "{groups}");
        }
    }
}
