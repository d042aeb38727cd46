//! The report as metrics for node_exporter's textfile collector: OpenMetrics that Prometheus' older
//! text form reads as well, so gauges only. Every series names the install's root, since a host may
//! have several. Refuses to put a finding's text into a label: names must stay few.

use super::escape::escape;
use super::summary::{SEVERITIES, number};
use super::{Outcome, Report, WaiverFate};
use std::fmt::Write as _;

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Fail, "fail"),
    (Outcome::Unknown, "unknown"),
    (Outcome::Pass, "pass"),
    (Outcome::NotApplicable, "not-applicable"),
];

/// The report as metrics, `# EOF` last.
#[must_use]
pub fn openmetrics(report: &Report) -> String {
    let mut sheet = Sheet::new(&report.target.root);
    score(&mut sheet, report);
    checks(&mut sheet, report);
    waivers(&mut sheet, report);
    run(&mut sheet, report);
    sheet.text.push_str("# EOF\n");
    sheet.text
}

struct Sheet {
    text: String,
    root: String,
    name: &'static str,
}

impl Sheet {
    fn new(root: &str) -> Self {
        Self {
            text: String::new(),
            root: label(root),
            name: "",
        }
    }

    fn metric(&mut self, name: &'static str, help: &str) {
        self.name = name;
        // Writing to a string cannot fail.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    fn value(&mut self, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let _ = write!(self.text, "{}{{root=\"{}\"", self.name, self.root);
        for (name, text) in labels {
            let _ = write!(self.text, ",{name}=\"{}\"", label(text));
        }
        let _ = writeln!(self.text, "}} {value}");
    }
}

/// A label's value, quoted for the format.
fn label(text: &str) -> String {
    escape(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn score(sheet: &mut Sheet, report: &Report) {
    sheet.metric(
        "deskguard_score",
        "Points of 100: at the low end unknown checks count as failed, at the high end as passed.",
    );
    sheet.value(&[("end", "low")], report.score.low);
    sheet.value(&[("end", "high")], report.score.high);
    sheet.metric(
        "deskguard_coverage_ratio",
        "Weight of the checks that could be judged out of those that apply.",
    );
    let coverage = report.score.coverage;
    sheet.value(&[], format!("{}.{:02}", coverage / 100, coverage % 100));
}

fn checks(sheet: &mut Sheet, report: &Report) {
    sheet.metric("deskguard_checks", "Checks by severity and outcome.");
    for severity in SEVERITIES {
        for (outcome, word) in OUTCOMES {
            let labels = [("severity", severity.word()), ("outcome", word)];
            sheet.value(&labels, number(report, outcome, severity));
        }
    }
    let mut sorted: Vec<_> = report.checks.iter().collect();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    if sorted.is_empty() {
        return;
    }
    sheet.metric(
        "deskguard_check_outcome",
        "What a check came to: 1 for the outcome that holds, 0 for the others.",
    );
    for check in &sorted {
        for (outcome, word) in OUTCOMES {
            let labels = [
                ("check", check.id.as_str()),
                ("severity", check.severity.word()),
                ("outcome", word),
            ];
            sheet.value(&labels, u8::from(check.outcome == outcome));
        }
    }
    sheet.metric(
        "deskguard_check_waived",
        "Whether a failed check is waived.",
    );
    for check in &sorted {
        let labels = [("check", check.id.as_str())];
        sheet.value(&labels, u8::from(check.waived.is_some()));
    }
    sheet.metric(
        "deskguard_check_findings",
        "How many things the evidence of a check stands for.",
    );
    for check in &sorted {
        sheet.value(&[("check", check.id.as_str())], check.evidence_total);
    }
}

fn waivers(sheet: &mut Sheet, report: &Report) {
    sheet.metric("deskguard_waivers", "Waivers by what became of them.");
    for fate in [
        WaiverFate::Used,
        WaiverFate::Expired,
        WaiverFate::Void,
        WaiverFate::Unused,
        WaiverFate::Undecided,
    ] {
        let count = report.waivers.iter().filter(|it| it.state == fate).count();
        sheet.value(&[("state", fate.word())], count);
    }
    let ends = report
        .waivers
        .iter()
        .filter(|it| it.state == WaiverFate::Used);
    let Some(soonest) = ends.filter_map(|it| end(it.until.as_deref()?)).min() else {
        return;
    };
    sheet.metric(
        "deskguard_waiver_expiry_timestamp_seconds",
        "When the next waiver in use ends.",
    );
    sheet.value(&[], soonest);
}

/// The end of a waiver's last day in UTC.
fn end(last_day: &str) -> Option<i64> {
    let day: jiff::civil::Date = last_day.parse().ok()?;
    let end = format!("{}T00:00:00Z", day.tomorrow().ok()?);
    Some(seconds(&end))
}

fn run(sheet: &mut Sheet, report: &Report) {
    sheet.metric(
        "deskguard_run_timestamp_seconds",
        "When the audit began; time() minus this is the age of the figures.",
    );
    sheet.value(&[], seconds(&report.started));
    sheet.metric(
        "deskguard_facts_timestamp_seconds",
        "When the facts were collected.",
    );
    sheet.value(&[], seconds(&report.facts.collected));
    sheet.metric("deskguard_run_duration_seconds", "How long the audit took.");
    let ms = report.duration_ms;
    sheet.value(&[], format!("{}.{:03}", ms / 1000, ms % 1000));
    sheet.metric("deskguard_build", "Which program judged, and by what.");
    let labels = [
        ("version", report.tool.version.as_str()),
        ("profile", report.profile.as_str()),
    ];
    sheet.value(&labels, 1);
}

/// Seconds since 1970 of an RFC 3339 time; 0 for what is none.
pub(super) fn seconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>()
        .map_or(0, jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn figures_and_states() {
        let text = openmetrics(&samples::with_waivers());
        let root = "root=\"/var/www/deskpro\"";
        for line in [
            format!("deskguard_score{{{root},end=\"low\"}} 64\n"),
            format!("deskguard_coverage_ratio{{{root}}} 0.85\n"),
            format!("deskguard_check_waived{{{root},check=\"web/hsts-set\"}} 1\n"),
            format!("deskguard_waivers{{{root},state=\"expired\"}} 1\n"),
            format!("deskguard_waiver_expiry_timestamp_seconds{{{root}}} 1806537600\n"),
            format!("deskguard_run_timestamp_seconds{{{root}}} 1795467600\n"),
            format!("deskguard_run_duration_seconds{{{root}}} 0.312\n"),
        ] {
            assert!(text.contains(&line), "{line} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn a_hostile_root_stays_in_its_label() {
        let mut report = samples::clean();
        report.target.root = "/a\"} 1\nevil 2\\".to_owned();
        let text = openmetrics(&report);
        assert!(
            text.contains("{root=\"/a\\\"} 1\\\\nevil 2\\\\\""),
            "{text}"
        );
        assert!(!text.contains("\nevil"));
    }
}
