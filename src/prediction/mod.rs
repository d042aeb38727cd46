//! What becomes of facts, outcomes and score once fixes are carried out: their `[[fix.after]]` applied to
//! the facts, and the same engine over what comes out. Pure. Refuses to guess: what cannot be told stays
//! as it is, and is said.

mod effect;
mod proof;
#[cfg(test)]
mod tests;

pub use proof::unproven;

use crate::check::{Catalogue, with_large_stack};
use crate::engine::{Bench, Outcome, Verdict};
use crate::facts::Given;
use crate::fix::{Action, FixOf, Plan, Step};
use crate::score::Score;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is foreseen.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The score by the facts as they are.
    pub before: Score,
    /// The score by the facts as they would be.
    pub after: Score,
    /// What every check would come to, in the catalogue's order.
    pub verdicts: Vec<Verdict>,
    /// The checks that would come to something else, in the catalogue's order.
    pub turns: Vec<Turn>,
    /// Why some effects of the fixes could not be foreseen; each a sentence.
    pub untold: Vec<String>,
    /// The facts as they would be, with policy and day.
    pub given: Value,
}

/// A check that would come to something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The check's id.
    pub check: String,
    /// What it comes to now.
    pub before: Outcome,
    /// What it would come to.
    pub after: Outcome,
}

/// Foresees what these fixes come to; `verdicts` are those of the same catalogue over the same facts. The
/// order of the fixes does not matter: each is applied to the facts as they are now.
///
/// # Errors
/// That the facts cannot be written as JSON, or no thread be started.
pub fn predict(
    catalogue: &Catalogue,
    given: &Given,
    verdicts: &[Verdict],
    fixes: &BTreeSet<FixOf>,
) -> Result<Prediction, String> {
    let facts = serde_json::to_value(given).map_err(|error| error.to_string())?;
    let edited = edited(verdicts, fixes);
    let (given, untold, later) = with_large_stack(|| {
        let (mut given, untold) = effect::applied(catalogue, facts, fixes);
        effect::taken_up(&mut given, &edited);
        let later = verdicts_over(catalogue, &given);
        (given, untold, later)
    })?;
    Ok(Prediction {
        before: Score::of_verdicts(verdicts),
        after: Score::of_verdicts(&later),
        turns: turns(verdicts, &later),
        verdicts: later,
        untold,
        given,
    })
}

fn turns(verdicts: &[Verdict], later: &[Verdict]) -> Vec<Turn> {
    let turned = verdicts
        .iter()
        .zip(later)
        .filter(|(now, then)| now.outcome != then.outcome);
    turned
        .map(|(now, then)| Turn {
            check: now.id.clone(),
            before: now.outcome,
            after: then.outcome,
        })
        .collect()
}

/// A plan for the checks that failed and are wanted, and what it comes to. Where it makes a check apply
/// that then fails, such as the age of trusted addresses once they are asked for, that one is mended with
/// the rest.
///
/// # Errors
/// As of [`predict`].
pub fn planned(
    catalogue: &Catalogue,
    given: &Given,
    verdicts: &[Verdict],
    wanted: &dyn Fn(&Verdict) -> bool,
    plan: &dyn Fn(&[&Verdict]) -> Plan,
) -> Result<(Plan, Prediction), String> {
    let fails = |verdict: &Verdict| verdict.outcome == Outcome::Fail;
    let failing = verdicts.iter().filter(|it| fails(it) && wanted(it));
    let mut failing: Vec<&Verdict> = failing.collect();
    let alone = plan(&failing);
    let first = predict(catalogue, given, verdicts, &alone.fixes())?;
    let both = verdicts.iter().zip(&first.verdicts);
    let brought: Vec<&Verdict> = both
        .filter(|(now, then)| !fails(now) && fails(then) && wanted(then))
        .map(|(_, then)| then)
        .collect();
    if brought.is_empty() {
        return Ok((alone, first));
    }
    failing.extend(&brought);
    let whole = plan(&failing);
    let is_later = |fix: &FixOf| brought.iter().any(|it| it.id == fix.check);
    let (later, now): (BTreeSet<FixOf>, _) = whole.fixes().into_iter().partition(is_later);
    let first = predict(catalogue, given, verdicts, &now)?;
    let between: Given = serde_json::from_value(first.given).map_err(|error| error.to_string())?;
    let last = predict(catalogue, &between, &first.verdicts, &later)?;
    let prediction = Prediction {
        before: first.before,
        turns: turns(verdicts, &last.verdicts),
        untold: [first.untold, last.untold].concat(),
        ..last
    };
    Ok((whole, prediction))
}

/// The configuration files that these fixes edit and a server takes up.
fn edited<'a>(verdicts: &'a [Verdict], fixes: &BTreeSet<FixOf>) -> BTreeSet<&'a str> {
    let chosen = steps(verdicts).filter(|(fix, _)| fixes.contains(fix));
    chosen
        .flat_map(|(_, step)| &step.actions)
        .filter_map(|action| match action {
            Action::Snippet { path, .. } | Action::Line { path, .. } | Action::Ini { path, .. } => {
                Some(path.as_str())
            }
            _ => None,
        })
        .collect()
}

fn steps(verdicts: &[Verdict]) -> impl Iterator<Item = (FixOf, &Step)> {
    verdicts.iter().flat_map(|verdict| {
        verdict.fixes.iter().map(move |step| {
            let fix = FixOf {
                check: verdict.id.clone(),
                number: step.number,
            };
            (fix, step)
        })
    })
}

fn verdicts_over(catalogue: &Catalogue, given: &Value) -> Vec<Verdict> {
    let bench = Bench::new(given.clone());
    let checks = catalogue.checks.iter();
    checks.map(|check| bench.judge(check)).collect()
}

/// Every fix that is given as deeds: what carries itself out.
#[must_use]
pub fn automatic(verdicts: &[Verdict]) -> BTreeSet<FixOf> {
    steps(verdicts)
        .filter(|(_, step)| !step.actions.is_empty())
        .map(|(fix, _)| fix)
        .collect()
}
