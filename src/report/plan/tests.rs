//! A plan as a tired person reads it in 80 columns: what to know before a step, and what is left to do.

use super::{Planning, plan_json, plan_text};
use crate::check::{Risk, StepKind};
use crate::engine::Outcome;
use crate::fix::{Plan, Step};
use crate::prediction::{Prediction, Turn};
use crate::report::samples;
use crate::report::text::{Detail, Options};
use crate::score::Score;
use serde_json::{Value, json};

fn deeds(number: usize, note: &str, check: &str, actions: Value) -> Step {
    Step {
        number,
        kind: StepKind::Shell,
        risk: Risk::None,
        run: "as deeds".to_owned(),
        check: Some(check.to_owned()),
        actions: serde_json::from_value(actions).unwrap(),
        note: Some(note.to_owned()),
    }
}

fn hand(kind: StepKind, risk: Risk, run: &str) -> Step {
    Step {
        number: 9,
        kind,
        risk,
        run: run.to_owned(),
        check: None,
        actions: Vec::new(),
        note: None,
    }
}

fn plan() -> Plan {
    let stop = "Stop the web server first, and start it when both is done.";
    let moved = json!([
        {"action": "move-tree", "path": "/srv/dp/data", "to": "/srv/dp-data"},
        {"action": "setting", "path": "/srv/dp/config.php", "setting": "$DP_CONFIG['dir_data']", "line": 8, "value": "'/srv/dp-data'"},
    ]);
    let other = json!([{"action": "mode", "path": "/srv/dp/data", "mode": "o-rwx"}]);
    let fixes = [
        ("data/a", deeds(0, stop, "ls /srv/dp/data", moved.clone())),
        ("data/b", deeds(0, stop, "ls /srv/dp/data", moved)),
        (
            "files/c",
            deeds(
                0,
                "Everybody must\u{1b}[2J log in again.",
                "ls -ld /srv/dp/data",
                other,
            ),
        ),
        (
            "files/c",
            hand(StepKind::Manual, Risk::None, "Look who could read it."),
        ),
        (
            "files/d",
            hand(StepKind::Sql, Risk::Outage, "ALTER USER 'a'@'b';"),
        ),
        (
            "files/d",
            hand(StepKind::Manual, Risk::None, "Then name it."),
        ),
        (
            "data/b",
            hand(StepKind::Manual, Risk::None, "Think of the backups."),
        ),
    ];
    Plan::of(fixes.iter().map(|(check, step)| (*check, step)))
}

fn shown(color: bool) -> String {
    let report = samples::a_few();
    let turn = |check: &str, after| Turn {
        check: check.to_owned(),
        before: Outcome::Fail,
        after,
    };
    let prediction = Prediction {
        before: Score::of_verdicts(&[]),
        after: Score::of_verdicts(&[]),
        verdicts: Vec::new(),
        turns: vec![
            turn("data/b", Outcome::Pass),
            turn("login/e", Outcome::Fail),
        ],
        untold: Vec::new(),
        given: Value::Null,
    };
    let plan = plan();
    let planning = Planning {
        report: &report,
        made: "2026-11-24T10:00:00Z",
        plan: &plan,
        prediction: Some(&prediction),
    };
    let json: Value = serde_json::from_str(&plan_json(&planning)).unwrap();
    assert_eq!(
        json["steps"][0]["notes"][0]["checks"],
        json!(["data/a", "data/b"])
    );
    let options = Options {
        width: 80,
        color,
        detail: Detail::Normal,
    };
    plan_text(&planning, &options)
}

#[test]
fn a_plan_says_what_to_know_and_what_is_left() {
    let text = shown(false);
    let (body, _) = text.split_once("Would pass").unwrap();
    let body = body.split_once("\n\n").unwrap().1;
    assert_eq!(
        body.trim_end(),
        "1. Move data to its new place
    mends  data/a · data/b
    note   Stop the web server first, and start it when both is done.
    mv -n -T -- /srv/dp/data /srv/dp-data

2. Edit /srv/dp/config.php
    mends  data/a · data/b
    # line 8: $DP_CONFIG['dir_data'] = '/srv/dp-data';
    check  ls /srv/dp-data

3. Set owners, modes and ACLs
    mends  files/c
    note   Everybody must\\x1b[2J log in again.
    chmod o-rwx -- /srv/dp-data
    check  ls -ld /srv/dp-data

By hand, since it takes a person to decide:
- files/c · step 3 does a part of it
    Look who could read it.
- files/d · the helpdesk may be away for a while
    1. in MySQL
       ALTER USER 'a'@'b';
    2. Then name it.

Besides, by hand: these checks pass by the steps above, and this is up to you:
- data/b · steps 1 and 2 do a part of it
    Think of the backups."
    );
    assert!(text.contains("login/e would fail, which it does not now\n"));
    assert!(text.contains(" · 2 left to a person"), "{text}");
}

#[test]
fn colour_changes_no_word() {
    let colored = shown(true);
    let mut words = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        words.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    words.push_str(rest);
    assert_ne!(colored, words);
    assert_eq!(words, shown(false));
}
