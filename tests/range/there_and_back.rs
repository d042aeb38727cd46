//! All faults at once, mended by one plan, and taken back.

use crate::apart::apart;
use crate::faults;
use crate::stage::{Stage, catalogue};
use deskguard::engine::{Outcome, Verdict};
use deskguard::fix::{Plan, Step, refused};
use deskguard::host::Host;
use deskguard::mend::{World, apply, undo};
use deskguard::prediction::{Prediction, automatic, predict};
use deskguard::score::Score;
use std::collections::BTreeMap;

fn outcomes(verdicts: &[Verdict]) -> BTreeMap<&str, Outcome> {
    let pair = |it: &'_ Verdict| (it.id.clone(), it.outcome);
    let _ = pair;
    verdicts
        .iter()
        .map(|it| (it.id.as_str(), it.outcome))
        .collect()
}

fn said(score: &Score) -> String {
    format!(
        "{} to {}, {} passed, {} failed, {} unknown",
        score.low, score.high, score.passed, score.failed, score.unknown
    )
}

#[test]
fn all_at_once() {
    if !apart("there_and_back::all_at_once") {
        return;
    }
    let mut stage = Stage::hardened();
    faults::plant(&mut stage);
    assert!(stage.is_up());
    let (given, before) = stage.audit();
    for verdict in before.iter().filter(|it| it.outcome == Outcome::Fail) {
        println!(
            "{} {} fixes {:?}",
            verdict.id,
            verdict.evidence_total,
            verdict
                .fixes
                .iter()
                .map(|it| it.actions.len())
                .collect::<Vec<_>>()
        );
    }
    let fixes = || {
        before
            .iter()
            .flat_map(|it| it.fixes.iter().map(move |step| (it.id.as_str(), step)))
    };
    let refused = refused(&given.facts, fixes());
    for (fix, why) in &refused {
        println!("REFUSED {fix:?} {why}");
    }
    let mut chosen = automatic(&before);
    chosen.retain(|fix| !refused.contains_key(fix));
    let seen = predict(catalogue(), &given, &before, &chosen).unwrap();
    let kept = |(id, step): &(&str, &Step)| {
        chosen
            .iter()
            .any(|fix| fix.check == *id && fix.number == step.number)
    };
    let plan = Plan::of(fixes().filter(kept));
    let host = Host::default();
    let journals = tempfile::tempdir().unwrap();
    let journal = journals.path().join("journal");
    let mut world = World::new(&host, stage.install.root.clone(), "2026-01-01T00:00:00Z");
    let applied = apply(&mut world, &plan, &journal, &mut |told| {
        if let deskguard::mend::Told::Says(text) = told {
            println!("  {text}");
        }
    });
    println!("{applied:?}");
    let (_, after) = stage.audit();
    println!("before     {}", said(&seen.before));
    println!("predicted  {}", said(&seen.after));
    println!("after      {}", said(&Score::of_verdicts(&after)));
    let journal_lines = std::fs::read_to_string(journal.join("journal")).unwrap_or_default();
    println!("{}", journal_lines.lines().count());
    let (was, foreseen, now) = (
        outcomes(&before),
        outcomes(&seen.verdicts),
        outcomes(&after),
    );
    for (id, now) in &now {
        if now != &foreseen[id] {
            let verdict = after.iter().find(|it| it.id == *id).unwrap();
            println!(
                "DIFFERS {id}: was {:?}, foreseen {:?}, is {now:?} {:?}",
                was[id], foreseen[id], verdict.reason
            );
            for it in verdict.evidence.iter().take(3) {
                println!("      {}", it.message);
            }
        }
    }
    let back = undo(
        &mut World::new(&host, stage.install.root.clone(), "2026-01-01T00:00:00Z"),
        &journal,
        &mut |_| {},
    );
    println!("{back:?}");
    let (_, again) = stage.audit();
    for (id, now) in &outcomes(&again) {
        if *now != was[id] {
            let verdict = again.iter().find(|it| it.id == *id).unwrap();
            println!(
                "NOT BACK {id}: was {:?}, is {now:?} {:?}",
                was[id], verdict.reason
            );
            for it in verdict.evidence.iter().take(3) {
                println!("      {}", it.message);
            }
        }
    }
}

#[test]
fn a_hardened_stage() {
    if !apart("there_and_back::a_hardened_stage") {
        return;
    }
    let mut stage = Stage::hardened();
    let sound = stage.sound();
    stage.start("", &sound);
    assert!(stage.is_up());
    let (_, verdicts) = stage.audit();
    for verdict in verdicts
        .iter()
        .filter(|it| !matches!(it.outcome, Outcome::Pass | Outcome::NotApplicable))
    {
        println!(
            "{} {:?} {:?} {:?}",
            verdict.id,
            verdict.outcome,
            verdict.reason,
            verdict
                .evidence
                .iter()
                .map(|it| &it.message)
                .collect::<Vec<_>>()
        );
    }
    println!("{:?}", Score::of_verdicts(&verdicts));
}
