//! The product's database account on paper: what it holds now, and what a deed leaves of it.

use crate::facts::{DatabaseFacts, Facts};
use crate::fix::action::Action;
use crate::needs;
use crate::sql::grants::{Line, Object, Powers, Privilege, SchemaPattern};
use crate::sql::needs::{ALL, RUN_TIME, all};
use crate::sql::{Deed, Level, On};
use std::collections::BTreeSet;

/// The account as the deeds so far leave it.
#[derive(Clone)]
pub(super) struct Database {
    user: Option<String>,
    host: Option<String>,
    schema: Option<String>,
    /// Why there may be grants that nobody saw.
    missed: Option<String>,
    /// What it holds itself, and where.
    held: BTreeSet<(On, String)>,
    /// What it needs and has.
    needed: BTreeSet<&'static str>,
    /// Roles that bring it something that it needs.
    roles: BTreeSet<String>,
    /// Whether the product asks for TLS, or the connection needs none.
    tls: bool,
}

impl Database {
    pub(super) fn of(facts: &Facts) -> Self {
        let database = &facts.database;
        let account = &database.account;
        let mut held = BTreeSet::new();
        let mut roles = BTreeSet::new();
        for row in &account.grants.rows {
            if !row.role.is_empty() {
                // One that gives nothing of what it needs can go.
                if !row.gives.is_empty() {
                    let own = [&row.through, &row.role];
                    let own = own.into_iter().find(|name| !name.is_empty());
                    roles.extend(own.cloned());
                }
                continue;
            }
            let on = On {
                level: match row.level.as_str() {
                    "global" => Level::Global,
                    "schema" => Level::Schema,
                    "table" => Level::Table,
                    _ => continue,
                },
                schema: row.schema.clone(),
                name: row.name.clone(),
            };
            held.extend(row.privileges.iter().map(|it| (on.clone(), it.clone())));
        }
        let lacks = |name: &&str| {
            [&account.missing_at_run_time, &account.missing_for_updates]
                .iter()
                .any(|list| {
                    list.known()
                        .is_none_or(|list| list.iter().any(|it| it == name))
                })
        };
        Self {
            user: account.name.known().or(account.user.known()).cloned(),
            host: account.host.known().cloned(),
            schema: database.schema.known().cloned(),
            missed: account.grants.missed.first().cloned(),
            held,
            needed: all().filter(|name| !lacks(name)).collect(),
            roles,
            tls: is_private(database),
        }
    }

    pub(super) fn carry_out(&mut self, deed: &Action) -> Result<(), String> {
        match deed {
            Action::Sql(deed) => self.statement(deed),
            Action::OwnLogin { privileges, .. } if !privileges.is_empty() => {
                let lacking = RUN_TIME.iter().find(|name| !has(privileges, name));
                lacking.map_or(Ok(()), |name| {
                    Err(format!(
                        "the new account would lack {name}, which the helpdesk needs at run time"
                    ))
                })
            }
            _ => Ok(()),
        }
    }

