//! Scripts as they are printed, run by the system's own shell.

use deskguard::check::{Risk, StepKind};
use deskguard::fix::{About, Action, Plan, Step, script};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// A fix of these deeds.
pub(crate) fn step(actions: Vec<Action>) -> Step {
    Step {
        number: 0,
        kind: StepKind::Shell,
        risk: Risk::None,
        run: String::new(),
        check: None,
        actions,
        note: None,
    }
}

/// The plan of one check that wants these deeds.
pub(crate) fn plan(actions: &[Action]) -> Plan {
    let step = step(actions.to_vec());
    Plan::of([("files/some-check", &step)])
}

pub(crate) fn printed(plan: &Plan) -> String {
    let titles = BTreeMap::from([("files/some-check".to_owned(), "All is well".to_owned())]);
    let about = About {
        root: "/srv/desk pro",
        made: "2026-11-24T10:00:00Z",
        titles: &titles,
    };
    script(plan, &about)
}

/// Runs a script, its PATH replaced where one is given.
pub(crate) fn run(text: &str, folder: &Path, path: Option<&str>, arguments: &[&str]) -> Output {
    let file = folder.join("mend.sh");
    let usual = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    assert!(text.contains(usual));
    let text = path.map_or_else(
        || text.to_owned(),
        |path| text.replace(usual, &format!("PATH='{path}'")),
    );
    std::fs::write(&file, text).unwrap();
    Command::new("/bin/sh")
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap()
}

/// The same, which must go well; what it printed.
pub(crate) fn ran(text: &str, folder: &Path, arguments: &[&str]) -> String {
    let output = run(text, folder, None, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{text}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// shellcheck (Debian's package of that name) has nothing to say.
pub(crate) fn checked(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mend.sh");
    std::fs::write(&file, text).unwrap();
    let output = Command::new("shellcheck")
        .arg("--norc")
        .arg(&file)
        .output()
        .expect("shellcheck is needed: apt-get install shellcheck");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{text}");
}
