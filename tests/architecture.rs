//! Who may import whom, and where files, network, processes and the clock may be touched: enforced
//! by reading the sources. A room that is not listed here fails, so that a new one is thought about.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources must fail"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("access", &[]),
    ("agreement", &["facts", "route"]),
    (
        "audit",
        &[
            "agreement",
            "check",
            "engine",
            "evidence",
            "facts",
            "helpdesk",
            "host",
            "policy",
            "probe",
            "report",
            "target",
        ],
    ),
    ("check", &["complaint", "engine", "facts", "prediction"]),
    ("cli", &["check", "command", "policy", "target"]),
    (
        "command",
        &[
            "access",
            "audit",
            "check",
            "cli",
            "complaint",
            "config",
            "demo",
            "engine",
            "evidence",
            "facts",
            "fix",
            "helpdesk",
            "host",
            "mend",
            "mysql",
            "policy",
            "prediction",
            "report",
            "route",
            "target",
            "waiver",
        ],
    ),
    ("complaint", &[]),
    (
        "config",
        &["check", "complaint", "policy", "target", "waiver"],
    ),
    ("demo", &[]),
    ("engine", &["check", "facts", "fix"]),
    ("evidence", &["facts"]),
    ("facts", &["policy"]),
    (
        "fix",
        &["access", "check", "facts", "needs", "php", "route", "sql"],
    ),
    ("dump", &[]),
    ("helpdesk", &["facts"]),
    ("host", &["access", "route"]),
    ("lib", &[]),
    ("main", &["cli", "command", "report"]),
    (
        "mend",
        &["access", "facts", "fix", "host", "mysql", "sql", "target"],
    ),
    ("mysql", &["facts", "sql"]),
    ("needs", &[]),
    ("php", &[]),
    ("policy", &[]),
    ("prediction", &["check", "engine", "facts", "fix", "score"]),
    (
        "probe",
        &[
            "access",
            "agreement",
            "dump",
            "facts",
            "helpdesk",
            "host",
            "mysql",
            "needs",
            "php",
            "policy",
            "route",
            "sql",
            "target",
        ],
    ),
    (
        "report",
        &[
            "check",
            "engine",
            "facts",
            "fix",
            "policy",
            "prediction",
            "score",
        ],
    ),
    ("route", &[]),
    ("score", &["check", "engine"]),
    ("sql", &[]),
    (
        "target",
        &["access", "facts", "host", "mysql", "php", "route"],
    ),
    ("waiver", &["report"]),
];

/// Words that touch the world, and the rooms that may use them.
const WORLD: &[(&str, &[&str])] = &[
    ("std::fs", &["command", "demo", "host", "mend", "probe"]),
    ("fs::read", &["command", "demo", "host", "probe"]),
    ("File::open", &["host"]),
    ("rustix", &["command", "demo", "host", "mend", "probe"]),
    ("tempfile", &["command"]),
    ("std::env", &["command", "host"]),
    ("Instant::now", &["command", "mend", "probe"]),
    ("SystemTime", &[]),
    ("Timestamp::now", &["command"]),
    ("TcpListener", &["demo", "mysql"]),
    ("TcpStream", &["demo", "mysql", "probe"]),
    ("UnixListener", &["mysql"]),
    ("std::net::Udp", &[]),
    ("process::Command", &["mend"]),
    ("Command::new", &["mend"]),
    ("println!", &[]),
    ("eprintln!", &[]),
];

struct Source {
    path: PathBuf,
    room: String,
    /// The text without comments and without tests.
    code: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let relative = path.strip_prefix(&root).unwrap();
            let first = relative.components().next().unwrap();
            let room = Path::new(first.as_os_str())
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let is_test = relative
                .iter()
                .any(|part| part == "tests" || part == "tests.rs" || part == "samples");
            let code = if is_test {
                String::new()
            } else {
                without_tests(&text)
            };
            found.push(Source {
                path,
                room,
                code,
                text,
            });
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn without_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn imports(code: &str) -> BTreeSet<String> {
    let code = code.replace("deskguard::", "crate::");
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .map(first_name)
                .collect(),
            None => vec![first_name(rest)],
        })
        .filter(|name| !name.is_empty())
        .collect()
}

fn first_name(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn rooms_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room) else {
            wrong.push(format!(
                "{}: the room {} is not listed",
                source.path.display(),
                source.room
            ));
            continue;
        };
        for name in imports(&source.code) {
            let is_room = ROOMS.iter().any(|(room, _)| *room == name);
            if is_room && name != source.room && !allowed.contains(&name.as_str()) {
                wrong.push(format!(
                    "{}: {} may not import {name}",
                    source.path.display(),
                    source.room
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_lint_looks_from_checks_into_the_engine() {
    for source in sources().iter().filter(|source| source.room == "check") {
        let imports = imports(&source.code);
        if imports.contains("engine") || imports.contains("prediction") {
            assert!(
                source.path.parent().unwrap().ends_with("check/lint"),
                "{}",
                source.path.display()
            );
        }
    }
}

#[test]
fn the_world_is_touched_only_where_it_may_be() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, rooms) in WORLD {
            if source.code.contains(word) && !rooms.contains(&source.room.as_str()) {
                wrong.push(format!(
                    "{}: {word} in {}",
                    source.path.display(),
                    source.room
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_probe_imports_another() {
    for source in sources().iter().filter(|source| source.room == "probe") {
        let wrong =
            source.code.contains("crate::probe") || source.code.contains("super::super::super");
        assert!(!wrong, "{}", source.path.display());
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    for source in sources() {
        assert!(
            source.text.starts_with("//!"),
            "{} has no //!",
            source.path.display()
        );
        let lines = source.text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", source.path.display());
        let name = source
            .path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        for vague in ["util", "helper", "manager", "common", "misc"] {
            assert!(
                !name.contains(vague),
                "{} has a vague name",
                source.path.display()
            );
        }
    }
}
