//! What the page shows, as texts that are safe to show and classes that are ours.

use super::super::escape::{escape, escape_script};
use super::super::finding::{place_of, risk_of};
use super::super::identity::stands_for;
use super::super::summary::{SEVERITIES, caps, points};
use super::super::{
    BaselineMark, Check, Evidence, Exit, Fix, Kind, Outcome, Report, Severity, Standing,
};
use serde::Serialize;

/// Findings of a check that are shown before the rest is folded.
const OPEN: usize = 10;
/// Findings of a check that are shown at all.
const PIECES: usize = 1000;
/// Characters of one foreign text.
const CHARACTERS: usize = 2000;
/// Lines of one script.
const LINES: usize = 500;

/// The whole page.
#[derive(Serialize)]
pub(super) struct View<'a> {
    style: Safe,
    root: String,
    generation: String,
    web_users: String,
    cron_users: String,
    profile: String,
    started: String,
    collected: Option<String>,
    tool: String,
    target_unknown: Vec<String>,
    exit: Verdict,
    points: String,
    points_spoken: String,
    low: u8,
    high: u8,
    coverage: u8,
    caps: Vec<String>,
    baseline: Option<&'a BaselineMark>,
    counts: Vec<Row>,
    waivers: Vec<WaiverRow>,
    outcomes: Vec<OutcomeBox>,
    areas: Vec<Area>,
    checks: Vec<CheckView>,
    assumptions: Vec<String>,
    catalogue: usize,
    fingerprint: String,
    formula: u32,
    sha256: String,
}

/// The style sheet, which is ours and not escaped.
type Safe = minijinja::Value;

#[derive(Serialize)]
struct Verdict {
    class: String,
    word: &'static str,
    reason: String,
    code: u8,
}

#[derive(Serialize)]
struct Row {
    word: &'static str,
    figures: [usize; 5],
}

#[derive(Serialize)]
struct WaiverRow {
    class: &'static str,
    state: &'static str,
    check: String,
    link: Option<String>,
    reason: String,
    owner: Option<String>,
    note: String,
}

#[derive(Serialize)]
struct OutcomeBox {
    class: &'static str,
    label: &'static str,
    count: usize,
    shown: bool,
}

#[derive(Serialize)]
struct Area {
    name: String,
    count: usize,
}

#[derive(Serialize)]
struct CheckView {
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
    why: Vec<String>,
    fixes: Vec<FixView>,
    refs: Vec<Reference>,
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

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report, exit: &Exit) -> Self {
        let areas = areas(report);
        let names = |names: &[String]| match names {
            [] => "unknown".to_owned(),
            names => shown(&names.join(", ")),
        };
        let score = &report.score;
        let live = report.facts.collected == report.started;
        Self {
            style: minijinja::Value::from_safe_string(include_str!("style.css").to_owned()),
            root: shown(&report.target.root),
            generation: shown(
                report
                    .target
                    .generation
                    .as_deref()
                    .unwrap_or("generation unknown"),
            ),
            web_users: names(&report.target.web_users),
            cron_users: names(&report.target.cron_users),
            profile: shown(&report.profile),
            started: shown(&report.started),
            collected: (!live).then(|| shown(&report.facts.collected)),
            tool: shown(&format!("{} {}", report.tool.name, report.tool.version)),
            target_unknown: report.target.unknown.iter().map(|it| shown(it)).collect(),
            exit: Verdict::new(exit),
            points: points(score).replace("..", "–"),
            points_spoken: points(score).replace("..", " to "),
            low: score.low,
            high: score.high.max(score.low),
            coverage: score.coverage,
            caps: caps(report),
            baseline: report.baseline.as_ref(),
            counts: SEVERITIES.iter().map(|it| row(report, *it)).collect(),
            waivers: waivers(report),
            outcomes: outcomes(report),
            checks: order(report)
                .map(|it| check_view(report, &areas, it))
                .collect(),
            areas,
            assumptions: report.assumptions.iter().map(|it| shown(it)).collect(),
            catalogue: report.tool.catalogue.checks,
            fingerprint: shown(&report.tool.catalogue.fingerprint),
            formula: score.formula,
            sha256: shown(&report.facts.sha256),
        }
    }
}

impl Verdict {
    fn new(exit: &Exit) -> Self {
        Self {
            class: exit.code.to_string(),
            word: match exit.code {
                0 => "Accepted:",
                1 => "Refused:",
                _ => "Too little known:",
            },
            reason: shown(&exit.reason),
            code: exit.code,
        }
    }
}

/// A foreign text, safe to show and of bearable length.
fn shown(text: &str) -> String {
    let text = escape(text);
    super::super::markdown::clip(&text, CHARACTERS)
}

