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
    /// The fixes that it carries out; one for each check that asks for it.
    pub fixes: Vec<FixOf>,
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
            let fix = FixOf {
                check: check.to_owned(),
                number: step.number,
            };
            match steps.iter_mut().find(same) {
                Some(there) => there.fixes.push(fix),
                None => steps.push(Planned {
                    fixes: vec![fix],
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
