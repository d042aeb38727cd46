//! The judgement: checks over facts give outcomes with evidence and fixes. A pure function of its
//! arguments; refuses to turn unknown into pass.

use crate::check::{Catalogue, Check, Condition, Scope, Severity, Truth};
use crate::facts::{Given, Listing};
pub(crate) use crate::fix::{NAMELESS, NO_COMMAND};
use crate::fix::{Step, Templates};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a check came to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What the check demands holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told.
    Unknown,
    /// The check does not apply here.
    NotApplicable,
}

/// Where a piece of evidence lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file or directory.
    pub path: String,
    /// The line, from 1; none for the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What a failed check shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it is about.
    pub subject: String,
    /// What was found.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The fact itself.
    pub data: Value,
}

/// What became of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The check's id.
    pub id: String,
    /// Its severity.
    pub severity: Severity,
    /// What it came to.
    pub outcome: Outcome,
    /// Why it is unknown or does not apply.
    pub reason: Option<String>,
    /// What was found, where it failed.
    pub evidence: Vec<Evidence>,
    /// How many things the evidence stands for.
    pub evidence_total: u64,
    /// How to mend it.
    pub fixes: Vec<Step>,
}

/// Judges every check of the catalogue.
#[must_use]
pub fn judge(catalogue: &Catalogue, given: &Given) -> Vec<Verdict> {
    let facts = serde_json::to_value(given).unwrap_or(Value::Null);
    let bench = Bench::new(facts);
    catalogue
        .checks
        .iter()
        .map(|check| bench.judge(check))
        .collect()
}

/// Facts made ready for conditions and templates.
pub(crate) struct Bench {
    facts: Value,
    scope: Scope,
    templates: Templates,
}

impl Bench {
    pub(crate) fn new(facts: Value) -> Self {
        let templates = Templates::new(&facts);
        Self {
            scope: Scope::new(&facts),
            facts,
            templates,
        }
    }

    pub(crate) fn judge(&self, check: &Check) -> Verdict {
        let mut verdict = Verdict {
            id: check.id.clone(),
            severity: check.severity,
            outcome: Outcome::Pass,
            reason: None,
            evidence: Vec::new(),
            evidence_total: 0,
            fixes: Vec::new(),
        };
        if let Some(when) = &check.when {
            match when.judge(&self.scope) {
                Truth::True => {}
                Truth::False => {
                    verdict.outcome = Outcome::NotApplicable;
                    verdict.reason = Some(format!("it applies only when {}", when.source));
                    return verdict;
                }
                Truth::Unknown(reasons) => {
                    verdict.outcome = Outcome::Unknown;
                    verdict.reason = Some(reasons.join("; "));
                    return verdict;
                }
            }
        }
        let mut found = Found::default();
        match &check.each {
            Some(each) => self.judge_rows(check, &each.source, &mut found),
            None => self.judge_whole(check, &mut found),
        }
        self.conclude(check, found, &mut verdict);
        verdict
    }

    /// The indices of the rows of which the check fails; none where it judges no rows.
    pub(crate) fn failing(&self, check: &Check) -> Vec<usize> {
        let Some(each) = &check.each else {
            return Vec::new();
        };
        let rows = self.fact(&format!("{}.rows", each.source)).as_array();
        let mut scope = self.scope.clone();
        let mut fails = |row: &Value| {
            scope.set_row(row);
            check.pass.judge(&scope) == Truth::False
        };
        let rows = rows.into_iter().flatten().enumerate();
        rows.filter(|(_, row)| fails(row))
            .map(|(index, _)| index)
            .collect()
    }

    /// The rows of which the check fails.
    pub(crate) fn failing_rows(&self, check: &Check) -> Vec<Value> {
        let Some(each) = &check.each else {
            return Vec::new();
        };
        let rows = self.fact(&format!("{}.rows", each.source)).as_array();
        let get = |index: usize| rows.and_then(|rows| rows.get(index)).cloned();
        self.failing(check).into_iter().filter_map(get).collect()
    }

    /// What a condition comes to over the facts, `row` and `rows`.
    pub(crate) fn holds(
        &self,
        condition: &Condition,
        row: Option<&Value>,
        rows: &[Value],
    ) -> Truth {
        let mut scope = self.scope.clone();
        scope.set_rows(rows);
        if let Some(row) = row {
            scope.set_row(row);
        }
        condition.judge(&scope)
    }

    /// The templates over the facts.
    pub(crate) const fn templates(&self) -> &Templates {
        &self.templates
    }

    fn judge_whole(&self, check: &Check, found: &mut Found) {
        match check.pass.judge(&self.scope) {
            Truth::True => {}
            Truth::False => {
                let at = check.at.as_deref().map(|path| self.fact(path));
                let subject = check.subject.as_deref();
                let evidence = self.evidence(check, subject, &check.found, None, at);
                found.evidence.push(evidence);
                found.total += 1;
            }
            Truth::Unknown(reasons) => found.unknown.extend(reasons),
        }
    }

