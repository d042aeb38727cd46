//! How an account is looked at: whether it is there, how it is made, what it was granted; and what the
//! answers come to. Privileges are read from `information_schema`, where the server itself says what `ALL
//! PRIVILEGES` stands for.

use super::clauses::Clauses;
use super::{Definition, GRANT_OPTION};
use crate::sql::grants::{Line, Object, parse};
use crate::sql::quote::{identifier, text};
use crate::sql::{Level, On, Written, needs, spell};
use std::collections::BTreeSet;

/// The answers about one account, gathered in the order in which they are asked.
#[derive(Default)]
pub struct Look {
    found: Definition,
}

impl Look {
    /// Whether it is there: one number.
    #[must_use]
    pub fn there(user: &str, host: Option<&str>) -> Written {
        let text = "SELECT COUNT(*) AS there FROM mysql.user WHERE User = ? AND Host = ?";
        Written::new("whether an account is there", text.to_owned())
            .with(Some(user.as_bytes()))
            .with(Some(host.unwrap_or_default().as_bytes()))
    }

    /// How many views, routines, triggers and events run as it: one number.
    #[must_use]
    pub fn definer(user: &str, host: &str) -> Written {
        let tables = ["VIEWS", "ROUTINES", "TRIGGERS", "EVENTS"];
        let counts = tables.map(|table| {
            format!("(SELECT COUNT(*) FROM information_schema.{table} WHERE DEFINER = ?)")
        });
        let text = format!("SELECT {} AS there", counts.join(" + "));
        let named = format!("{user}@{host}");
        let all = Written::new("what runs as an account", text);
        tables
            .iter()
            .fold(all, |all, _| all.with(Some(named.as_bytes())))
    }

    /// How it is made; a role has no such thing.
    ///
    /// # Errors
    /// Why the name cannot stand in a statement.
    pub fn made(user: &str, host: &str) -> Result<Written, String> {
        let account = spell::account(user, Some(host))?;
        Ok(Written::new(
            "how an account is identified",
            format!("SHOW CREATE USER {account}"),
        ))
    }

    /// What it was granted, in lines.
    ///
    /// # Errors
    /// Why the name cannot stand in a statement.
    pub fn grants(user: &str, host: Option<&str>) -> Result<Written, String> {
        let account = spell::account(user, host)?;
        Ok(Written::new(
            "what an account was granted",
            format!("SHOW GRANTS FOR {account}"),
        ))
    }

    /// Its privileges one by one, with the columns `place`, `table_name`, `column_name`, `privilege`,
    /// `hands_on`.
    ///
    /// # Errors
    /// Why the name cannot stand in a statement.
    pub fn privileges(user: &str, host: Option<&str>) -> Result<Written, String> {
        let grantee = text(&format!("'{user}'@'{}'", host.unwrap_or_default()))?;
        let of = |table: &str, columns: &str| {
            format!(
                "SELECT {columns}, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE = 'YES' AS hands_on FROM information_schema.{table} WHERE GRANTEE = {grantee}"
            )
        };
        let none = |name: &str| format!("'' AS {name}");
        let (table, column) = (none("table_name"), none("column_name"));
        let all = [
            of(
                "USER_PRIVILEGES",
                &format!("{}, {table}, {column}", none("place")),
            ),
            of(
                "SCHEMA_PRIVILEGES",
                &format!("TABLE_SCHEMA AS place, {table}, {column}"),
            ),
            of(
                "TABLE_PRIVILEGES",
                &format!("TABLE_SCHEMA AS place, TABLE_NAME AS table_name, {column}"),
            ),
            of(
                "COLUMN_PRIVILEGES",
                "TABLE_SCHEMA AS place, TABLE_NAME AS table_name, COLUMN_NAME AS column_name",
            ),
        ];
        Ok(Written::new(
            "the privileges of an account",
            all.join(" UNION ALL "),
        ))
    }

