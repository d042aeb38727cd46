//! The exit code, and why it is what it is. Looks only at the finished report; refuses to call a
//! host fine of which too little was seen.

use super::{Outcome, Report};
use crate::check::Severity;

/// Below this coverage, in percent, nothing is called fine unless the user sets a limit.
pub const COVERAGE_FLOOR: u8 = 50;

/// What the user lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// A failed check of this severity or worse is refused.
    pub fail_on: Severity,
    /// The least low end of the score.
    pub min_score: Option<u8>,
    /// The least coverage; without it, [`COVERAGE_FLOOR`] and another exit code.
    pub min_coverage: Option<u8>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Severity::High,
            min_score: None,
            min_coverage: None,
        }
    }
}

/// How the program ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// 0 fine, 1 refused, 3 too little could be judged (2 is for usage, which is not judged here).
    pub code: u8,
    /// Why, on one line.
    pub reason: String,
}

impl Gate {
    /// The exit code of this report.
    #[must_use]
    pub fn judge(&self, report: &Report) -> Exit {
        let refusals = self.refusals(report);
        if !refusals.is_empty() {
            return Exit {
                code: 1,
                reason: refusals.join("; "),
            };
        }
        let coverage = report.score.coverage;
        if self.min_coverage.is_none() && coverage < COVERAGE_FLOOR {
            return Exit {
                code: 3,
                reason: format!(
                    "too little could be judged: coverage is {coverage} %, below {COVERAGE_FLOOR} %"
                ),
            };
        }
        Exit {
            code: 0,
            reason: format!("no failed check {}", self.severe(1)),
        }
    }

    fn refusals(&self, report: &Report) -> Vec<String> {
        let mut refusals = Vec::new();
        let limit = self.fail_on.into();
        let severe = report
            .checks
            .iter()
            .filter(|check| check.outcome == Outcome::Fail && check.severity >= limit)
            .filter(|check| check.waived.is_none())
            .count();
        if severe > 0 {
            let checks = if severe == 1 { "check" } else { "checks" };
            refusals.push(format!("{severe} failed {checks} {}", self.severe(severe)));
        }
        let low = report.score.low;
        if let Some(least) = self.min_score.filter(|least| low < *least) {
            refusals.push(format!("the score may be as low as {low}, below {least}"));
        }
        let coverage = report.score.coverage;
        if let Some(least) = self.min_coverage.filter(|least| coverage < *least) {
            refusals.push(format!("coverage is {coverage} %, below {least} %"));
        }
        refusals
    }

    /// "is high or worse"
    fn severe(&self, number: usize) -> String {
        let verb = if number == 1 { "is" } else { "are" };
        let worse = match self.fail_on {
            Severity::Critical => "",
            _ => " or worse",
        };
        format!("{verb} {}{worse}", self.fail_on.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Outcome::{Fail, Pass, Unknown};
    use crate::report::samples;
    use Severity::{Critical, High, Info, Medium};

    #[test]
    fn the_table() {
        let gate = |fail_on, min_score, min_coverage| Gate {
            fail_on,
            min_score,
            min_coverage,
        };
        let high = Gate::default();
        for (name, gate, results, code) in [
            ("all well", high, vec![(Critical, Pass)], 0),
            ("nothing at all", high, vec![], 3),
            (
                "medium under high",
                high,
                vec![(High, Pass), (Medium, Fail)],
                0,
            ),
            ("high at high", high, vec![(High, Fail)], 1),
            ("critical above high", high, vec![(Critical, Fail)], 1),
            (
                "high under critical",
                gate(Critical, None, None),
                vec![(High, Fail)],
                0,
            ),
            (
                "info at info",
                gate(Info, None, None),
                vec![(Info, Fail)],
                1,
            ),
            ("half seen", high, vec![(High, Pass), (High, Unknown)], 0),
            (
                "less than half",
                high,
                vec![(High, Pass), (Critical, Unknown)],
                3,
            ),
            (
                "a failure comes first",
                high,
                vec![(High, Fail), (Critical, Unknown)],
                1,
            ),
            (
                "score met",
                gate(High, Some(66), None),
                vec![(High, Pass), (Medium, Fail)],
                0,
            ),
            (
                "score missed",
                gate(High, Some(67), None),
                vec![(High, Pass), (Medium, Fail)],
                1,
            ),
            (
                "low end counts",
                gate(High, Some(60), None),
                vec![(High, Pass), (High, Unknown)],
                1,
            ),
            (
                "coverage missed",
                gate(High, None, Some(51)),
                vec![(High, Pass), (High, Unknown)],
                1,
            ),
            (
                "coverage waved through",
                gate(High, None, Some(0)),
                vec![(High, Unknown)],
                0,
            ),
        ] {
            let exit = gate.judge(&samples::of_results(&results));
            assert_eq!(exit.code, code, "{name}: {}", exit.reason);
            assert!(!exit.reason.is_empty() && !exit.reason.contains('\n'));
        }
    }

    #[test]
    fn every_refusal_is_named() {
        let gate = Gate {
            fail_on: High,
            min_score: Some(80),
            min_coverage: Some(90),
        };
        let results = [(High, Fail), (Critical, Fail), (Medium, Unknown)];
        assert_eq!(
            gate.judge(&samples::of_results(&results)).reason,
            "2 failed checks are high or worse; the score may be as low as 0, below 80; coverage is 85 %, below 90 %"
        );
    }
}
