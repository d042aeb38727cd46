//! An ordinary user audits: what he cannot see is unknown with the reason, and exit code 3 says that
//! too little could be judged.

use crate::install::{Install, check, chmod, sound, unknown};
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};

const NOBODY: u32 = 65534;

/// Runs the program, which must lie where that user reaches it, as nobody in particular.
fn audit_as_nobody(it: &Install, arguments: &[&str]) -> Output {
    let program = it.folder.path().join("deskguard");
    if !program.exists() {
        fs::copy(assert_cmd::cargo::cargo_bin("deskguard"), &program).unwrap();
        chmod(&program, 0o755);
    }
    let mut command = Command::new(program);
    command.arg("audit").arg(&it.root).args(arguments);
    // Root that sets a user id gives its supplementary groups up first.
    command.uid(NOBODY).gid(NOBODY);
    let output = loop {
        match command.output() {
            // Another test's child still holds the copy open for writing, until it becomes its program.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            output => break output.unwrap(),
        }
    };
    sound(&output);
    output
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_root_that_is_closed() {
    let it = Install::new();
    chmod(&it.root, 0o700);
    // The host's own scheduled tasks are no part of this.
    let output = audit_as_nobody(&it, &["--format", "json"]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let report = report(&output);
    for id in [
        "files/app-not-writable-by-web",
        "config/debug-off",
        "server/product-current",
    ] {
        assert!(
            unknown(&report, id)
                .to_lowercase()
                .contains("permission denied"),
            "{id}: {}",
            unknown(&report, id)
        );
    }
    let text = audit_as_nobody(&it, &[]);
    let text = String::from_utf8_lossy(&text.stdout);
    assert!(text.contains("too little could be judged"), "{text}");
}

#[test]
fn a_folder_above_that_is_closed() {
    let it = Install::new();
    let closed = it.folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::rename(&it.root, closed.join("desk")).unwrap();
    chmod(&closed, 0o700);
    let it = Install {
        root: closed.join("desk"),
        ..it
    };
    let output = audit_as_nobody(&it, &[]);
    let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains("permission denied on"), "{said}");
}

#[test]
fn a_subtree_that_is_closed() {
    let it = Install::new();
    fs::create_dir(it.at("app/closed")).unwrap();
    chmod(&it.at("app/closed"), 0o700);
    let report = report(&audit_as_nobody(&it, &["--format", "json"]));
    for id in [
        "files/no-setuid",
        "files/no-leftovers",
        "files/app-not-writable-by-web",
    ] {
        let check = check(&report, id);
        assert_ne!(check["outcome"], "pass", "{id}");
        let reason = check["reason"].as_str().unwrap_or_default();
        assert!(
            reason.contains("app/closed") && reason.contains("permission denied"),
            "{id}: {reason}"
        );
    }
}

#[test]
fn a_configuration_that_is_closed() {
    let it = Install::new();
    chmod(&it.at("config.php"), 0o600);
    let report = report(&audit_as_nobody(&it, &["--format", "json"]));
    for id in [
        "config/debug-off",
        "config/readable",
        "config/no-placeholder-secrets",
        "data/dir-configured",
    ] {
        assert!(
            unknown(&report, id)
                .to_lowercase()
                .contains("permission denied"),
            "{id}"
        );
    }
}