    fn judge_rows(&self, check: &Check, path: &str, found: &mut Found) {
        let listing: Listing<Value> = match serde_json::from_value(self.fact(path).clone()) {
            Ok(listing) => listing,
            Err(_) => Listing::unseen(format!("the facts have no listing `{path}`")),
        };
        let mut scope = self.scope.clone();
        for row in &listing.rows {
            scope.set_row(row);
            match check.pass.judge(&scope) {
                Truth::True => {}
                Truth::False => {
                    let subject = check.subject.as_deref();
                    let evidence =
                        self.evidence(check, subject, &check.found, Some(row), Some(row));
                    found.evidence.push(evidence);
                    found.total += row.get("count").and_then(Value::as_u64).unwrap_or(1);
                    found.rows.push(row.clone());
                }
                Truth::Unknown(reasons) => found.unknown.extend(reasons),
            }
        }
        found.unknown.extend(listing.missed);
        if let Some(require) = &check.require {
            match require.judge(&self.scope) {
                Truth::True => {}
                Truth::False => {
                    let text = check.require_found.as_deref().unwrap_or(&check.title);
                    let whole = Some("{{ target.root }}");
                    found
                        .evidence
                        .push(self.evidence(check, whole, text, None, None));
                    found.total += 1;
                }
                Truth::Unknown(reasons) => found.unknown.extend(reasons),
            }
        }
    }

    fn conclude(&self, check: &Check, found: Found, verdict: &mut Verdict) {
        if found.evidence.is_empty() {
            if !found.unknown.is_empty() {
                verdict.outcome = Outcome::Unknown;
                verdict.reason = Some(join_reasons(found.unknown));
            }
            return;
        }
        verdict.outcome = Outcome::Fail;
        if !found.unknown.is_empty() {
            verdict.reason = Some(format!(
                "there may be more: {}",
                join_reasons(found.unknown)
            ));
        }
        verdict.evidence = found.evidence;
        verdict.evidence_total = found.total;
        verdict.fixes = self.steps(check, &found.rows);
    }

    /// The steps that say something. One that may not apply and cannot be written is shown only where
    /// there is no other.
    fn steps(&self, check: &Check, rows: &[Value]) -> Vec<Step> {
        let attempts = self.attempts(check, rows);
        let is_written = |step: &Step| !step.run.starts_with(NO_COMMAND);
        let written = attempts.iter().filter(|(_, step)| is_written(step));
        let written: BTreeSet<usize> = written.map(|(_, step)| step.number).collect();
        let is_vague = |(applies, step): &(Option<bool>, Step)| {
            applies.is_none() && !written.contains(&step.number)
        };
        let (vague, mut steps): (Vec<_>, Vec<_>) = attempts.into_iter().partition(is_vague);
        if steps.is_empty() && !check.fixes.is_empty() {
            let vague = vague.into_iter().next();
            steps.push(vague.unwrap_or_else(|| (None, Step::by_hand())));
        }
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// Every fix that may apply and comes to something, with whether it does apply.
    pub(crate) fn attempts(&self, check: &Check, rows: &[Value]) -> Vec<(Option<bool>, Step)> {
        let fixes = check.fixes.iter().enumerate();
        let attempts = fixes.flat_map(|(number, fix)| {
            let applies = self.applies(fix.when.as_deref());
            let mut steps = Vec::new();
            if applies != Some(false) {
                steps = self.templates.steps(fix, rows);
                steps.retain(|step| !step.run.is_empty() || !step.actions.is_empty());
            }
            let steps = steps.into_iter();
            steps.map(move |step| (applies, Step { number, ..step }))
        });
        attempts.collect()
    }

    /// Whether a fix applies; none where that cannot be told: too much advice is better than none.
    fn applies(&self, when: Option<&str>) -> Option<bool> {
        let Some(when) = when else { return Some(true) };
        match Condition::compile(when).ok()?.judge(&self.scope) {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown(_) => None,
        }
    }

    fn evidence(
        &self,
        check: &Check,
        subject: Option<&str>,
        text: &str,
        row: Option<&Value>,
        at: Option<&Value>,
    ) -> Evidence {
        let location = at.and_then(location);
        let render = |template: &str| {
            self.templates
                .message(template, row)
                .unwrap_or_else(|problem| format!("{} ({problem})", check.title))
        };
        let subject = subject.map_or_else(
            || {
                location.as_ref().map_or_else(
                    || text_of(&self.facts, "target", "root"),
                    |place| place.path.clone(),
                )
            },
            render,
        );
        Evidence {
            subject,
            message: render(text),
            location,
            data: at.cloned().unwrap_or_else(|| json!({})),
        }
    }

    /// The fact at a dotted path; `null` where there is none.
    pub(crate) fn fact(&self, path: &str) -> &Value {
        path.split('.')
            .try_fold(&self.facts, |here, part| here.get(part))
            .unwrap_or(&Value::Null)
    }
}

/// What the rows of one check came to.
#[derive(Default)]
struct Found {
    evidence: Vec<Evidence>,
    total: u64,
    rows: Vec<Value>,
    unknown: Vec<String>,
}

fn join_reasons(mut reasons: Vec<String>) -> String {
    const SHOWN: usize = 3;
    reasons.sort();
    reasons.dedup();
    let more = reasons.len().saturating_sub(SHOWN);
    reasons.truncate(SHOWN);
    let mut text = reasons.join("; ");
    if more > 0 {
        text.push_str(&format!("; and {more} more reasons"));
    }
    text
}

fn location(at: &Value) -> Option<Location> {
    let path = at.get("path")?.as_str().filter(|path| !path.is_empty())?;
    let line = at
        .get("line")
        .and_then(Value::as_u64)
        .and_then(|line| u32::try_from(line).ok())
        .filter(|line| *line > 0);
    Some(Location {
        path: path.to_owned(),
        line,
    })
}

fn text_of(facts: &Value, group: &str, name: &str) -> String {
    facts
        .get(group)
        .and_then(|group| group.get(name))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
