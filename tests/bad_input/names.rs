//! Names that steer terminals or are no text: kept for programs, escaped for people, and never in a
//! command that would do something else.

use crate::install::{Install, check};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

#[test]
fn newlines_and_escape_codes() {
    let it = Install::new();
    let name = "a\n  * everything is fine\u{1b}[31m\u{202e}\r.php.bak";
    fs::write(it.at(name), "").unwrap();
    let report = it.report();
    let left = check(&report, "files/no-leftovers");
    assert_eq!(left["outcome"], "fail");
    let path = left["evidence"][0]["location"]["path"].as_str().unwrap();
    assert_eq!(path, it.at(name).to_str().unwrap(), "JSON keeps the name");
    let text = it.text();
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text}");
    assert!(
        !text
            .lines()
            .any(|line| line.trim_start().starts_with("* everything")),
        "the name made a line of its own: {text}"
    );
}

#[test]
fn a_folder_and_a_link_of_such_a_name() {
    let it = Install::new();
    let folder = it.at("app/\u{1b}]0;x\u{7}\n");
    fs::create_dir(&folder).unwrap();
    crate::install::chmod(&folder, 0o777);
    std::os::unix::fs::symlink("/etc/\u{1b}[2J", it.at("app/link")).unwrap();
    fs::write(it.at("data/x\u{1b}.php"), "").unwrap();
    it.report();
    it.text();
}

#[test]
fn bytes_that_are_no_text() {
    let it = Install::new();
    for name in [
        &b"\xff\xfe.php.bak"[..],
        b"data/\xff.php",
        b"app/\xc3\x28.sql",
    ] {
        fs::write(it.root.join(OsStr::from_bytes(name)), "").unwrap();
    }
    let report = it.report();
    for id in ["files/no-leftovers", "files/no-scripts-in-data"] {
        assert_eq!(check(&report, id)["outcome"], "fail", "{id}");
    }
    no_wrong_name_in_fixes(&report);
    assert!(it.text().contains('\u{fffd}') || it.text().contains("\\x"));
}

/// What cannot be spelled must not be spelled wrong where it would be carried out.
fn no_wrong_name_in_fixes(report: &serde_json::Value) {
    for check in report["checks"].as_array().unwrap() {
        for fix in check["fixes"].as_array().unwrap() {
            for part in ["run", "check"] {
                let text = fix[part].as_str().unwrap_or_default();
                assert!(!text.contains('\u{fffd}'), "{}: {text}", check["id"]);
            }
        }
    }
}

#[test]
fn an_install_below_a_name_that_is_no_text() {
    let it = Install::new();
    let odd = it.folder.path().join(OsStr::from_bytes(b"de\xffsk"));
    fs::rename(&it.root, &odd).unwrap();
    fs::write(odd.join("config.php.bak"), "").unwrap();
    let mut command = assert_cmd::Command::cargo_bin("deskguard").unwrap();
    let output = command
        .arg("audit")
        .arg(&odd)
        .args(["--format", "json"])
        .output()
        .unwrap();
    crate::install::sound(&output);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("this path is no valid UTF-8"), "{said}");
}
