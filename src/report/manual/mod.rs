//! What a check is, taken apart for those who read about it: on a terminal, in Markdown, in HTML.
//! Conditions and fixes are shown as they are written, so that a reader can judge the judge.

mod html;
mod markdown;

pub use html::html as manual_html;
pub use markdown::markdown as manual_markdown;

use super::finding::{place_of, risk_of};
use super::markdown::language;
use crate::check::{Check, Condition, Expect, FixStep, Recipe, shown_by_examples};
use crate::facts::FactSchema;
use crate::score::{Score, weight};
use serde::Serialize;
use serde_json::Value;

/// One check, taken apart.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: &'static str,
    pub(super) source: String,
    pub(super) aliases: Vec<String>,
    pub(super) why: Vec<String>,
    /// Heading and source of each condition.
    pub(super) conditions: Vec<(&'static str, String)>,
    pub(super) reads: Vec<Read>,
    /// What a finding looks like, by the failing examples.
    pub(super) looks_like: Vec<String>,
    pub(super) fixes: Vec<FixEntry>,
    /// Whether a fix has places for values.
    pub(super) templates: bool,
    pub(super) examples: String,
    pub(super) weighs: String,
    pub(super) refs: Vec<String>,
}

/// A fact that a check reads.
#[derive(Debug, Serialize)]
pub(super) struct Read {
    pub(super) path: String,
    pub(super) meaning: Option<String>,
}

/// A step that mends, as it is written.
#[derive(Debug, Serialize)]
pub(super) struct FixEntry {
    pub(super) place: &'static str,
    pub(super) risk: &'static str,
    pub(super) language: &'static str,
    pub(super) when: Option<String>,
    pub(super) run: String,
    pub(super) check: Option<String>,
}

impl Entry {
    pub(super) fn new(check: &Check, schema: &FactSchema) -> Self {
        Self {
            id: check.id.clone(),
            title: check.title.clone(),
            severity: check.severity.word(),
            source: check.source.clone(),
            aliases: check.aliases.clone(),
            why: check
                .why
                .split("\n\n")
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
            conditions: conditions(check),
            reads: reads(check, schema),
            looks_like: shown_by_examples(check, schema),
            fixes: check.fixes.iter().map(fix).collect(),
            templates: check.fixes.iter().any(|fix| run(fix).contains("{{")),
            examples: examples(check),
            weighs: weighs(check),
            refs: check.refs.clone(),
        }
    }
}

fn conditions(check: &Check) -> Vec<(&'static str, String)> {
    let passes = if check.each.is_some() {
        "Passes when every row fulfils"
    } else {
        "Passes when"
    };
    [
        ("Applies when", check.when.as_ref()),
        ("Looks at every row of", check.each.as_ref()),
        (passes, Some(&check.pass)),
        ("And when", check.require.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, condition)| Some((name, condition?.source.trim().to_owned())))
    .collect()
}

/// The facts' paths, those of a row under the listing that the row is from.
fn reads(check: &Check, schema: &FactSchema) -> Vec<Read> {
    let listing = check.each.as_ref().map(|each| each.source.as_str());
    let conditions = [
        check.when.as_ref(),
        Some(&check.pass),
        check.require.as_ref(),
    ];
    let mut paths: Vec<String> = conditions
        .into_iter()
        .flatten()
        .flat_map(|condition: &Condition| &condition.reads)
        .map(|path| match (path.split_first(), listing) {
            (Some((first, rest)), Some(listing)) if first == "row" => {
                format!("{listing}.rows.*.{}", rest.join("."))
            }
            _ => path.join("."),
        })
        .chain(listing.map(str::to_owned))
        .collect();
    paths.sort();
    paths.dedup();
    let meaning = |path: &str| {
        let parts: Vec<String> = path.split('.').map(str::to_owned).collect();
        schema.meaning(&parts)
    };
    paths
        .into_iter()
        .map(|path| Read {
            meaning: meaning(&path),
            path,
        })
        .collect()
}

fn fix(fix: &FixStep) -> FixEntry {
    FixEntry {
        place: place_of(fix.kind.into()),
        risk: risk_of(fix.risk.into()),
        language: language(fix.kind.into()),
        when: fix.when.as_ref().map(|it| it.trim().to_owned()),
        run: run(fix),
        check: fix.check.as_ref().map(|it| it.trim().to_owned()),
    }
}

/// The step as it is written; where it is written as deeds, a line for each.
fn run(fix: &FixStep) -> String {
    if !fix.run.trim().is_empty() {
        return fix.run.trim_end().to_owned();
    }
    let note = fix.note.iter().map(|note| format!("# {note}"));
    note.chain(fix.does.iter().map(deed))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `mode path={{ row.path }} mode=go-rwx  # for each of rows`
fn deed(recipe: &Recipe) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().replace('\n', "\\n"),
        other => other.to_string(),
    };
    let mut line = recipe.fields.get("action").map(text).unwrap_or_default();
    let fields = recipe.fields.iter().filter(|(name, _)| *name != "action");
    for (name, value) in fields {
        line.push_str(&format!(" {name}={}", text(value)));
    }
    let each = recipe
        .each
        .as_ref()
        .map(|it| format!("for each of {}", it.trim()));
    let only = recipe
        .only_if
        .as_ref()
        .map(|it| format!("if {}", it.trim()));
    let said: Vec<String> = each.into_iter().chain(only).collect();
    if !said.is_empty() {
        line.push_str(&format!("  # {}", said.join(", ")));
    }
    line
}

/// `1 pass, 2 fail`
fn examples(check: &Check) -> String {
    let counted = |word: &str, expect: Expect| {
        let same = check.examples.iter().filter(|it| it.expect == expect);
        let number = same.count();
        (number > 0).then(|| format!("{number} {word}"))
    };
    let words: Vec<String> = [
        counted("pass", Expect::Pass),
        counted("fail", Expect::Fail),
        counted("unknown", Expect::Unknown),
        counted("not applicable", Expect::NotApplicable),
    ]
    .into_iter()
    .flatten()
    .collect();
    words.join(", ")
}

/// What it means for the score, by the formula itself.
fn weighs(check: &Check) -> String {
    use crate::engine::Outcome::{Fail, Pass};
    let severity = check.severity;
    let points = weight(severity);
    let noun = if points == 1 { "point" } else { "points" };
    let many = std::iter::repeat_n((severity, Pass), 1000);
    let capped = Score::of(&many.chain([(severity, Fail)]).collect::<Vec<_>>());
    match capped.high_capped_by {
        Some(_) => format!(
            "It weighs {points} {noun}; while it fails, the score is at most {}.",
            capped.high
        ),
        None => format!("It weighs {points} {noun}."),
    }
}
