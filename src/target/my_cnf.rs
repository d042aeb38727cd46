//! The option files that a running MariaDB or MySQL reads, in its order, and where a file of ours would
//! have the last word. MySQL manual and MariaDB's, "Using Option Files"; `mysys/my_default.c`. Refuses a
//! place that something beats: a later file, the command line, a variable that MySQL persists.

use crate::host::Host;
use std::path::{Path, PathBuf};

/// What the file is to set.
const OURS: [&str; 3] = ["local-infile", "secure-file-priv", "bind-address"];
/// The file's name: of those in a directory the last, and one that no package brings.
const NAME: &str = "zz-deskguard.cnf";
/// What a server may write before an option's name.
const PREFIXES: [&str; 5] = ["loose-", "skip-", "disable-", "enable-", "maximum-"];
/// Groups whose options a server may take; some only under a suffix, which makes no difference here.
const GROUPS: [&str; 5] = ["mysqld", "mariadb", "server", "client-server", "galera"];
/// `my_default.c` goes no deeper.
const DEEPEST: u32 = 10;
const MOST_FILES: usize = 500;
const LONGEST: usize = 1 << 20;

/// How a server was started, as far as it decides what is read.
#[derive(Debug, Default)]
pub(super) struct Started<'a> {
    /// Its arguments, the program first.
    pub(super) args: &'a [String],
    /// `HOME` of its environment.
    pub(super) home: Option<&'a str>,
    /// `MARIADB_HOME`, else `MYSQL_HOME`.
    pub(super) own_home: Option<&'a str>,
    /// Where MySQL persists variables; none for MariaDB, which does not.
    pub(super) persisted: Option<&'a Path>,
}

/// A file that the server reads after everything else that sets what it sets.
///
/// # Errors
/// Why there is none.
pub(super) fn last_word(host: &Host, started: &Started<'_>) -> Result<PathBuf, String> {
    if let Some(key) = started.args.iter().skip(1).find_map(|arg| option(arg)) {
        return Err(format!(
            "the server's command line sets {key}, which no file can change"
        ));
    }
    let mut read = Read {
        host,
        events: Vec::new(),
        files: 0,
        is_sorted: started.persisted.is_none(),
    };
    for file in files(started)? {
        read.file(&file, 0)?;
    }
    let mut after = read.events.iter().rev();
    let mut later = None;
    let place = after.find_map(|event| match event {
        Event::Room(path) => Some(path),
        Event::Sets(place) => {
            later = Some(place);
            None
        }
    });
    let Some(place) = place else {
        return Err("the server's option files include no directory that a file could be put into (!includedir)".to_owned());
    };
    if let Some(later) = later {
        return Err(format!("{later} would count more than {}", place.display()));
    }
    persisted(host, started)?;
    Ok(place.clone())
}

/// The files that are read where no other is included, in their order.
fn files(started: &Started<'_>) -> Result<Vec<PathBuf>, String> {
    let given = |name: &str| {
        let mut args = started.args.iter().skip(1);
        args.find_map(|arg| arg.strip_prefix(name)?.strip_prefix('='))
            .map(|path| {
                let path = PathBuf::from(path);
                let relative = || format!("{} is relative to nobody knows what", path.display());
                path.is_absolute()
                    .then(|| path.clone())
                    .ok_or_else(relative)
            })
            .transpose()
    };
    if started.args.iter().any(|arg| arg == "--no-defaults") {
        return Err(
            "the server was started with --no-defaults and reads no option file".to_owned(),
        );
    }
    if let Some(only) = given("--defaults-file")? {
        return Ok(vec![only]);
    }
    // Those that only some packages read can beat nothing where they are not there.
    let mut files: Vec<PathBuf> = [
        "/etc/my.cnf",
        "/etc/mysql/my.cnf",
        "/usr/etc/my.cnf",
        "/usr/local/etc/my.cnf",
        "/usr/local/mysql/etc/my.cnf",
    ]
    .map(PathBuf::from)
    .into();
    files.extend(started.own_home.map(|home| Path::new(home).join("my.cnf")));
    files.extend(given("--defaults-extra-file")?);
    files.extend(started.home.map(|home| Path::new(home).join(".my.cnf")));
    Ok(files)
}

