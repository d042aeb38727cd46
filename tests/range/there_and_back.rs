//! All faults at once, mended by one plan of the program's own, foreseen rightly, and taken back.

use crate::apart::apart;
use crate::faults;
use crate::hardened::Kind;
use crate::needs_hold::broken;
use crate::stage::{Stage, catalogue};
use crate::web::Web;
use deskguard::engine::{Outcome, Verdict};
use deskguard::facts::Given;
use deskguard::fix::{Needs, Plan, Step};
use deskguard::prediction::{Prediction, predict};
use deskguard::score::Score;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn outcomes(verdicts: &[Verdict]) -> BTreeMap<&str, Outcome> {
    verdicts
        .iter()
        .map(|it| (it.id.as_str(), it.outcome))
        .collect()
}

fn said(score: &Score) -> String {
    format!(
        "{} to {}: {} passed, {} failed, {} unknown",
        score.low, score.high, score.passed, score.failed, score.unknown
    )
}

/// The plan as `deskguard fix` makes it, and what it is foreseen to come to.
fn planned(given: &Given, verdicts: &[Verdict]) -> (Plan, Prediction) {
    let failed = verdicts.iter().filter(|it| it.outcome == Outcome::Fail);
    let fixes: Vec<(&str, &Step)> = failed
        .flat_map(|it| it.fixes.iter().map(|step| (it.id.as_str(), step)))
        .collect();
    let plan = Plan::within(&fixes, &Needs::of(&given.facts));
    for refused in &plan.refused {
        println!("refused: {}, because {}", refused.check, refused.because);
    }
    let seen = predict(catalogue(), given, verdicts, &plan.fixes()).unwrap();
    (plan, seen)
}

/// What the command printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

/// Each check that came to something else than was said.
fn differences(said: &[Verdict], is: &[Verdict]) -> Vec<String> {
    let said = outcomes(said);
    let other = is.iter().filter(|it| said[it.id.as_str()] != it.outcome);
    other
        .map(|it| {
            let found: Vec<&String> = it.evidence.iter().take(3).map(|it| &it.message).collect();
            format!(
                "{}: {:?}, not {:?}; {:?} {found:#?}",
                it.id,
                it.outcome,
                said[it.id.as_str()],
                it.reason
            )
        })
        .collect()
}

const SHAPES: [(Kind, Web); 5] = [
    (Kind::V4, Web::Nginx),
    (Kind::V4, Web::ApacheModule),
    (Kind::V5, Web::ApacheFpm),
    (Kind::V5, Web::Nginx),
    (Kind::Container, Web::Nginx),
];

#[test]
fn v4_behind_nginx() {
    if apart("there_and_back::v4_behind_nginx") {
        all_at_once(Kind::V4, Web::Nginx);
    }
}

#[test]
fn v4_behind_apache_with_its_php_module() {
    if apart("there_and_back::v4_behind_apache_with_its_php_module") {
        all_at_once(Kind::V4, Web::ApacheModule);
    }
}

#[test]
fn v5_behind_apache_with_php_fpm() {
    if apart("there_and_back::v5_behind_apache_with_php_fpm") {
        all_at_once(Kind::V5, Web::ApacheFpm);
    }
}

#[test]
fn v5_behind_nginx() {
    if apart("there_and_back::v5_behind_nginx") {
        all_at_once(Kind::V5, Web::Nginx);
    }
}

#[test]
fn a_container() {
    if apart("there_and_back::a_container") {
        all_at_once(Kind::Container, Web::Nginx);
    }
}

