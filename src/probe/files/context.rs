//! What a directory passes on to its entries: who gets in, who may change its names, which part of the
//! install it is. Rights are sets of watched principals.

use super::principals::Set;
use super::rights::Rights;
use super::tally::Area;
use crate::access::Entry;
use std::sync::Arc;

/// What a directory passes on to its entries.
#[derive(Clone)]
pub(super) struct Context {
    /// Who can get to the directory.
    pub(super) outer: Set,
    /// Who can get into the directory, also by changing its mode first.
    pub(super) reach: Set,
    /// Who can change the names in it.
    pub(super) names: Set,
    /// Who owns it.
    pub(super) owners: Set,
    /// Whether only owners may take names away.
    pub(super) sticky: bool,
    /// Who could put another directory in the place of one above it.
    pub(super) above: Set,
    /// The directory that `above` is about.
    pub(super) above_path: Arc<[u8]>,
    pub(super) area: Area,
    /// Whether the product compiles code into this directory.
    pub(super) compiled: bool,
    pub(super) in_web_root: bool,
    /// The first directory below the walk's root; `None` in that root, where each directory is its
    /// own.
    pub(super) top: Option<Arc<[u8]>>,
    /// The directory itself.
    pub(super) entry: Arc<Entry>,
}

impl Context {
    /// Who gets into the directory and may change its names, by the rights over it: its owner may
    /// always give himself the rest.
    pub(super) fn enter(&mut self, rights: &Rights) {
        self.reach = self.outer & (rights.search | rights.chmod);
        self.names = self.reach & (rights.names | rights.chmod);
    }
}
