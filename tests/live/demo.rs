//! `deskguard demo`: its small web server is asked for real, every check that can be decided by an answer
//! is, and nothing of it is left.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// Checks that fail by what the demo's server answers, and a part of the evidence.
const SHOWN: &[(&str, &str)] = &[
    ("data/forbidden-live", "/%64ata/"),
    ("data/not-served", "DESKPRO_READABLE_FILE"),
    ("web/admin-restricted", "/admin/dp-ping"),
    ("web/agent-restricted", "/agent/dp-ping"),
    ("web/config-not-served", "/config.php"),
    ("web/cookies-protected", "dpsid-agent"),
    ("web/diagnostics-closed", "phpinfo()"),
    ("web/headers-set", "nosniff"),
    ("web/https-only", "without encryption"),
    ("web/installer-closed", "/install/"),
    ("web/no-directory-listing", "/app/"),
    ("web/source-not-served", "/.git/config"),
    ("web/versions-hidden", "PHP/5.4.45"),
];

#[test]
fn every_answer_that_it_should_not_give_is_found() {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    let output = command.args(["demo", "--format", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for (id, part) in SHOWN {
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["id"] == *id).unwrap();
        let evidence = check["evidence"].to_string();
        if check["outcome"] != "fail" || !evidence.contains(part) {
            wrong.push(format!(
                "{id}: {} {evidence} {}",
                check["outcome"], check["reason"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Neither the folder nor the server outlives the program.
    let root = report["target"]["root"].as_str().unwrap();
    assert!(!Path::new(root).exists(), "{root}");
    let text = report.to_string();
    let at = text.find("http://127.0.0.1:").unwrap() + "http://127.0.0.1:".len();
    let port: String = text[at..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    assert!(
        !crate::process::listens(port.parse().unwrap()),
        "port {port}"
    );
}
