//! PHP-FPM's pools as its configuration describes them: who runs PHP, and where it listens.
//! Refuses PHP's own `php.ini`; of a pool's settings only those that a check may want are kept.

use super::ini::{Dialect, Entry, entries};
use super::servers::Program;
use super::web_server::{Running, running};
use crate::host::glob::LARGEST_CONFIG;
use crate::host::{Host, Processes};
use crate::route::Place;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in one another, no deeper than this.
const DEEPEST: usize = 10;
/// Main files, and where their pools are if the main file is not there.
const PLACES: &[(&str, &str)] = &[
    (
        "/etc/php/*/fpm/php-fpm.conf",
        "/etc/php/*/fpm/pool.d/*.conf",
    ),
    ("/etc/php-fpm.conf", "/etc/php-fpm.d/*.conf"),
    ("/etc/php*/php-fpm.conf", "/etc/php*/php-fpm.d/*.conf"),
    (
        "/etc/php*/fpm/php-fpm.conf",
        "/etc/php*/fpm/php-fpm.d/*.conf",
    ),
    (
        "/etc/opt/remi/php*/php-fpm.conf",
        "/etc/opt/remi/php*/php-fpm.d/*.conf",
    ),
    (
        "/usr/local/etc/php-fpm.conf",
        "/usr/local/etc/php-fpm.d/*.conf",
    ),
];

/// A pool of PHP processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// The account that runs PHP; a master that root does not run ignores it.
    pub user: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// The socket or the address.
    pub listen: Option<String>,
    /// Who owns the socket.
    pub listen_owner: Option<String>,
    /// Its group.
    pub listen_group: Option<String>,
    /// Its mode, as written; PHP-FPM's own is 0660.
    pub listen_mode: Option<String>,
    /// Where PHP starts.
    pub chdir: Option<String>,
    /// What PHP sees as `/`.
    pub chroot: Option<String>,
    /// `pm.status_path`, a page about the pool.
    pub status_path: Option<String>,
    /// `ping.path`, a page that says that the pool lives.
    pub ping_path: Option<String>,
    /// `security.limit_extensions`.
    pub limit_extensions: Option<String>,
    /// `php_admin_value` and `php_value` with their flags, in their order.
    pub php: Vec<PoolSetting>,
    /// The line of the section's name or its first setting.
    pub at: Place,
    /// The line of `user`.
    pub user_at: Option<Place>,
    /// The file that PHP-FPM starts from.
    pub config: PathBuf,
    /// The running master that uses this file; without one the pool may not be in use.
    pub master: Option<u32>,
    /// The same server, and when it read this file.
    pub running: Option<Running>,
    /// The master's program, where the auditor may see that.
    pub binary: Option<PathBuf>,
}

/// A setting of PHP's that a pool makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSetting {
    /// The setting.
    pub name: String,
    /// Its value; passwords are left out.
    pub value: String,
    /// Whether neither `.user.ini` nor a script can change it.
    pub admin: bool,
    /// As the pool writes it: `php_admin_flag[name]`.
    pub key: String,
    /// The line.
    pub at: Place,
}

/// All pools that could be found, and why there may be more.
pub(super) fn look(host: &Host, processes: &Processes) -> (Vec<Pool>, Vec<String>) {
    let mut missed = Vec::new();
    let mut pools: Vec<Pool> = Vec::new();
    let mut started: Vec<PathBuf> = Vec::new();
    for main in mains(host, processes, &mut missed) {
        if started.contains(&main.config) {
            continue;
        }
        started.push(main.config.clone());
        let mut reader = Reader {
            host,
            config: main.config,
            pools: Vec::new(),
            missed: &mut missed,
        };
        for file in main.files {
            reader.file(&file, 0);
        }
        let running = main
            .master
            .map(|pid| running(host, processes, pid, Program::PhpFpm, &[]));
        for mut pool in reader.pools {
            pool.master = main.master;
            pool.binary.clone_from(&main.binary);
            pool.running.clone_from(&running);
            // A pool folder that is also included by a main file says the same thing twice.
            if pools.iter().all(|other| other.at != pool.at) {
                pools.push(pool);
            }
        }
    }
    for pool in &mut pools {
        let name = pool.name.clone();
        for value in [
            &mut pool.user,
            &mut pool.group,
            &mut pool.listen,
            &mut pool.chdir,
            &mut pool.chroot,
        ]
        .into_iter()
        .flatten()
        .chain(pool.php.iter_mut().map(|setting| &mut setting.value))
        {
            *value = value.replace("$pool", &name);
        }
    }
    (pools, missed)
}

/// Where PHP-FPM starts, and the files to read for it.
struct Main {
    config: PathBuf,
    files: Vec<PathBuf>,
    master: Option<u32>,
    binary: Option<PathBuf>,
}

impl Main {
    fn file(config: PathBuf) -> Self {
        Self {
            files: vec![config.clone()],
            config,
            master: None,
            binary: None,
        }
    }
}

