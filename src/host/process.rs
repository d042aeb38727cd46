//! What runs on the host, as `/proc` tells it. Titles and arguments are what a process says of itself.
//! Refuses to trust a short list: what an ordinary user may not see becomes a reason.

use super::read::Host;
use std::path::{Path, PathBuf};

/// No host runs more processes than this.
const MOST_PROCESSES: usize = 100_000;
/// No more of a command line is kept.
const LONGEST_COMMAND: usize = 64 << 10;

/// A running process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub ppid: u32,
    /// Its short name.
    pub comm: String,
    /// Its arguments, or the title that it gave itself; empty for a thread of the kernel.
    pub args: Vec<String>,
    /// Its program, where the auditor may see that.
    pub exe: Option<PathBuf>,
    /// Its working directory, where the auditor may see that.
    pub cwd: Option<PathBuf>,
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Real group id.
    pub gid: u32,
    /// Effective group id.
    pub egid: u32,
    /// Every group that it is in, supplementary ones included.
    pub groups: Vec<u32>,
    /// Effective capabilities, bit for bit (include/uapi/linux/capability.h).
    pub capabilities: u64,
    /// Whether it lives in the auditor's user namespace: elsewhere its capabilities reach only files whose
    /// owners that namespace maps. `None`: the auditor may not see that.
    pub own_user_namespace: Option<bool>,
    /// When it started, in clock ticks since the machine did.
    pub started: u64,
    /// Whether it lives in another mount namespace or root directory, a container mostly: then its
    /// paths are not the host's. `None`: the auditor may not see that.
    pub elsewhere: Option<bool>,
}

impl Process {
    /// The title or the command line as one line.
    #[must_use]
    pub fn title(&self) -> String {
        self.args.join(" ")
    }

    /// Whether the program could be this one: its file says so, or nobody may look at its file.
    #[must_use]
    pub fn may_be(&self, programs: &[&str]) -> bool {
        let Some(name) = self.exe.as_ref().and_then(|exe| exe.file_name()) else {
            return true;
        };
        let name = name.to_string_lossy();
        programs.iter().any(|program| name.starts_with(program))
    }
}

/// The processes of a host, and why there may be more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processes {
    /// By their numbers.
    pub running: Vec<Process>,
    /// Why there may be more.
    pub missed: Vec<String>,
}

impl Processes {
    /// Looks at every process; those that end meanwhile were never there.
    #[must_use]
    pub fn look(host: &Host) -> Self {
        let numbers = match numbers(host) {
            Ok(numbers) => numbers,
            Err(reason) => {
                return Self {
                    running: Vec::new(),
                    missed: vec![reason],
                };
            }
        };
        let mut found = Self::default();
        found.missed.extend(hidden(host, &numbers));
        let own = |name: &str| {
            let link = Path::new("/proc/self/ns").join(name);
            host.read_link(&link).ok().flatten()
        };
        let own = Namespaces {
            mounts: own("mnt"),
            users: own("user"),
        };
        let mut refused = Vec::new();
        for pid in numbers {
            match process(host, pid, &own) {
                Ok(process) => found.running.extend(process),
                Err(reason) => refused.push(reason),
            }
        }
        if let Some(first) = refused.first() {
            let count = refused.len();
            found
                .missed
                .push(format!("{count} processes could not be read: {first}"));
        }
        found
    }

    /// The same without those that have ended since they were looked at.
    #[must_use]
    pub fn living(&self, host: &Host) -> Self {
        let ended = |pid: u32| host.is_there(&PathBuf::from(format!("/proc/{pid}"))) == Ok(false);
        let running = self.running.iter().filter(|process| !ended(process.pid));
        Self {
            running: running.cloned().collect(),
            missed: self.missed.clone(),
        }
    }
}

fn numbers(host: &Host) -> Result<Vec<u32>, String> {
    let entries = host
        .list_dir(Path::new("/proc"), MOST_PROCESSES)?
        .ok_or("there is no /proc to read running processes from")?;
    let names = entries.iter().filter_map(|(name, _)| name.to_str());
    let mut numbers: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    if numbers.is_empty() {
        return Err("/proc shows no processes".to_owned());
    }
    Ok(numbers)
}

/// Whether the kernel hides other users' processes from us.
fn hidden(host: &Host, numbers: &[u32]) -> Option<String> {
    let mounts = host.read_start(Path::new("/proc/self/mountinfo"), 1 << 20);
    let mounts = mounts.ok().flatten().unwrap_or_default();
    let mounts = String::from_utf8_lossy(&mounts);
    let option = mounts
        .lines()
        .filter(|line| line.split(' ').nth(4) == Some("/proc"))
        .flat_map(|line| line.split([' ', ',']))
        .find_map(|option| option.strip_prefix("hidepid="))
        .filter(|value| !matches!(*value, "0" | "off"));
    match option {
        Some(value) if !rustix::process::geteuid().is_root() => Some(format!(
            "/proc is mounted with hidepid={value}, which hides the processes of other users"
        )),
        _ if !numbers.contains(&1) => {
            Some("/proc does not show process 1, so it may hide others".to_owned())
        }
        _ => None,
    }
}

/// One process; nothing if it ended meanwhile.
fn process(host: &Host, pid: u32, own: &Namespaces) -> Result<Option<Process>, String> {
    let base = PathBuf::from(format!("/proc/{pid}"));
    match read(host, &base, own) {
        Ok(process) => Ok(process.map(|process| Process { pid, ..process })),
        Err(_) if host.is_there(&base) == Ok(false) => Ok(None),
        Err(reason) => Err(reason),
    }
}