/// MySQL reads what SET PERSIST kept after every file.
fn persisted(host: &Host, started: &Started<'_>) -> Result<(), String> {
    let Some(folder) = started.persisted else {
        return Ok(());
    };
    let file = folder.join("mysqld-auto.cnf");
    let text = host.read_file(&file, LONGEST)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).replace('_', "-");
    match OURS.iter().find(|name| text.contains(**name)) {
        Some(name) => Err(format!(
            "{} keeps {name}, and counts more than every option file (RESET PERSIST)",
            file.display()
        )),
        None => Ok(()),
    }
}

/// What stands in the files, in the order in which the server meets it.
enum Event {
    /// A file of ours could stand here.
    Room(PathBuf),
    /// One of our options is set; where.
    Sets(String),
}

struct Read<'a> {
    host: &'a Host,
    events: Vec<Event>,
    files: usize,
    /// Whether files of a directory are read by their names; MySQL's manual promises no order.
    is_sorted: bool,
}

impl Read<'_> {
    fn file(&mut self, path: &Path, depth: u32) -> Result<(), String> {
        self.files += 1;
        if self.files > MOST_FILES || depth > DEEPEST {
            return Err(format!(
                "{} is included too deep, or as one of too many",
                path.display()
            ));
        }
        let stat = self.host.stat(path)?;
        // Neither server reads a file that everybody may write.
        if stat.is_none_or(|stat| stat.st_mode & 0o002 != 0) {
            return Ok(());
        }
        let text = self.host.read_file(path, LONGEST)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut counts = false;
        for (number, line) in (1_u32..).zip(text.lines()) {
            let line = line.trim();
            if let Some(group) = line.strip_prefix('[') {
                counts = GROUPS.iter().any(|known| group.starts_with(known));
            } else if let Some(folder) = line.strip_prefix("!includedir") {
                self.folder(Path::new(folder.trim()), depth)?;
            } else if let Some(file) = line.strip_prefix("!include") {
                self.file(Path::new(file.trim()), depth + 1)?;
            } else if let Some(key) = option(line).filter(|_| counts) {
                let place = format!("{}:{number} ({key})", path.display());
                self.events.push(Event::Sets(place));
            }
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, depth: u32) -> Result<(), String> {
        let Some(entries) = self.host.list_dir(folder, MOST_FILES)? else {
            return Ok(());
        };
        let mut names: Vec<String> = entries
            .into_iter()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".cnf") && name != NAME)
            .collect();
        names.sort();
        let (before, after): (Vec<_>, Vec<_>) = names
            .iter()
            .partition(|name| self.is_sorted && name.as_str() < NAME);
        for name in before {
            self.file(&folder.join(name), depth + 1)?;
        }
        self.events.push(Event::Room(folder.join(NAME)));
        for name in after {
            self.file(&folder.join(name), depth + 1)?;
        }
        Ok(())
    }
}

