//! What the program itself says of a site: outcome and evidence of one check.

use crate::install::Install;
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// A report of the checks that rest on live answers.
pub(crate) struct Report(Value);

/// Audits from outside; `ca` is the trust store.
pub(crate) fn audit(install: &Install, url: &str, ca: &Path, more: &[&str]) -> Report {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    command
        .arg("audit")
        .arg(&install.root)
        .args(["--generation", "v4", "--url", url, "--vantage", "outside"])
        .args(["--only", "web/*", "--only", "data/forbidden-live"])
        .args(["--format", "json"])
        .args(more)
        .env("SSL_CERT_FILE", ca)
        .env_remove("SSL_CERT_DIR");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Report(serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}")))
}

impl Report {
    fn check(&self, id: &str) -> &Value {
        let checks = self.0["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["id"] == id);
        found.unwrap_or_else(|| panic!("no check is called {id}"))
    }

    pub(crate) fn outcome(&self, id: &str) -> &str {
        self.check(id)["outcome"].as_str().unwrap()
    }

    /// Subject and message of every piece of evidence, and the reason.
    pub(crate) fn says(&self, id: &str) -> String {
        let check = self.check(id);
        let evidence = check["evidence"].as_array().unwrap().iter();
        let mut lines: Vec<String> = evidence
            .map(|it| format!("{} {}", it["subject"], it["message"]))
            .collect();
        lines.push(check["reason"].as_str().unwrap_or_default().to_owned());
        lines.join("\n")
    }
}
