//! The short way for the many: a plain file of the same class as one already met in this directory counts
//! where that one counted. Refuses names that mean something, and findings that could still become examples.

use super::context::Context;
use super::groups::Group;
use super::names;
use super::observer::Observer;
use super::tally::Area;
use super::walk::Place;
use crate::access::{Entry, Kind};
use crate::host::Stamp;

/// The class met last in one directory, and where it counts.
#[derive(Default)]
pub(super) struct Alike {
    stamp: Option<Stamp>,
    /// The directory: its context lives as long as it is read.
    directory: usize,
    owner: usize,
    runs: Vec<usize>,
}

impl Alike {
    /// The class that need not be asked again in this directory.
    pub(super) fn stamp(&self, place: &Place<'_, Context>) -> Option<Stamp> {
        self.stamp.filter(|_| self.directory == address(place))
    }

    /// A directory ends, and its runs with it.
    pub(super) const fn forget(&mut self) {
        self.stamp = None;
    }
}

fn address(place: &Place<'_, Context>) -> usize {
    place.path.as_ptr().addr()
}

impl Observer<'_> {
    /// Whether nothing but its class tells this file, whose name is not odd, from its neighbours.
    pub(super) fn is_plain(&self, place: &Place<'_, Context>, name: &[u8]) -> bool {
        self.survey.checksums.is_none() && place.context.area == Area::App && !names::is_php(name)
    }

    /// Remembers the class of a plain file just met, where its like can add nothing but a number.
    pub(super) fn remember(
        &mut self,
        place: &Place<'_, Context>,
        stamp: Option<Stamp>,
        entry: &Entry,
    ) {
        self.alike.forget();
        let (Some(stamp), Some((_, owner))) = (stamp, self.last_owner) else {
            return;
        };
        if entry.kind != Kind::File || entry.mode & 0o6000 != 0 {
            return;
        }
        let Some(runs) = self.runs.get(place.depth) else {
            return;
        };
        let groups = self
            .touched
            .iter()
            .filter_map(|run| Some(runs.get(*run)?.group));
        let mut groups: Vec<usize> = groups.collect();
        let changes = &mut self.tally.changes;
        let settled = groups.drain(..).all(|group| {
            changes
                .at(group)
                .is_some_and(|group| is_settled(group, place.depth))
        });
        let owners = self.tally.owners.at(owner);
        if settled && owners.is_some_and(|group| is_settled(group, place.depth)) {
            self.alike.stamp = Some(stamp);
            self.alike.directory = address(place);
            self.alike.owner = owner;
            self.alike.runs.clone_from(&self.touched);
        }
    }

    /// Counts one more of the class that was remembered.
    pub(super) fn again(&mut self, place: &Place<'_, Context>) {
        self.tally.entries += 1;
        if let Some(group) = self.tally.owners.at(self.alike.owner) {
            group.examples.pass_over();
        }
        let Some(runs) = self.runs.get_mut(place.depth) else {
            return;
        };
        for index in &self.alike.runs {
            let Some(run) = runs.get_mut(*index) else {
                continue;
            };
            run.count += 1;
            if let Some(group) = self.tally.changes.at(run.group) {
                group.examples.pass_over();
            }
        }
    }
}

/// Whether a plain file at this depth is surely worse than every example that is kept.
fn is_settled(group: &Group, depth: usize) -> bool {
    let depth = u16::try_from(depth).unwrap_or(u16::MAX);
    group
        .examples
        .last()
        .is_some_and(|kept| (kept.rank, kept.depth) < (1, depth))
}