/// Which of our options a line or an argument sets, by its name or the beginning of it.
fn option(line: &str) -> Option<&'static str> {
    let line = line.strip_prefix("--").unwrap_or(line);
    let end = line.find(|c: char| c == '=' || c == '#' || c.is_whitespace());
    let name = line.get(..end.unwrap_or(line.len()))?;
    let mut name = name.to_ascii_lowercase().replace('_', "-");
    while let Some(rest) = PREFIXES.iter().find_map(|it| name.strip_prefix(it)) {
        name = rest.to_owned();
    }
    OURS.into_iter()
        .find(|ours| !name.is_empty() && ours.starts_with(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Self {
            let machine = Self(tempfile::tempdir().unwrap());
            machine.file(
                "/etc/mysql/my.cnf",
                "[client-server]\nsocket = /run/x\n!includedir /etc/mysql/conf.d/\n!includedir /etc/mysql/mariadb.conf.d/\n",
            );
            machine.file("/etc/mysql/conf.d/mysql.cnf", "[mysql]\nlocal-infile = 1\n");
            machine.file(
                "/etc/mysql/mariadb.conf.d/50-server.cnf",
                "[server]\n[mysqld]\nbind-address = 0.0.0.0\n",
            );
            machine
        }

        fn file(&self, path: &str, text: &str) {
            let path = self.0.path().join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }

        fn asked(&self, args: &[&str], home: Option<&str>, mysql: bool) -> Result<PathBuf, String> {
            let mut all = vec!["/usr/sbin/mariadbd".to_owned()];
            all.extend(args.iter().map(|arg| (*arg).to_owned()));
            let host = Host::at(self.0.path().to_owned());
            let started = Started {
                args: &all,
                home,
                own_home: None,
                persisted: mysql.then(|| Path::new("/var/lib/mysql")),
            };
            last_word(&host, &started)
        }

        fn refused(&self, args: &[&str]) -> String {
            self.asked(args, Some("/root"), false).unwrap_err()
        }
    }

    const OWN: &str = "/etc/mysql/mariadb.conf.d/zz-deskguard.cnf";

    #[test]
    fn the_last_directory_of_the_last_file() {
        let machine = Machine::new();
        assert_eq!(machine.asked(&[], None, false), Ok(OWN.into()));
        // It stands there already, and does not beat itself.
        machine.file(OWN, "[mysqld]\nlocal_infile = 0\n");
        let args = ["--user=mysql", "--basedir=/usr", "--socket=/run/x"];
        assert_eq!(machine.asked(&args, Some("/root"), false), Ok(OWN.into()));
        machine.file("/etc/own.cnf", "!includedir /etc/own.d\n");
        machine.file("/etc/own.d/readme", "");
        let only = ["--defaults-file=/etc/own.cnf"];
        let own = "/etc/own.d/zz-deskguard.cnf";
        assert_eq!(machine.asked(&only, None, false), Ok(own.into()));
    }

    #[test]
    fn what_would_count_more_is_named() {
        let machine = Machine::new();
        for args in [
            "--skip_local-infile",
            "--bind-addr=::",
            "--loose-local_infile=1",
        ] {
            assert!(machine.refused(&[args]).contains("command line"), "{args}");
        }
        assert!(
            machine
                .refused(&["--no-defaults"])
                .contains("no option file")
        );
        assert!(
            machine
                .refused(&["--defaults-file=own.cnf"])
                .contains("relative")
        );
        assert!(
            machine
                .refused(&["--defaults-file=/gone.cnf"])
                .contains("no directory")
        );
        machine.file("/root/.my.cnf", "[client]\nlocal-infile = 1\n");
        assert_eq!(machine.asked(&[], Some("/root"), false), Ok(OWN.into()));
        machine.file("/root/.my.cnf", "[mysqld-10.11]\nloose_local_infile\n");
        let why = machine.refused(&[]);
        assert!(
            why.starts_with("/root/.my.cnf:2 (local-infile) would"),
            "{why}"
        );
        machine.file("/root/.my.cnf", "");
        machine.file(
            "/etc/mysql/mariadb.conf.d/zzz.cnf",
            "[mariadb]\nbind-address=::\n",
        );
        assert!(machine.refused(&[]).contains("zzz.cnf:2"));
        let path = machine.0.path().join("etc/mysql/mariadb.conf.d/zzz.cnf");
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(machine.asked(&[], None, false), Ok(OWN.into()));
    }

    #[test]
    fn mysql_promises_no_order_and_persists() {
        let machine = Machine::new();
        let why = machine.asked(&[], None, true).unwrap_err();
        assert!(why.contains("50-server.cnf:3 (bind-address)"), "{why}");
        machine.file(
            "/etc/mysql/mariadb.conf.d/50-server.cnf",
            "[mysqld]\nport = 3306\n",
        );
        assert_eq!(machine.asked(&[], None, true), Ok(OWN.into()));
        machine.file("/var/lib/mysql/mysqld-auto.cnf", "{\"local_infile\": 1}");
        assert!(
            machine
                .asked(&[], None, true)
                .unwrap_err()
                .contains("PERSIST")
        );
    }

    #[test]
    fn a_file_that_includes_itself_ends() {
        let machine = Machine::new();
        machine.file("/etc/my.cnf", "!include /etc/my.cnf\n");
        assert!(machine.refused(&[]).contains("too deep"));
    }
}
