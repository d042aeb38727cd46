//! The score, one formula for everybody; refuses to judge, it only counts what was judged.
//!
//! Formula 1:
//!
//! * Each check counts once, whatever the number of its rows. Weights: critical 20, high 10,
//!   medium 5, low 2, info 1. What does not apply counts nothing.
//! * `score = floor(100 × weight passed / weight applicable)`.
//! * A failed critical check caps the score at 39, a failed high one at 69.
//! * What is unknown makes the score an interval: for the low end it counts as failed (caps
//!   included), for the high end as passed. Thresholds look at the low end.
//! * `coverage = floor(100 × weight passed or failed / weight applicable)`.
//! * Where nothing applies, nothing is known: 0 to 100, coverage 0.

use crate::check::Severity;
use crate::engine::{Outcome, Verdict};

/// The version of the formula above; it changes with every change of a figure.
pub const FORMULA_VERSION: u32 = 1;

/// What the checks come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Points if everything unknown failed.
    pub low: u8,
    /// Points if everything unknown passed.
    pub high: u8,
    /// How much of the applicable weight could be judged, in percent.
    pub coverage: u8,
    /// The severity whose cap lowered the low end, if one did.
    pub low_capped_by: Option<Severity>,
    /// The severity whose cap lowered the high end, if one did.
    pub high_capped_by: Option<Severity>,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that could not be judged.
    pub unknown: usize,
    /// Checks that do not apply.
    pub not_applicable: usize,
    /// The formula's version.
    pub formula: u32,
}

impl Score {
    /// The score of these results; their order does not matter.
    #[must_use]
    pub fn of(results: &[(Severity, Outcome)]) -> Self {
        let count = |wanted| results.iter().filter(|(_, it)| *it == wanted).count();
        let (low, low_capped_by) = points(results, Outcome::Fail);
        let (high, high_capped_by) = points(results, Outcome::Pass);
        let judged = weigh(results, |it| matches!(it, Outcome::Pass | Outcome::Fail));
        Self {
            low,
            high,
            coverage: percent(judged, weigh(results, applies)).unwrap_or(0),
            low_capped_by,
            high_capped_by,
            passed: count(Outcome::Pass),
            failed: count(Outcome::Fail),
            unknown: count(Outcome::Unknown),
            not_applicable: count(Outcome::NotApplicable),
            formula: FORMULA_VERSION,
        }
    }

    /// The score of these verdicts.
    #[must_use]
    pub fn of_verdicts(verdicts: &[Verdict]) -> Self {
        Self::of(&results(verdicts))
    }
}

/// How many points the low end gains if this one check passes and nothing else changes.
#[must_use]
pub fn gain(verdicts: &[Verdict], id: &str) -> u8 {
    let mut results = results(verdicts);
    let (before, _) = points(&results, Outcome::Fail);
    for (verdict, (_, outcome)) in verdicts.iter().zip(&mut results) {
        if verdict.id == id && applies(*outcome) {
            *outcome = Outcome::Pass;
        }
    }
    points(&results, Outcome::Fail).0.saturating_sub(before)
}

fn results(verdicts: &[Verdict]) -> Vec<(Severity, Outcome)> {
    verdicts
        .iter()
        .map(|verdict| (verdict.severity, verdict.outcome))
        .collect()
}

/// The points where every unknown counts as `guess`, and the severity whose cap lowered them.
fn points(results: &[(Severity, Outcome)], guess: Outcome) -> (u8, Option<Severity>) {
    let settle = |it| if it == Outcome::Unknown { guess } else { it };
    let passed = weigh(results, |it| settle(it) == Outcome::Pass);
    let Some(points) = percent(passed, weigh(results, applies)) else {
        return (if guess == Outcome::Pass { 100 } else { 0 }, None);
    };
    let worst = results
        .iter()
        .filter(|(_, it)| settle(*it) == Outcome::Fail)
        .map(|(severity, _)| *severity)
        .max();
    let cap = match worst {
        Some(Severity::Critical) => 39,
        Some(Severity::High) => 69,
        _ => 100,
    };
    (points.min(cap), worst.filter(|_| points > cap))
}

fn applies(outcome: Outcome) -> bool {
    outcome != Outcome::NotApplicable
}

fn weigh(results: &[(Severity, Outcome)], counts: impl Fn(Outcome) -> bool) -> u64 {
    results
        .iter()
        .filter(|(_, outcome)| counts(*outcome))
        .map(|(severity, _)| weight(*severity))
        .sum()
}

/// What a check of this severity weighs.
#[must_use]
pub const fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 20,
        Severity::High => 10,
        Severity::Medium => 5,
        Severity::Low => 2,
        Severity::Info => 1,
    }
}

