//! What the page shows, as texts that are safe to show and classes that are ours.

use super::super::summary::{SEVERITIES, caps, points};
use super::super::{BaselineMark, Check, Exit, Outcome, Report, Severity, WaiverState};
use super::check_view::{CheckView, anchor, area_of, check_view, class_of, shown};
use serde::Serialize;

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

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report, exit: &Exit) -> Self {
        let areas = areas(report);
        let names_of: Vec<&str> = areas.iter().map(|it| it.name.as_str()).collect();
        let names = |names: &[String]| match names {
            [] => "unknown".to_owned(),
            names => shown(&names.join(", ")),
        };
        let score = &report.score;
        let live = report.facts.collected == report.started;
        Self {
            style: minijinja::Value::from_safe_string(super::STYLE.to_owned()),
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
                .map(|it| check_view(report, &names_of, it))
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
    let row = |state: &WaiverState| WaiverRow {
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
