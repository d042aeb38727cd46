//! The report as SARIF 2.1.0, for code scanning and its viewers. A failed check gives one result for
//! each finding, a check that could not be judged one result of kind `open`; checks that pass are
//! rules without results. Every result has an artifact location, since readers drop whole files
//! that lack one. Waived results are suppressions.

mod form;
mod place;
mod rule;

use super::escape::escape;
use super::identity::stands_for;
use super::{Check, Evidence, Outcome, Report, Severity, Waived};
use form::{
    ArtifactLocation, Driver, Invocation, Log, Message, Notification, Physical, Place, Results,
    Run, Suppression, Tool,
};
use place::{artifact, fallback, file_uri, place, region};
use rule::rule;
use serde_json::json;
use std::collections::BTreeMap;

/// Readers refuse files with more results than this.
pub const MOST_RESULTS: usize = 25_000;
/// The base that places below the install's root are relative to.
const ROOT: &str = "ROOT";

/// The report as SARIF, indented, with a newline at the end.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let mut results = Vec::new();
    let mut left = 0;
    for (index, check) in report.checks.iter().enumerate() {
        for result in results_of(report, index, check) {
            if results.len() < MOST_RESULTS {
                results.push(result);
            } else {
                left += 1;
            }
        }
    }
    super::json::safe(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: driver(report),
            },
            column_kind: "unicodeCodePoints",
            invocations: vec![invocation(report, left)],
            original_uri_base_ids: BTreeMap::from([(ROOT, root_base(report))]),
            results,
            properties: json!({
                "score": report.score,
                "target": report.target,
                "profile": report.profile,
                "waivers": report.waivers,
                "baseline": report.baseline,
            }),
        }],
    })
}

fn driver(report: &Report) -> Driver {
    Driver {
        name: report.tool.name.clone(),
        version: report.tool.version.clone(),
        semantic_version: report.tool.version.clone(),
        rules: report.checks.iter().map(rule).collect(),
    }
}

fn invocation(report: &Report, left: usize) -> Invocation {
    let mut notifications: Vec<Notification> = Vec::new();
    if left > 0 {
        let text = format!(
            "{left} results are left out, because readers take no more than {MOST_RESULTS}; the JSON report holds all."
        );
        notifications.push(Notification::warning(&text));
    }
    for state in report.waivers.iter().filter(|it| it.wants_attention()) {
        let text = format!("waiver for {}: {}.", state.check, state.note);
        notifications.push(Notification::warning(&escape(&text)));
    }
    for sentence in &report.assumptions {
        notifications.push(Notification::note(&escape(sentence)));
    }
    Invocation {
        execution_successful: true,
        start_time_utc: report.started.clone(),
        tool_execution_notifications: notifications,
    }
}

fn root_base(report: &Report) -> ArtifactLocation {
    let mut uri = file_uri(&report.target.root);
    if !uri.ends_with('/') {
        uri.push('/');
    }
    ArtifactLocation {
        uri,
        uri_base_id: None,
    }
}

fn results_of<'a>(
    report: &'a Report,
    index: usize,
    check: &'a Check,
) -> Box<dyn Iterator<Item = Results> + 'a> {
    match check.outcome {
        Outcome::Fail => Box::new(
            check
                .evidence
                .iter()
                .map(move |piece| failed(report, index, check, piece)),
        ),
        Outcome::Unknown => Box::new(std::iter::once(open(report, index, check))),
        Outcome::Pass | Outcome::NotApplicable => Box::new(std::iter::empty()),
    }
}

fn failed(report: &Report, index: usize, check: &Check, piece: &Evidence) -> Results {
    let waived = piece.waived.then(|| waiver_of(report, check));
    Results {
        rule_id: escape(&check.id).into_owned(),
        rule_index: index,
        kind: "fail",
        level: level(check.severity),
        message: Message::sentence(&piece.message),
        locations: vec![place(report, piece)],
        partial_fingerprints: BTreeMap::from([("deskguardFinding/v1", piece.fingerprint.clone())]),
        suppressions: waived.map(|waived| {
            vec![Suppression {
                kind: "external",
                status: "accepted",
                justification: escape(&waived.sentence()).into_owned(),
            }]
        }),
        properties: json!({
            "severity": check.severity,
            "standsFor": stands_for(piece),
            "standing": check.standing,
        }),
    }
}

/// The check's own waiver, or, where only some of its findings are waived, those that are in use.
fn waiver_of(report: &Report, check: &Check) -> Waived {
    check.waived.clone().unwrap_or_else(|| {
        let named = |it: &&super::WaiverState| {
            it.state == super::WaiverFate::Used
                && (it.check == check.id || check.aliases.contains(&it.check))
        };
        let reasons: Vec<&str> = report
            .waivers
            .iter()
            .filter(named)
            .map(|it| it.reason.as_str())
            .collect();
        Waived {
            reason: reasons.join("; "),
            until: report
                .waivers
                .iter()
                .filter(named)
                .filter_map(|it| it.until.clone())
                .min(),
            owner: None,
        }
    })
}

fn open(report: &Report, index: usize, check: &Check) -> Results {
    let reason = check.reason.as_deref().unwrap_or("no reason is known");
    let text = format!(
        "It could not be judged whether this holds: {} ({reason})",
        check.title
    );
    Results {
        rule_id: escape(&check.id).into_owned(),
        rule_index: index,
        kind: "open",
        level: "none",
        message: Message::sentence(&text),
        locations: vec![Place {
            physical_location: Physical {
                artifact_location: artifact(report, fallback(report)),
                region: region(None),
            },
            logical_locations: Vec::new(),
        }],
        partial_fingerprints: BTreeMap::from([("deskguardFinding/v1", "unknown".to_owned())]),
        suppressions: None,
        properties: json!({ "severity": check.severity, "standing": check.standing }),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests;
