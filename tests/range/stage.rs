//! A hardened v4 that really runs: files of their right owners, nginx and PHP-FPM over them, a MariaDB that
//! its configuration names, a table of cron's.

use crate::accounts::{OWNER, ROOT};
use crate::hardened::v4::checksum_list;
use crate::hardened::{Kind, nginx};
use crate::helpdesk::{self, Helpdesk};
use crate::php_fpm::PhpFpm;
use crate::picture::Picture;
use crate::real_nginx::{Nginx, Ports, http_preamble, preamble, send};
use crate::tree::Install;
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

/// The install, and what runs.
pub(crate) struct Stage {
    pub(crate) install: Install,
    pub(crate) database: Helpdesk,
    pub(crate) folder: PathBuf,
    fpm: Option<PhpFpm>,
    nginx: Option<Nginx>,
    port: u16,
    _ports: Ports,
}

impl Stage {
    /// Everything in its place, nothing started but the database.
    pub(crate) fn hardened() -> Self {
        let mut install = Kind::V4.make();
        install.dir("host:run", ROOT, 0o755);
        let folder = install.at("host:run");
        let database = Helpdesk::start(helpdesk::Kind::V4);
        database.server.sql(&format!(
            "REVOKE ALL ON deskpro.* FROM deskpro@localhost; {GRANT};
             CREATE USER deskguard@localhost IDENTIFIED BY 'audit-9Xw'; GRANT SELECT ON mysql.* TO deskguard@localhost;
             GRANT SELECT ON deskpro.* TO deskguard@localhost;"
        ));
        let host = format!("unix_socket:{}", database.server.socket().display());
        install.reconfig(
            "config",
            "'DP_DATABASE_HOST', 'localhost'",
            &format!("'DP_DATABASE_HOST', '{host}'"),
        );
        install.reconfig("config", "nS7-pLq0_vTz92", "kR7$wq-2");
        let task = install.at("cron.php");
        fs::write(
            CRON_TABLE,
            format!("* * * * * list /usr/bin/php {}\n", task.display()),
        )
        .unwrap();
        let ports = Ports::claim(23_400, 1);
        // What a visitor's upload comes to, and what the scheduled task leaves in its log.
        let stores = "<?php file_put_contents(dirname(__FILE__) . '/../helpdesk-data/files/upload', 'an attachment'); echo 'stored';\n";
        install.file("file.php", OWNER, 0o644, stores);
        let logs = "<?php $up = dirname(__FILE__) . '/..'; file_put_contents($up . '/helpdesk-data/logs/cron.log', 'ran'); require $up . '/private/helpdesk/config.php';\n";
        install.file("cron.php", OWNER, 0o644, logs);
        // The last v4, which is the one that the database is at.
        let built = "<?php define(\"DP_BUILD_TIME\", 1374854426);\n";
        install.file("app/sys/config/build-time.php", OWNER, 0o644, built);
        let list = checksum_list(&install);
        install.file("app/sys/Resources/distro-checksums.php", OWNER, 0o644, list);
        Self {
            port: ports.all[0],
            _ports: ports,
            install,
            database,
            folder,
            fpm: None,
            nginx: None,
        }
    }

    /// The hardened configuration of nginx, for this port and this pool.
    pub(crate) fn sound(&self) -> String {
        let root = self.install.at("").display().to_string();
        let text = nginx::text(&root, "app|plugins|data");
        let start = "user www-data;\nevents {}\nhttp {\n";
        let ours = format!(
            "{}http {{\n{}",
            preamble(&self.folder),
            http_preamble(&self.folder)
        );
        text.replace(start, &ours)
            .replace("listen 80;", &format!("listen 127.0.0.1:{};", self.port))
            .replace(
                "/run/php/php-fpm.sock",
                &self.folder.join("php.sock").to_string_lossy(),
            )
    }

    /// Starts PHP-FPM with further lines of its pool, and nginx with this configuration.
    pub(crate) fn start(&mut self, pool: &str, config: &str) {
        self.fpm = Some(PhpFpm::start(&self.folder, pool));
        self.nginx = Some(Nginx::start(&self.folder, config, self.port));
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("nginx.conf")
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
            policy: policy(),
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
        let text = format!(
            "root = {:?}\n[web]\nconfig = {:?}\ninside = [\"10.0.0.0/8\"]\noutside = \"127.0.0.1\"\n[database]\nuser = \"deskguard\"\npassword_file = {password:?}\n[policy]\nmax_build_age_days = 100000\n",
            self.install.given,
            self.config()
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
        // When a password was set is the server's own note, and no more.
        let accounts = "SELECT User, Host, JSON_VALUE(Priv, '$.access'), JSON_VALUE(Priv, '$.plugin'), JSON_VALUE(Priv, '$.authentication_string'), COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0) FROM mysql.global_priv ORDER BY 1, 2";
        let mut texts = vec![
            read("nginx.conf"),
            read("fpm.conf"),
            self.database.server.sql(accounts),
        ];
        texts.push(
            self.database
                .server
                .sql("SELECT * FROM mysql.db ORDER BY 1, 2, 3"),
        );
        texts.push(self.database.server.sql_in("deskpro", "SELECT name, value FROM settings ORDER BY 1; SELECT person_id, name, value_str FROM people_prefs ORDER BY 1, 2"));
        texts
    }
}

pub(crate) fn policy() -> Policy {
    let mut policy = helpdesk::policy(helpdesk::Kind::V4);
    policy.max_build_age_days = 100_000;
    policy
}

pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(Vec::new()).unwrap())
}