/// Failures that count stand before those that are waived.
fn order(report: &Report) -> impl Iterator<Item = &Check> {
    let waived = |it: &&Check| it.outcome == Outcome::Fail && it.waived.is_some();
    let failed = |it: &&Check| it.outcome == Outcome::Fail && it.waived.is_none();
    let unknown = |it: &&Check| it.outcome == Outcome::Unknown;
    let rest = |it: &&Check| matches!(it.outcome, Outcome::Pass | Outcome::NotApplicable);
    let checks = &report.checks;
    checks
        .iter()
        .filter(failed)
        .chain(checks.iter().filter(unknown))
        .chain(checks.iter().filter(waived))
        .chain(checks.iter().filter(rest))
}

fn area_of(check: &Check) -> &str {
    check.id.split('/').next().unwrap_or_default()
}

fn areas(report: &Report) -> Vec<Area> {
    let mut names: Vec<&str> = report.checks.iter().map(area_of).collect();
    names.sort_unstable();
    names
        .chunk_by(|one, other| one == other)
        .map(|alike| Area {
            name: shown(alike.first().copied().unwrap_or_default()),
            count: alike.len(),
        })
        .collect()
}

fn row(report: &Report, severity: Severity) -> Row {
    let count = |class: &str| {
        let like = |it: &&Check| it.severity == severity && class_of(it).0 == class;
        report.checks.iter().filter(like).count()
    };
    Row {
        word: severity.word(),
        figures: ["fail", "waived", "unknown", "pass", "not-applicable"].map(count),
    }
}

const fn class_of(check: &Check) -> (&'static str, &'static str) {
    match (check.outcome, &check.waived) {
        (Outcome::Fail, None) => ("fail", "failed"),
        (Outcome::Fail, Some(_)) => ("waived", "failed, waived"),
        (Outcome::Unknown, _) => ("unknown", "unknown"),
        (Outcome::Pass, _) => ("pass", "passed"),
        (Outcome::NotApplicable, _) => ("not-applicable", "not applicable"),
    }
}

fn outcomes(report: &Report) -> Vec<OutcomeBox> {
    [
        ("fail", "failed", true),
        ("unknown", "unknown", true),
        ("waived", "waived", true),
        ("pass", "passed", true),
        ("not-applicable", "not applicable", true),
    ]
    .map(|(class, label, shown)| OutcomeBox {
        class,
        label,
        count: report
            .checks
            .iter()
            .filter(|it| class_of(it).0 == class)
            .count(),
        shown,
    })
    .into()
}

fn waivers(report: &Report) -> Vec<WaiverRow> {
    let row = |state: &super::super::WaiverState| WaiverRow {
        class: if state.wants_attention() {
            "attention"
        } else {
            "quiet"
        },
        state: state.state.word(),
        check: shown(&state.check),
        link: report
            .checks
            .iter()
            .find(|it| it.id == state.check || it.aliases.contains(&state.check))
            .map(|it| anchor(&it.id)),
        reason: shown(state.reason.trim_end_matches('.')),
        owner: state.owner.as_deref().map(shown),
        note: shown(&state.note),
    };
    report.waivers.iter().map(row).collect()
}

/// An id as the name of a place on the page: everything unusual becomes a hyphen.
fn anchor(id: &str) -> String {
    let usual = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    let name: String = id.chars().map(|c| if usual(c) { c } else { '-' }).collect();
    format!("check-{name}")
}

fn check_view(report: &Report, areas: &[Area], check: &Check) -> CheckView {
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
            .position(|it| it.name == area)
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
    let mut places: Vec<String> = Vec::new();
    if !said(&evidence.subject) {
        places.push(evidence.subject.clone());
    }
    places.extend(place.filter(|place| !said(place) && *place != evidence.subject));
    Piece {
        anchor: format!("{check}-{}", evidence.fingerprint),
        message: shown(&evidence.message),
        place: (!places.is_empty()).then(|| shown(&places.join(", "))),
        waived: evidence.waived,
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for part in text.split("\n\n") {
        for line in part.lines().map(str::trim).filter(|it| !it.is_empty()) {
            let begins = line.starts_with("- ") || paragraphs.is_empty();
            match paragraphs.last_mut() {
                Some(open) if !begins && !open.ends_with('\n') => {
                    open.push(' ');
                    open.push_str(line);
                }
                _ => paragraphs.push(line.to_owned()),
            }
        }
        if let Some(open) = paragraphs.last_mut() {
            open.push('\n');
        }
    }
    paragraphs.iter().map(|it| shown(it.trim_end())).collect()
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
