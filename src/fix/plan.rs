//! The fixes of all failed checks in the order in which they are to be carried out. Refuses to hold a
//! step twice.

use super::action::Action;
use super::render::Step;
use crate::check::{Risk, StepKind};

/// What is to be done on one host, first step first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Planned>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The checks that it mends, by id.
    pub checks: Vec<String>,
    /// Which language `run` is written in; `manual` where a person does it.
    pub kind: StepKind,
    /// What it may disturb.
    pub risk: Risk,
    /// The step as a person reads it.
    pub run: String,
    /// A command that shows that it took effect.
    pub check: Option<String>,
    /// The deeds; none where a person does it.
    pub actions: Vec<Action>,
}

impl Plan {
    /// A plan of these fixes, each with the id of the check that it mends.
    pub fn of<'a>(fixes: impl IntoIterator<Item = (&'a str, &'a Step)>) -> Self {
        let mut steps: Vec<Planned> = Vec::new();
        for (check, step) in fixes {
            let same = |it: &&mut Planned| it.kind == step.kind && it.run == step.run;
            match steps.iter_mut().find(same) {
                Some(there) => there.checks.push(check.to_owned()),
                None => steps.push(Planned {
                    checks: vec![check.to_owned()],
                    kind: step.kind,
                    risk: step.risk,
                    run: step.run.clone(),
                    check: step.check.clone(),
                    actions: step.actions.clone(),
                }),
            }
        }
        Self { steps }
    }
}
