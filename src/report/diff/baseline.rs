//! A report measured against an earlier one that was accepted: only what is new or worse counts.
//! Refuses to forgive what became unknown after it had passed.

use super::super::{Check, Outcome, Report};
use super::pair;
use super::pieces::compare;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The report that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineMark {
    /// When its audit began.
    pub started: String,
    /// Failures that it does not know.
    pub new: usize,
    /// Failures that it knows and that have grown, and checks that passed and cannot be judged now.
    pub worse: usize,
    /// Failures that it knows.
    pub known: usize,
}

/// How a failure, or a check that cannot be judged, stands to the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The baseline does not know it.
    New,
    /// It has grown, become more severe, or cannot be judged any more.
    Worse,
    /// It is as it was, or better.
    Known,
}

/// Marks how everything stands to the baseline.
pub fn since(report: &mut Report, baseline: &Report) {
    let standings: Vec<Option<Standing>> = pair(baseline, report)
        .iter()
        .filter_map(|pair| Some((pair.old, pair.new?)))
        .map(|(old, new)| standing(&baseline.target.root, old, &report.target.root, new))
        .collect();
    // The later report's checks come first and in their order.
    for (check, standing) in report.checks.iter_mut().zip(standings) {
        check.standing = standing;
    }
    let count = |wanted| {
        let same = |check: &&Check| check.standing == Some(wanted);
        report.checks.iter().filter(same).count()
    };
    report.baseline = Some(BaselineMark {
        started: baseline.started.clone(),
        new: count(Standing::New),
        worse: count(Standing::Worse),
        known: count(Standing::Known),
    });
}

fn standing(old_root: &str, old: Option<&Check>, new_root: &str, new: &Check) -> Option<Standing> {
    match (old.map(|it| it.outcome), new.outcome) {
        (Some(Outcome::Fail), Outcome::Fail) => {
            let more = compare(old_root, old, new_root, Some(new)).is_more();
            let severer = old.is_some_and(|old| new.severity > old.severity);
            Some(if more || severer {
                Standing::Worse
            } else {
                Standing::Known
            })
        }
        (_, Outcome::Fail) => Some(Standing::New),
        (Some(Outcome::Pass), Outcome::Unknown) => Some(Standing::Worse),
        _ => None,
    }
}
