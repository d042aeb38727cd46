//! An account as a whole: how it is identified, what is asked of its connections, what it may do. As the
//! server shows it, so that it can be compared, kept and brought back. Refuses what it does not understand
//! to the last word: half an account would be worse than none.

mod clauses;
mod look;
#[cfg(test)]
mod tests;
mod towards;

pub use look::Look;
pub use towards::{rename, turn};

use super::{Deed, needs};
use clauses::Clauses;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The right to hand on, as `SHOW GRANTS` names it.
const GRANT_OPTION: &str = "GRANT OPTION";

/// An account or a role. It may hold a password's hash, and is never shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// `IDENTIFIED …`; empty where any password but none is refused, and for roles.
    identified: String,
    /// `REQUIRE …`; empty where nothing is asked.
    require: String,
    /// Whether nobody can log in.
    locked: bool,
    /// What else the server says of it: limits, expiry.
    rest: String,
    /// What it may do where, objects as a GRANT names them; `ALL PRIVILEGES` beside what it stands for.
    privileges: BTreeMap<String, BTreeSet<String>>,
    /// The roles that it may take on, and whether it may hand them on.
    roles: BTreeMap<String, bool>,
    /// The role that it starts with.
    default_role: Option<String>,
    /// The accounts that it may act as, and whether it may hand that on.
    proxies: BTreeMap<String, bool>,
}

impl fmt::Debug for Definition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {:?}", self.privileges, self.roles)
    }
}

impl Definition {
    /// The same without the word for everything, which the server adds and takes away by itself.
    fn plain(&self) -> Self {
        let mut plain = self.clone();
        for names in plain.privileges.values_mut() {
            names.remove(needs::ALL);
        }
        plain
    }

    /// Whether two say the same.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        self.plain() == other.plain()
    }

    /// Whether every part of it is as in the one or as in the other: what statements leave that were cut
    /// off between both.
    #[must_use]
    pub fn is_between(&self, one: &Self, other: &Self) -> bool {
        let either = |part: fn(&Self) -> &str| part(self) == part(one) || part(self) == part(other);
        let flag = self.locked == one.locked || self.locked == other.locked;
        let (here, one, other) = (self.parts(), one.parts(), other.parts());
        let nothing_new = here
            .iter()
            .all(|part| one.contains(part) || other.contains(part));
        let nothing_lost = one.intersection(&other).all(|part| here.contains(part));
        either(|it| &it.identified)
            && either(|it| &it.require)
            && either(|it| &it.rest)
            && flag
            && nothing_new
            && nothing_lost
    }

    /// Everything that is granted, one by one.
    fn parts(&self) -> BTreeSet<(String, String)> {
        let plain = self.plain();
        let own = |text: &str| text.to_owned();
        let privileges = plain.privileges.iter().flat_map(|(on, names)| {
            names
                .iter()
                .map(|name| (on.clone(), name.clone()))
                .collect::<Vec<_>>()
        });
        let roles = plain
            .roles
            .iter()
            .map(|(role, may)| (format!("role {role}"), may.to_string()));
        let proxies = plain
            .proxies
            .iter()
            .map(|(of, may)| (format!("proxy {of}"), may.to_string()));
        let role = plain
            .default_role
            .iter()
            .map(|role| (own("default role"), role.clone()));
        privileges.chain(roles).chain(proxies).chain(role).collect()
    }

    /// What an account is once a deed is done to it; none where it is gone.
    ///
    /// # Errors
    /// Why the deed cannot be done to it.
    pub fn after(&self, deed: &Deed) -> Result<Option<Self>, String> {
        let mut next = self.clone();
        match deed {
            Deed::Grant { on, privileges, .. } => {
                let names = next.privileges.entry(on.spelled()?).or_default();
                names.extend(privileges.iter().cloned());
            }
            Deed::Revoke {
                on,
                privileges,
                grant_option,
                ..
            } => {
                let on = on.spelled()?;
                if let Some(names) = next.privileges.get_mut(&on) {
                    if privileges.iter().any(|name| name == needs::ALL) {
                        names.retain(|name| name == GRANT_OPTION);
                    } else if !privileges.is_empty() {
                        names.retain(|name| name != needs::ALL && !privileges.contains(name));
                    }
                    if *grant_option {
                        names.remove(GRANT_OPTION);
                    }
                    if names.is_empty() {
                        next.privileges.remove(&on);
                    }
                }
            }
            Deed::RevokeRole {
                role, role_host, ..
            } => {
                let role = super::spell::account(role, role_host.as_deref())?;
                next.roles.remove(&role);
                if next.default_role.as_ref() == Some(&role) {
                    next.default_role = None;
                }
            }
            Deed::RevokeProxy {
                as_user, as_host, ..
            } => {
                let other = super::spell::account(as_user, Some(as_host))?;
                next.proxies.remove(&other);
            }
            Deed::DropAccount { .. } => return Ok(None),
            Deed::LockAccount { .. } => next.locked = true,
            Deed::RequireTls { .. } => "REQUIRE SSL".clone_into(&mut next.require),
            Deed::SocketLogin { .. } => {
                "IDENTIFIED VIA unix_socket".clone_into(&mut next.identified);
            }
            Deed::RenameAccount { .. } => {}
            Deed::Settings { .. }
            | Deed::RandomSetting { .. }
            | Deed::Preference { .. }
            | Deed::Variable { .. }
            | Deed::NoAdmin { .. } => {
                return Err("it is no deed to an account".to_owned());
            }
        }
        Ok(Some(next))
    }

    /// The same with another way to be identified.
    #[must_use]
    pub fn identified_by(&self, clause: &str) -> Self {
        Self {
            identified: clause.to_owned(),
            ..self.clone()
        }
    }

    /// The same without anything that it may do.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self {
            privileges: BTreeMap::new(),
            roles: BTreeMap::new(),
            default_role: None,
            proxies: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// What it may do, in a few words. How it is identified is not told.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts: Vec<String> = self
            .privileges
            .iter()
            .map(|(on, names)| match names.len() {
                _ if names.contains(needs::ALL) => format!("everything on {on}"),
                1..=3 => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    format!("{} on {on}", names.join(" and "))
                }
                many => format!("{many} privileges on {on}"),
            })
            .collect();
        parts.extend(self.roles.keys().map(|role| format!("the role {role}")));
        parts.extend(self.proxies.keys().map(|of| format!("proxy of {of}")));
        if self.locked {
            parts.push("locked".to_owned());
        }
        if !self.require.is_empty() {
            parts.push(self.require.to_lowercase());
        }
        match parts.is_empty() {
            true => "one that may do nothing".to_owned(),
            false => parts.join(", "),
        }
    }

    fn take(&mut self, clauses: Clauses) {
        self.identified = clauses.identified;
        self.require = clauses.require;
        self.locked = clauses.locked;
        self.rest = clauses.rest;
    }
}
