//! A hardened v4 that really runs: files of their right owners, nginx and PHP-FPM over them, a MariaDB that
//! its configuration names, a table of cron's.

use crate::accounts::{OWNER, ROOT, WEB_NAME};
use crate::apart::run;
use crate::hardened::v4::checksum_list;
use crate::hardened::{Kind, nginx};
use crate::helpdesk::{self, Helpdesk};
use crate::php_fpm::PhpFpm;
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
use std::path::PathBuf;
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

    /// Who the workers are does not change by what is planted.
    pub(crate) fn is_up(&self) -> bool {
        self.ask("/").0 == 200
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

/// As an account of the machine, in a process of its own.
pub(crate) fn as_user(user: &str, command: &str) {
    run(
        "setpriv",
        &[
            "--reuid",
            user,
            "--regid",
            user,
            "--init-groups",
            "sh",
            "-c",
            command,
        ],
    );
}

pub(crate) const WEB: &str = WEB_NAME;
