//! Planted faults and lookalikes.

use crate::real_mariadb::MariaDb;
use crate::site::{Asks, STRONG, Site, said};
use deskguard::report::Outcome;
use deskguard::target::Generation;

/// What is planted, and what must become of it.
pub(crate) struct Case {
    pub(crate) check: &'static str,
    pub(crate) outcome: Outcome,
    /// A part of the evidence, or of the reason.
    pub(crate) shows: &'static str,
    pub(crate) asks: Asks,
    pub(crate) plant: fn(&mut Site<'_>),
}

const fn fails(check: &'static str, shows: &'static str, plant: fn(&mut Site<'_>)) -> Case {
    Case {
        check,
        outcome: Outcome::Fail,
        shows,
        asks: Asks::Product,
        plant,
    }
}

const fn passes(check: &'static str, plant: fn(&mut Site<'_>)) -> Case {
    Case {
        outcome: Outcome::Pass,
        ..fails(check, "", plant)
    }
}

impl Case {
    const fn by_auditor(self) -> Self {
        Self {
            asks: Asks::Auditor,
            ..self
        }
    }

    fn complaint(&self, server: &MariaDb, generation: Generation) -> Option<String> {
        let mut site = Site::hardened(server, generation);
        (self.plant)(&mut site);
        site.write();
        let report = site.report(self.asks);
        let check = said(&report, self.check);
        let shown: Vec<String> = check
            .evidence
            .iter()
            .map(|it| format!("{} | {}", it.subject, it.message))
            .chain(check.reason.clone())
            .collect();
        let fits = check.outcome == self.outcome
            && (self.shows.is_empty() || shown.iter().any(|line| line.contains(self.shows)));
        let told = format!("{report:?}").contains(STRONG);
        (!fits || told).then(|| {
            format!(
                "{generation:?} {} {:?} (wanted {:?} with {:?}; password told: {told}): {shown:#?}",
                self.check, check.outcome, self.outcome, self.shows
            )
        })
    }
}

const ROOT: &str = "database/user-not-root";
const PASSWORD: &str = "database/password-set";
const MINIMAL: &str = "database/privileges-minimal";
const BOUND: &str = "database/host-bound";
const PRIVATE: &str = "database/connection-private";
const OWN: &str = "database/only-own-schema";
const LOCKED: &str = "database/accounts-locked-down";
const SUPPORTED: &str = "database/server-supported";
const HARDENED: &str = "database/server-hardened";
const SHIPPED: &str = "config/no-placeholder-secrets";

pub(crate) const CASES: &[Case] = &[
    fails(ROOT, "ALL PRIVILEGES on *.*", |it| {
        it.server.sql("GRANT ALL ON *.* TO 'deskpro'@'localhost' WITH GRANT OPTION");
    }),
    fails(ROOT, "CREATE USER on *.*", |it| {
        it.server.sql("GRANT CREATE USER ON *.* TO 'deskpro'@'localhost'");
    }),
    fails(ROOT, "UPDATE on mysql.*", |it| {
        it.server.sql("GRANT UPDATE ON `my%`.* TO 'deskpro'@'localhost'");
    }),
    fails(ROOT, "SUPER on *.*", |it| {
        it.server.sql("CREATE ROLE boss; GRANT SUPER ON *.* TO boss; GRANT boss TO 'deskpro'@'localhost'");
    }),
    fails(ROOT, "ALL PRIVILEGES on *.*", |it| {
        it.server.sql("GRANT ALL ON *.* TO 'deskpro'@'localhost'");
    })
    .by_auditor(),
    passes(ROOT, |it| {
        it.server.sql("GRANT PROCESS ON *.* TO 'deskpro'@'localhost'");
    }),
    fails(PASSWORD, "empty", |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED BY ''");
        it.password.clear();
    }),
    fails(PASSWORD, "what a template", |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED BY 'mysqlpasswordchangeme'");
        it.password = "mysqlpasswordchangeme".to_owned();
    }),
    fails(SHIPPED, "still what the distribution ships", |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED BY 'mysqlpasswordchangeme'");
        it.password = "mysqlpasswordchangeme".to_owned();
    }),
    fails(PASSWORD, "tried first", |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED BY 'Qwerty123'");
        it.password = "Qwerty123".to_owned();
    }),
    // Let in without a password, by its name alone.
    fails(PASSWORD, "empty", |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED BY ''");
        it.password.clear();
        it.host = format!("unix_socket:{}", it.server.socket().display());
    }),
    passes(PASSWORD, |it| {
        it.server.sql("ALTER USER 'deskpro'@'localhost' IDENTIFIED VIA unix_socket");
        it.password.clear();
        it.host = format!("unix_socket:{}", it.server.socket().display());
    })
    .by_auditor(),
    fails(MINIMAL, "not needed: ALTER ROUTINE, CREATE ROUTINE, CREATE VIEW, EVENT, EXECUTE, DELETE HISTORY", |it| {
        it.server.sql("GRANT ALL ON deskpro.* TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "FILE on *.*, outside of the product's schema", |it| {
        it.server.sql("GRANT FILE ON *.* TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "may hand it on", |it| {
        it.server.sql("GRANT SELECT ON deskpro.* TO 'deskpro'@'localhost' WITH GRANT OPTION");
    }),
    fails(MINIMAL, "SELECT on `wiki`.`page`", |it| {
        it.server.sql("CREATE DATABASE wiki; CREATE TABLE wiki.page (a INT); GRANT SELECT ON wiki.page TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "SELECT (a) on `wiki`.`page`", |it| {
        it.server.sql("CREATE DATABASE wiki; CREATE TABLE wiki.page (a INT); GRANT SELECT (a) ON wiki.page TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "SELECT on `desk%`.*", |it| {
        it.server.sql("GRANT SELECT ON `desk%`.* TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "through the role inner", |it| {
        it.server.sql("CREATE ROLE inner_; CREATE ROLE `inner`; CREATE ROLE outer_; GRANT EVENT ON deskpro.* TO `inner`; GRANT `inner` TO outer_; GRANT outer_ TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "through the role PUBLIC", |it| {
        it.server.sql("CREATE DATABASE wiki; GRANT SELECT ON wiki.* TO PUBLIC");
        // Nothing of it may stay for the next case.
        it.undo = Some("REVOKE SELECT ON wiki.* FROM PUBLIC");
    }),
    fails(MINIMAL, "EXECUTE on PROCEDURE `deskpro`.`p`", |it| {
        it.server.sql("CREATE PROCEDURE deskpro.p() SELECT 1; GRANT EXECUTE ON PROCEDURE deskpro.p TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "PROXY on the account root@localhost", |it| {
        it.server.sql("GRANT PROXY ON 'root'@'localhost' TO 'deskpro'@'localhost'");
    }),
    fails(MINIMAL, "SELECT on *.*", |it| {
        it.server.sql("GRANT SELECT ON *.* TO 'deskpro'@'localhost'");
    })
    .by_auditor(),
    // The name with its wildcard escaped is the name; grants on single tables are no more than the product needs.
    passes(MINIMAL, |it| {
        it.server.sql("GRANT SELECT, UPDATE ON deskpro.people TO 'deskpro'@'localhost'; CREATE ROLE app; GRANT INSERT ON deskpro.* TO app; GRANT app TO 'deskpro'@'localhost'");
    }),
    fails(BOUND, "deskpro@% may connect from every address", |it| {
        it.server.sql("RENAME USER 'deskpro'@'localhost' TO 'deskpro'@'%'");
    }),
    fails(BOUND, "deskpro@%", |it| {
        it.server.sql(&format!("CREATE USER 'deskpro'@'%' IDENTIFIED BY '{STRONG}'"));
    })
    .by_auditor(),
    passes(BOUND, |it| {
        it.server.sql("RENAME USER 'deskpro'@'localhost' TO 'deskpro'@'127.0.0.%'");
        // The server asks the name of an address first.
        it.server.sql("CREATE USER 'other'@'%' ACCOUNT LOCK");
    }),
    fails(PRIVATE, "db.invalid:3307 over the network without TLS", |it| {
        it.host = "db.invalid:3307".to_owned();
    }),
    fails(OWN, "sees the schema wiki", |it| {
        it.server.sql("CREATE DATABASE wiki; CREATE TABLE wiki.page (a INT); GRANT SELECT (a) ON wiki.page TO 'deskpro'@'localhost'");
    }),
    fails(OWN, "sees the schema mysql", |it| {
        it.server.sql("GRANT SHOW DATABASES ON *.* TO 'deskpro'@'localhost'");
    }),
    passes(OWN, |it| {
        it.server.sql("CREATE DATABASE wiki");
    }),
    fails(LOCKED, "every name fits it", |it| {
        it.server.sql("CREATE USER ''@'localhost' IDENTIFIED BY 'x'");
        // The anonymous account is the more specific one for nobody else than strangers.
    })
    .by_auditor(),
    fails(LOCKED, "backup@localhost needs no password", |it| {
        it.server.sql("CREATE USER 'backup'@'localhost'");
    })
    .by_auditor(),
    fails(LOCKED, "either@localhost needs no password", |it| {
        it.server.sql("CREATE USER 'either'@'localhost' IDENTIFIED VIA unix_socket OR mysql_native_password USING ''");
    })
    .by_auditor(),
    fails(LOCKED, "root@10.% may connect from other machines", |it| {
        it.server.sql("CREATE USER 'root'@'10.%' IDENTIFIED BY 'gK2-zzQ81-long'");
    })
    .by_auditor(),
    passes(LOCKED, |it| {
        it.server.sql("CREATE USER 'www-data'@'localhost' IDENTIFIED VIA unix_socket; CREATE USER 'old'@'%' ACCOUNT LOCK; CREATE ROLE reader; CREATE USER 'two'@'localhost' IDENTIFIED VIA mysql_native_password USING 'invalid' OR unix_socket");
    })
    .by_auditor(),
    Case {
        outcome: Outcome::Unknown,
        ..fails(LOCKED, "not visible to this account", |_| {})
    },
    fails(SUPPORTED, "has received no fixes since 2028-02-16", |it| {
        it.today = 22_000;
    }),
    fails(HARDENED, "local_infile is on", |it| {
        it.server.sql("SET GLOBAL local_infile = 1");
    }),
];

#[test]
fn planted_faults_are_found_and_lookalikes_pass() {
    let files = tempfile::tempdir().unwrap();
    let server = MariaDb::start(&[&format!("--secure-file-priv={}", files.path().display())]);
    let mut wrong = Vec::new();
    for generation in [Generation::V4, Generation::V5] {
        for case in CASES {
            wrong.extend(case.complaint(&server, generation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every check passes, asked by the account that can see what it is about.
#[test]
fn a_hardened_server_passes() {
    let files = tempfile::tempdir().unwrap();
    let server = MariaDb::start(&[&format!("--secure-file-priv={}", files.path().display())]);
    for generation in [Generation::V4, Generation::V5] {
        let site = Site::hardened(&server, generation);
        let reports = [site.report(Asks::Product), site.report(Asks::Auditor)];
        for check in reports[0]
            .checks
            .iter()
            .filter(|it| it.id.starts_with("database/"))
        {
            let outcomes = reports
                .each_ref()
                .map(|report| said(report, &check.id).outcome);
            let expected = match check.id.as_str() {
                LOCKED => [Outcome::Unknown, Outcome::Pass],
                OWN => [Outcome::Pass, Outcome::Unknown],
                // Nothing leaves this machine.
                "database/account-requires-tls" => [Outcome::NotApplicable; 2],
                _ => [Outcome::Pass, Outcome::Pass],
            };
            let other = said(&reports[1], &check.id);
            assert_eq!(
                outcomes, expected,
                "{generation:?} {} {:?} {:?} {:?} {:?}",
                check.id, check.reason, check.evidence, other.reason, other.evidence
            );
        }
        for asks in [Asks::Product, Asks::Auditor] {
            let account = site.facts(asks).database.account;
            assert_eq!(account.missing_at_run_time.known(), Some(&Vec::new()));
            assert_eq!(account.missing_for_updates.known(), Some(&Vec::new()));
        }
    }
}

/// Files of the server are open to FILE unless a folder is named.
#[test]
fn a_server_with_default_file_access_fails() {
    let server = MariaDb::start(&[]);
    let site = Site::hardened(&server, Generation::V5);
    let report = site.report(Asks::Product);
    let check = said(&report, HARDENED);
    assert_eq!(check.outcome, Outcome::Fail);
    assert!(
        check.evidence[0]
            .message
            .contains("secure_file_priv is empty")
    );
}
