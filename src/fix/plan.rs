//! The fixes of all failed checks as one plan: each deed once, in the order in which deeds may be
//! done, with the checks that it mends. The order of the fixes that come in makes no difference.
//! Refuses to do half of a fix: where two fixes contradict each other, both are left to a person.

use super::action::{Action, Server};
use super::merge::{Conflict, Covered, Deed, Merged, Origin, merge};
use super::needs::Needs;
use super::order::Phase;
use super::render::Step;
use super::steps::steps;
use crate::check::{Risk, StepKind};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done on one host, first step first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What can be carried out.
    pub steps: Vec<Planned>,
    /// What a person does, because it takes a decision or a secret.
    pub by_hand: Vec<ByHand>,
    /// Fixes that contradict each other: none of their deeds is among the steps.
    pub conflicts: Vec<Conflict>,
    /// Deeds that others make needless.
    pub covered: Vec<Covered>,
    /// Checks whose fixes would take from the helpdesk what it needs: none of their deeds is among the
    /// steps.
    pub refused: Vec<Refused>,
}

/// A check whose fix is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The check, by id.
    pub check: String,
    /// What the helpdesk would lose, a clause.
    pub because: String,
}

/// One fix of one check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixOf {
    /// The check's id.
    pub check: String,
    /// Which of its fixes, from 0.
    pub number: usize,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Where in a plan it stands.
    pub phase: Phase,
    /// What it does, as a heading.
    pub title: String,
    /// The fixes that it carries out, or a part of.
    pub fixes: Vec<FixOf>,
    /// What it may disturb.
    pub risk: Risk,
    /// What it changes: paths, accounts, tables, servers.
    pub touches: Vec<String>,
    /// Commands that show that it took effect; one that stands in a later step as well is told there.
    pub verify: Vec<String>,
    /// What a person should know of the fixes that begin in this step.
    pub notes: Vec<Note>,
    /// The deeds, in their order. Edits of one file go from its end to its beginning, so that each
    /// finds its line where the audit saw it.
    pub actions: Vec<Action>,
}

impl Planned {
    /// The checks that it mends, or helps to mend, by id.
    #[must_use]
    pub fn checks(&self) -> BTreeSet<&str> {
        self.fixes.iter().map(|it| it.check.as_str()).collect()
    }
}

/// A word about fixes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The checks that they mend, by id.
    pub checks: BTreeSet<String>,
    /// A sentence or two.
    pub text: String,
}

/// A step that a person does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByHand {
    /// The checks that it mends, by id.
    pub checks: BTreeSet<String>,
    /// Which language it is written in.
    pub kind: StepKind,
    /// What it may disturb.
    pub risk: Risk,
    /// The step.
    pub run: String,
    /// A command that shows that it took effect.
    pub verify: Option<String>,
}

