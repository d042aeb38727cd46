//! `deskguard access` as a program: order, lists on standard input, names that are not text, errors.
//! Refuses to depend on accounts: it asks by numbers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn access(user: &str) -> Command {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    command.args(["access", "--as", user]);
    command
}

fn rows(command: &mut Command) -> Vec<Value> {
    let output = command
        .args(["--format", "json"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    serde_json::from_slice(&output).unwrap()
}

fn folder(mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.php"), "x").unwrap();
    fs::set_permissions(
        folder.path().join("config.php"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    folder
}

#[test]
fn json_keeps_order_and_gives_every_right_a_reason() {
    let open = folder(0o777);
    let rows = rows(
        access("54321:54321")
            .arg("/")
            .arg(open.path().join("config.php"))
            .arg("/no/such"),
    );
    let paths: Vec<&str> = rows
        .iter()
        .map(|row| row["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "/",
            open.path().join("config.php").to_str().unwrap(),
            "/no/such"
        ]
    );
    for row in &rows {
        assert_eq!(row["principal"], "54321:54321");
        for right in [
            "read", "write", "create", "delete", "replace", "chmod", "traverse",
        ] {
            assert!(row[right]["allowed"].is_boolean(), "{row}");
            assert!(!row[right]["because"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(
        (&rows[0]["exists"], &rows[2]["exists"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    assert_eq!(
        (&rows[1]["write"]["allowed"], &rows[1]["replace"]["allowed"]),
        (&false.into(), &true.into())
    );
    assert_eq!(
        rows[1]["replace"]["link"]["path"],
        open.path().to_str().unwrap()
    );
    assert!(
        rows[1]["replace"]["flip"]
            .as_str()
            .unwrap()
            .ends_with("lost o+w")
    );
}

#[test]
fn a_list_is_read_from_standard_input() {
    let lines = rows(access("0:0").arg("-").write_stdin("/\n/tmp\n"));
    assert_eq!(lines.len(), 2);
    let names = rows(
        access("0:0")
            .args(["/", "-"])
            .write_stdin(&b"/a\nb\0/tmp\0"[..]),
    );
    assert_eq!(
        names
            .iter()
            .map(|row| row["path"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["/", "/a\nb", "/tmp"]
    );
    assert!(rows(access("0:0").arg("-").write_stdin("")).is_empty());
}

#[test]
fn relative_paths_are_joined_to_the_current_directory() {
    let open = folder(0o755);
    let rows = rows(
        access("0:0")
            .current_dir(open.path())
            .args(["config.php", "."]),
    );
    assert_eq!(
        (&rows[0]["path"], &rows[0]["exists"]),
        (&"config.php".into(), &true.into())
    );
    assert_eq!(rows[1]["create"]["allowed"], true);
}

#[test]
fn names_that_are_not_text_are_given_as_bytes_too() {
    let rows = rows(
        access("0:0")
            .arg(OsString::from_vec(b"/no\xff".to_vec()))
            .arg("/no"),
    );
    assert_eq!(rows[0]["path_bytes_hex"], "2f6e6fff");
    assert!(rows[1].get("path_bytes_hex").is_none());
}

#[test]
fn text_escapes_what_would_drive_a_terminal_and_fits_it() {
    let assert = access("54321:54321")
        .arg("/tmp/\u{1b}[2J\u{202e}x")
        .arg("/etc/passwd")
        .assert()
        .success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(
        text.contains("\\u{1b}[2J\\u{202e}x") && !text.contains('\u{1b}'),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn mistakes_are_usage_errors() {
    access("no-such-account").arg("/").assert().code(2);
    access("1:").arg("/").assert().code(2);
    access("0:0").assert().code(2);
    Command::cargo_bin("deskguard")
        .unwrap()
        .args(["access", "/"])
        .assert()
        .code(2);
}

#[test]
fn pipes_do_not_block_and_nothing_is_opened_for_reading() {
    let open = folder(0o755);
    let pipe = open.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let rows = rows(
        access("0:0")
            .arg(&pipe)
            .arg(Path::new("/dev/tty"))
            .timeout(std::time::Duration::from_secs(20)),
    );
    assert_eq!(rows[0]["read"]["allowed"], true);
}
