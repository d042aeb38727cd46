//! One check as the page shows it: what was found, why it matters, how to mend it. Long lists are
//! folded, and what is left out is counted.

use super::super::escape::{escape, escape_script};
use super::super::finding::{place_of, risk_of};
use super::super::identity::stands_for;
use super::super::markdown::clip;
use super::super::{Check, Evidence, Fix, Kind, Outcome, Report, Standing};
use serde::Serialize;

/// Findings of a check that are shown before the rest is folded.
const OPEN: usize = 10;
/// Findings of a check that are shown at all.
const PIECES: usize = 1000;
/// Lines of one script.
const LINES: usize = 500;
/// Characters of one foreign text.
const CHARACTERS: usize = 2000;

#[derive(Serialize)]
pub(super) struct CheckView {
    class: &'static str,
    area: usize,
    anchor: String,
    severity: &'static str,
    outcome: &'static str,
    id: String,
    title: String,
    waived: Option<String>,
    standing: Option<&'static str>,
    reason: Option<String>,
    gain: Option<String>,
    evidence: Vec<Piece>,
    folded: Vec<Piece>,
    more: Option<String>,
    why: Vec<Part>,
    fixes: Vec<FixView>,
    refs: Vec<Reference>,
}

/// A paragraph, or a list.
#[derive(Serialize, Default)]
struct Part {
    text: String,
    items: Vec<String>,
}

#[derive(Serialize)]
struct Piece {
    anchor: String,
    message: String,
    place: Option<String>,
    waived: bool,
}

#[derive(Serialize)]
struct FixView {
    place: &'static str,
    risk: &'static str,
    manual: bool,
    run: String,
    check: Option<String>,
}

#[derive(Serialize)]
struct Reference {
    text: String,
    link: Option<String>,
}

/// A foreign text, safe to show and of bearable length.
pub(super) fn shown(text: &str) -> String {
    let text = escape(text);
    clip(&text, CHARACTERS)
}

pub(super) fn area_of(check: &Check) -> &str {
    check.id.split('/').next().unwrap_or_default()
}

pub(super) const fn class_of(check: &Check) -> (&'static str, &'static str) {
    match (check.outcome, &check.waived) {
        (Outcome::Fail, None) => ("fail", "failed"),
        (Outcome::Fail, Some(_)) => ("waived", "failed, waived"),
        (Outcome::Unknown, _) => ("unknown", "unknown"),
        (Outcome::Pass, _) => ("pass", "passed"),
        (Outcome::NotApplicable, _) => ("not-applicable", "not applicable"),
    }
}

/// An id as the name of a place on the page: `files/config-private` is `files--config-private`.
pub(in super::super) fn anchor(id: &str) -> String {
    let usual = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name: String = id
        .replace('/', "--")
        .chars()
        .map(|c| if usual(c) { c } else { '-' })
        .collect();
    format!("check-{name}")
}

pub(super) fn check_view(report: &Report, areas: &[&str], check: &Check) -> CheckView {
    let (class, outcome) = class_of(check);
    let anchor = anchor(&check.id);
    let wanted = matches!(check.outcome, Outcome::Fail | Outcome::Unknown);
    let mut pieces: Vec<Piece> = check
        .evidence
        .iter()
        .take(PIECES)
        .map(|it| piece(&anchor, &report.target.root, it))
        .collect();
    let folded = pieces.split_off(pieces.len().min(OPEN));
    let area = shown(area_of(check));
    CheckView {
        class,
        area: areas
            .iter()
            .position(|it| *it == area)
            .map_or(0, |at| at + 1),
        severity: check.severity.word(),
        outcome,
        id: shown(&check.id),
        title: shown(&check.title),
        waived: check.waived.as_ref().map(|it| shown(&it.sentence())),
        standing: check.standing.map(standing),
        reason: check.reason.as_deref().map(shown),
        gain: (check.gain > 0 && check.outcome == Outcome::Fail).then(|| gain(check.gain)),
        evidence: pieces,
        folded,
        more: more(check),
        why: if wanted {
            paragraphs(&check.why)
        } else {
            Vec::new()
        },
        fixes: check.fixes.iter().map(fix_view).collect(),
        refs: if wanted {
            references(check)
        } else {
            Vec::new()
        },
        anchor,
    }
}

