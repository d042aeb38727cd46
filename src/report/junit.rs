//! The report as JUnit XML: a suite for each area, a test case for each check. A failed check is a
//! failure, one that could not be judged an error, since a skipped test is how things vanish; what
//! does not apply and what is waived is skipped, with the reason.

use super::escape::escape;
use super::finding::place_of;
use super::{Check, Outcome, Report};
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// Findings that one failure lists.
const PIECES: usize = 100;

/// The report as JUnit XML, with a newline at the end.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut file = quick_junit::Report::new("deskguard");
    file.set_time(Duration::from_millis(report.duration_ms));
    let mut checks: Vec<&Check> = report.checks.iter().collect();
    checks.sort_by(|one, other| one.id.cmp(&other.id));
    for alike in checks.chunk_by(|one, other| area(one) == area(other)) {
        let name = alike.first().map_or("", |check| area(check));
        let mut suite = TestSuite::new(format!("deskguard.{}", escape(name)));
        suite.add_property(Property::new("started", report.started.as_str()));
        suite.add_property(Property::new("root", &*escape(&report.target.root)));
        suite.add_property(Property::new("score.low", report.score.low.to_string()));
        suite.add_property(Property::new("score.high", report.score.high.to_string()));
        suite.add_property(Property::new("coverage", report.score.coverage.to_string()));
        for check in alike {
            suite.add_test_case(case(check));
        }
        file.add_test_suite(suite);
    }
    let mut text = file.to_string().unwrap_or_default();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn area(check: &Check) -> &str {
    check.id.split('/').next().unwrap_or_default()
}

fn case(check: &Check) -> TestCase {
    let title = escape(&check.title);
    let reason = check.reason.as_deref().unwrap_or("no reason is known");
    let status = match (check.outcome, &check.waived) {
        (Outcome::Pass, _) => TestCaseStatus::success(),
        (Outcome::NotApplicable, _) => skipped(reason),
        (Outcome::Fail, Some(waived)) => skipped(&format!("waived {}", waived.sentence())),
        (Outcome::Fail, None) => {
            let message = format!("failed: {title}");
            wrong(
                NonSuccessKind::Failure,
                check.severity.word(),
                &message,
                &detail(check),
            )
        }
        (Outcome::Unknown, _) => {
            let message = format!("could not be judged: {}", escape(reason));
            wrong(
                NonSuccessKind::Error,
                "unknown",
                &message,
                &format!("Wanted: {title}"),
            )
        }
    };
    let mut case = TestCase::new(escape(&check.id).into_owned(), status);
    case.set_classname(format!("deskguard.{}", escape(area(check))));
    case.set_time(Duration::ZERO);
    case.add_property(Property::new("severity", check.severity.word()));
    case
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(&*escape(reason));
    status
}

fn wrong(kind: NonSuccessKind, word: &str, message: &str, detail: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word);
    status.set_message(message);
    status.set_description(detail);
    status
}

fn detail(check: &Check) -> String {
    let mut lines = Vec::new();
    for piece in check.evidence.iter().take(PIECES) {
        let place = piece.location.as_ref().map_or_else(
            || piece.subject.clone(),
            |place| match place.line {
                Some(line) => format!("{}:{line}", place.path),
                None => place.path.clone(),
            },
        );
        let waived = if piece.waived { " (waived)" } else { "" };
        lines.push(escape(&format!("{place}: {}{waived}", piece.message)).into_owned());
    }
    if check.evidence.len() > PIECES {
        lines.push(format!("and {} more", check.evidence.len() - PIECES));
    }
    for fix in &check.fixes {
        lines.push(String::new());
        lines.push(format!("Mend {}:", place_of(fix.kind)));
        lines.extend(fix.run.lines().take(40).map(|it| escape(it).into_owned()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn outcomes_are_told_apart_and_control_characters_are_gone() {
        let text = junit(&samples::with_waivers());
        assert_eq!(text.matches("<failure ").count(), 1, "{text}");
        assert_eq!(text.matches("<error ").count(), 1, "{text}");
        assert_eq!(text.matches("<skipped ").count(), 2, "{text}");
        assert!(text.contains("waived until 2027-03-31"), "{text}");
        for (name, report) in samples::all() {
            let text = junit(&report);
            let hazard = |c: char| c != '\n' && c != '\t' && super::super::escape::is_hazard(c);
            assert!(!text.contains(hazard), "{name}");
            assert!(text.ends_with(">\n"), "{name}");
        }
    }
}
