//! What keeps an audit from seeing: each is a clear reason in bounded time, and never a pass.

use crate::real_mariadb::MariaDb;
use crate::site::{Asks, STRONG, Site, said};
use assert_cmd::Command;
use deskguard::report::Outcome;
use deskguard::target::Generation;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

const NEEDS_A_SERVER: [&str; 4] = [
    "database/user-not-root",
    "database/privileges-minimal",
    "database/only-own-schema",
    "database/server-supported",
];

fn all_unknown(site: &Site<'_>, asks: Asks, why: &str) {
    let begun = Instant::now();
    let report = site.report(asks);
    assert!(begun.elapsed() < Duration::from_secs(20));
    for id in NEEDS_A_SERVER {
        let check = said(&report, id);
        let reason = check.reason.clone().unwrap_or_default();
        assert_eq!(check.outcome, Outcome::Unknown, "{id}");
        assert!(reason.contains(why), "{id}: {reason}");
    }
    assert_eq!(
        said(&report, "database/password-set").outcome,
        Outcome::Pass
    );
}

#[test]
fn a_server_that_cannot_be_asked_leaves_unknowns() {
    let mut server = MariaDb::start(&[]);
    {
        let mut site = Site::hardened(&server, Generation::V5);
        all_unknown(&site, Asks::Offline, "--offline");
        // The configured password is none of the commonest, and not the account's either.
        site.password = format!("{STRONG}x");
        site.write();
        all_unknown(&site, Asks::Product, "refuses the login");
    }
    let port = server.port;
    server.stop();
    let site = Site::unreachable(&server, port);
    all_unknown(&site, Asks::Product, "cannot be reached");
}

#[test]
fn a_replica_and_a_missing_schema_are_no_trouble() {
    let files = tempfile::tempdir().unwrap();
    let server = MariaDb::start(&[&format!("--secure-file-priv={}", files.path().display())]);
    let site = Site::hardened(&server, Generation::V4);
    server.sql("SET GLOBAL read_only = 1");
    let facts = site.facts(Asks::Product).database;
    assert_eq!(facts.server.read_only.known(), Some(&true));
    assert_eq!(facts.account.is_superuser.known(), Some(&false));
    server.sql("SET GLOBAL read_only = 0; DROP DATABASE deskpro");
    let facts = site.facts(Asks::Product).database;
    assert_eq!(facts.account.matched.known().unwrap(), "deskpro@localhost");
}

/// The program itself, with an account for the audit whose password is in a file.
#[test]
fn the_whole_program_reads_a_private_password_file_only() {
    let server = MariaDb::start(&[]);
    let site = Site::hardened(&server, Generation::V5);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("deskguard.toml");
    let password = folder.path().join("password");
    fs::write(&password, format!("audit-{STRONG}\n")).unwrap();
    fs::write(
        &config,
        format!(
            "generation = \"v5\"\n[database]\nuser = \"deskguard\"\npassword_file = \"{}\"\n",
            password.display()
        ),
    )
    .unwrap();
    let audit = |mode| {
        fs::set_permissions(&password, fs::Permissions::from_mode(mode)).unwrap();
        let mut command = Command::cargo_bin("deskguard").unwrap();
        command
            .args([
                "audit",
                "--format",
                "json",
                "--only",
                "database/*",
                "--config",
            ])
            .arg(&config)
            .arg(site.root());
        command.output().unwrap()
    };
    let open = audit(0o644);
    let text = String::from_utf8_lossy(&open.stderr).into_owned();
    assert_eq!(open.status.code(), Some(2), "{text}");
    assert!(
        text.contains("others can read the password in it: chmod 0600"),
        "{text}"
    );
    let private = audit(0o600);
    let text = String::from_utf8_lossy(&private.stdout).into_owned();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let of = |id: &str| checks.iter().find(|check| check["id"] == id).unwrap();
    assert_eq!(
        of("database/accounts-locked-down")["outcome"],
        "pass",
        "{text}"
    );
    assert_eq!(
        of("database/privileges-minimal")["outcome"],
        "pass",
        "{text}"
    );
    assert_eq!(of("database/server-hardened")["outcome"], "fail", "{text}");
    assert!(!text.contains(STRONG));
}