fn gain(points: u8) -> String {
    match points {
        1 => "Mending it gains 1 point.".to_owned(),
        points => format!("Mending it gains {points} points."),
    }
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "New since the baseline.",
        Standing::Worse => "Worse than in the baseline.",
        Standing::Known => "Known from the baseline.",
    }
}

fn more(check: &Check) -> Option<String> {
    let listed: u64 = check.evidence.iter().map(stands_for).sum();
    let unlisted = check.evidence_total.saturating_sub(listed);
    let cut = check.evidence.len().saturating_sub(PIECES);
    match (cut, unlisted) {
        (0, 0) => None,
        (0, more) => Some(format!("And {more} more that nobody listed.")),
        (cut, 0) => Some(format!("And {cut} more, in the JSON report.")),
        (cut, more) => Some(format!(
            "And {cut} more, in the JSON report, and {more} that nobody listed."
        )),
    }
}

fn piece(check: &str, root: &str, evidence: &Evidence) -> Piece {
    let said = |text: &str| text.is_empty() || text == root || evidence.message.contains(text);
    let place = evidence.location.as_ref().map(|place| match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    });
    let path = evidence.location.as_ref().map(|place| place.path.as_str());
    let mut places: Vec<String> = Vec::new();
    if !said(&evidence.subject) && path != Some(evidence.subject.as_str()) {
        places.push(evidence.subject.clone());
    }
    places.extend(place.filter(|place| !said(place)));
    Piece {
        anchor: format!("{check}-{}", evidence.fingerprint),
        message: shown(&evidence.message),
        place: (!places.is_empty()).then(|| shown(&places.join(", "))),
        waived: evidence.waived,
    }
}

/// What an author wrote: paragraphs, and lists of lines that begin with a hyphen.
fn paragraphs(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for block in text.split("\n\n") {
        let mut fresh = true;
        for line in block.lines().map(str::trim).filter(|it| !it.is_empty()) {
            let item = line.strip_prefix("- ");
            match (item, parts.last_mut()) {
                (Some(item), Some(part)) if !part.items.is_empty() => part.items.push(shown(item)),
                (Some(item), _) => parts.push(Part {
                    items: vec![shown(item)],
                    ..Part::default()
                }),
                (None, Some(part)) if !fresh => part.go_on(&shown(line)),
                (None, _) => parts.push(Part {
                    text: shown(line),
                    ..Part::default()
                }),
            }
            fresh = false;
        }
    }
    parts
}

impl Part {
    fn go_on(&mut self, line: &str) {
        let open = self.items.last_mut().unwrap_or(&mut self.text);
        open.push(' ');
        open.push_str(line);
    }
}

fn fix_view(fix: &Fix) -> FixView {
    let manual = fix.kind == Kind::Manual;
    let script = |text: &str| {
        let lines: Vec<_> = text
            .trim_end()
            .lines()
            .take(LINES)
            .map(escape_script)
            .collect();
        let more = text.trim_end().lines().count().saturating_sub(LINES);
        match more {
            0 => lines.join("\n"),
            more => format!(
                "{}\n# {more} more lines, in the JSON report",
                lines.join("\n")
            ),
        }
    };
    FixView {
        place: place_of(fix.kind),
        risk: risk_of(fix.risk),
        manual,
        run: if manual {
            shown(&fix.run.replace('\n', " "))
        } else {
            script(&fix.run)
        },
        check: fix.check.as_deref().map(script),
    }
}

fn references(check: &Check) -> Vec<Reference> {
    let source = Some(&check.source).filter(|it| !it.is_empty());
    source
        .into_iter()
        .chain(&check.refs)
        .map(|text| Reference {
            text: shown(text),
            link: text
                .starts_with("https://")
                .then(|| text.clone())
                .filter(|it| it.chars().all(|c| c.is_ascii_graphic())),
        })
        .collect()
}