/// Rounded down; none of nothing is no percentage.
fn percent(part: u64, whole: u64) -> Option<u8> {
    let percent = part.saturating_mul(100).checked_div(whole)?;
    Some(u8::try_from(percent).unwrap_or(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a_severity() -> impl Strategy<Value = Severity> {
        prop::sample::select(vec![
            Severity::Info,
            Severity::Low,
            Severity::Medium,
            Severity::High,
            Severity::Critical,
        ])
    }

    fn some_results() -> impl Strategy<Value = Vec<(Severity, Outcome)>> {
        let outcome = prop::sample::select(vec![
            Outcome::Pass,
            Outcome::Fail,
            Outcome::Unknown,
            Outcome::NotApplicable,
        ]);
        prop::collection::vec((a_severity(), outcome), 0..40)
    }

    fn with(mut results: Vec<(Severity, Outcome)>, severity: Severity, it: Outcome) -> Score {
        results.push((severity, it));
        Score::of(&results)
    }

    #[test]
    fn the_published_figures() {
        use Outcome::{Fail, NotApplicable, Pass, Unknown};
        use Severity::{Critical, High, Info, Low, Medium};
        for (results, low, high, coverage) in [
            (vec![], 0, 100, 0),
            (vec![(Critical, NotApplicable)], 0, 100, 0),
            (vec![(Critical, Pass)], 100, 100, 100),
            (vec![(Critical, Fail)], 0, 0, 100),
            (vec![(Critical, Unknown)], 0, 100, 0),
            (vec![(High, Pass), (Medium, Fail)], 66, 66, 100),
            (vec![(Critical, Pass), (High, Fail)], 66, 66, 100),
            (
                vec![(Critical, Pass), (Critical, Pass), (High, Fail)],
                69,
                69,
                100,
            ),
            (
                vec![(Critical, Pass), (Critical, Pass), (Critical, Fail)],
                39,
                39,
                100,
            ),
            (
                vec![(Critical, Pass), (Critical, Pass), (Critical, Unknown)],
                39,
                100,
                66,
            ),
            (vec![(Low, Pass), (Info, Unknown)], 66, 100, 66),
        ] {
            let score = Score::of(&results);
            assert_eq!(
                (score.low, score.high, score.coverage),
                (low, high, coverage),
                "{results:?}"
            );
        }
    }

    #[test]
    fn a_cap_is_named_only_where_it_lowers() {
        use Severity::{Critical, High};
        let lowered = Score::of(&[(Critical, Outcome::Pass), (Critical, Outcome::Fail)]);
        assert_eq!(lowered.high_capped_by, Some(Critical));
        let low_anyway = Score::of(&[(High, Outcome::Pass), (Critical, Outcome::Fail)]);
        assert_eq!(low_anyway.high_capped_by, None);
        let unknown_high = Score::of(&[
            (Critical, Outcome::Pass),
            (Critical, Outcome::Pass),
            (High, Outcome::Unknown),
        ]);
        assert_eq!((unknown_high.low, unknown_high.high), (69, 100));
        assert_eq!(unknown_high.low_capped_by, Some(High));
        assert_eq!(unknown_high.high_capped_by, None);
    }

    proptest! {
        #[test]
        fn mending_never_lowers_either_end(rest in some_results(), severity in a_severity()) {
            let before = with(rest.clone(), severity, Outcome::Fail);
            let after = with(rest, severity, Outcome::Pass);
            prop_assert!(after.low >= before.low && after.high >= before.high);
        }

        #[test]
        fn passes_never_lift_above_a_cap(rest in some_results(), passes in 0usize..2000) {
            let pad = |severity, outcome| {
                let mut all = rest.clone();
                all.extend(std::iter::repeat_n((Severity::Medium, Outcome::Pass), passes));
                with(all, severity, outcome)
            };
            let critical = pad(Severity::Critical, Outcome::Fail);
            prop_assert!(critical.high < 40 && critical.low < 40);
            let high = pad(Severity::High, Outcome::Fail);
            prop_assert!(high.high < 70 && high.low < 70);
            prop_assert!(pad(Severity::Critical, Outcome::Unknown).low < 40);
            prop_assert!(pad(Severity::High, Outcome::Unknown).low < 70);
        }

        #[test]
        fn unknown_is_a_failure_below_and_a_pass_above(
            rest in some_results(),
            severity in a_severity(),
        ) {
            let unknown = with(rest.clone(), severity, Outcome::Unknown);
            prop_assert_eq!(unknown.low, with(rest.clone(), severity, Outcome::Fail).low);
            prop_assert_eq!(unknown.high, with(rest, severity, Outcome::Pass).high);
        }

        #[test]
        fn resolving_an_unknown_stays_within_the_interval(
            rest in some_results(),
            severity in a_severity(),
        ) {
            let before = with(rest.clone(), severity, Outcome::Unknown);
            for answer in [Outcome::Pass, Outcome::Fail, Outcome::NotApplicable] {
                let after = with(rest.clone(), severity, answer);
                prop_assert!(before.low <= after.low && after.high <= before.high);
                prop_assert!(after.coverage >= before.coverage);
            }
        }

        #[test]
        fn order_never_matters_and_the_ends_are_in_order(
            results in some_results().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        ) {
            let (one, other) = results;
            let score = Score::of(&one);
            prop_assert_eq!(score, Score::of(&other));
            prop_assert!(score.low <= score.high && score.high <= 100 && score.coverage <= 100);
        }
    }
}