fn read(host: &Host, base: &Path, own: &Namespaces) -> Result<Option<Process>, String> {
    let start = |name: &str| host.read_start(&base.join(name), LONGEST_COMMAND);
    let (Some(stat), Some(status), Some(command)) =
        (start("stat")?, start("status")?, start("cmdline")?)
    else {
        return Ok(None);
    };
    let (stat, status) = (
        String::from_utf8_lossy(&stat),
        String::from_utf8_lossy(&status),
    );
    let broken = || format!("{}/stat has an unknown form", base.display());
    // The name stands in brackets and may hold anything, brackets too.
    let (before, after) = stat.rsplit_once(')').ok_or_else(broken)?;
    let comm = before.split_once('(').ok_or_else(broken)?.1.to_owned();
    let field = |number: usize| after.split_ascii_whitespace().nth(number);
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let (uid, euid) = ids(&status, "Uid:").ok_or_else(broken)?;
    let (gid, egid) = ids(&status, "Gid:").ok_or_else(broken)?;
    let link = |name: &str| host.read_link(&base.join(name)).ok().flatten();
    Ok(Some(Process {
        pid: 0,
        ppid: number(field(1)).ok_or_else(broken)?,
        comm,
        args: arguments(&command),
        exe: link("exe"),
        cwd: link("cwd"),
        uid,
        euid,
        gid,
        egid,
        groups: groups(&status, egid),
        capabilities: capabilities(&status).ok_or_else(broken)?,
        own_user_namespace: link("ns/user")
            .zip(own.users.clone())
            .map(|(theirs, own)| theirs == own),
        started: field(19)
            .and_then(|text| text.parse().ok())
            .ok_or_else(broken)?,
        elsewhere: elsewhere(
            link("root").as_deref(),
            link("ns/mnt").as_deref(),
            own.mounts.as_deref(),
        ),
    }))
}

fn ids(status: &str, name: &str) -> Option<(u32, u32)> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let mut ids = line.split_ascii_whitespace().map(str::parse);
    Some((ids.next()?.ok()?, ids.next()?.ok()?))
}

/// The auditor's own namespaces, where it may see them.
struct Namespaces {
    mounts: Option<PathBuf>,
    users: Option<PathBuf>,
}

fn groups(status: &str, primary: u32) -> Vec<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Groups:"));
    let more = line.unwrap_or_default().split_ascii_whitespace();
    let mut all = vec![primary];
    all.extend(
        more.filter_map(|gid| gid.parse::<u32>().ok())
            .filter(|gid| *gid != primary),
    );
    all
}

/// `CapEff`; none at all where the line is missing.
fn capabilities(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    u64::from_str_radix(line.unwrap_or("0").trim(), 16).ok()
}

fn arguments(command: &[u8]) -> Vec<String> {
    let end = command
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let command = command.get(..end).unwrap_or_default();
    if command.is_empty() {
        return Vec::new();
    }
    let each = command.split(|byte| *byte == 0);
    each.map(|arg| String::from_utf8_lossy(arg).into_owned())
        .collect()
}

fn elsewhere(root: Option<&Path>, mounts: Option<&Path>, own: Option<&Path>) -> Option<bool> {
    let other_root = root.map(|root| root != Path::new("/"));
    let other_mounts = mounts.zip(own).map(|(theirs, own)| theirs != own);
    match (other_root, other_mounts) {
        (None, None) => None,
        (root, mounts) => Some(root == Some(true) || mounts == Some(true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_is_among_the_processes() {
        let found = Processes::look(&Host::default());
        let own = found
            .running
            .iter()
            .find(|p| p.pid == std::process::id())
            .unwrap();
        assert_eq!(own.exe, std::env::current_exe().ok());
        assert_eq!(own.euid, rustix::process::geteuid().as_raw());
        assert_eq!(own.elsewhere, Some(false));
        assert!(own.started > 0 && own.ppid > 0 && !own.args.is_empty());
    }

    #[test]
    fn odd_names_and_vanished_processes() {
        let folder = tempfile::tempdir().unwrap();
        let proc = folder.path().join("proc");
        for (pid, comm) in [("1", "init"), ("7", "a) (b")] {
            std::fs::create_dir_all(proc.join(pid)).unwrap();
            let stat = format!("{pid} ({comm}) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0\n");
            std::fs::write(proc.join(pid).join("stat"), stat).unwrap();
            let status = "Name:\tx\nUid:\t5\t6\t6\t6\nGid:\t8\t9\t9\t9\nGroups:\t9 44 \nCapEff:\t0000000000000002\n";
            std::fs::write(proc.join(pid).join("status"), status).unwrap();
            std::fs::write(proc.join(pid).join("cmdline"), "a\0\0b c\0\0\0").unwrap();
        }
        std::fs::create_dir_all(proc.join("8")).unwrap();
        let found = Processes::look(&Host {
            root: folder.path().to_owned(),
        });
        assert_eq!(found.missed, Vec::<String>::new());
        let odd = found.running.last().unwrap();
        assert_eq!(
            (odd.comm.as_str(), odd.pid, odd.started),
            ("a) (b", 7, 4711)
        );
        assert_eq!((odd.uid, odd.euid, odd.gid, odd.egid), (5, 6, 8, 9));
        assert_eq!(
            (odd.groups.as_slice(), odd.capabilities),
            ([9, 44].as_slice(), 2)
        );
        assert_eq!(odd.args, ["a", "", "b c"]);
        let nothing = Processes::look(&Host {
            root: folder.path().join("1"),
        });
        assert_eq!(
            nothing.missed,
            ["there is no /proc to read running processes from"]
        );
    }
}