    fn statement(&mut self, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::Settings { values, .. } => {
                let own = |name: &&String| needs::SETTING_ROWS.contains(&name.as_str());
                values.keys().find(own).map_or(Ok(()), |name| {
                    Err(format!("the helpdesk itself keeps the setting {name}"))
                })
            }
            // Of whom it is taken away is no admin of any use.
            Deed::RandomSetting { .. } | Deed::Preference { .. } | Deed::NoAdmin { .. } => Ok(()),
            // The product loads no file of its own into the database.
            Deed::Variable { name, .. } if name == "local_infile" => Ok(()),
            Deed::Variable { name, .. } => {
                Err(format!("what the helpdesk needs of {name} is not known"))
            }
            Deed::Grant {
                user,
                host,
                on,
                privileges,
            } => {
                if self.is_own(user, host.as_deref())? {
                    let new = privileges.iter().map(|it| (on.clone(), it.clone()));
                    self.held.extend(new);
                }
                Ok(())
            }
            Deed::Revoke {
                user,
                host,
                on,
                privileges,
                ..
            } => {
                // What came by it must be there without it.
                if host.is_none() {
                    self.roles.remove(user);
                    return Ok(());
                }
                if self.is_own(user, host.as_deref())? {
                    self.revoke(on, privileges);
                }
                Ok(())
            }
            Deed::RevokeRole {
                user, host, role, ..
            } => {
                let own = self.is_own(user, Some(host))?;
                if own {
                    self.roles.remove(role);
                }
                Ok(())
            }
            Deed::RevokeProxy { .. } => Ok(()),
            Deed::RenameAccount { user, host, to } => {
                if self.is_own(user, Some(host))? {
                    self.host = Some(to.clone());
                }
                Ok(())
            }
            Deed::DropAccount { user, host } | Deed::LockAccount { user, host } => {
                if self.is_own(user, Some(host))? {
                    return Err("it is the account that the helpdesk connects with".to_owned());
                }
                Ok(())
            }
            Deed::RequireTls { user, host } => {
                if self.is_own(user, Some(host))? && !self.tls {
                    return Err("the helpdesk connects without TLS".to_owned());
                }
                Ok(())
            }
            Deed::SocketLogin { user, host } => {
                if self.is_own(user, Some(host))? {
                    return Err("the helpdesk connects with a password".to_owned());
                }
                Ok(())
            }
        }
    }

    /// Whether it is the product's account; one of its name is where the host is not known.
    fn is_own(&self, user: &str, host: Option<&str>) -> Result<bool, String> {
        let Some(own) = &self.user else {
            return Err("the account that the helpdesk connects with is not known".to_owned());
        };
        match (&self.host, host) {
            (Some(known), Some(host)) => Ok(own == user && known == host),
            (None, _) if own == user => {
                Err("which of its accounts the helpdesk connects with is not known".to_owned())
            }
            _ => Ok(false),
        }
    }

    fn revoke(&mut self, on: &On, privileges: &[String]) {
        let all = has(privileges, ALL);
        let there: Vec<String> = self
            .held
            .iter()
            .filter(|(at, _)| at == on)
            .map(|(_, name)| name.clone())
            .collect();
        if has(&there, ALL) && !all {
            // What ALL PRIVILEGES stands for is taken apart, as the servers do.
            self.held.remove(&(on.clone(), ALL.to_owned()));
            let rest = crate::sql::needs::all().map(|name| (on.clone(), name.to_owned()));
            self.held.extend(rest);
        }
        self.held
            .retain(|(at, name)| at != on || !(all || has(privileges, name)));
    }

    /// What it needs, had, and has no more.
    pub(super) fn taken(&self) -> Option<String> {
        if self.held.is_empty() && self.missed.is_some() {
            return None;
        }
        let schema = self.schema.as_deref()?;
        let lines: Vec<Line> = self.held.iter().map(line).collect();
        let powers = Powers::of(&lines);
        let holds = |name: &str| powers.may_in(name, schema);
        let by_itself = self.roles.is_empty();
        let lacking = self.needed.iter().find(|name| by_itself && !holds(name));
        lacking.map(|name| {
            format!("the helpdesk's account would lose {name}, which it needs on its schema")
        })
    }
}

/// As `SHOW GRANTS` would say it.
fn line((on, privilege): &(On, String)) -> Line {
    let object = match on.level {
        Level::Global => Object::Global,
        Level::Schema => Object::Schema(SchemaPattern::new(&on.schema, false)),
        _ => Object::Table(on.schema.clone(), on.name.clone()),
    };
    Line::Grant {
        privileges: vec![Privilege {
            name: privilege.clone(),
            columns: Vec::new(),
        }],
        object,
        grant_option: false,
        plugins: Vec::new(),
        tls: false,
    }
}

/// Whether requiring TLS costs nothing: the product asks for it.
fn is_private(database: &DatabaseFacts) -> bool {
    let connection = &database.connection;
    connection.tls.known() == Some(&true)
        && connection
            .protocol
            .known()
            .is_none_or(|protocol| !protocol.is_empty())
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|it| it == name)
}
