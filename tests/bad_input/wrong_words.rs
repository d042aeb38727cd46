//! Command lines and settings that are wrong: each is refused with what to do instead.

use crate::install::{Install, audit, chmod, refusal, sound};
use assert_cmd::Command;
use std::fs;

#[test]
fn no_install_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(refusal(&[path]).contains("no helpdesk was found in"));
    let missing = format!("{path}/nothing");
    assert!(refusal(&[&missing]).contains("there is no such folder"));
}

#[test]
fn a_file_instead_of_a_folder() {
    let it = Install::new();
    let said = refusal(&[it.at("config.php").to_str().unwrap()]);
    assert!(said.contains("this is a file; name the folder"), "{said}");
}

#[test]
fn a_name_with_escape_codes_that_is_not_there() {
    let said = refusal(&["/nonexistent/\u{1b}[31mred\nline"]);
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn an_unknown_check_is_suggested() {
    let it = Install::new();
    let root = it.root.to_str().unwrap();
    let said = refusal(&[root, "--only", "files/confg-private"]);
    assert!(
        said.contains("did you mean files/config-private?"),
        "{said}"
    );
    let said = refusal(&[root, "--only", "files/[a"]);
    assert!(said.contains("--only files/[a"), "{said}");
}

#[test]
fn an_unknown_account_is_suggested() {
    let it = Install::new();
    let root = it.root.to_str().unwrap();
    let said = refusal(&[root, "--web-user", "ww-data"]);
    assert!(said.contains("--web-user: no account is called"), "{said}");
    assert!(said.contains("did you mean www-data?"), "{said}");
}

#[test]
fn a_report_that_cannot_be_written_is_not_lost() {
    let it = Install::new();
    let root = it.root.to_str().unwrap();
    let output = audit(&[root, "--output", "json=/nonexistent/folder/report.json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("/nonexistent/folder/report.json: the report cannot be written"),
        "{said}"
    );
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        shown.contains("Score"),
        "the report must be printed all the same: {shown}"
    );
}

/// Runs with these settings, in a file of this mode.
fn settings(text: impl AsRef<[u8]>, mode: u32) -> String {
    let it = Install::new();
    let file = it.folder.path().join("deskguard.toml");
    fs::write(&file, text).unwrap();
    chmod(&file, mode);
    let config = file.to_str().unwrap();
    refusal(&[it.root.to_str().unwrap(), "--config", config])
}

#[test]
fn settings_that_others_can_write_are_refused() {
    let said = settings("profile = \"strict\"\n", 0o666);
    assert!(said.contains("deskguard.toml is mode 0666"), "{said}");
    assert!(said.contains("chmod go-w"), "{said}");
}

#[test]
fn a_misspelt_key_is_pointed_at() {
    let said = settings("[web]\nuzer = \"www-data\"\n", 0o644);
    assert!(said.contains("deskguard.toml:2"), "{said}");
    assert!(said.contains("uzer") && said.contains("^"), "{said}");
    assert!(said.contains("user"), "the right word is named: {said}");
}

#[test]
fn a_wrong_type_is_pointed_at() {
    let said = settings("[policy]\nmax_build_age_days = \"many\"\n", 0o644);
    assert!(
        said.contains("deskguard.toml:2") && said.contains("^"),
        "{said}"
    );
}

#[test]
fn settings_that_are_no_text_are_refused() {
    assert!(settings(b"\xff\xfe\x00", 0o644).contains("UTF-8"));
    let said = settings("a = \"\u{1b}[31m\"\n", 0o644);
    assert!(said.contains("deskguard.toml"), "{said}");
}

#[test]
fn settings_that_are_no_file_are_refused() {
    let it = Install::new();
    let root = it.root.to_str().unwrap();
    let said = refusal(&[root, "--config", it.folder.path().to_str().unwrap()]);
    assert!(said.contains("not a file"), "{said}");
    let fifo = it.folder.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let said = refusal(&[root, "--config", fifo.to_str().unwrap()]);
    assert!(said.contains("not a file"), "{said}");
    let said = refusal(&[root, "--config", "/nonexistent/x.toml"]);
    assert!(said.contains("there is no such file"), "{said}");
}

/// Paths as they are typed begin where they are typed, not in `/`.
#[test]
fn a_dump_and_a_configuration_are_found_from_the_current_folder() {
    let install = Install::new();
    let folder = install.folder.path();
    fs::write(folder.join("x.sql"), "-- MySQL dump\n").unwrap();
    fs::write(
        folder.join("x.conf"),
        "events {}\nhttp { server { listen 80; } }\n",
    )
    .unwrap();
    let output = Command::cargo_bin("deskguard")
        .unwrap()
        .current_dir(folder)
        .args(["audit", "desk", "--offline", "--format", "json"])
        .args(["--db-dump", "x.sql", "--web-config", "x.conf"])
        .output()
        .unwrap();
    sound(&output);
    let report = String::from_utf8(output.stdout).unwrap();
    let dump = folder.join("x.sql");
    assert!(report.contains(dump.to_str().unwrap()), "{report}");
    assert!(!report.contains(" /x.conf"), "{report}");
}
