//! Two reports compared: what is new, changed, no longer known and mended, and how much each check
//! moved the score. Pure. Refuses to guess: checks are paired by id or former id, findings by
//! fingerprint.

mod baseline;
mod markdown;
mod movement;
mod pieces;
mod text;

pub use baseline::{BaselineMark, Standing, since};
pub use markdown::markdown as diff_markdown;
pub use movement::{Movement, Part};
pub use text::text as diff_text;

use super::{Check, Outcome, Report, Score, Severity};
use movement::movement;
use pieces::{Compared, Piece, compare};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// The version of the comparison's form.
pub const DIFF_SCHEMA: &str = "deskguard/diff/1";

/// Two reports compared.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diff {
    /// The version of this form.
    pub schema: String,
    /// The earlier report.
    pub old: Side,
    /// The later one.
    pub new: Side,
    /// Whether both were judged by the same checks.
    pub same_checks: bool,
    /// What became different, the worst kind first; in each the most severe first.
    pub changes: Vec<Change>,
    /// How the score moved, and by which checks.
    pub movement: Movement,
}

/// One of the two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Side {
    /// The install's root.
    pub root: String,
    /// When the audit began.
    pub started: String,
    /// The program's version.
    pub version: String,
    /// Which set of policy defaults applied.
    pub profile: String,
    /// Its score.
    pub score: Score,
}

/// One check that came to something else.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// What kind of change.
    pub kind: ChangeKind,
    /// The check's id.
    pub id: String,
    /// What is true when it passes.
    pub title: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// What it came to before; null where it was not judged.
    pub from: Option<Outcome>,
    /// What it comes to now; null where it is not judged.
    pub to: Option<Outcome>,
    /// Why it is unknown or does not apply now.
    pub reason: Option<String>,
    /// Findings that were not there before.
    pub appeared: Vec<Piece>,
    /// Findings that are there no more.
    pub gone: Vec<Piece>,
    /// Findings that stand for more or fewer things, or say something else.
    pub altered: Vec<Piece>,
}

/// The kinds of change, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It fails and did not before.
    New,
    /// It fails as before, and more was found, or it became more severe.
    Worse,
    /// It could be judged and cannot any more.
    NewlyUnknown,
    /// It fails as before, and something else was found, but not more.
    Changed,
    /// It failed and does not any more.
    Mended,
    /// It could not be judged, and does not fail.
    Judged,
    /// It is judged in one of the two reports only, or began or ceased to apply.
    Scope,
}

impl ChangeKind {
    /// The words of a heading.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::NewlyUnknown => "newly unknown",
            Self::Changed => "changed",
            Self::Mended => "mended",
            Self::Judged => "judged now",
            Self::Scope => "other checks",
        }
    }
}

/// A check in both reports, or in one.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: Option<&'a Check>,
    new: Option<&'a Check>,
}

/// Compares an earlier report with a later one.
#[must_use]
pub fn diff(old: &Report, new: &Report) -> Diff {
    let pairs = pair(old, new);
    let mut changes: Vec<Change> = pairs
        .iter()
        .filter_map(|it| it.change(&old.target.root, &new.target.root))
        .collect();
    changes.sort_by(|one, other| {
        let rank = |it: &Change| (it.kind, std::cmp::Reverse(it.severity));
        rank(one)
            .cmp(&rank(other))
            .then_with(|| one.id.cmp(&other.id))
    });
    let side = |report: &Report| Side {
        root: report.target.root.clone(),
        started: report.started.clone(),
        version: report.tool.version.clone(),
        profile: report.profile.clone(),
        score: report.score.clone(),
    };
    Diff {
        schema: DIFF_SCHEMA.to_owned(),
        old: side(old),
        new: side(new),
        same_checks: old.tool.catalogue.fingerprint == new.tool.catalogue.fingerprint,
        changes,
        movement: movement(&pairs),
    }
}

/// Checks of both reports, the later one's order first.
fn pair<'a>(old: &'a Report, new: &'a Report) -> Vec<Pair<'a>> {
    let mut by_name: HashMap<&str, &Check> = HashMap::new();
    for check in &old.checks {
        for alias in &check.aliases {
            by_name.entry(alias).or_insert(check);
        }
    }
    for check in &old.checks {
        by_name.insert(&check.id, check);
    }
    let mut taken: HashSet<&str> = HashSet::new();
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for check in &new.checks {
        let names = std::iter::once(&check.id).chain(&check.aliases);
        let before = names
            .filter_map(|name| by_name.get(name.as_str()).copied())
            .find(|before| taken.insert(&before.id));
        pairs.push(Pair {
            old: before,
            new: Some(check),
        });
    }
    let left = old
        .checks
        .iter()
        .filter(|check| !taken.contains(check.id.as_str()));
    pairs.extend(left.map(|check| Pair {
        old: Some(check),
        new: None,
    }));
    pairs
}

impl Pair<'_> {
    fn change(&self, old_root: &str, new_root: &str) -> Option<Change> {
        let (from, to) = (self.old.map(|it| it.outcome), self.new.map(|it| it.outcome));
        let check = self.new.or(self.old)?;
        let compared = compare(old_root, self.old, new_root, self.new);
        let kind = self.kind(&compared)?;
        Some(Change {
            kind,
            id: check.id.clone(),
            title: check.title.clone(),
            severity: check.severity,
            from,
            to,
            reason: self.new.and_then(|it| it.reason.clone()),
            appeared: compared.appeared,
            gone: compared.gone,
            altered: compared.altered,
        })
    }

    fn kind(&self, compared: &Compared) -> Option<ChangeKind> {
        use Outcome::{Fail, NotApplicable, Pass, Unknown};
        let (from, to) = (self.old.map(|it| it.outcome), self.new.map(|it| it.outcome));
        match (from, to) {
            (Some(Fail), Some(Fail)) if self.is_worse(compared) => Some(ChangeKind::Worse),
            (Some(Fail), Some(Fail)) if compared.is_same() => None,
            (Some(Fail), Some(Fail)) => Some(ChangeKind::Changed),
            (_, Some(Fail)) => Some(ChangeKind::New),
            (Some(Unknown), Some(Unknown)) => None,
            (Some(Pass | Fail | NotApplicable), Some(Unknown)) => Some(ChangeKind::NewlyUnknown),
            (Some(Fail), Some(Pass | NotApplicable)) => Some(ChangeKind::Mended),
            (Some(Unknown), Some(Pass | NotApplicable)) => Some(ChangeKind::Judged),
            (from, to) if from == to => None,
            _ => Some(ChangeKind::Scope),
        }
    }

    fn is_worse(&self, compared: &Compared) -> bool {
        let severity = |check: Option<&Check>| check.map(|it| it.severity);
        compared.is_more() || severity(self.new) > severity(self.old)
    }
}

/// The comparison as JSON, indented, with a newline at the end.
#[must_use]
pub fn diff_json(diff: &Diff) -> String {
    super::json::safe(diff)
}

#[cfg(test)]
mod tests;
