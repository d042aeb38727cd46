//! What a plan leaves to a person: once for each check, apart from what remains where the check passes all
//! the same. Refuses to leave open what the steps do of it.

use super::Planning;
use crate::check::{Risk, StepKind};
use crate::engine::Outcome;
use crate::fix::ByHand;
use crate::report::finding::{place_of, risk_of};
use crate::report::page::{Ink, Page};
use std::collections::BTreeSet;

const TEXT: usize = 4;

pub(super) fn by_hand(page: &mut Page, planning: &Planning<'_>) {
    let (besides, needed): (Vec<&[ByHand]>, Vec<&[ByHand]>) =
        groups(planning).partition(|group| passes(planning, group));
    for (heading, groups) in [
        ("By hand, since it takes a person to decide:", needed),
        (
            "Besides, by hand: these checks pass by the steps above, and this is up to you:",
            besides,
        ),
    ] {
        if groups.is_empty() {
            continue;
        }
        page.gap();
        page.prose(Ink::Strong, 0, heading);
        for group in groups {
            show(page, planning, group);
        }
    }
}

/// How many checks, or sets of them, wait for a person.
pub(super) fn left(planning: &Planning<'_>) -> usize {
    groups(planning)
        .filter(|group| !passes(planning, group))
        .count()
}

/// The steps for the same checks.
fn groups<'a>(planning: &Planning<'a>) -> impl Iterator<Item = &'a [ByHand]> + use<'a> {
    let hands = &planning.plan.by_hand;
    hands.chunk_by(|one, other| one.checks == other.checks)
}

/// Whether the checks pass without it.
fn passes(planning: &Planning<'_>, group: &[ByHand]) -> bool {
    let turns = planning.prediction.iter().flat_map(|it| &it.turns);
    let passing: BTreeSet<&str> = turns
        .filter(|turn| turn.after == Outcome::Pass)
        .map(|turn| turn.check.as_str())
        .collect();
    let mut checks = group.iter().flat_map(|hand| &hand.checks);
    checks.all(|check| passing.contains(check.as_str()))
}

fn show(page: &mut Page, planning: &Planning<'_>, group: &[ByHand]) {
    let Some(first) = group.first() else { return };
    let checks: Vec<&str> = first.checks.iter().map(String::as_str).collect();
    page.put(Ink::Plain, "- ");
    page.put(Ink::Strong, &checks.join(", "));
    let place = |hand: &ByHand| (hand.kind != StepKind::Manual).then(|| place_of(hand.kind.into()));
    if let ([_], Some(place)) = (group, place(first)) {
        page.aside(Ink::Faint, TEXT, place);
    }
    if let Some(part) = part(planning, &checks) {
        page.aside(Ink::Plain, TEXT, &part);
    }
    let risk = group.iter().map(|hand| hand.risk).max();
    if let Some(risk) = risk.filter(|it| *it != Risk::None) {
        page.aside(Ink::Unsure, TEXT, risk_of(risk.into()));
    }
    page.end();
    for (number, hand) in group.iter().enumerate() {
        let mut hang = TEXT;
        if group.len() > 1 {
            page.tab(TEXT);
            page.put(Ink::Plain, &format!("{}.", number + 1));
            hang += 3;
            if let Some(place) = place(hand) {
                page.tab(hang);
                page.put(Ink::Faint, place);
                page.end();
            }
        }
        if hand.kind == StepKind::Manual {
            page.paragraphs(hang, &hand.run);
        } else {
            page.block(hang, hand.run.lines());
        }
    }
}

/// Which steps do a part of it.
fn part(planning: &Planning<'_>, checks: &[&str]) -> Option<String> {
    let steps = planning.plan.steps.iter().enumerate();
    let numbers: Vec<String> = steps
        .filter(|(_, step)| checks.iter().any(|it| step.checks().contains(it)))
        .map(|(number, _)| (number + 1).to_string())
        .collect();
    match numbers.split_last() {
        None => None,
        Some((only, [])) => Some(format!("step {only} does a part of it")),
        Some((last, others)) => Some(format!(
            "steps {} and {last} do a part of it",
            others.join(", ")
        )),
    }
}
