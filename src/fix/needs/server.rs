//! PHP, the product's settings, the scheduled task and the database's server on paper.

use super::disk::Disk;
use super::request::Site;
use crate::facts::Facts;
use crate::fix::action::{Action, Server};
use crate::fix::below::below;
use crate::fix::quote::php_value;
use crate::needs::{PHP_FUNCTIONS, PHP_LEAST, PHP_SWITCHES, SETTINGS};

/// Keys of php.ini and of pools that decide about nothing that the product needs.
const HARMLESS_INI: [&str; 15] = [
    "allow_url_include",
    "display_errors",
    "display_startup_errors",
    "enable_dl",
    "expose_php",
    "html_errors",
    "log_errors",
    "register_globals",
    "session.cookie_httponly",
    "session.cookie_samesite",
    "session.cookie_secure",
    "session.use_only_cookies",
    "session.use_strict_mode",
    "session.use_trans_sid",
    "zend.exception_ignore_args",
];

/// Keys of a database server's configuration that decide about nothing that the product needs.
const HARMLESS_SERVER: [&str; 5] = [
    "local_infile",
    "secure_file_priv",
    "skip_symbolic_links",
    "symbolic_links",
    "tls_version",
];

/// What an account takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Answering web requests.
    Web,
    /// All that the scheduled task does.
    Task,
    /// The scheduled task without updates (v5 `bin/cron --no-auto-updater`), which make the dumps.
    Tasks,
    /// Updates alone (`bin/cron --auto-updater`).
    Updates,
}

impl Part {
    /// By the line that starts it.
    fn of(line: &str) -> Self {
        match line {
            _ if line.contains("--no-auto-updater") => Self::Tasks,
            _ if line.contains("--auto-updater") => Self::Updates,
            _ => Self::Task,
        }
    }

    fn would_do(self, disk: &Disk, user: &str) -> Result<(), String> {
        const DUMPS: &str = "backups";
        match self {
            Self::Web => disk.would_do("web", user, |_| true),
            Self::Task => disk.would_do("cron", user, |_| true),
            Self::Tasks => disk.would_do("cron", user, |purpose| purpose != DUMPS),
            Self::Updates => disk.would_do("cron", user, |purpose| purpose == DUMPS),
        }
    }
}

/// What serves the helpdesk, as the deeds so far leave it.
#[derive(Clone)]
pub(super) struct Servers {
    site: Site,
    /// Tables and lines that start the scheduled task; 0 where it has no line.
    jobs: Vec<(String, u32)>,
    had_jobs: bool,
    /// `socket`, `loopback`, `network`; none where that is not known.
    connection: Option<String>,
    tls: bool,
    one_account: bool,
    /// Accounts that take over what a role does.
    successors: Vec<(Part, String)>,
}

