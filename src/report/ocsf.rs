//! The report as OCSF events of class Compliance Finding (2003), one for each check, as a JSON array.
//! Own structs, since no crate carries this class; names and numbers are those of OCSF 1.3.0.

use super::escape::escape;
use super::finding::place_of;
use super::openmetrics::seconds;
use super::{Check, Outcome, Report, Severity};
use serde::Serialize;
use serde_json::{Value, json};

/// Findings that one event lists as resources.
const RESOURCES: usize = 100;
const CLASS: u32 = 2003;

/// The report as an array of events, indented, with a newline at the end.
#[must_use]
pub fn ocsf(report: &Report) -> String {
    let events: Vec<Event<'_>> = report.checks.iter().map(|it| event(report, it)).collect();
    super::json::safe(&events)
}

#[derive(Serialize)]
struct Event<'a> {
    activity_id: u32,
    activity_name: &'static str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    severity_id: u32,
    severity: &'static str,
    status_id: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_detail: Option<String>,
    /// Milliseconds since 1970.
    time: i64,
    message: String,
    metadata: Metadata<'a>,
    finding_info: FindingInfo,
    compliance: Compliance<'a>,
    resources: Vec<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation>,
    unmapped: Value,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    product: Product<'a>,
    event_code: String,
    profiles: Vec<String>,
}

#[derive(Serialize)]
struct Product<'a> {
    name: &'a str,
    vendor_name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct FindingInfo {
    uid: String,
    title: String,
    desc: String,
    types: Vec<String>,
    created_time: i64,
}

#[derive(Serialize)]
struct Compliance<'a> {
    control: &'a str,
    standards: Vec<String>,
    requirements: Vec<String>,
    status_id: u32,
    status: &'static str,
}

#[derive(Serialize)]
struct Resource {
    uid: String,
    name: String,
    r#type: &'static str,
    data: Value,
}

#[derive(Serialize)]
struct Remediation {
    desc: String,
    references: Vec<String>,
}

fn event<'a>(report: &'a Report, check: &'a Check) -> Event<'a> {
    let time = seconds(&report.started).saturating_mul(1000);
    let (severity_id, severity) = severity(check.severity);
    let (status_id, status) = status(check);
    let waived = check
        .waived
        .as_ref()
        .map(|it| format!("waived {}", it.sentence()));
    let detail = waived.or_else(|| check.reason.clone());
    Event {
        activity_id: 1,
        activity_name: "Create",
        category_uid: 2,
        category_name: "Findings",
        class_uid: CLASS,
        class_name: "Compliance Finding",
        type_uid: CLASS * 100 + 1,
        type_name: "Compliance Finding: Create",
        severity_id,
        severity,
        status_id,
        status,
        status_detail: detail.map(|it| escape(&it).into_owned()),
        time,
        message: message(check),
        metadata: Metadata {
            version: "1.3.0",
            product: Product {
                name: &report.tool.name,
                vendor_name: &report.tool.name,
                version: &report.tool.version,
            },
            event_code: check.id.clone(),
            profiles: Vec::new(),
        },
        finding_info: FindingInfo {
            uid: format!("{}:{}", escape(&report.target.root), check.id),
            title: escape(&check.title).into_owned(),
            desc: escape(&check.why.replace('\n', " ")).into_owned(),
            types: vec![check.id.split('/').next().unwrap_or_default().to_owned()],
            created_time: time,
        },
        compliance: compliance(check),
        resources: resources(report, check),
        remediation: remediation(check),
        unmapped: json!({
            "outcome": check.outcome,
            "gain": check.gain,
            "evidence_total": check.evidence_total,
            "standing": check.standing,
            "waived": check.waived,
            "score": { "low": report.score.low, "high": report.score.high, "coverage": report.score.coverage },
        }),
    }
}

const fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

const fn status(check: &Check) -> (u32, &'static str) {
    match (check.outcome, &check.waived) {
        (Outcome::Fail, Some(_)) => (3, "Suppressed"),
        (Outcome::Fail | Outcome::Unknown, _) => (1, "New"),
        (Outcome::Pass | Outcome::NotApplicable, _) => (4, "Resolved"),
    }
}

fn message(check: &Check) -> String {
    let said = match check.outcome {
        Outcome::Fail => "failed",
        Outcome::Unknown => "could not be judged",
        Outcome::Pass => "passed",
        Outcome::NotApplicable => "does not apply",
    };
    escape(&format!("{} {said}: {}", check.id, check.title)).into_owned()
}

fn compliance(check: &Check) -> Compliance<'_> {
    let (status_id, status) = match check.outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::Fail => (3, "Fail"),
        Outcome::Unknown => (0, "Unknown"),
        Outcome::NotApplicable => (99, "Not applicable"),
    };
    let source = Some(&check.source).filter(|it| !it.is_empty());
    Compliance {
        control: &check.id,
        standards: source
            .into_iter()
            .map(|it| escape(it).into_owned())
            .collect(),
        requirements: check
            .refs
            .iter()
            .map(|it| escape(it).into_owned())
            .collect(),
        status_id,
        status,
    }
}

/// What was found; the install itself where nothing was.
fn resources(report: &Report, check: &Check) -> Vec<Resource> {
    let mut resources: Vec<Resource> = check
        .evidence
        .iter()
        .take(RESOURCES)
        .map(|piece| Resource {
            uid: piece.fingerprint.clone(),
            name: escape(&piece.subject).into_owned(),
            r#type: "finding",
            data: json!({
                "message": escape(&piece.message),
                "location": piece.location,
                "waived": piece.waived,
            }),
        })
        .collect();
    if resources.is_empty() {
        resources.push(Resource {
            uid: report.target.root.clone(),
            name: escape(&report.target.root).into_owned(),
            r#type: "install",
            data: json!({ "generation": report.target.generation }),
        });
    }
    resources
}

fn remediation(check: &Check) -> Option<Remediation> {
    if check.outcome != Outcome::Fail || check.fixes.is_empty() {
        return None;
    }
    let steps: Vec<String> = check
        .fixes
        .iter()
        .map(|fix| {
            let lines: Vec<_> = fix.run.lines().take(40).map(escape).collect();
            format!("Mend {}:\n{}", place_of(fix.kind), lines.join("\n"))
        })
        .collect();
    Some(Remediation {
        desc: steps.join("\n\n"),
        references: check
            .refs
            .iter()
            .filter(|it| it.starts_with("https://"))
            .map(|it| escape(it).into_owned())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn every_check_is_an_event_of_the_class() {
        let report = samples::with_waivers();
        let events: Value = serde_json::from_str(&ocsf(&report)).unwrap();
        let events = events.as_array().unwrap();
        assert_eq!(events.len(), report.checks.len());
        for (event, check) in events.iter().zip(&report.checks) {
            assert_eq!(event["class_uid"], 2003);
            assert_eq!(event["type_uid"], 200_301);
            assert_eq!(event["time"], 1_795_467_600_000_i64);
            assert_eq!(event["compliance"]["control"], check.id);
            let waived = check.waived.is_some();
            assert_eq!(event["status"] == "Suppressed", waived, "{}", check.id);
        }
        let of = |id: &str| {
            events
                .iter()
                .find(|it| it["compliance"]["control"] == id)
                .unwrap()
        };
        assert_eq!(of("web/admin-restricted")["compliance"]["status_id"], 0);
        assert_eq!(of("web/hsts-set")["compliance"]["status_id"], 3);
    }
}
