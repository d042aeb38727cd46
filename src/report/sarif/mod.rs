//! The report as SARIF 2.1.0, for code scanning and its viewers. A failed check gives one result for
//! each finding, a check that could not be judged one result of kind `open`; checks that pass are
//! rules without results. Every result has an artifact location, since readers drop whole files
//! that lack one. Waived results are suppressions.

mod form;

use super::escape::escape;
use super::identity::stands_for;
use super::markdown::{language, paragraph};
use super::{Check, Evidence, Fix, Kind, Outcome, Report, Severity, Waived};
use form::{
    ArtifactLocation, Descriptor, Driver, Invocation, Log, LogicalLocation, Message, Notification,
    Physical, Place, Properties, Region, Results, Run, Suppression, Tool,
};
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

fn rule(check: &Check) -> Descriptor {
    let (_, name) = check.id.split_once('/').unwrap_or(("", &check.id));
    Descriptor {
        id: escape(&check.id).into_owned(),
        name: pascal(name),
        deprecated_ids: check.aliases.clone(),
        short_description: Message::sentence(&check.title),
        full_description: Message::sentence(&one_line(&check.why, &check.title)),
        help_uri: check.refs.iter().find(|it| is_link(it)).cloned(),
        help: Message {
            text: help_text(check),
            markdown: Some(help_markdown(check)),
        },
        default_configuration: form::Configuration {
            level: level(check.severity),
        },
        properties: Properties {
            tags: tags(check),
            precision: "very-high",
            severity: match check.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium | Severity::Low => "warning",
                Severity::Info => "recommendation",
            },
            security_severity: match check.severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.5",
                Severity::Info => "0.5",
            },
        },
    }
}

fn is_link(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
    text.starts_with("https://") && text.chars().all(plain)
}

fn one_line(text: &str, otherwise: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return otherwise.to_owned();
    }
    words.join(" ")
}

fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars().filter(char::is_ascii_alphanumeric);
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let name: String = name.split('-').map(word).collect();
    if name.is_empty() {
        "Check".to_owned()
    } else {
        name
    }
}

/// `security`, the area, and CWE numbers as code scanning spells them.
fn tags(check: &Check) -> Vec<String> {
    const MOST: usize = 10;
    let mut tags = vec!["security".to_owned()];
    tags.extend(
        check
            .id
            .split_once('/')
            .map(|(area, _)| escape(area).into_owned()),
    );
    for reference in &check.refs {
        match reference.strip_prefix("CWE-") {
            Some(number) if number.bytes().all(|it| it.is_ascii_digit()) => {
                tags.push(format!("external/cwe/cwe-{number}"));
            }
            _ if is_link(reference) => {}
            _ => tags.push(escape(reference).into_owned()),
        }
    }
    tags.truncate(MOST);
    tags
}

fn help_text(check: &Check) -> String {
    let mut text = format!("Wanted: {}.\n\n{}\n", check.title, check.why.trim());
    for fix in &check.fixes {
        text.push_str(&format!(
            "\nMend {} ({}):\n{}\n",
            super::finding::place_of(fix.kind),
            super::finding::risk_of(fix.risk),
            shown(fix)
        ));
    }
    lines(&text)
}

fn help_markdown(check: &Check) -> String {
    let mut text = format!("{}\n", paragraph(&check.title));
    for part in check.why.split("\n\n").filter(|it| !it.trim().is_empty()) {
        text.push_str(&format!("\n{}\n", paragraph(part)));
    }
    for fix in &check.fixes {
        text.push_str(&format!(
            "\n**Mend** {} ({}):\n\n",
            super::finding::place_of(fix.kind),
            super::finding::risk_of(fix.risk)
        ));
        match fix.kind {
            Kind::Manual => text.push_str(&format!("{}\n", paragraph(&fix.run))),
            kind => text.push_str(&super::markdown::block(language(kind), 0, &shown(fix))),
        }
    }
    if !check.refs.is_empty() {
        let refs: Vec<String> = check.refs.iter().map(|it| paragraph(it)).collect();
        text.push_str(&format!("\nReferences: {}\n", refs.join(" · ")));
    }
    text
}

/// A step; one of more lines is cut to its beginning, which is said.
fn shown(fix: &Fix) -> String {
    const LINES: usize = 40;
    let total = fix.run.trim_end().lines().count();
    if total <= LINES {
        return fix.run.trim_end().to_owned();
    }
    let first: Vec<&str> = fix.run.lines().take(LINES).collect();
    format!(
        "{}\n# {} more lines; the JSON report holds them all",
        first.join("\n"),
        total - LINES
    )
}

/// A text of several lines, each made safe.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(super::escape::escape_script).collect();
    lines.join("\n")
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

fn place(report: &Report, piece: &Evidence) -> Place {
    let location = piece.location.as_ref();
    let path = location.map(|it| it.path.as_str());
    let subject_is_path = piece
        .subject
        .starts_with('/')
        .then_some(piece.subject.as_str());
    let path = path.or(subject_is_path).unwrap_or_else(|| fallback(report));
    let logical = (!piece.subject.is_empty() && piece.subject != path).then(|| LogicalLocation {
        fully_qualified_name: escape(&piece.subject).into_owned(),
        kind: "resource",
    });
    Place {
        physical_location: Physical {
            artifact_location: artifact(report, path),
            region: region(location.and_then(|it| it.line)),
        },
        logical_locations: logical.into_iter().collect(),
    }
}

/// Readers want a line even for a finding about a whole file or a directory: then it is the first.
fn region(line: Option<u32>) -> Region {
    Region {
        start_line: line.unwrap_or(1),
    }
}

/// What a finding without a place is about: the product's configuration, or the install.
fn fallback(report: &Report) -> &str {
    report
        .target
        .config_file
        .as_deref()
        .unwrap_or(&report.target.root)
}

fn artifact(report: &Report, path: &str) -> ArtifactLocation {
    let root = report.target.root.trim_end_matches('/');
    let below = path
        .strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'));
    match below.filter(|rest| !rest.is_empty()) {
        Some(rest) => ArtifactLocation {
            uri: encode(rest.trim_start_matches('/')),
            uri_base_id: Some(ROOT),
        },
        None => ArtifactLocation {
            uri: file_uri(path),
            uri_base_id: None,
        },
    }
}

fn file_uri(path: &str) -> String {
    format!("file:///{}", encode(path.trim_start_matches('/')))
}

/// A path as part of a URI: everything but unreserved characters and slashes in per cent notation
/// (RFC 3986, section 2.3).
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests;