impl Plan {
    /// A plan of these fixes, each with the id of the check that it mends.
    pub fn of<'a>(fixes: impl IntoIterator<Item = (&'a str, &'a Step)>) -> Self {
        let mut deeds: Vec<Deed> = Vec::new();
        let mut by_hand: BTreeMap<(String, String), ByHand> = BTreeMap::new();
        for (check, step) in fixes {
            if step.actions.is_empty() {
                let hand = by_hand
                    .entry((format!("{:?}", step.kind), step.run.clone()))
                    .or_insert_with(|| ByHand {
                        checks: BTreeSet::new(),
                        kind: step.kind,
                        risk: step.risk,
                        run: step.run.clone(),
                        verify: step.check.clone(),
                    });
                hand.checks.insert(check.to_owned());
                hand.risk = hand.risk.max(step.risk);
                hand.verify = hand.verify.take().max(step.check.clone());
            }
            let origin = Origin {
                fix: FixOf {
                    check: check.to_owned(),
                    number: step.number,
                },
                risk: step.risk,
                verify: step.check.clone(),
                note: step.note.clone(),
            };
            deeds.extend(step.actions.iter().map(|action| Deed {
                action: action.clone(),
                origins: BTreeSet::from([origin.clone()]),
            }));
        }
        let mut by_hand: Vec<ByHand> = by_hand.into_values().collect();
        by_hand.sort();
        let (mut merged, conflicts) = settled(deeds);
        reload(&mut merged.deeds);
        Self {
            steps: steps(merged.deeds),
            by_hand,
            conflicts,
            covered: merged.covered,
            refused: Vec::new(),
        }
    }

    /// The same, without the fixes that would take from the helpdesk what it needs.
    #[must_use]
    pub fn within<'a>(fixes: &[(&'a str, &'a Step)], needs: &Needs) -> Self {
        let whole = Self::of(fixes.iter().copied());
        if whole.lost(needs).is_none() {
            return whole;
        }
        let checks: BTreeSet<&str> = fixes.iter().map(|(check, _)| *check).collect();
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        let of = |kept: &BTreeSet<&str>| {
            Self::of(
                fixes
                    .iter()
                    .copied()
                    .filter(|(check, _)| kept.contains(check)),
            )
        };
        let mut refused: Vec<Refused> = Vec::new();
        // Twice: a fix may need another one that comes after it.
        for _ in 0..2 {
            refused.clear();
            for check in &checks {
                if !kept.insert(check) {
                    continue;
                }
                if let Some(because) = of(&kept).lost(needs) {
                    kept.remove(check);
                    refused.push(Refused {
                        check: (*check).to_owned(),
                        because,
                    });
                }
            }
        }
        Self {
            refused,
            ..of(&kept)
        }
    }

    /// What the helpdesk would lose by it, a clause.
    fn lost(&self, needs: &Needs) -> Option<String> {
        let actions: Vec<Action> = self.actions().cloned().collect();
        needs.clone().admit(&actions).err()
    }

    /// The fixes that are carried out whole: what they do to the facts can be foreseen.
    #[must_use]
    pub fn fixes(&self) -> BTreeSet<FixOf> {
        self.steps.iter().flat_map(|it| it.fixes.clone()).collect()
    }

    /// All deeds, first one first.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.steps.iter().flat_map(|step| &step.actions)
    }

    /// The checks whose fixes contradict each other.
    #[must_use]
    pub fn withheld(&self) -> BTreeSet<&str> {
        let sides = self.conflicts.iter().flat_map(|it| &it.sides);
        sides
            .flat_map(|(_, checks)| checks.iter().map(String::as_str))
            .collect()
    }
}

/// Deeds without those of checks whose fixes contradict each other.
fn settled(mut deeds: Vec<Deed>) -> (Merged, Vec<Conflict>) {
    let mut conflicts = Vec::new();
    loop {
        let mut merged = merge(deeds.iter().cloned());
        if merged.conflicts.is_empty() {
            return (merged, conflicts);
        }
        let sides = merged.conflicts.iter().flat_map(|it| &it.sides);
        let withheld: BTreeSet<String> = sides.flat_map(|(_, checks)| checks.clone()).collect();
        for deed in &mut deeds {
            deed.origins.retain(|it| !withheld.contains(&it.fix.check));
        }
        deeds.retain(|it| !it.origins.is_empty());
        conflicts.append(&mut merged.conflicts);
    }
}

/// A server takes up what was edited, once.
fn reload(deeds: &mut Vec<Deed>) {
    let mut asked: BTreeMap<(Server, Option<String>), BTreeSet<Origin>> = BTreeMap::new();
    deeds.retain(|deed| {
        let (server, service) = match &deed.action {
            Action::Snippet { server, .. } | Action::Line { server, .. } => (*server, None),
            Action::Reload { server, service } => (*server, service.clone()),
            _ => return true,
        };
        let origins = deed.origins.iter().cloned();
        asked.entry((server, service)).or_default().extend(origins);
        !matches!(deed.action, Action::Reload { .. })
    });
    deeds.extend(asked.into_iter().map(|((server, service), origins)| Deed {
        action: Action::Reload { server, service },
        origins,
    }));
}
