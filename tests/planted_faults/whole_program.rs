//! The program itself over planted installs: exit codes, and the same findings as the library's.

use crate::accounts::{CRON_NAME, STRANGER, WEB, WEB_NAME};
use crate::hardened::Kind;
use crate::tree::{Install, Named};
use assert_cmd::Command;
use serde_json::Value;

/// Audits what lies in files: what runs on the host of the tests is no part of it.
fn audit(install: &Install, more: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    command
        .arg("audit")
        .arg(&install.given)
        .args(["--web-user", WEB_NAME, "--cron-user", CRON_NAME])
        .args(["--only", "files/*", "--only", "config/*"])
        .args(["--format", "json"])
        .args(more);
    let output = command.output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), report)
}

fn failed(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["outcome"] == "fail");
    failed.map(|check| check["id"].as_str().unwrap()).collect()
}

#[test]
fn nothing_is_wrong_with_hardened_installs() {
    for kind in Kind::ALL {
        let install = kind.make();
        let (code, report) = audit(&install, &[]);
        assert_eq!(failed(&report), Vec::<&str>::new(), "{kind:?}");
        assert_eq!(code, Some(0), "{kind:?}");
    }
}

#[test]
fn a_fault_at_the_limit_or_above_is_exit_code_1() {
    let install = Kind::V4.make();
    install.chown("app/src/Controller.php", WEB);
    let (code, report) = audit(&install, &[]);
    assert_eq!(failed(&report), ["files/app-not-writable-by-web"]);
    assert_eq!(code, Some(1));
    let (code, _) = audit(&install, &["--skip", "files/app-not-writable-by-web"]);
    assert_eq!(code, Some(0), "a check that is left out costs nothing");
}

#[test]
fn a_fault_below_the_limit_is_exit_code_0() {
    let install = Kind::V5.make();
    install.link("www/all", "/etc", crate::accounts::OWNER);
    let (code, report) = audit(&install, &[]);
    assert_eq!(failed(&report), ["files/links-stay-inside"]);
    assert_eq!(code, Some(0));
    assert_eq!(audit(&install, &["--fail-on", "medium"]).0, Some(1));
    assert_eq!(audit(&install, &["--min-score", "100"]).0, Some(1));
}

#[test]
fn the_strict_profile_asks_more() {
    let install = Kind::Container.make();
    install.acl("services/api.php", &[Named::User(STRANGER.0, 6)], None);
    assert!(failed(&audit(&install, &[]).1).is_empty());
    let (code, report) = audit(&install, &["--profile", "strict", "--fail-on", "info"]);
    assert_eq!(failed(&report), ["files/app-not-writable-by-anyone"]);
    assert_eq!(code, Some(1));
}
