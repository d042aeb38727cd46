//! Facts that were collected are judged as facts that were just seen: over every fixture, through the
//! library and through the program; and no secret travels with them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use assert_cmd::Command;
use deskguard::audit::{Timing, judge, observe};
use deskguard::check::Catalogue;
use deskguard::demo::plant;
use deskguard::evidence;
use deskguard::facts::Facts;
use deskguard::host::{Accounts, Host};
use deskguard::policy::Policy;
use deskguard::target::Wishes;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const WHEN: &str = "2026-11-24T06:00:00Z";

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder);
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// A weak install at this place, of the caller's own files.
fn install(root: &Path) {
    fs::create_dir_all(root).unwrap();
    let uid = rustix::process::geteuid().as_raw();
    let accounts = Accounts::read(Path::new("/")).unwrap();
    let me = accounts.users.iter().find(|it| it.uid == uid).unwrap();
    plant(root, &(me.name.clone(), me.uid, me.gid), false).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in ignore::WalkBuilder::new(from)
        .standard_filters(false)
        .build()
    {
        let entry = entry.unwrap();
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir_all(&place).unwrap();
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), &place).unwrap();
        } else {
            fs::copy(entry.path(), &place).unwrap();
        }
    }
}

/// Judged live and from a file, both must be the same report.
fn same(name: &str, facts: &Facts) {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    let timing = Timing {
        started: WHEN,
        duration_ms: 0,
        today: 20_781,
    };
    let live = judge(&catalogue, facts.clone(), Policy::default(), timing);
    for bytes in [
        evidence::compressed(facts, WHEN).unwrap(),
        evidence::plain(facts, WHEN),
    ] {
        let saved = evidence::read(&bytes).unwrap();
        let again = judge(&catalogue, saved.facts, Policy::default(), timing);
        assert!(again == live, "{name} is judged otherwise");
    }
}

#[test]
fn every_host_of_the_fixtures() {
    let hosts = fixtures("hosts");
    assert!(hosts.len() > 4);
    for host in hosts {
        let name = host.file_name().unwrap().to_string_lossy().into_owned();
        let root = match name.as_str() {
            "rhel-httpd-timer" => "opt/deskpro",
            "container" => "srv/deskpro",
            "root-above-install" => "usr/share/nginx/html/deskpro",
            _ => "var/www/deskpro",
        };
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        copy(&host, &here);
        fs::copy("/etc/passwd", here.join("etc/passwd")).unwrap();
        fs::copy("/etc/group", here.join("etc/group")).unwrap();
        install(&here.join(root));
        let wishes = Wishes {
            root: Some(here.join(root)),
            ..Wishes::default()
        };
        let facts = observe(&Host::at(here), &wishes, None).unwrap();
        same(&name, &facts);
    }
}

#[test]
fn every_configuration_of_the_fixtures() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("deskpro");
    install(&root);
    let configurations = fixtures("php");
    assert!(configurations.len() > 10);
    for configuration in configurations.iter().filter(|it| it.is_file()) {
        fs::copy(configuration, root.join("config.php")).unwrap();
        let wishes = Wishes {
            root: Some(root.clone()),
            ..Wishes::default()
        };
        let facts = observe(&Host::default(), &wishes, None).unwrap();
        same(&configuration.display().to_string(), &facts);
    }
}

fn deskguard(arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("deskguard")
        .unwrap()
        .args(arguments)
        .output()
        .unwrap()
}

/// The report without what differs from run to run.
fn judgement(output: &std::process::Output) -> Value {
    let mut report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    for name in ["started", "duration_ms", "assumptions"] {
        report.as_object_mut().unwrap().remove(name);
    }
    report["facts"].as_object_mut().unwrap().remove("collected");
    report
}

#[test]
fn the_program_judges_a_file_as_it_judges_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("deskpro");
    install(&root);
    let file = folder.path().join("host.facts.gz");
    let (root, file) = (root.to_str().unwrap(), file.to_str().unwrap());
    let live = deskguard(&["audit", root, "--offline", "--format", "json"]);
    let collected = deskguard(&["collect", root, "--offline", "--output", file]);
    assert_eq!(collected.status.code(), Some(0), "{collected:?}");
    assert!(collected.stdout.is_empty());
    let saved = deskguard(&["audit", "--evidence", file, "--format", "json"]);
    assert_eq!(saved.status.code(), live.status.code());
    let (mut one, mut other) = (judgement(&live), judgement(&saved));
    // Processes come and go between two looks at the machine.
    for report in [&mut one, &mut other] {
        report["facts"].as_object_mut().unwrap().remove("sha256");
    }
    assert_eq!(one, other);
    let mode = fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o133, 0, "{mode:o}: not for others to write or run");

    let plain = deskguard(&["collect", root, "--offline", "--plain"]);
    let text = String::from_utf8(plain.stdout).unwrap();
    for secret in ["open sesame", "still valid", "letmein", "last year"] {
        assert!(!text.contains(secret), "{secret} travels");
    }
    let path = folder.path().join("plain.json");
    fs::write(&path, &text).unwrap();
    let again = deskguard(&[
        "audit",
        "--evidence",
        path.to_str().unwrap(),
        "--format",
        "json",
    ]);
    let sha256 = |text: &str| serde_json::from_str::<Value>(text).unwrap()["sha256"].clone();
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["facts"]["sha256"], sha256(&text));
}

#[test]
fn what_is_no_evidence_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.gz");
    for (contents, part) in [
        (&b"not json"[..], "no JSON"),
        (b"{}", "deskguard collect"),
        (b"\x1f\x8b\x08broken", "cannot be decompressed"),
        (
            br#"{"schema":"deskguard/evidence/9"}"#,
            "deskguard/evidence/9",
        ),
    ] {
        fs::write(&path, contents).unwrap();
        let output = deskguard(&["audit", "--evidence", path.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains(part) && said.lines().count() == 1, "{said}");
    }
    let both = deskguard(&["audit", "/srv", "--evidence", path.to_str().unwrap()]);
    assert_eq!(both.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&both.stderr).contains("cannot be used with"));
}
