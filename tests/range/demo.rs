//! The weak install of `deskguard demo`, whose owner is the web server's account: mended as foreseen,
//! so that a second plan finds nothing to do, and taken back.

use crate::apart::apart;
use crate::picture::Picture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const ROOT: &str = "/srv/deskpro";

/// What no plan mends: secrets, a changed file, an old release; what a person reads, and a first week of
/// rotation.
const BY_HAND: &[&str] = &[
    "config/no-placeholder-secrets",
    "database/password-set",
    "database/user-not-root",
    "files/app-unmodified",
    "logs/errors-looked-at",
    "logs/reviewed",
    "server/product-current",
];

fn deskguard(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deskguard"))
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() < Some(2), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend([ROOT, "--offline", "--format", "json"]);
    serde_json::from_str(&deskguard(&all)).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What each check came to.
fn audit() -> BTreeMap<String, String> {
    let report = json(&["audit"]);
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|it| (text(&it["id"]), text(&it["outcome"])))
        .collect()
}

#[test]
fn the_demo_is_mended_as_foreseen() {
    if !apart("demo::the_demo_is_mended_as_foreseen") {
        return;
    }
    fs::set_permissions("/srv", fs::Permissions::from_mode(0o755)).unwrap();
    deskguard(&["demo", "--keep", ROOT]);
    let before = audit();
    let picture = Picture::of(Path::new("/srv"));
    let mut journals = Vec::new();
    for round in 1..=2 {
        let plan = json(&["fix"]);
        let mut foreseen = audit();
        for turn in plan["prediction"]["turns"].as_array().unwrap() {
            foreseen.insert(text(&turn["check"]), text(&turn["after"]));
        }
        for step in plan["steps"].as_array().unwrap() {
            println!("{round}: {} {}", step["title"], step["checks"]);
        }
        let kept = Picture::of(Path::new("/srv"));
        let journal = format!("/root/journals/{round}");
        let log = deskguard(&[
            "fix",
            ROOT,
            "--offline",
            "--apply",
            "--yes",
            "--journal",
            &journal,
        ]);
        journals.push(journal);
        for (check, outcome) in &audit() {
            let expected = &foreseen[check];
            let is_foreseen = expected == outcome || expected == "unknown";
            assert!(
                is_foreseen,
                "{check}: {expected} was foreseen, it is {outcome}\n{log}"
            );
        }
        let changed = kept != Picture::of(Path::new("/srv"));
        assert_eq!(changed, round < 2, "one plan is enough: {log}");
    }
    let after = audit();
    let failed: Vec<&String> = after
        .iter()
        .filter(|it| it.1 == "fail")
        .map(|it| it.0)
        .collect();
    println!("{} plans; left to a person: {failed:?}", journals.len());
    assert_eq!(failed, BY_HAND);
    for journal in journals.iter().rev() {
        deskguard(&["fix", "--undo", journal]);
    }
    picture.compare(&Picture::of(Path::new("/srv")));
    assert_eq!(audit(), before);
}

/// Runs a command that must succeed, or say that something is left to a person; returns what it printed.
pub(crate) fn done(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("ANSIBLE_PIPELINING", "1")
        .env("ANSIBLE_HOME", "/root/ansible")
        .env("ANSIBLE_LOCAL_TEMP", "/root/ansible")
        .env("ANSIBLE_REMOTE_TEMP", "/root/ansible")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() < Some(2), "{program}: {said}");
    said
}

/// Everything that the plan may touch, but for times: names, types, owners, modes, ACLs and contents.
fn mended() -> String {
    let places = "/srv /etc/cron.d /etc/logrotate.d $(ls -d /root/deskguard-* 2>/dev/null)";
    done(
        "sh",
        &[
            "-c",
            &format!(
                "find {places} -printf '%p %y %m %U:%G %l\\n' | sort
                 find {places} -type f -exec sha256sum {{}} + | sort -k 2
                 getfacl -R -p -n {places}"
            ),
        ],
    )
}

/// Puts the weak install back.
fn weak_again() {
    done(
        "sh",
        &[
            "-c",
            "rm -rf /srv/* /root/deskguard-* /etc/cron.d/* /etc/logrotate.d/deskpro-errors; cp -a /root/weak/. /srv/; userdel deskpro 2>/dev/null || true",
        ],
    );
}

/// An unused password stands on a line that no playbook prints: `--apply` alone empties it.
const BUT_SECRETS: &str = "--skip=config/no-spare-credentials";

/// What a person runs without deskguard comes to what `--apply` comes to.
#[test]
fn script_and_playbook_do_what_apply_does() {
    if !apart("demo::script_and_playbook_do_what_apply_does") {
        return;
    }
    fs::set_permissions("/srv", fs::Permissions::from_mode(0o755)).unwrap();
    deskguard(&["demo", "--keep", ROOT]);
    done("cp", &["-a", "/srv", "/root/weak"]);
    let written = |format: &str, to: &str| {
        fs::write(
            to,
            deskguard(&["fix", ROOT, "--offline", BUT_SECRETS, "--format", format]),
        )
        .unwrap();
    };
    written("script", "/root/mend.sh");
    written("ansible", "/root/mend.yml");
    fs::write(
        "/root/inventory",
        "helpdesk ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n",
    )
    .unwrap();
    let apply = [
        "fix",
        ROOT,
        "--offline",
        BUT_SECRETS,
        "--apply",
        "--yes",
        "--journal",
        "/root/journals/1",
    ];
    deskguard(&apply);
    let by_apply = mended();
    weak_again();
    let dry = mended();
    done("sh", &["/root/mend.sh", "--dry-run"]);
    assert_eq!(mended(), dry, "a dry run changed something");
    for (program, arguments) in [
        ("sh", vec!["/root/mend.sh"]),
        (
            "ansible-playbook",
            vec!["-i", "/root/inventory", "/root/mend.yml"],
        ),
    ] {
        weak_again();
        let said = done(program, &arguments);
        let once = mended();
        let others: Vec<(&str, &str)> = by_apply
            .lines()
            .zip(once.lines())
            .filter(|(one, other)| one != other)
            .collect();
        assert!(by_apply == once, "{program}: {others:#?}\n{said}");
        let again = done(program, &arguments);
        assert_eq!(mended(), once, "{program} does something twice: {again}");
        if program == "ansible-playbook" {
            assert!(again.contains("changed=0"), "{again}");
        }
    }
}
