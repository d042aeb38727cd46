//! What the walk found, counted and grouped where it arises, so that memory does not grow with the
//! tree. Two tallies merge in any order to the same result.

use super::groups::Groups;
use super::principals::Watch;
use super::worst::Worst;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files of one kind that are listed one by one.
const LISTED: usize = 200;
/// Which part of the install an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    /// Code and configuration.
    App,
    /// What the product writes.
    Data,
}

impl Area {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Data => "data",
        }
    }
}

/// How an entry can be changed, the plainest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    Write,
    Chmod,
    Replace,
    Above,
}

/// Entries that belong together in a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChangeKey {
    /// What the account does for the helpdesk.
    pub(super) watch: Watch,
    /// The account, by its place among the watched ones.
    pub(super) principal: u8,
    pub(super) area: Area,
    pub(super) right: Right,
    pub(super) mechanism: &'static str,
    /// The first directory below the walk's root.
    pub(super) top: Arc<[u8]>,
}

/// Code that is read by one right alone: by whom, whether as a member of its group, and its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReadAsKey {
    /// The account, by its place among the watched ones.
    pub(super) principal: u8,
    pub(super) as_member: bool,
    pub(super) owner: u32,
}

/// A file listed by itself; those that strangers can read come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    /// 0 for the worst sort.
    pub(super) rank: u8,
    pub(super) path: Vec<u8>,
    pub(super) kind: String,
    pub(super) uid: u32,
    pub(super) mode: u32,
    pub(super) readers: u128,
    pub(super) unsure: bool,
    pub(super) in_web_root: bool,
    pub(super) note: String,
}

/// Everything that one thread found.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) entries: u64,
    pub(super) directories: u64,
    pub(super) unseen: u64,
    pub(super) changes: Groups<ChangeKey>,
    pub(super) owners: Groups<(Area, u32)>,
    pub(super) leftovers: Worst<Listed>,
    pub(super) backups: Worst<Listed>,
    pub(super) scripts: Worst<Listed>,
    pub(super) setid: Worst<Listed>,
    pub(super) links: Worst<Listed>,
    pub(super) modified: Worst<Listed>,
    /// Listed files of the checksum list that were met, by their number.
    pub(super) met: BTreeSet<u32>,
    pub(super) compared: u64,
    /// Code that an account reads only as its owner or as a member of its group.
    pub(super) read_as: BTreeMap<ReadAsKey, Worst<Vec<u8>>>,
    /// Whether there were more sorts of it than are kept.
    pub(super) read_as_dropped: bool,
    /// What could not be looked at, by reason.
    pub(super) missed: BTreeMap<String, Worst<Vec<u8>>>,
    /// What could not be told of entries that were seen, by reason.
    pub(super) unsure: BTreeMap<String, Worst<Vec<u8>>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            entries: 0,
            directories: 0,
            unseen: 0,
            changes: Groups::default(),
            owners: Groups::default(),
            leftovers: Worst::new(LISTED),
            backups: Worst::new(LISTED),
            scripts: Worst::new(LISTED),
            setid: Worst::new(LISTED),
            links: Worst::new(LISTED),
            modified: Worst::new(LISTED),
            met: BTreeSet::new(),
            compared: 0,
            read_as: BTreeMap::new(),
            read_as_dropped: false,
            missed: BTreeMap::new(),
            unsure: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Notes something that could not be looked at.
    pub(super) fn miss(&mut self, reason: String, path: Vec<u8>) {
        self.unseen += 1;
        note(&mut self.missed, reason, path);
    }

    /// Notes something that was seen but could not be judged.
    pub(super) fn doubt(&mut self, reason: String, path: Vec<u8>) {
        note(&mut self.unsure, reason, path);
    }

    /// Notes code that an account reads only as its owner or as a member of its group.
    pub(super) fn read_as(&mut self, key: ReadAsKey, path: impl FnOnce() -> Vec<u8>) {
        const SORTS: usize = 256;
        if self.read_as.len() >= SORTS && !self.read_as.contains_key(&key) {
            self.read_as_dropped = true;
            return;
        }
        let worst = self.read_as.entry(key).or_insert_with(|| Worst::new(1));
        if worst.last().is_some() {
            worst.pass_over();
        } else {
            worst.offer(path());
        }
    }

    /// Takes in what another thread found.
    pub(super) fn merge(&mut self, other: Self) {
        self.entries += other.entries;
        self.directories += other.directories;
        self.unseen += other.unseen;
        self.compared += other.compared;
        self.changes.merge(other.changes);
        self.owners.merge(other.owners);
        self.leftovers.merge(other.leftovers);
        self.backups.merge(other.backups);
        self.scripts.merge(other.scripts);
        self.setid.merge(other.setid);
        self.links.merge(other.links);
        self.modified.merge(other.modified);
        self.met.extend(other.met);
        for (key, worst) in other.read_as {
            self.read_as
                .entry(key)
                .or_insert_with(|| Worst::new(1))
                .merge(worst);
        }
        self.read_as_dropped |= other.read_as_dropped;
        for (reason, worst) in other.missed {
            self.missed
                .entry(reason)
                .or_insert_with(|| Worst::new(1))
                .merge(worst);
        }
        for (reason, worst) in other.unsure {
            self.unsure
                .entry(reason)
                .or_insert_with(|| Worst::new(1))
                .merge(worst);
        }
    }
}

fn note(table: &mut BTreeMap<String, Worst<Vec<u8>>>, reason: String, path: Vec<u8>) {
    const REASONS: usize = 256;
    if table.len() < REASONS || table.contains_key(&reason) {
        table
            .entry(reason)
            .or_insert_with(|| Worst::new(1))
            .offer(path);
    }
}
