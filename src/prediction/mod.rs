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
use crate::fix::{Action, FixOf, Step};
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
    let turns = verdicts
        .iter()
        .zip(&later)
        .filter(|(now, then)| now.outcome != then.outcome)
        .map(|(now, then)| Turn {
            check: now.id.clone(),
            before: now.outcome,
            after: then.outcome,
        })
        .collect();
    Ok(Prediction {
        before: Score::of_verdicts(verdicts),
        after: Score::of_verdicts(&later),
        verdicts: later,
        turns,
        untold,
        given,
    })
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
