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
        Self {
            state: other.state.clone().or_else(|| self.state.clone()),
            choices,
            base: other.base.clone().or_else(|| self.base.clone()),
            directory: other.directory.clone(),
            rules: inherited(choices.unwrap_or_default(), &self.rules, &other.rules),
            pending: Vec::new(),
        }
    }
}

/// The rules of a section, with those of the one around where `Inherit` says so.
pub(super) fn inherited(choices: Choices, base: &[Arc<Rule>], own: &[Arc<Rule>]) -> Vec<Arc<Rule>> {
    let (first, then) = match (choices.inherit, choices.inherit_before) {
        (true, _) => (own, base),
        (false, true) => (base, own),
        _ => return own.to_vec(),
    };
    first.iter().chain(then).cloned().collect()
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