fn all_at_once(kind: Kind, web: Web) {
    let mut stage = Stage::hardened(kind, web);
    faults::plant(&mut stage);
    // A server that is younger than a clock's doubt cannot be told from one that was started anew.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let (picture, configuration) = (stage.picture(), stage.configuration());
    let (given, before) = stage.audit();
    let (plan, seen) = planned(&given, &before);
    let journal = stage.folder.join("journal");
    let log = run(stage
        .deskguard()
        .args(["--apply", "--yes", "--journal"])
        .arg(&journal));
    println!("{log}");
    assert!(!log.contains("Stopped"), "{log}");
    let broken = broken(&stage);
    let (_, after) = stage.audit();
    println!(
        "{} deeds mend {} checks:",
        plan.actions().count(),
        seen.turns.len()
    );
    for turn in &seen.turns {
        println!("  {} {:?} {:?}", turn.check, turn.before, turn.after);
    }
    println!("left:");
    for it in after.iter().filter(|it| it.outcome == Outcome::Fail) {
        println!(
            "  {} by {:?}",
            it.id,
            it.fixes.iter().map(|it| it.kind).collect::<Vec<_>>()
        );
    }
    println!("before     {}", said(&seen.before));
    println!("predicted  {}", said(&seen.after));
    println!("after      {}", said(&Score::of_verdicts(&after)));
    let wrong = differences(&seen.verdicts, &after);
    println!("{}", run(stage.deskguard().arg("--undo").arg(&journal)));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(wrong.is_empty(), "foreseen wrongly:\n{}", wrong.join("\n"));
    let (_, again) = stage.audit();
    let wrong = differences(&before, &again);
    assert!(wrong.is_empty(), "not as before:\n{}", wrong.join("\n"));
    for (was, is) in picture.iter().zip(&stage.picture()) {
        was.compare(is);
    }
    for (was, is) in configuration.iter().zip(stage.configuration()) {
        assert_eq!(*was, is);
    }
}

/// Killed at its so many-th deed.
fn killed(stage: &Stage, journal: &Path, deed: usize) {
    let mut child = stage
        .deskguard()
        .args(["--apply", "--yes", "--journal"])
        .arg(journal)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begins = format!("{deed}/");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let met = lines.any(|line| line.unwrap().starts_with(&begins));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(met, "there is no deed {deed}");
}

#[test]
fn killed_in_the_middle_and_taken_back() {
    if !apart("there_and_back::killed_in_the_middle_and_taken_back") {
        return;
    }
    let mut stage = Stage::hardened(Kind::V4, Web::Nginx);
    faults::plant(&mut stage);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let (picture, configuration) = (stage.picture(), stage.configuration());
    let (given, before) = stage.audit();
    let deeds = planned(&given, &before).0.actions().count();
    for part in 1..6 {
        let deed = deeds * part / 6;
        let journal = stage.folder.join(format!("journal-{part}"));
        killed(&stage, &journal, deed);
        let changed = stage.picture() != picture || stage.configuration() != configuration;
        let said = run(stage.deskguard().arg("--undo").arg(&journal));
        println!(
            "killed at deed {deed} of {deeds}, changed {changed}: {}",
            said.lines().next().unwrap_or_default()
        );
        assert!(!said.contains("Stopped"), "{said}");
        for (was, is) in picture.iter().zip(&stage.picture()) {
            was.compare(is);
        }
        assert_eq!(configuration, stage.configuration());
    }
    let (_, again) = stage.audit();
    // The servers were reloaded, and so whether they have read what stands there is not known any more.
    let wrong: Vec<String> = differences(&before, &again)
        .into_iter()
        .filter(|it| !it.starts_with("web/loaded-config-is-audited"))
        .collect();
    assert!(wrong.is_empty(), "not as before:\n{}", wrong.join("\n"));
}

/// What the range plants is all that is wrong.
#[test]
fn without_faults_nothing_fails_that_can_be_mended() {
    if !apart("there_and_back::without_faults_nothing_fails_that_can_be_mended") {
        return;
    }
    for (kind, web) in SHAPES {
        let mut stage = Stage::hardened(kind, web);
        let sound = stage.sound();
        stage.start("", &sound);
        assert_eq!(broken(&stage), Vec::<String>::new(), "{kind:?} {web:?}");
        let (given, verdicts) = stage.audit();
        let (plan, _) = planned(&given, &verdicts);
        let failed: Vec<&str> = verdicts
            .iter()
            .filter(|it| it.outcome == Outcome::Fail)
            .map(|it| it.id.as_str())
            .collect();
        assert_eq!(
            failed,
            ["database/server-hardened", "logs/reviewed"],
            "{kind:?} {web:?}"
        );
        assert_eq!(
            plan.actions().collect::<Vec<_>>(),
            Vec::<&deskguard::fix::Action>::new()
        );
    }
}
