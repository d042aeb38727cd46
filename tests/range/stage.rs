//! A hardened install that really runs: files of their right owners, a web server and PHP over them, a
//! MariaDB that its configuration names, a table of cron's.

use crate::accounts::ROOT;
use crate::desk;
use crate::distribution;
use crate::hardened::Kind;
use crate::helpdesk::{self, Helpdesk};
use crate::picture::Picture;
use crate::real_nginx::{Ports, send};
use crate::tree::Install;
use crate::web::{Running, Web};
use deskguard::audit::observe;
use deskguard::check::{Catalogue, with_large_stack};
use deskguard::engine::{Verdict, judge};
use deskguard::facts::{Facts, Given, Secret, Today};
use deskguard::host::Host;
use deskguard::policy::Policy;
use deskguard::target::{Addresses, DatabaseWish, Wishes};
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub(crate) const GRANT: &str = "GRANT SELECT, INSERT, UPDATE, DELETE, LOCK TABLES, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES, REFERENCES, SHOW VIEW, TRIGGER ON deskpro.* TO deskpro@localhost";
pub(crate) const CRON_TABLE: &str = "/etc/cron.d/deskpro";

/// Where the distribution's clients look for the server.
fn usual_socket(socket: &Path) {
    fs::create_dir_all("/run/mysqld").unwrap();
    let _ = fs::remove_file("/run/mysqld/mysqld.sock");
    std::os::unix::fs::symlink(socket, "/run/mysqld/mysqld.sock").unwrap();
}

/// The install, and what runs.
pub(crate) struct Stage {
    pub(crate) kind: Kind,
    pub(crate) web: Web,
    pub(crate) install: Install,
    pub(crate) database: Helpdesk,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// Whether the servers are the distribution's, each in its usual place.
    pub(crate) usual: bool,
    /// Whether the database is looked at by an account for that, and not by the product's.
    pub(crate) auditor: bool,
    running: Option<Running>,
    _ports: Ports,
}

impl Stage {
    /// Everything in its place, nothing started but the database.
    pub(crate) fn hardened(kind: Kind, web: Web) -> Self {
        let mut install = kind.make();
        install.dir("host:run", ROOT, 0o755);
        let folder = install.at("host:run");
        let database = Helpdesk::start(desk::tables(kind));
        database.server.sql(&format!(
            "REVOKE ALL ON deskpro.* FROM deskpro@localhost; {GRANT};
             CREATE USER deskguard@localhost IDENTIFIED BY 'audit-9Xw'; GRANT SELECT ON mysql.* TO deskguard@localhost;
             GRANT SELECT ON deskpro.* TO deskguard@localhost;"
        ));
        usual_socket(&database.server.socket());
        desk::furnish(kind, &mut install, &database);
        let ports = Ports::claim(23_400, 1);
        Self {
            kind,
            web,
            port: ports.all[0],
            _ports: ports,
            install,
            database,
            folder,
            usual: false,
            auditor: true,
            running: None,
        }
    }

    /// The same with the servers as the distribution starts them, configured in `/etc`.
    pub(crate) fn as_distributed(kind: Kind, web: Web) -> Self {
        let mut stage = Self::hardened(kind, web);
        stage.usual = true;
        distribution::database(&mut stage.database);
        stage
    }

    /// The hardened configuration of the web server, for this port and this pool.
    pub(crate) fn sound(&self) -> String {
        self.web.sound(self)
    }

    /// Starts the web server with this configuration, and PHP-FPM with further lines of its pool where
    /// that runs PHP.
    pub(crate) fn start(&mut self, pool: &str, config: &str) {
        if self.usual {
            distribution::start(self.web, self.port, pool, config);
        } else {
            self.running = Some(self.web.start(self, pool, config));
        }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join(self.web.file())
    }

    /// Where PHP-FPM listens.
    pub(crate) fn socket(&self) -> PathBuf {
        if self.usual {
            distribution::socket()
        } else {
            self.folder.join("php.sock")
        }
    }

