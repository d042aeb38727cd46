//! A helpdesk on this machine whose configuration names a real MariaDB: hardened at first, with an account
//! for the audit beside the product's own.

use crate::real_mariadb::{MariaDb, V4, V5};
use deskguard::audit::{Timing, judge};
use deskguard::check::Catalogue;
use deskguard::facts::{Facts, Secret};
use deskguard::host::Host;
use deskguard::policy::Policy;
use deskguard::probe::{database, product};
use deskguard::report::{Check, Report};
use deskguard::target::{DatabaseWish, Generation, Target, Wishes};
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The product's password where nothing else is planted.
pub(crate) const STRONG: &str = "nS7-pLq0_vTz92";
/// Days since 1970: the end of 2024, when everything that the tests run on was supported.
pub(crate) const TODAY: i64 = 20_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The product's own account.
    Product,
    /// An account that sees the server's accounts.
    Auditor,
    /// Nobody.
    Offline,
}

/// One helpdesk.
pub(crate) struct Site<'a> {
    pub(crate) server: &'a MariaDb,
    pub(crate) generation: Generation,
    folder: tempfile::TempDir,
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) today: i64,
    /// What is said to the server when the site goes.
    pub(crate) undo: Option<&'static str>,
}

impl Drop for Site<'_> {
    fn drop(&mut self) {
        if let Some(statement) = self.undo {
            self.server.sql(statement);
        }
    }
}

impl<'a> Site<'a> {
    /// The vendor's own minimal grant, and what updates and dumps need.
    pub(crate) const GRANT: &'static str = "GRANT SELECT, INSERT, UPDATE, DELETE, LOCK TABLES, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES, REFERENCES, SHOW VIEW, TRIGGER ON deskpro.* TO 'deskpro'@'localhost';";

    /// A hardened one; whatever an earlier one left on the server is gone.
    pub(crate) fn hardened(server: &'a MariaDb, generation: Generation) -> Self {
        let leftovers = server.sql(
            "SELECT CONCAT('DROP USER ', QUOTE(User), '@', QUOTE(Host), ';') FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC') AND COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) = 0;
             SELECT CONCAT('DROP USER root@', QUOTE(Host), ';') FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
             SELECT CONCAT('DROP ROLE `', User, '`;') FROM mysql.global_priv WHERE User <> 'PUBLIC' AND JSON_VALUE(Priv, '$.is_role') = 1;
             SELECT CONCAT('DROP DATABASE `', REPLACE(SCHEMA_NAME, '`', '``'), '`;') FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'deskpro', 'information_schema', 'performance_schema');",
        );
        server.sql(&leftovers);
        server.sql("SET GLOBAL local_infile = 0; SET GLOBAL read_only = 0;");
        let tables = if generation == Generation::V4 { V4 } else { V5 };
        // The tables are made once for each generation.
        let there = server
            .sql("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'deskpro'");
        if there.trim() != tables.matches("CREATE TABLE").count().to_string() {
            server.sql("DROP DATABASE IF EXISTS deskpro");
            server.load("deskpro", tables);
        }
        server.sql("DROP PROCEDURE IF EXISTS deskpro.p");
        server.sql(&format!(
            "CREATE USER 'deskpro'@'localhost' IDENTIFIED BY '{STRONG}'; {}
             CREATE USER 'deskguard'@'localhost' IDENTIFIED BY 'audit-{STRONG}';
             GRANT SELECT ON mysql.* TO 'deskguard'@'localhost';",
            Self::GRANT
        ));
        let site = Self {
            server,
            generation,
            folder: tempfile::tempdir().unwrap(),
            host: format!("127.0.0.1:{}", server.port),
            user: "deskpro".to_owned(),
            password: STRONG.to_owned(),
            today: TODAY,
            undo: None,
        };
        site.write();
        site
    }

    /// One whose server is gone.
    pub(crate) fn unreachable(server: &'a MariaDb, port: u16) -> Self {
        let site = Self {
            server,
            generation: Generation::V5,
            folder: tempfile::tempdir().unwrap(),
            host: format!("127.0.0.1:{port}"),
            user: "deskpro".to_owned(),
            password: STRONG.to_owned(),
            today: TODAY,
            undo: None,
        };
        site.write();
        site
    }

    /// The folder that it is installed in.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the configuration as it stands.
    pub(crate) fn write(&self) {
        let root = self.folder.path();
        let (host, user, password) = (&self.host, &self.user, &self.password);
        if self.generation == Generation::V4 {
            fs::write(root.join("index.php"), "<?php\n").unwrap();
            let text = format!(
                "<?php\ndefine('DP_DATABASE_HOST', '{host}');\ndefine('DP_DATABASE_USER', '{user}');\ndefine('DP_DATABASE_PASSWORD', '{password}');\ndefine('DP_DATABASE_NAME', 'deskpro');\n$DP_CONFIG = array();\n"
            );
            fs::write(root.join("config.php"), text).unwrap();
        } else {
            fs::create_dir_all(root.join("config")).unwrap();
            fs::create_dir_all(root.join("app/run")).unwrap();
            let text = format!(
                "<?php\n$DB_CONFIG['host'] = '{host}';\n$DB_CONFIG['user'] = '{user}';\n$DB_CONFIG['password'] = '{password}';\n$DB_CONFIG['dbname'] = 'deskpro';\n"
            );
            fs::write(root.join("config/config.database.php"), text).unwrap();
        }
    }

    /// What an audit sees.
    pub(crate) fn facts(&self, asks: Asks) -> Facts {
        let account = (asks == Asks::Auditor).then(|| {
            let password = Secret::new(format!("audit-{STRONG}").as_bytes());
            ("deskguard".to_owned(), Arc::new(password))
        });
        let wishes = Wishes {
            root: Some(self.folder.path().to_owned()),
            generation: Some(self.generation),
            ..Wishes::default()
        };
        let host = Host::default();
        let target = Target::find(&host, &wishes).unwrap();
        let wish = DatabaseWish {
            offline: asks == Asks::Offline,
            account,
            ..DatabaseWish::default()
        };
        let mut link = database::connect(&host, &target, &wish);
        let settings = target.settings.as_ref();
        Facts {
            target: target.facts(),
            config: settings
                .map(|settings| product::observe(&host, &target.root, settings))
                .unwrap_or_default(),
            database: database::observe(&mut link),
            ..Facts::default()
        }
    }

    /// What it says of it.
    pub(crate) fn report(&self, asks: Asks) -> Report {
        let timing = Timing {
            started: "2026-01-01T00:00:00Z",
            duration_ms: 0,
            today: self.today,
        };
        judge(catalogue(), self.facts(asks), Policy::default(), timing)
    }
}

/// The checks of the database, and of the password to it.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut all = Catalogue::read(Vec::new()).unwrap();
        // A password that the distribution ships is a secret of the configuration, and is mended at the server.
        let also = "config/no-placeholder-secrets";
        all.checks
            .retain(|check| check.id.starts_with("database/") || check.id == also);
        all
    })
}

/// What the report says of a check.
pub(crate) fn said<'a>(report: &'a Report, id: &str) -> &'a Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check is called {id}"))
}