/// Running masters first.
fn mains(host: &Host, processes: &Processes, missed: &mut Vec<String>) -> Vec<Main> {
    let mut found = Vec::new();
    for process in &processes.running {
        let title = process.title();
        let config = title
            .strip_prefix("php-fpm: master process (")
            .and_then(|rest| rest.rsplit_once(')'));
        let Some((config, _)) = config.filter(|_| process.may_be(&["php-fpm", "php"])) else {
            continue;
        };
        if process.elsewhere == Some(true) {
            missed.push(format!(
                "php-fpm runs as process {} in a container of its own; its pools were not read",
                process.pid
            ));
        } else {
            found.push(Main {
                master: Some(process.pid),
                binary: process.exe.clone(),
                ..Main::file(PathBuf::from(config))
            });
        }
    }
    for (main, pools) in PLACES {
        let mut all = |pattern: &str| {
            host.glob(Path::new(pattern)).unwrap_or_else(|reason| {
                missed.push(reason);
                Vec::new()
            })
        };
        let mains = all(main);
        if mains.is_empty() {
            let files = all(pools);
            if let Some(first) = files.first() {
                found.push(Main {
                    config: first.clone(),
                    files,
                    ..Main::file(PathBuf::new())
                });
            }
        }
        found.extend(mains.into_iter().map(Main::file));
    }
    found
}

struct Reader<'a> {
    host: &'a Host,
    config: PathBuf,
    pools: Vec<Pool>,
    missed: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, depth: usize) {
        let text = match self.host.read_file(path, LARGEST_CONFIG) {
            Ok(Some(text)) => text,
            Ok(None) => {
                self.missed
                    .push(format!("{} does not exist", path.display()));
                return;
            }
            Err(reason) => {
                self.missed.push(reason);
                return;
            }
        };
        let file: Arc<Path> = path.into();
        let (entries, broken) = entries(&text, Dialect::Php);
        for line in broken {
            let shown = path.display();
            self.missed
                .push(format!("{shown}:{line}: neither a section nor a setting"));
        }
        for entry in entries {
            let at = Place {
                file: Arc::clone(&file),
                line: entry.line,
            };
            if entry.key == "include" {
                self.include(&entry.value, &at, depth);
            } else if !entry.section.is_empty() && entry.section != "global" {
                self.setting(entry, at);
            }
        }
    }

    fn include(&mut self, pattern: &str, at: &Place, depth: usize) {
        if depth >= DEEPEST {
            self.missed
                .push(format!("{at}: files are included more than {DEEPEST} deep"));
            return;
        }
        // Relative to PHP's prefix, which is what stands before `etc`.
        let config = self.config.to_string_lossy();
        let prefix = match config.split_once("/etc/") {
            Some(("", _)) | None => "/usr",
            Some((prefix, _)) => prefix,
        };
        match self.host.glob(&Path::new(prefix).join(pattern)) {
            Ok(files) => files.iter().for_each(|file| self.file(file, depth + 1)),
            Err(reason) => self.missed.push(format!("{at}: {reason}")),
        }
    }

    fn setting(&mut self, entry: Entry, at: Place) {
        let known = self
            .pools
            .iter()
            .position(|pool| pool.name == entry.section);
        if known.is_none() {
            self.pools.push(blank(&entry.section, &at, &self.config));
        }
        // A second section of the same name goes on with its pool.
        let index = known.unwrap_or(self.pools.len() - 1);
        let Some(pool) = self.pools.get_mut(index) else {
            return;
        };
        let value = Some(entry.value.clone());
        match entry.key.as_str() {
            "user" => {
                pool.user = value;
                pool.user_at = Some(at);
            }
            "group" => pool.group = value,
            "listen" => pool.listen = value,
            "listen.owner" => pool.listen_owner = value,
            "listen.group" => pool.listen_group = value,
            "listen.mode" => pool.listen_mode = value,
            "chdir" => pool.chdir = value,
            "chroot" => pool.chroot = value,
            "pm.status_path" => pool.status_path = value,
            "ping.path" => pool.ping_path = value,
            "security.limit_extensions" => pool.limit_extensions = value,
            key => {
                if let Some((name, admin)) = php_setting(key) {
                    pool.php.push(PoolSetting {
                        value: visible(name, entry.value),
                        name: name.to_owned(),
                        admin,
                        key: key.to_owned(),
                        at,
                    });
                }
            }
        }
    }
}

/// The setting behind `php_admin_value[name]` and its siblings, and whether it is an admin's.
fn php_setting(key: &str) -> Option<(&str, bool)> {
    let forms = [
        ("php_admin_value[", true),
        ("php_admin_flag[", true),
        ("php_value[", false),
        ("php_flag[", false),
    ];
    forms.into_iter().find_map(|(start, admin)| {
        let name = key.strip_prefix(start)?.strip_suffix(']')?;
        Some((name.trim(), admin))
    })
}

/// Some of PHP's settings are passwords.
pub(super) fn visible(name: &str, value: String) -> String {
    if name.contains("_pw") || name.contains("pass") {
        "***".to_owned()
    } else {
        value
    }
}

fn blank(name: &str, at: &Place, config: &Path) -> Pool {
    Pool {
        name: name.to_owned(),
        user: None,
        group: None,
        listen: None,
        listen_owner: None,
        listen_group: None,
        listen_mode: None,
        chdir: None,
        chroot: None,
        status_path: None,
        ping_path: None,
        limit_extensions: None,
        php: Vec::new(),
        at: at.clone(),
        user_at: None,
        config: config.to_owned(),
        master: None,
        running: None,
        binary: None,
    }
}