impl Servers {
    pub(super) fn of(facts: &Facts) -> Self {
        let connection = &facts.database.connection;
        let generation = facts.target.generation.known().map(String::as_str);
        let of_role = |role: &'static str| {
            let rows = facts.target.roles.rows.iter();
            rows.filter(move |row| row.role == role).map(|row| row.uid)
        };
        let jobs = facts.server.jobs.rows.iter();
        Self {
            site: Site::new(&facts.target.root, generation, &facts.web.inside),
            had_jobs: !facts.server.jobs.rows.is_empty(),
            jobs: jobs.map(|job| (job.path.clone(), job.line)).collect(),
            connection: connection.kind.known().cloned(),
            tls: connection.tls.known() == Some(&true),
            one_account: of_role("web").all(|web| of_role("cron").all(|cron| web == cron)),
            successors: Vec::new(),
        }
    }

    /// Lines that the lines of other deeds may rest on.
    pub(super) fn expect(&mut self, deeds: &[Action]) {
        for deed in deeds {
            if let Action::Snippet {
                server: Server::Nginx,
                expected,
                text,
                ..
            } = deed
            {
                self.site.expect(expected, text);
            }
        }
    }

    pub(super) fn carry_out(&mut self, deed: &Action, disk: &mut Disk) -> Result<(), String> {
        match deed {
            Action::Setting { setting, value, .. } => self.setting(setting, value.as_deref(), disk),
            Action::Ini {
                key, value, path, ..
            } => self.ini(path, key, value, disk),
            Action::Snippet {
                server,
                expected,
                text,
                ..
            } => self.site.snippet(*server, expected, text),
            Action::Line { expected, text, .. } => match account(expected, text) {
                Some(user) => {
                    self.successors.push((Part::Web, user.to_owned()));
                    Ok(())
                }
                None => self.site.line(expected, text),
            },
            // Another account must be able to do what the task does.
            Action::CronLine {
                user: Some(user), ..
            } => {
                self.successors.push((Part::Task, user.clone()));
                Ok(())
            }
            Action::CronLine { path, line, .. } => {
                self.jobs
                    .retain(|(at, number)| at != path || number != line);
                Ok(())
            }
            Action::Write {
                content,
                server: Some(Server::Database),
                ..
            } => self.options(content),
            Action::Write { path, content, .. } => {
                self.schedule(path, content);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn setting(&self, setting: &str, value: Option<&str>, disk: &mut Disk) -> Result<(), String> {
        let own = SETTINGS.iter().any(|part| setting.contains(part));
        if own && value.and_then(php_value).as_deref() != Some("") {
            return Err(format!("the helpdesk cannot do without {setting}"));
        }
        if own {
            return Err(format!("the helpdesk cannot do with {setting} empty"));
        }
        if setting.contains("umask") {
            return self.umask(setting, value);
        }
        disk.set(setting, value)
    }

    /// Two accounts that share files need them open to their group.
    fn umask(&self, setting: &str, value: Option<&str>) -> Result<(), String> {
        let octal = value.map_or("0", |value| value.trim().trim_matches(['\'', '"']));
        let octal = octal.trim_start_matches("0o");
        let bits = u32::from_str_radix(octal, 8)
            .map_err(|_| format!("what the value of {setting} comes to is not known"))?;
        let closed = if self.one_account { 0o700 } else { 0o770 };
        if bits & closed != 0 {
            return Err(
                "what the web server's account and the scheduled task make would be closed to the other"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn ini(&mut self, path: &str, key: &str, value: &str, disk: &Disk) -> Result<(), String> {
        let key = key
            .split_once('[')
            .map_or(key, |(_, key)| key.trim_end_matches(']'));
        let value = value.trim().trim_matches('"');
        if path.contains("my.cnf") || path.contains("mysql") || path.contains("mariadb") {
            return self.database(&key.replace('-', "_"), value);
        }
        let on = matches!(
            value.to_ascii_lowercase().as_str(),
            "on" | "1" | "yes" | "true"
        );
        if let Some((_, wanted)) = PHP_SWITCHES.iter().find(|(name, _)| *name == key) {
            let word = if *wanted { "on" } else { "off" };
            return if on == *wanted {
                Ok(())
            } else {
                Err(format!("the helpdesk needs {key} {word}"))
            };
        }
        if let Some((_, least)) = PHP_LEAST.iter().find(|(name, _)| *name == key) {
            let enough = value == "-1" || number(value).is_some_and(|number| number >= *least);
            return if enough {
                Ok(())
            } else {
                Err(format!("the helpdesk needs a {key} of {least} at least"))
            };
        }
        match key {
            "disable_functions" => {
                let mut named = value.split([',', ' ']).map(str::trim);
                named
                    .find(|name| PHP_FUNCTIONS.contains(name))
                    .map_or(Ok(()), |name| {
                        Err(format!("the helpdesk's updater needs the function {name}"))
                    })
            }
            "open_basedir" => {
                let dirs: Vec<&str> = value.split(':').collect();
                let outside = disk
                    .web_paths()
                    .find(|path| !dirs.iter().any(|dir| below(path, dir).is_some()));
                outside.map_or(Ok(()), |path| {
                    Err(format!(
                        "the helpdesk needs {path}, which open_basedir would close"
                    ))
                })
            }
            "security.limit_extensions" => {
                if value.split_whitespace().any(|it| it == ".php") {
                    Ok(())
                } else {
                    Err("the helpdesk's scripts end in .php".to_owned())
                }
            }
            "user" => {
                self.successors.push((Part::Web, value.to_owned()));
                Ok(())
            }
            _ if HARMLESS_INI.contains(&key) => Ok(()),
            _ => Err(format!("what the helpdesk needs of {key} is not known")),
        }
    }

    /// An option file of the database server.
    fn options(&self, content: &str) -> Result<(), String> {
        let mut pairs = content.lines().filter_map(|line| line.split_once('='));
        pairs
            .try_for_each(|(key, value)| self.database(&key.trim().replace('-', "_"), value.trim()))
    }

    fn database(&self, key: &str, value: &str) -> Result<(), String> {
        let on = !matches!(value.to_ascii_lowercase().as_str(), "off" | "0" | "false");
        let Some(kind) = self.connection.as_deref() else {
            return Err("how the helpdesk reaches the database is not known".to_owned());
        };
        match key {
            "bind_address" if kind == "network" => {
                Err("the helpdesk comes over the network".to_owned())
            }
            "skip_networking" if on && kind != "socket" => {
                Err("the helpdesk comes over TCP".to_owned())
            }
            "require_secure_transport" if on && kind != "socket" && !self.tls => {
                Err("the helpdesk connects without TLS".to_owned())
            }
            "bind_address" | "skip_networking" | "require_secure_transport" => Ok(()),
            _ if HARMLESS_SERVER.contains(&key) => Ok(()),
            _ => Err(format!("what the helpdesk needs of {key} is not known")),
        }
    }

    /// A table of cron's that starts the product's own script.
    fn schedule(&mut self, path: &str, content: &str) {
        let table = below(path, "/etc").is_some_and(|rest| rest.starts_with("/cron"));
        let starts = |line: &str| {
            !line.trim_start().starts_with('#')
                && (line.contains("cron.php") || line.contains("bin/cron"))
        };
        for line in content.lines().filter(|line| table && starts(line)) {
            self.jobs.push((path.to_owned(), 0));
            let user = line.split_whitespace().nth(5).unwrap_or_default();
            self.successors.push((Part::of(line), user.to_owned()));
        }
    }

    /// What no longer works once all deeds of a fix are done.
    pub(super) fn taken(&mut self, disk: &Disk) -> Option<String> {
        for (part, user) in std::mem::take(&mut self.successors) {
            if let Err(lacking) = part.would_do(disk, &user) {
                return Some(lacking);
            }
        }
        let gone = self.had_jobs && self.jobs.is_empty();
        gone.then(|| "nothing would run the helpdesk's scheduled task any more".to_owned())
    }
}

/// The account that a line of nginx's or Apache's now names.
fn account<'a>(expected: &str, text: &'a str) -> Option<&'a str> {
    let mut old = expected.split_whitespace();
    let mut new = text.trim().trim_end_matches(';').split_whitespace();
    let both = old.next()?.eq_ignore_ascii_case("user") && new.next()?.eq_ignore_ascii_case("user");
    both.then(|| new.next())
        .flatten()
        .map(|user| user.trim_end_matches(';'))
}

/// `128M`, in bytes.
fn number(value: &str) -> Option<u64> {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match value.chars().last()?.to_ascii_lowercase() {
        'k' => 1 << 10,
        'm' => 1 << 20,
        'g' => 1 << 30,
        _ => 1,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
