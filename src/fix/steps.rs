//! Deeds in their order, and those that belong together as one step with its heading, notes and checks.
//! Refuses to depend on the order in which deeds were given.

use super::action::Action;
use super::merge::{Deed, Origin};
use super::order::{Phase, Place, touches};
use super::plan::{FixOf, Note, Planned};
use super::relocate::Moved;
use crate::check::Risk;
use std::collections::{BTreeMap, BTreeSet};

/// Deeds in their order, those that belong together in one step.
pub(super) fn steps(deeds: Vec<Deed>) -> Vec<Planned> {
    let moves: Vec<String> = deeds
        .iter()
        .filter_map(|deed| match &deed.action {
            Action::MoveTree { to, .. } => Some(to.clone()),
            _ => None,
        })
        .collect();
    let asked = asked_of_entries(&deeds);
    let mut placed: Vec<(Phase, Group, Place, Deed)> = deeds
        .into_iter()
        .map(|deed| {
            let phase = Phase::of(&deed.action, &moves);
            let place = Place::of(&deed.action);
            (phase, group(phase, &deed, &asked), place, deed)
        })
        .collect();
    placed.sort_by(|one, other| (one.0, &one.1, &one.2).cmp(&(other.0, &other.1, &other.2)));
    let mut moved = Moved::default();
    for (.., deed) in &mut placed {
        moved.follow(&mut deed.action);
        deed.origins = std::mem::take(&mut deed.origins)
            .into_iter()
            .map(|origin| Origin {
                verify: origin.verify.map(|command| moved.text(&command)),
                note: origin.note.map(|note| moved.text(&note)),
                ..origin
            })
            .collect();
    }
    let mut steps = Vec::new();
    for chunk in placed.chunk_by(|one, other| (one.0, &one.1) == (other.0, &other.1)) {
        if let Some((phase, ..)) = chunk.first() {
            let deeds: Vec<&Deed> = chunk.iter().map(|(.., deed)| deed).collect();
            steps.push(step(*phase, &deeds));
        }
    }
    once(&mut steps);
    steps
}

/// A note stands where its fix begins, and a command that shows its effect where it ends.
fn once(steps: &mut [Planned]) {
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for step in steps.iter_mut() {
        for note in &mut step.notes {
            let text = &note.text;
            note.checks
                .retain(|check| told.insert((check.clone(), text.clone())));
        }
        step.notes.retain(|note| !note.checks.is_empty());
    }
    let mut shown = BTreeSet::new();
    for step in steps.iter_mut().rev() {
        step.verify.retain(|command| shown.insert(command.clone()));
    }
}

/// What makes deeds of one phase one step; steps of a phase stand in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    rank: u32,
    path: String,
    checks: BTreeSet<String>,
}

fn group(phase: Phase, deed: &Deed, asked: &BTreeMap<String, BTreeSet<String>>) -> Group {
    let mut group = Group {
        rank: 0,
        path: String::new(),
        checks: deed.checks(),
    };
    let subject = touches(&deed.action).into_iter().next().unwrap_or_default();
    match phase {
        _ if phase.edits_files() => {
            group.path = subject;
            group.checks.clear();
        }
        // All deeds about an entry stay together, whoever asked for each.
        Phase::Entries => {
            if let Some(checks) = asked.get(&subject) {
                group.checks.clone_from(checks);
            }
        }
        // Depth comes before who asks.
        Phase::Away | Phase::Parents | Phase::Directories | Phase::Trees => group.checks.clear(),
        Phase::Grants | Phase::Revokes => {
            if let Action::Sql(deed) = &deed.action {
                group.rank = super::order::rank(deed);
            }
        }
        // One that may lock somebody out stands apart from those that disturb nothing.
        Phase::Rows => {
            let risk = deed.origins.iter().map(|it| it.risk).max();
            group.rank = u32::from(risk > Some(Risk::None));
            group.checks.clear();
        }
        Phase::Accounts | Phase::Reloads => group.checks.clear(),
        _ => {}
    }
    group
}

/// Whom the deeds about each entry mend something for, by path.
fn asked_of_entries(deeds: &[Deed]) -> BTreeMap<String, BTreeSet<String>> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for deed in deeds {
        if Phase::of(&deed.action, &[]) == Phase::Entries {
            for path in touches(&deed.action) {
                asked.entry(path).or_default().extend(deed.checks());
            }
        }
    }
    asked
}

fn step(phase: Phase, deeds: &[&Deed]) -> Planned {
    let mut touched: Vec<String> = Vec::new();
    for what in deeds.iter().flat_map(|it| touches(&it.action)) {
        if !touched.contains(&what) {
            touched.push(what);
        }
    }
    let origins: BTreeSet<&Origin> = deeds.iter().flat_map(|it| &it.origins).collect();
    let fixes: BTreeSet<&FixOf> = origins.iter().map(|it| &it.fix).collect();
    let mut notes: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for origin in &origins {
        if let Some(text) = &origin.note {
            let checks = notes.entry(text).or_default();
            checks.insert(origin.fix.check.clone());
        }
    }
    let verify: BTreeSet<&String> = origins.iter().filter_map(|it| it.verify.as_ref()).collect();
    let title = match (phase.edits_files(), touched.first()) {
        (true, Some(path)) => format!("Edit {path}"),
        _ => phase.title().to_owned(),
    };
    Planned {
        phase,
        title,
        fixes: fixes.into_iter().cloned().collect(),
        risk: origins.iter().map(|it| it.risk).max().unwrap_or(Risk::None),
        touches: touched,
        verify: verify.into_iter().cloned().collect(),
        notes: notes
            .into_iter()
            .map(|(text, checks)| Note {
                checks,
                text: text.clone(),
            })
            .collect(),
        actions: deeds.iter().map(|it| it.action.clone()).collect(),
    }
}