    /// Takes the line that makes it.
    ///
    /// # Errors
    /// That it is not understood.
    pub fn take_made(&mut self, line: &str) -> Result<(), String> {
        let clauses = Clauses::read(line);
        let odd = || "the way in which the server says how the account is made is not understood";
        self.found.take(clauses.ok_or_else(odd)?);
        Ok(())
    }

    /// Takes a line of `SHOW GRANTS`; those of other holders, which the server may add, are passed over.
    ///
    /// # Errors
    /// That it is not understood.
    pub fn take_grant(&mut self, user: &str, host: Option<&str>, line: &str) -> Result<(), String> {
        let odd = "a line of SHOW GRANTS is not understood (it may hold a hash and is not shown)";
        let (holder, line) = parse(line, false).ok_or(odd)?;
        if holder.user != user || holder.host.as_deref() != host {
            return Ok(());
        }
        match line {
            Line::Grant {
                privileges,
                object: Object::Routine(kind, schema, name),
                grant_option,
                ..
            } => {
                let on = format!("{kind} {}.{}", identifier(&schema)?, identifier(&name)?);
                let names = privileges.into_iter().map(|one| one.name);
                let names = names.filter(|name| name != "USAGE");
                let option = grant_option.then(|| GRANT_OPTION.to_owned());
                let all = names.chain(option).collect();
                self.found.privileges.insert(on, all);
            }
            Line::Grant {
                privileges, object, ..
            } => {
                if privileges.iter().any(|one| one.name == needs::ALL) {
                    let on = place(&object)?;
                    let names = self.found.privileges.entry(on).or_default();
                    names.insert(needs::ALL.to_owned());
                }
            }
            Line::Revoke { .. } => return Err("partial revokes are not kept".to_owned()),
            Line::Roles { roles, admin } => {
                for role in roles {
                    let role = spell::account(&role.user, role.host.as_deref())?;
                    self.found.roles.insert(role, admin);
                }
            }
            Line::DefaultRole(role) => self.found.default_role = Some(identifier(&role)?),
            Line::Proxy { of, grant_option } => {
                let of = spell::account(&of.user, of.host.as_deref())?;
                self.found.proxies.insert(of, grant_option);
            }
        }
        Ok(())
    }

    /// Takes a row of its privileges.
    ///
    /// # Errors
    /// Why a name cannot stand in a statement.
    pub fn take_privilege(
        &mut self,
        place: [&str; 3],
        privilege: &str,
        hands_on: bool,
    ) -> Result<(), String> {
        let [schema, table, column] = place;
        let level = match (schema.is_empty(), table.is_empty()) {
            (true, _) => Level::Global,
            (false, true) => Level::Schema,
            (false, false) => Level::Table,
        };
        let on = On {
            level,
            schema: schema.to_owned(),
            name: table.to_owned(),
        };
        let mut names = BTreeSet::new();
        match column {
            "" if privilege == "USAGE" => {}
            "" => drop(names.insert(privilege.to_owned())),
            column => drop(names.insert(format!("{privilege} ({})", identifier(column)?))),
        }
        if hands_on {
            names.insert(GRANT_OPTION.to_owned());
        }
        if !names.is_empty() {
            let all = self.found.privileges.entry(on.spelled()?).or_default();
            all.append(&mut names);
        }
        Ok(())
    }

    /// What it all came to.
    #[must_use]
    pub fn found(self) -> Definition {
        self.found
    }
}

fn place(object: &Object) -> Result<String, String> {
    let on = |level, schema: &str, name: &str| On {
        level,
        schema: schema.to_owned(),
        name: name.to_owned(),
    };
    match object {
        Object::Global => on(Level::Global, "", ""),
        Object::Schema(schema) => on(Level::Schema, schema.text(), ""),
        Object::Table(schema, table) => on(Level::Table, schema, table),
        Object::Routine(..) => return Err("a routine is named otherwise".to_owned()),
    }
    .spelled()
}
