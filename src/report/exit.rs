//! The exit code, and why it is what it is. Looks only at the finished report; refuses to call a
//! host fine of which too little was seen.

use super::{Check, Outcome, Report, Standing};
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
            reason: format!("no failed check {}{}", self.severe(1), self.spared(report)),
        }
    }

    /// What would have been refused: silence about it would be mistaken for health.
    fn spared(&self, report: &Report) -> String {
        let limit = self.fail_on.into();
        let severe = |it: &&Check| it.outcome == Outcome::Fail && it.severity >= limit;
        let spared: Vec<&Check> = report.checks.iter().filter(severe).collect();
        let waived = spared.iter().filter(|it| it.waived.is_some()).count();
        let known = spared.len() - waived;
        match (waived, known) {
            (0, 0) => String::new(),
            (waived, 0) => format!(", apart from {waived} waived"),
            (0, known) => format!(", apart from {known} known from the baseline"),
            (waived, known) => {
                format!(", apart from {waived} waived and {known} known from the baseline")
            }
        }
    }

    fn refusals(&self, report: &Report) -> Vec<String> {
        let mut refusals = Vec::new();
        let count = |wanted: &dyn Fn(&Check) -> bool| {
            let limit = self.fail_on.into();
            let severe = |it: &&Check| it.severity >= limit && it.waived.is_none() && wanted(it);
            report.checks.iter().filter(severe).count()
        };
        let failed = count(&|it| it.outcome == Outcome::Fail && !it.is_known());
        if failed > 0 {
            let checks = if failed == 1 { "check" } else { "checks" };
            let severe = self.severe(failed);
            refusals.push(match report.baseline {
                None => format!("{failed} failed {checks} {severe}"),
                Some(_) => {
                    format!("{failed} failed {checks}, new or worse since the baseline, {severe}")
                }
            });
        }
        let dark =
            count(&|it| it.outcome == Outcome::Unknown && it.standing == Some(Standing::Worse));
        if dark > 0 {
            let checks = if dark == 1 { "check" } else { "checks" };
            refusals.push(format!(
                "{dark} {checks} passed in the baseline and cannot be judged now"
            ));
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
    fn what_is_waived_or_known_is_let_through_and_named() {
        use crate::report::{Standing, since};
        let gate = Gate::default();
        let mut waived = samples::of_results(&[(High, Fail), (High, Pass)]);
        waived.checks[0].waived = Some(crate::report::Waived {
            reason: "OPS-1".to_owned(),
            until: None,
            owner: None,
        });
        let exit = gate.judge(&waived);
        assert_eq!(exit.code, 0);
        assert_eq!(
            exit.reason,
            "no failed check is high or worse, apart from 1 waived"
        );

        let old = samples::of_results(&[(High, Fail), (Critical, Pass), (High, Pass)]);
        let judged = |results: &[_]| {
            let mut report = samples::of_results(results);
            since(&mut report, &old);
            gate.judge(&report)
        };
        let same = judged(&[(High, Fail), (Critical, Pass), (High, Pass)]);
        assert_eq!(same.code, 0);
        assert!(
            same.reason
                .ends_with("apart from 1 known from the baseline"),
            "{}",
            same.reason
        );
        assert_eq!(
            judged(&[(High, Pass), (Critical, Pass), (High, Pass)]).code,
            0
        );
        assert_eq!(
            judged(&[(Critical, Fail), (Critical, Pass), (High, Pass)]).code,
            1,
            "severer"
        );
        assert_eq!(
            judged(&[(High, Fail), (Critical, Fail), (High, Pass)]).code,
            1,
            "new"
        );
        let dark = judged(&[(High, Fail), (Critical, Pass), (High, Unknown)]);
        assert_eq!(dark.code, 1);
        assert_eq!(
            dark.reason,
            "1 check passed in the baseline and cannot be judged now"
        );
        let mut report = samples::of_results(&[(High, Fail)]);
        since(&mut report, &samples::of_results(&[]));
        assert_eq!(report.checks[0].standing, Some(Standing::New));
        assert_eq!(gate.judge(&report).code, 1);
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