    /// Status and body of a request.
    pub(crate) fn ask(&self, target: &str) -> (u16, String) {
        let local = Ipv4Addr::LOCALHOST;
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: help.example.com\r\nConnection: close\r\n\r\n");
        let reply = send(local, local, self.port, request.as_bytes()).unwrap();
        (reply.status.unwrap_or_default(), reply.body_text())
    }

    pub(crate) fn wishes(&self) -> Wishes {
        let password = Secret::new(b"audit-9Xw");
        Wishes {
            root: Some(self.install.given.clone()),
            web_config: Some(self.config()),
            addresses: Addresses {
                inside: vec!["10.0.0.0/8".parse().unwrap()],
                outside: "127.0.0.1".parse().unwrap(),
            },
            database: DatabaseWish {
                account: Some(("deskguard".to_owned(), Arc::new(password))),
                ..DatabaseWish::default()
            },
            ..Wishes::default()
        }
    }

    pub(crate) fn observe(&self) -> Facts {
        observe(&Host::default(), &self.wishes(), None).unwrap()
    }

    /// What was observed, and what the checks make of it.
    pub(crate) fn audit(&self) -> (Given, Vec<Verdict>) {
        let given = Given {
            facts: self.observe(),
            policy: policy(self.kind),
            today: Today {
                day: helpdesk::now() / 86_400,
            },
        };
        let verdicts = with_large_stack(|| judge(catalogue(), &given)).unwrap();
        (given, verdicts)
    }

    /// The program, with everything that it must know.
    pub(crate) fn deskguard(&self) -> Command {
        let config = self.folder.join("deskguard.toml");
        let password = self.folder.join("password");
        // In its usual place the web server is found.
        let named = if self.usual {
            String::new()
        } else {
            format!("config = {:?}\n", self.config())
        };
        let auditor = if self.auditor {
            format!("[database]\nuser = \"deskguard\"\npassword_file = {password:?}\n")
        } else {
            String::new()
        };
        let text = format!(
            "root = {:?}\n[web]\n{named}inside = [\"10.0.0.0/8\"]\noutside = \"127.0.0.1\"\n{auditor}[policy]\nmax_build_age_days = 100000\n",
            self.install.given
        );
        fs::write(&config, text).unwrap();
        fs::write(&password, "audit-9Xw\n").unwrap();
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("deskguard"));
        command.arg("fix").arg("--config").arg(config);
        command
    }

    /// Everything that a fix may change.
    pub(crate) fn picture(&self) -> [Picture; 2] {
        [
            Picture::of(&self.install.at("host:srv")),
            Picture::of(Path::new("/etc")),
        ]
    }

    /// What the servers read.
    pub(crate) fn configuration(&self) -> Vec<String> {
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap();
        let mut texts: Vec<String> = self.web.files().iter().map(|name| read(name)).collect();
        texts.extend(self.rows());
        texts
    }

    /// The application's secret, which a plan makes at random; empty where there is none.
    pub(crate) fn secret(&self) -> String {
        let query = "SELECT value FROM settings WHERE name = 'core.app_secret' AND value <> ''";
        let found = self.database.server.sql_in("deskpro", query);
        let found = found.trim();
        assert!(found.is_empty() || found.len() >= 40, "{found}");
        found.to_owned()
    }

    /// The database's accounts and the helpdesk's settings.
    pub(crate) fn rows(&self) -> Vec<String> {
        // When a password was set is the server's own note, and no more.
        let accounts = "SELECT User, Host, JSON_VALUE(Priv, '$.access'), JSON_VALUE(Priv, '$.plugin'), JSON_VALUE(Priv, '$.authentication_string'), COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0) FROM mysql.global_priv ORDER BY 1, 2";
        let settings = "SELECT name, value FROM settings ORDER BY 1; SELECT person_id, name, value_str FROM people_prefs ORDER BY 1, 2";
        let server = &self.database.server;
        vec![
            server.sql(accounts),
            server.sql("SELECT * FROM mysql.db ORDER BY 1, 2, 3"),
            server.sql_in("deskpro", settings),
        ]
    }
}

pub(crate) fn policy(kind: Kind) -> Policy {
    let mut policy = helpdesk::policy(desk::tables(kind));
    policy.max_build_age_days = 100_000;
    policy
}

pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(Vec::new()).unwrap())
}
