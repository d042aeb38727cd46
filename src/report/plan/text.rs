//! A plan for a terminal: what is done in which order, what a person is left with, and in the end what
//! it comes to.

use super::{Planning, hand, spelled};
use crate::check::Risk;
use crate::engine::Outcome;
use crate::fix::{Conflict, Covered, Planned};
use crate::prediction::{Prediction, Turn};
use crate::report::Score;
use crate::report::finding::risk_of;
use crate::report::page::{Ink, Page};
use crate::report::summary::points;
use crate::report::text::{Detail, Options};
use std::collections::BTreeSet;

/// Where texts begin, to the right of the labels.
const TEXT: usize = 11;
/// Deeds of a step that is not shown whole.
const DEEDS: usize = 12;

/// The plan as text.
#[must_use]
pub fn plan_text(planning: &Planning<'_>, options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    let whole = options.detail == Detail::Verbose;
    let plan = planning.plan;
    page.put(Ink::Plain, "Plan for ");
    page.put(Ink::Strong, &planning.report.target.root);
    page.end();
    if options.detail == Detail::Quiet {
        for (number, step) in plan.steps.iter().enumerate() {
            heading(&mut page, number + 1, step);
        }
        summary(&mut page, planning);
        return page.finish();
    }
    for (number, planned) in plan.steps.iter().enumerate() {
        page.gap();
        step(&mut page, number + 1, planned, whole);
    }
    for conflict in &plan.conflicts {
        page.gap();
        quarrel(&mut page, conflict);
    }
    for refused in &plan.refused {
        page.gap();
        page.put(Ink::Unsure, &format!("{} is not mended: ", refused.check));
        let text = format!(
            "the helpdesk would lose something that it needs: {}",
            refused.because
        );
        page.prose(Ink::Unsure, 4, &text);
    }
    hand::by_hand(&mut page, planning);
    covered(&mut page, &plan.covered, whole);
    page.gap();
    summary(&mut page, planning);
    page.finish()
}

fn heading(page: &mut Page, number: usize, step: &Planned) {
    page.put(Ink::Strong, &format!("{number}. "));
    page.prose(Ink::Strong, 4, &step.title);
}

fn label(page: &mut Page, word: &str) {
    page.tab(4);
    page.put(Ink::Faint, word);
    page.tab(TEXT);
}

fn step(page: &mut Page, number: usize, step: &Planned, whole: bool) {
    heading(page, number, step);
    label(page, "mends");
    let checks: Vec<&str> = step.checks().into_iter().collect();
    page.parts(Ink::Plain, TEXT, &checks);
    if step.risk != Risk::None {
        label(page, "risk");
        page.prose(Ink::Unsure, TEXT, risk_of(step.risk.into()));
    }
    for note in &step.notes {
        label(page, "note");
        let about: Vec<&str> = note.checks.iter().map(String::as_str).collect();
        if about == checks {
            page.prose(Ink::Plain, TEXT, &note.text);
        } else {
            let text = format!("{}: {}", about.join(", "), note.text);
            page.prose(Ink::Plain, TEXT, &text);
        }
    }
    let most = if whole { usize::MAX } else { DEEDS };
    // A step that edits one file has it in its heading; a directory is made once.
    let file = step.title.strip_prefix("Edit ");
    let place = file.map(|file| format!("# {file}, "));
    let mut made = BTreeSet::new();
    for action in step.actions.iter().take(most) {
        for line in spelled(action) {
            let line = match place.as_ref().and_then(|it| line.strip_prefix(it.as_str())) {
                Some(rest) => format!("# {rest}"),
                None => line,
            };
            if !line.starts_with("install -d ") || made.insert(line.clone()) {
                page.block(4, [line.as_str()]);
            }
        }
    }
    let more = step.actions.len().saturating_sub(most);
    if more > 0 {
        page.tab(4);
        page.put(
            Ink::Strong,
            &format!("# {more} more like these; --verbose lists them"),
        );
        page.end();
    }
    for command in &step.verify {
        label(page, "check");
        page.block(TEXT, command.lines());
    }
}

