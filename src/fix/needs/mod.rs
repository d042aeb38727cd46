//! Whether a deed would take away something that the helpdesk needs: each is tried on paper, over the
//! facts, before it may stand in a plan. Refuses to let pass what cannot be told: such a deed is done by a
//! person who knows.

mod database;
mod disk;
mod place;
mod request;
mod server;
#[cfg(test)]
mod tests;

use super::action::Action;
use super::plan::FixOf;
use super::render::Step;
use crate::check::StepKind;
use crate::facts::Facts;
use database::Database;
use disk::Disk;
use server::Servers;
use std::collections::BTreeMap;

/// What the helpdesk needs, as the deeds that were admitted so far leave it.
#[derive(Clone)]
pub struct Needs {
    disk: Disk,
    servers: Servers,
    database: Database,
}

impl Needs {
    /// By these facts.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        Self {
            disk: Disk::of(facts),
            servers: Servers::of(facts),
            database: Database::of(facts),
        }
    }

    /// Takes the deeds of one fix as done, in their order.
    ///
    /// # Errors
    /// What they would take away, a clause; then they count as not done. The helpdesk may go without
    /// between two deeds of one fix, but not after the last.
    pub fn admit(&mut self, deeds: &[Action]) -> Result<(), String> {
        let mut after = self.clone();
        for deed in deeds {
            after.disk.carry_out(deed)?;
            after.servers.carry_out(deed, &mut after.disk)?;
            after.database.carry_out(deed)?;
        }
        let taken = after.disk.taken(&self.disk);
        let taken = taken.or_else(|| after.servers.taken(&after.disk));
        if let Some(taken) = taken.or_else(|| after.database.taken()) {
            return Err(taken);
        }
        *self = after;
        Ok(())
    }

    /// What this deed alone would take away, a clause; nothing where it is harmless.
    #[must_use]
    pub fn objection(&self, deed: &Action) -> Option<String> {
        self.clone().admit(std::slice::from_ref(deed)).err()
    }
}

/// These fixes, each with its check's id; one that would take away something that the helpdesk needs is left
/// to a person, and says what that is.
#[must_use]
pub fn harmless<'a>(facts: &Facts, fixes: &[(&'a str, &'a Step)]) -> Vec<(&'a str, Step)> {
    let refused = refused(facts, fixes);
    let kept = |(check, step): &(&'a str, &'a Step)| {
        let fix = FixOf {
            check: (*check).to_owned(),
            number: step.number,
        };
        let step = (*step).clone();
        let step = match refused.get(&fix) {
            None => step,
            Some(taken) => Step {
                kind: StepKind::Manual,
                run: format!(
                    "This is not carried out, because {taken}. See to that first:\n{}",
                    step.run
                ),
                actions: Vec::new(),
                ..step
            },
        };
        (*check, step)
    };
    fixes.iter().map(kept).collect()
}

/// Those that would take something away, and what. One that is harmless only once another is done is tried
/// again after it.
fn refused(facts: &Facts, fixes: &[(&str, &Step)]) -> BTreeMap<FixOf, String> {
    let mut needs = Needs::of(facts);
    let mut waiting: Vec<(FixOf, &[Action])> = fixes
        .iter()
        .filter(|(_, step)| !step.actions.is_empty())
        .map(|(check, step)| {
            let fix = FixOf {
                check: (*check).to_owned(),
                number: step.number,
            };
            (fix, step.actions.as_slice())
        })
        .collect();
    loop {
        let before = waiting.len();
        let mut refused = BTreeMap::new();
        waiting.retain(|(fix, deeds)| match needs.admit(deeds) {
            Ok(()) => false,
            Err(taken) => {
                refused.insert(fix.clone(), taken);
                true
            }
        });
        if waiting.len() == before {
            return refused;
        }
    }
}

/// The text of a PHP literal without escapes and variables.
fn literal(expression: &str) -> Option<&str> {
    let text = expression.trim();
    let quote = text.chars().next().filter(|it| matches!(it, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\\', '$', '\'', '"'])).then_some(inner)
}
