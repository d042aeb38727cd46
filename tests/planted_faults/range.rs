//! The loop closed: every planted fault whose check has deeds is mended by them, the helpdesk keeps
//! working for the accounts that it runs as, and undoing brings everything back as it was.

mod exceptions;
mod working;

use crate::case::Case;
use crate::cases::ALL;
use crate::judged::verdicts;
use crate::picture::Picture;
use crate::tree::Install;
use deskguard::engine::{Outcome, Verdict};
use deskguard::fix::Plan;
use deskguard::host::Host;
use deskguard::mend::{Surprise, World, apply, undo};
use exceptions::{Ending, expected, is_expected};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use working::Working;

const STARTED: &str = "2026-01-01T00:00:00Z";

/// What became of a case.
struct Row {
    name: String,
    check: &'static str,
    ending: Result<Ending, String>,
    deeds: usize,
    changes: u64,
    /// What a person is told to do.
    said: String,
}

#[test]
fn every_fault_is_mended_and_comes_back() {
    let cases: Vec<&Case> = ALL
        .iter()
        .copied()
        .flatten()
        .filter(|case| case.outcome == deskguard::report::Outcome::Fail)
        .collect();
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = closed(case);
                    rows.lock().unwrap().push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by(|a, b| (a.check, &a.name).cmp(&(b.check, &b.name)));
    println!("{}", table(&rows));
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let came_to = match &row.ending {
                Ok(ending) if is_expected(row.check, &row.name, ending) => return None,
                Ok(ending) => format!(
                    "is {ending:?} and not {:?}: {}",
                    expected(row.check, &row.name),
                    row.said
                ),
                Err(problem) => problem.clone(),
            };
            Some(format!("{} ({}): {came_to}", row.name, row.check))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("check | planted | ends | deeds | changes\n");
    for row in rows {
        let ending = match &row.ending {
            Ok(ending) => format!("{ending:?}"),
            Err(_) => "WRONG".to_owned(),
        };
        let _ = writeln!(
            text,
            "{} | {} | {ending} | {} | {}",
            row.check, row.name, row.deeds, row.changes
        );
    }
    text
}

/// Plants the fault, mends it and takes that back.
fn closed(case: &Case) -> Row {
    let mut install = case.kind.make();
    (case.plant)(&mut install);
    let mut row = Row {
        name: format!("{} ({:?})", case.name, case.kind),
        check: case.check,
        ending: Ok(Ending::ByHand),
        deeds: 0,
        changes: 0,
        said: String::new(),
    };
    row.ending = run(case, &install, &mut row);
    row
}

fn run(case: &Case, install: &Install, row: &mut Row) -> Result<Ending, String> {
    let (facts, before) = verdicts(install, case.profile);
    let verdict = of(&before, case.check);
    if verdict.outcome != Outcome::Fail {
        return Err("the planted fault is not found".to_owned());
    }
    let steps = verdict.fixes.iter().filter(|step| !step.actions.is_empty());
    let plan = Plan::of(steps.map(|step| (case.check, step)));
    row.deeds = plan.steps.iter().map(|step| step.actions.len()).sum();
    if row.deeds == 0 {
        let said: Vec<&str> = verdict.fixes.iter().map(|step| &*step.run).collect();
        row.said = said.join(" / ");
        return Ok(Ending::ByHand);
    }
    let picture = Picture::of(&install.host());
    let working = Working::of(install, &facts);
    let journals = tempfile::tempdir().unwrap();
    let journal = journals.path().canonicalize().unwrap().join("journal");
    let applied = carried_out(install, &plan, &journal);
    let mut problems = Vec::new();
    let ending = match applied {
        Err(surprise) => Ending::Refused(surprise.to_string()),
        Ok(changes) => {
            row.changes = changes;
            let (then, after) = verdicts(install, case.profile);
            problems.extend(working.lost(install, &then));
            problems.extend(worse(&before, &after));
            match of(&after, case.check).outcome {
                Outcome::Pass => Ending::Mended,
                _ => Ending::Left,
            }
        }
    };
    problems.extend(taken_back(install, &journal).err().map(|it| it.to_string()));
    problems.extend(picture.differences(&Picture::of(&install.host())));
    let (_, again) = verdicts(install, case.profile);
    if again != before {
        problems.push("after undoing, the audit says something else than before".to_owned());
    }
    match problems.is_empty() {
        true => Ok(ending.known()),
        false => Err(format!("{ending:?}; {}", problems.join("; "))),
    }
}

fn of<'a>(verdicts: &'a [Verdict], check: &str) -> &'a Verdict {
    verdicts.iter().find(|it| it.id == check).unwrap()
}

fn carried_out(install: &Install, plan: &Plan, journal: &Path) -> Result<u64, Surprise> {
    let host = Host::at(install.host());
    let mut world = World::new(&host, install.root.clone(), STARTED);
    apply(&mut world, plan, journal, &mut |_| {}).map(|applied| applied.changes)
}

fn taken_back(install: &Install, journal: &Path) -> Result<(), Surprise> {
    let host = Host::at(install.host());
    let mut world = World::new(&host, install.root.clone(), STARTED);
    undo(&mut world, journal, &mut |_| {}).map(|_| ())
}

/// Checks that passed, and do not any more.
fn worse(before: &[Verdict], after: &[Verdict]) -> Vec<String> {
    let before: BTreeMap<_, _> = before.iter().map(|it| (&it.id, it.outcome)).collect();
    let worse = after.iter().filter(|it| {
        it.outcome != Outcome::Pass && before.get(&it.id).is_some_and(|was| *was == Outcome::Pass)
    });
    worse
        .map(|it| {
            format!(
                "{} passed and is {:?}: {:?}",
                it.id, it.outcome, it.evidence
            )
        })
        .collect()
}
