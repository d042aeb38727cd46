//! mod_rewrite: rules of servers and of directories (modules/mappers/mod_rewrite.c). Refuses maps
//! that run programs or ask databases.

mod apply;
mod condition;
mod expand;
mod hooks;
mod map;
mod rule;
mod url;

pub(super) use hooks::{REDIRECT, fixup, translate};
pub(super) use map::Map;
pub(super) use rule::{Rule, Test};

use super::said::Said;
use crate::route::{Place, Word};
use std::sync::Arc;

/// `RewriteOptions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Choices {
    pub(super) inherit: bool,
    pub(super) inherit_before: bool,
    pub(super) inherit_down: bool,
    pub(super) inherit_down_before: bool,
    pub(super) ignore_inherit: bool,
    pub(super) merge_base: bool,
    pub(super) no_slash: bool,
    pub(super) ignore_context: bool,
    pub(super) legacy_prefix: bool,
}

/// What one section says about rewriting.
#[derive(Debug, Clone, Default)]
pub(super) struct PerDirectory {
    pub(super) state: Option<Said<bool>>,
    pub(super) choices: Option<Choices>,
    pub(super) base: Option<Said<Vec<u8>>>,
    /// Whether `MergeBase` takes the base for said here. Merging forgets it unless `MergeBase` is on.
    pub(super) base_said: bool,
    /// The section's path with a slash; none outside of sections.
    pub(super) directory: Option<Vec<u8>>,
    pub(super) rules: Vec<Arc<Rule>>,
    /// Conditions that wait for their rule.
    pub(super) pending: Vec<Test>,
}

impl PerDirectory {
    /// This, and then another section (`config_perdir_merge`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let choices = other.choices.or(self.choices);
        let effective = choices.unwrap_or_default();
        let keeps_base = effective.merge_base && !other.base_said;
        Self {
            state: other.state.clone().or_else(|| self.state.clone()),
            choices,
            base: if keeps_base { &self.base } else { &other.base }.clone(),
            base_said: effective.merge_base && (self.base_said || other.base_said),
            directory: other.directory.clone(),
            rules: effective
                .inheriting(self.choices.unwrap_or_default())
                .join(&self.rules, &other.rules),
            pending: Vec::new(),
        }
    }
}

/// Where the rules of what is around stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inheriting {
    No,
    After,
    Before,
}

impl Choices {
    /// Whether the rules of what is around, which has its own choices, are inherited
    /// (`config_server_merge`, `config_perdir_merge`).
    pub(super) const fn inheriting(self, around: Self) -> Inheriting {
        let pushed = !self.ignore_inherit;
        if self.inherit || (around.inherit_down && pushed) {
            Inheriting::After
        } else if self.inherit_before || (around.inherit_down_before && pushed) {
            Inheriting::Before
        } else {
            Inheriting::No
        }
    }
}

impl Inheriting {
    /// A section's rules, with those of the one around it.
    pub(super) fn join(self, around: &[Arc<Rule>], own: &[Arc<Rule>]) -> Vec<Arc<Rule>> {
        let (first, then) = match self {
            Self::No => return own.to_vec(),
            Self::After => (own, around),
            Self::Before => (around, own),
        };
        first.iter().chain(then).cloned().collect()
    }
}

/// `RewriteOptions`; an error names what is not modelled.
pub(super) fn choices(
    words: &[Word],
    before: Option<Choices>,
    at: &Place,
) -> Result<Choices, super::said::Stop> {
    let mut choices = before.unwrap_or_default();
    for word in words {
        match word.text().to_ascii_lowercase().as_str() {
            "inherit" => choices.inherit = true,
            "inheritbefore" => choices.inherit_before = true,
            "inheritdown" => choices.inherit_down = true,
            "inheritdownbefore" => choices.inherit_down_before = true,
            "ignoreinherit" => choices.ignore_inherit = true,
            "mergebase" => choices.merge_base = true,
            "allownoslash" => choices.no_slash = true,
            "ignorecontextinfo" => choices.ignore_context = true,
            "legacyprefixdocroot" => choices.legacy_prefix = true,
            "allowanyuri" | "longurloptimization" => {}
            other => {
                let text = format!("not modelled: RewriteOptions {other}");
                return Err(super::said::Stop::at(at, text));
            }
        }
    }
    Ok(choices)
}
