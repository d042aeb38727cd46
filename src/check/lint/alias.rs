//! Former ids of checks, which waivers and baselines still name. Refuses one that could cover another
//! check.

use crate::check::Catalogue;
use std::collections::BTreeMap;

/// A former id must be one, and may not be claimed twice: a waiver would cover another check.
pub(super) fn misleading(catalogue: &Catalogue) -> Vec<(&str, String)> {
    let mut owners: BTreeMap<&str, &str> = catalogue
        .checks
        .iter()
        .map(|check| (check.id.as_str(), check.id.as_str()))
        .collect();
    let mut wrong = Vec::new();
    for check in &catalogue.checks {
        for alias in &check.aliases {
            if !is_well_named(alias) {
                wrong.push((
                    check.id.as_str(),
                    format!("the alias `{alias}` is no id of a check"),
                ));
            }
            if let Some(owner) = owners.insert(alias, &check.id) {
                wrong.push((
                    check.id.as_str(),
                    format!("the alias `{alias}` belongs to {owner} already"),
                ));
            }
        }
    }
    wrong
}

/// `area/good-state` in kebab-case.
pub(super) fn is_well_named(id: &str) -> bool {
    let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-');
    id.split('/').count() == 2 && id.chars().all(usual)
}
