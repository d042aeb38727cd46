//! Groups of findings, bounded in number. A group is found by its key once and by its place from then
//! on, because neighbours in a directory mostly fall into the same one.

use super::worst::Worst;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Examples kept in each group.
const EXAMPLES: usize = 5;
/// Directories named as holding most of a group.
const DIRECTORIES: usize = 3;
/// Groups kept; a tree that makes more of them says so.
const MOST: usize = 4096;

/// An entry worth naming: the worst sort first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Example {
    /// 0 for code and directories, 1 for the rest.
    pub(super) rank: u8,
    /// How deep it lies.
    pub(super) depth: u16,
    /// Its path.
    pub(super) path: Vec<u8>,
    /// What decides.
    pub(super) because: String,
}

/// One group.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) examples: Worst<Example>,
    /// Directories by how many of the group they hold, most first.
    pub(super) directories: Worst<(Reverse<u64>, Vec<u8>)>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            examples: Worst::new(EXAMPLES),
            directories: Worst::new(DIRECTORIES),
        }
    }
}

/// All groups of one kind.
#[derive(Debug, Clone)]
pub(super) struct Groups<K> {
    places: BTreeMap<K, usize>,
    groups: Vec<Group>,
    /// Whether there were more than are kept.
    pub(super) dropped: bool,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            groups: Vec::new(),
            dropped: false,
        }
    }
}

impl<K: Ord> Groups<K> {
    /// Where the group of this key is; `None` where there are too many already.
    pub(super) fn place(&mut self, key: K) -> Option<usize> {
        if let Some(place) = self.places.get(&key) {
            return Some(*place);
        }
        if self.groups.len() >= MOST {
            self.dropped = true;
            return None;
        }
        let place = self.groups.len();
        self.groups.push(Group::default());
        self.places.insert(key, place);
        Some(place)
    }

    /// The group at a place.
    pub(super) fn at(&mut self, place: usize) -> Option<&mut Group> {
        self.groups.get_mut(place)
    }

    /// Every group, in the order of the keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &Group)> {
        self.places
            .iter()
            .filter_map(|(key, place)| Some((key, self.groups.get(*place)?)))
    }

    /// Takes in what another thread grouped.
    pub(super) fn merge(&mut self, other: Self) {
        self.dropped |= other.dropped;
        let mut groups: Vec<Option<Group>> = other.groups.into_iter().map(Some).collect();
        for (key, place) in other.places {
            let Some(theirs) = groups.get_mut(place).and_then(Option::take) else {
                continue;
            };
            let ours = self.place(key).and_then(|place| self.groups.get_mut(place));
            if let Some(ours) = ours {
                ours.examples.merge(theirs.examples);
                ours.directories.merge(theirs.directories);
            }
        }
    }
}
