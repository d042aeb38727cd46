//! Carries out a plan: deed after deed, change after change, each written down before it is made.
//! Refuses deeds that no room here knows how to carry out, and stops at the first surprise.

use super::change::Change;
use super::journal::{Heading, Journal, Line};
use super::surprise::Why;
use super::{Surprise, Told, World, deed, kept};
use crate::fix::{Plan, Server};
use std::path::{Path, PathBuf};

/// What was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// How many deeds.
    pub deeds: usize,
    /// How many changes they took; none where all was as it should be.
    pub changes: u64,
    /// Where they can be undone from.
    pub journal: PathBuf,
}

/// Carries out the deeds of a plan, in its order. The journal is a directory that is made; it stays
/// after a surprise, so that what was done can be undone.
///
/// # Errors
/// The first thing that was not as it should be. Nothing is changed after it.
pub fn apply(
    world: &mut World<'_>,
    plan: &Plan,
    journal: &Path,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<Applied, Surprise> {
    let heading = Heading::new(&world.host.root, &world.install, &world.started);
    let (written, kept) = Journal::create(journal, &heading).map_err(|it| it.kind(Why::Unbegun))?;
    world.kept = Some(kept);
    let mark = format!("{} {}", journal.display(), world.started);
    let word = kept::sha256(mark.as_bytes());
    world.beside.0 = word.get(..8).unwrap_or_default().to_owned();
    world.undoing = false;
    world.editions.clear();
    let actions = || plan.steps.iter().flat_map(|it| &it.actions);
    let (planned, servers) = (
        deed::edit::planned(actions()),
        deed::edit::reloaded(actions()),
    );
    let of = plan.steps.iter().map(|step| step.actions.len()).sum();
    let mut work = Work {
        world,
        journal: written,
        told,
        changes: 0,
        planned,
        servers,
        waiting: Vec::new(),
    };
    let mut deeds = 0;
    for step in &plan.steps {
        for action in &step.actions {
            deeds += 1;
            (work.told)(Told::Deed(deeds, of, action));
            let checks = step.fixes.iter().map(|fix| fix.check.clone());
            work.journal.write(&[Line::Mends(checks.collect())])?;
            let carried_out = deed::carry_out(&mut work, action);
            for text in std::mem::take(&mut work.world.says) {
                (work.told)(Told::Says(&text));
            }
            carried_out?;
        }
    }
    Ok(Applied {
        deeds,
        changes: work.changes,
        journal: journal.to_owned(),
    })
}

/// What a deed works with: it looks at the world, and hands in changes.
pub(super) struct Work<'w, 'h> {
    /// The world, to look at.
    pub(super) world: &'w mut World<'h>,
    journal: Journal,
    told: &'w mut dyn FnMut(Told<'_>),
    changes: u64,
    /// Every file that the plan edits, and the servers that may have to take it up.
    pub(super) planned: Vec<(PathBuf, Vec<Server>)>,
    /// The servers that it reloads, until the journal holds that their files are edited.
    servers: Vec<Server>,
    /// Edits that a server may still refuse.
    pub(super) waiting: Vec<(PathBuf, Change)>,
}

impl Work<'_, '_> {
    /// The servers that no mark stands for yet; they are taken as marked from now on.
    pub(super) fn servers_to_mark(&mut self) -> Vec<Server> {
        std::mem::take(&mut self.servers)
    }

    /// Makes one change, if it is one.
    ///
    /// # Errors
    /// That the journal could not be written, or that the state before is not there any more.
    pub(super) fn change(&mut self, change: Change) -> Result<(), Surprise> {
        self.changes(vec![change])
    }

    /// Makes changes of different entries, written down together before the first of them is made.
    ///
    /// # Errors
    /// The same.
    pub(super) fn changes(&mut self, changes: Vec<Change>) -> Result<(), Surprise> {
        let lines: Vec<Line> = changes
            .into_iter()
            .filter(|change| !change.is_none())
            .map(|change| Line::Change(Box::new(change)))
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        self.journal.write(&lines)?;
        for change in lines.into_iter().filter_map(Line::change) {
            match change.forward(self.world) {
                // A file of a tree that went by itself needs no change; a deed on one entry looked for it.
                Err(surprise) if surprise.kind == Why::Gone && change.is_light() => {
                    (self.told)(Told::Gone(&change));
                }
                done => {
                    done?;
                    self.changes += 1;
                    (self.told)(Told::Changed(&change));
                }
            }
        }
        Ok(())
    }
}