fn quarrel(page: &mut Page, conflict: &Conflict) {
    page.put(Ink::Unsure, "Two fixes disagree about ");
    page.prose(
        Ink::Unsure,
        0,
        &format!("{}; neither is done:", conflict.about),
    );
    for (action, checks) in &conflict.sides {
        page.tab(2);
        let names: Vec<&str> = checks.iter().map(String::as_str).collect();
        page.prose(Ink::Plain, 4, &format!("- {} wants", names.join(", ")));
        let lines = spelled(action);
        page.block(6, lines.iter().map(String::as_str));
    }
}

/// What is not done because something else does it; only the number, unless all is asked for.
fn covered(page: &mut Page, covered: &[Covered], whole: bool) {
    if covered.is_empty() {
        return;
    }
    page.gap();
    if !whole {
        let text = match covered.len() {
            1 => "1 more deed is made needless by these (--verbose names it)".to_owned(),
            many => format!("{many} more deeds are made needless by these (--verbose names them)"),
        };
        page.prose(Ink::Faint, 0, &text);
        return;
    }
    page.prose(Ink::Strong, 0, "Made needless by another deed:");
    for it in covered {
        let checks: Vec<&str> = it.checks.iter().map(String::as_str).collect();
        let text = format!("- {}: {}", checks.join(", "), it.because);
        page.prose(Ink::Plain, 2, &text);
        let (lines, by) = (spelled(&it.action), spelled(&it.by));
        page.block(4, lines.iter().map(String::as_str));
        page.tab(4);
        page.put(Ink::Faint, "by");
        page.end();
        page.block(6, by.iter().map(String::as_str));
    }
}

/// What would become of the checks, and the counts last, so that they remain on the screen.
fn summary(page: &mut Page, planning: &Planning<'_>) {
    let plan = planning.plan;
    if let Some(prediction) = planning.prediction {
        foreseen(page, prediction);
    }
    let counted = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    };
    let fixes = plan.fixes();
    let failed: BTreeSet<&str> = planning.failed().collect();
    let mended: BTreeSet<&str> = fixes
        .iter()
        .map(|it| it.check.as_str())
        .filter(|it| failed.contains(it))
        .collect();
    let mut parts = vec![
        counted(failed.len(), "check failed", "checks failed"),
        match plan.steps.len() {
            0 => "no step can be carried out".to_owned(),
            steps => format!(
                "{} for {} of them",
                counted(steps, "step", "steps"),
                mended.len()
            ),
        },
    ];
    let by_hand = hand::left(planning);
    if by_hand > 0 {
        parts.push(format!("{by_hand} left to a person"));
    }
    if !plan.refused.is_empty() {
        parts.push(format!("{} refused", plan.refused.len()));
    }
    if !plan.conflicts.is_empty() {
        parts.push(counted(
            plan.conflicts.len(),
            "disagreement",
            "disagreements",
        ));
    }
    page.parts(Ink::Plain, 2, &parts);
    if let Some(prediction) = planning.prediction {
        let score = |it: crate::score::Score| points(&Score::from(it));
        let text = format!(
            "Score {} of 100 now, {} once the steps are carried out",
            score(prediction.before),
            score(prediction.after)
        );
        page.prose(Ink::Strong, 2, &text);
    }
}

fn foreseen(page: &mut Page, prediction: &Prediction) {
    let (better, other): (Vec<&Turn>, Vec<&Turn>) = prediction
        .turns
        .iter()
        .partition(|it| it.after == Outcome::Pass);
    if !better.is_empty() {
        let names: Vec<&str> = better.iter().map(|it| it.check.as_str()).collect();
        page.prose(Ink::Good, 2, &format!("Would pass: {}", names.join(", ")));
    }
    for turn in other {
        let text = format!("{} {}", turn.check, would(turn.after));
        page.prose(Ink::Unsure, 2, &text);
    }
    for sentence in &prediction.untold {
        page.prose(Ink::Unsure, 2, sentence);
    }
    page.gap();
}

const fn would(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "would pass",
        Outcome::Fail => "would fail, which it does not now",
        Outcome::Unknown => "would be unknown",
        Outcome::NotApplicable => "would not apply any more",
    }
}
