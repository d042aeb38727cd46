//! Deeds of many fixes become one list in which each thing is done once. What another deed does as
//! well is named with it; what two fixes want differently is a conflict that a person decides. Refuses
//! to choose between them.

mod agree;
mod bits;
mod contain;
mod entry;
mod snippet;

use super::action::Action;
use super::plan::FixOf;
use crate::check::Risk;
use std::collections::{BTreeMap, BTreeSet};

/// A fix that asks for a deed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    /// Which.
    pub(super) fix: FixOf,
    /// What the fix may disturb.
    pub(super) risk: Risk,
    /// A command that shows that it took effect.
    pub(super) verify: Option<String>,
    /// What a person should know of it.
    pub(super) note: Option<String>,
}

/// A deed and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) action: Action,
    pub(super) origins: BTreeSet<Origin>,
}

impl Deed {
    pub(super) fn checks(&self) -> BTreeSet<String> {
        self.origins.iter().map(|it| it.fix.check.clone()).collect()
    }
}

/// A deed that another one makes needless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The deed.
    pub action: Action,
    /// The checks that asked for it, by id.
    pub checks: BTreeSet<String>,
    /// The deed that does the same, or more.
    pub by: Action,
    /// Why that is so.
    pub because: &'static str,
}

/// Deeds that cannot both be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What they disagree about.
    pub about: String,
    /// What is wanted, and by which checks.
    pub sides: Vec<(Action, BTreeSet<String>)>,
}

/// What merging came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) deeds: Vec<Deed>,
    pub(super) covered: Vec<Covered>,
    pub(super) conflicts: Vec<Conflict>,
}

impl Merged {
    /// One deed stands for several; those that are written otherwise are named.
    fn keep(&mut self, action: Action, from: &[Deed], because: &'static str) {
        let mut origins = BTreeSet::new();
        for deed in from {
            origins.extend(deed.origins.iter().cloned());
            if deed.action != action {
                self.cover(deed, &action, because);
            }
        }
        self.deeds.push(Deed { action, origins });
    }

    fn cover(&mut self, deed: &Deed, by: &Action, because: &'static str) {
        self.covered.push(Covered {
            action: deed.action.clone(),
            checks: deed.checks(),
            by: by.clone(),
            because,
        });
    }

    fn conflict(&mut self, about: String, deeds: &[Deed]) {
        let sides = deeds.iter().map(|it| (it.action.clone(), it.checks()));
        self.conflicts.push(Conflict {
            about,
            sides: sides.collect(),
        });
    }
}

/// Merges deeds, in whatever order they come.
pub(super) fn merge(deeds: impl IntoIterator<Item = Deed>) -> Merged {
    let mut merged = Merged::default();
    let mut same: BTreeMap<String, Deed> = BTreeMap::new();
    for deed in deeds {
        let key = serde_json::to_string(&deed.action).unwrap_or_default();
        match same.get_mut(&key) {
            Some(there) => there.origins.extend(deed.origins),
            None => {
                same.insert(key, deed);
            }
        }
    }
    let mut subjects: BTreeMap<String, Vec<Deed>> = BTreeMap::new();
    for deed in same.into_values() {
        subjects
            .entry(agree::subject(&deed.action))
            .or_default()
            .push(deed);
    }
    for deeds in subjects.into_values() {
        match deeds.first().map(|it| &it.action) {
            Some(
                Action::Own { .. }
                | Action::Mode { .. }
                | Action::StripAcl { .. }
                | Action::GrantAcl { .. }
                | Action::Directory { .. },
            ) => entry::merge(&deeds, &mut merged),
            Some(Action::Snippet { .. }) => snippet::merge(&deeds, &mut merged),
            _ => agree::merge(&deeds, &mut merged),
        }
    }
    contain::merge(&mut merged);
    merged
}
