//! What the lines amount to: whether their holder may do something somewhere. Rules: `acl_get` and
//! `check_access` of both servers; of several schema patterns that fit, one alone counts.

use super::{Account, Line, Object, Privilege, SchemaPattern};
use std::collections::{BTreeMap, BTreeSet};

/// Everything but the right to hand on.
const ALL: &str = "ALL PRIVILEGES";

/// The privileges of one holder: an account, or a role with the roles that it holds.
#[derive(Debug, Clone, Default)]
pub struct Powers {
    global: BTreeSet<String>,
    schemas: BTreeMap<SchemaPattern, BTreeSet<String>>,
    tables: BTreeMap<(String, String), BTreeSet<String>>,
    columns: BTreeSet<(String, String, String, String)>,
    revoked: BTreeMap<String, BTreeSet<String>>,
}

/// What an account may do, by itself and through its roles.
#[derive(Debug, Clone, Default)]
pub struct Privileges {
    /// By itself.
    pub own: Powers,
    /// Through each role that it may take on.
    pub roles: Vec<(Account, Powers)>,
}

impl Powers {
    /// The powers that these lines give together.
    #[must_use]
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut powers = Self::default();
        for line in lines {
            match line {
                Line::Grant {
                    privileges, object, ..
                } => privileges.iter().for_each(|one| powers.add(one, object)),
                Line::Revoke {
                    privileges,
                    object: Object::Schema(schema),
                } => {
                    let names = privileges.iter().map(|one| one.name.clone());
                    let revoked = powers.revoked.entry(schema.text().to_owned());
                    revoked.or_default().extend(names);
                }
                _ => {}
            }
        }
        powers
    }

    fn add(&mut self, privilege: &Privilege, object: &Object) {
        let name = privilege.name.clone();
        match object {
            Object::Global => {
                self.global.insert(name);
            }
            Object::Schema(schema) => {
                self.schemas.entry(schema.clone()).or_default().insert(name);
            }
            Object::Table(schema, table) if privilege.columns.is_empty() => {
                let key = (schema.clone(), table.clone());
                self.tables.entry(key).or_default().insert(name);
            }
            Object::Table(schema, table) => self.columns.extend(
                privilege
                    .columns
                    .iter()
                    .map(|column| (schema.clone(), table.clone(), column.clone(), name.clone())),
            ),
            Object::Routine(..) => {}
        }
    }

    /// Whether a privilege holds everywhere.
    #[must_use]
    pub fn may_everywhere(&self, privilege: &str) -> bool {
        has(&self.global, privilege) && self.revoked.is_empty()
    }

    /// Whether a privilege holds in a whole schema.
    #[must_use]
    pub fn may_in(&self, privilege: &str, schema: &str) -> bool {
        let revoked = self.revoked.get(schema);
        if has(&self.global, privilege) && !revoked.is_some_and(|set| has(set, privilege)) {
            return true;
        }
        // The one that is most specific; of equals, the first by its name, which comes last here.
        let fitting = self
            .schemas
            .iter()
            .rev()
            .filter(|(pattern, _)| pattern.covers(schema));
        fitting
            .max_by_key(|(pattern, _)| pattern.specificity())
            .is_some_and(|(_, names)| has(names, privilege))
    }

    /// Whether a privilege holds on a table as a whole.
    #[must_use]
    pub fn may_on(&self, privilege: &str, schema: &str, table: &str) -> bool {
        let key = (schema.to_owned(), table.to_owned());
        self.may_in(privilege, schema)
            || self
                .tables
                .get(&key)
                .is_some_and(|names| has(names, privilege))
    }

    /// Whether a privilege holds on a column.
    #[must_use]
    pub fn may_on_column(&self, privilege: &str, schema: &str, table: &str, column: &str) -> bool {
        let own = |text: &str| text.to_owned();
        self.may_on(privilege, schema, table)
            || self
                .columns
                .contains(&(own(schema), own(table), own(column), own(privilege)))
    }
}

impl Privileges {
    /// Everything that the account may take on: itself, and each of its roles.
    pub fn all(&self) -> impl Iterator<Item = &Powers> {
        std::iter::once(&self.own).chain(self.roles.iter().map(|(_, powers)| powers))
    }
}

fn has(names: &BTreeSet<String>, privilege: &str) -> bool {
    names.contains(privilege) || privilege != "GRANT OPTION" && names.contains(ALL)
}
