//! How the low end of the score moved, check by check. The shares add up exactly: each is the step
//! that the uncapped percentage takes when this check's new outcome replaces the old one, in the
//! report's order; what caps and rounding add is one share of its own.

use super::super::{Check, Outcome};
use super::Pair;
use crate::score::{Score, weight};
use schemars::JsonSchema;
use serde::Serialize;

/// How the low end of the score moved. All figures are hundredths of a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Movement {
    /// From the old low end to the new one.
    pub total: i64,
    /// The checks that moved it, in the report's order.
    pub parts: Vec<Part>,
    /// What caps for failed critical and high checks, and rounding down, add to that.
    pub caps: i64,
}

/// What one check contributed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// The check.
    pub id: String,
    /// What it came to before; null where it was not judged.
    pub from: Option<Outcome>,
    /// What it comes to now; null where it is not judged.
    pub to: Option<Outcome>,
    /// Hundredths of a point.
    pub points: i64,
}

/// Weights that passed and that apply.
#[derive(Default, Clone, Copy)]
struct Sum {
    passed: u64,
    applies: u64,
}

impl Sum {
    fn add(&mut self, check: &Check) {
        let (passed, applies) = share(check);
        self.passed += passed;
        self.applies += applies;
    }

    fn take(&mut self, check: &Check) {
        let (passed, applies) = share(check);
        self.passed = self.passed.saturating_sub(passed);
        self.applies = self.applies.saturating_sub(applies);
    }

    /// Hundredths of a point, without caps; 0 where nothing applies.
    fn points(self) -> i64 {
        let points = (self.passed * 10_000).checked_div(self.applies);
        i64::try_from(points.unwrap_or(0)).unwrap_or(0)
    }
}

fn share(check: &Check) -> (u64, u64) {
    let weight = weight(check.severity.into());
    match check.outcome {
        Outcome::Pass => (weight, weight),
        Outcome::Fail | Outcome::Unknown => (0, weight),
        Outcome::NotApplicable => (0, 0),
    }
}

pub(super) fn movement(pairs: &[Pair<'_>]) -> Movement {
    let mut sum = Sum::default();
    for check in pairs.iter().filter_map(|pair| pair.old) {
        sum.add(check);
    }
    let before = sum.points();
    let mut parts = Vec::new();
    for pair in pairs {
        let here = sum.points();
        if let Some(check) = pair.old {
            sum.take(check);
        }
        if let Some(check) = pair.new {
            sum.add(check);
        }
        let points = sum.points() - here;
        let (from, to) = (pair.old.map(|it| it.outcome), pair.new.map(|it| it.outcome));
        if let Some(check) = pair.new.or(pair.old).filter(|_| points != 0) {
            parts.push(Part {
                id: check.id.clone(),
                from,
                to,
                points,
            });
        }
    }
    let total =
        low(pairs.iter().filter_map(|it| it.new)) - low(pairs.iter().filter_map(|it| it.old));
    Movement {
        total,
        parts,
        caps: total - (sum.points() - before),
    }
}

/// The low end by this program's formula, in hundredths.
fn low<'a>(checks: impl Iterator<Item = &'a Check>) -> i64 {
    let results: Vec<_> = checks
        .map(|check| (check.severity.into(), check.outcome.into()))
        .collect();
    i64::from(Score::of(&results).low) * 100
}
