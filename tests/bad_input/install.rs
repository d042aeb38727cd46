//! A small v4 install in a folder that everybody can reach, and the program run over it.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

/// No bad input may hold the program up for longer.
const PATIENCE: Duration = Duration::from_secs(120);

const INDEX: &str = "<?php
if (!defined('DP_CONFIG_FILE')) define('DP_CONFIG_FILE', dirname(__FILE__) . '/config.php');
";

pub(crate) const CONFIG: &str = "<?php
define('DP_DATABASE_PASSWORD', 'nS7-pLq0_vTz92');
$DP_CONFIG = array('debug' => array());
$DP_CONFIG['dir_data'] = dirname(__FILE__) . '/data';
";

/// The folder of an install, and the install.
pub(crate) struct Install {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Install {
    pub(crate) fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "these tests become other users and make devices: run them as root (sudo -E cargo test)"
        );
        let folder = tempfile::Builder::new()
            .prefix("deskguard-bad-input-")
            .tempdir()
            .unwrap();
        chmod(folder.path(), 0o755);
        let root = folder.path().join("desk");
        fs::create_dir_all(root.join("app/sys/config")).unwrap();
        fs::create_dir(root.join("data")).unwrap();
        for name in ["cron.php", "dp.php", "file.php", "get_messages.php"] {
            fs::write(root.join(name), "<?php\n").unwrap();
        }
        fs::write(root.join("app/sys/load_config.php"), "<?php\n").unwrap();
        fs::write(root.join("index.php"), INDEX).unwrap();
        fs::write(root.join("config.php"), CONFIG).unwrap();
        Self { folder, root }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The report as a program reads it.
    pub(crate) fn report(&self) -> Value {
        let output = audit(&[self.root.to_str().unwrap(), "--format", "json"]);
        assert!(
            matches!(output.status.code(), Some(0 | 1 | 3)),
            "{output:?}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The report as a person reads it, everything shown.
    pub(crate) fn text(&self) -> String {
        let output = audit(&[self.root.to_str().unwrap(), "--verbose"]);
        String::from_utf8(output.stdout).unwrap()
    }
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs `deskguard audit`, which must end in time and without a panic.
pub(crate) fn audit(arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    command.arg("audit").args(arguments).timeout(PATIENCE);
    let output = command.output().unwrap();
    assert!(output.status.code().is_some(), "it was stopped: {output:?}");
    sound(&output);
    output
}

/// No panic, nothing that steers a terminal, and a message where there is no report.
pub(crate) fn sound(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    assert!(!output.stdout.contains(&0x1b), "an escape code got out");
    assert!(!output.stderr.contains(&0x1b), "an escape code got out");
    if output.stdout.is_empty() {
        assert!(!said.trim().is_empty(), "neither report nor message");
        assert_eq!(output.status.code(), Some(2), "{said}");
    }
}

/// What is said on standard error by a run that must refuse.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let output = audit(arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// One check of a report.
pub(crate) fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no check {id}"))
}

/// Why a check is unknown; it must be.
pub(crate) fn unknown<'a>(report: &'a Value, id: &str) -> &'a str {
    let check = check(report, id);
    assert_eq!(check["outcome"], "unknown", "{check:#}");
    check["reason"].as_str().unwrap()
}
