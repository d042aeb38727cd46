//! The product's account: who the server takes it for, what it may do, and how much of that is too much.

use super::holdings::Holdings;
use super::reach::reach;
use crate::facts::{DatabaseAccount, GrantRow, Known, Listing};
use crate::sql::grants::{Line, Object, Privilege, Privileges};
use crate::sql::needs::{self, RUN_TIME, SUPERUSER, SUPERUSER_ON_MYSQL, UPDATES};

/// Fills in what the grants tell. `active` are the roles that a session starts with; `mariadb` is the
/// version where the server is one.
pub(super) fn judge(
    facts: &mut DatabaseAccount,
    held: &Holdings,
    schema: &Known<String>,
    active: Known<Vec<String>>,
    mariadb: Option<(u32, u32)>,
) {
    let privileges = held.privileges();
    facts.matched = Known::Known(held.account.to_string());
    facts.name = Known::Known(held.account.user.clone());
    if let Some(host) = &held.account.host {
        facts.reach = Known::Known(reach(host).to_owned());
        facts.host = Known::Known(host.clone());
    }
    let own = held
        .lines
        .iter()
        .filter(|(holder, _)| *holder == held.account);
    let demands = own.clone().any(|(_, line)| line.tls());
    facts.plugins = own.flat_map(|(_, line)| line.plugins().to_vec()).collect();
    facts.demands_tls = match (mariadb, held.missed.first()) {
        _ if demands => Known::Known(true),
        (None, _) => Known::unknown("MySQL's SHOW GRANTS does not tell"),
        (_, Some(why)) => Known::unknown(why),
        (Some(_), None) => Known::Known(false),
    };
    facts.superuser_by = superuser_by(&privileges);
    // A line that was not understood may hold what is looked for.
    facts.is_superuser = match (facts.superuser_by.is_empty(), held.missed.first()) {
        (true, Some(why)) => Known::unknown(why),
        (is_none, _) => Known::Known(!is_none),
    };
    facts.granted_roles = Known::Known(held.roles.iter().map(ToString::to_string).collect());
    facts.grants = Listing {
        rows: rows(held, schema, mariadb),
        missed: held.missed.clone(),
    };
    facts.grants_on = grants_on(&facts.grants.rows, schema);
    if let Known::Unknown(why) = schema {
        let why = format!("which schema is the product's own is unknown: {why}");
        facts.grants.missed.push(why);
    }
    facts.missing_at_run_time = missing(&privileges, &RUN_TIME, schema, &active);
    facts.missing_for_updates = missing(&privileges, &UPDATES, schema, &active);
    facts.active_roles = active;
}

/// What of a list does not hold in the whole schema, by the account itself and its active roles.
fn missing(
    privileges: &Privileges,
    needed: &[&str],
    schema: &Known<String>,
    active: &Known<Vec<String>>,
) -> Known<Vec<String>> {
    let (Known::Known(schema), Known::Known(active)) = (schema, active) else {
        return Known::unknown("the schema or the active roles are unknown");
    };
    let roles = privileges.roles.iter();
    let roles = roles.filter(|(role, _)| active.contains(&role.to_string()));
    let powers: Vec<_> = roles
        .map(|(_, powers)| powers)
        .chain([&privileges.own])
        .collect();
    let lacks = |name: &&&str| !powers.iter().any(|powers| powers.may_in(name, schema));
    Known::Known(
        needed
            .iter()
            .filter(lacks)
            .map(|name| (*name).to_owned())
            .collect(),
    )
}

/// With which privileges the account, or a role of it, gives itself every other.
fn superuser_by(privileges: &Privileges) -> Vec<String> {
    let mut found = Vec::new();
    for powers in privileges.all() {
        let everywhere = SUPERUSER.iter().filter(|name| powers.may_everywhere(name));
        found.extend(everywhere.map(|name| format!("{name} on *.*")));
        let accounts = SUPERUSER_ON_MYSQL.iter();
        let accounts =
            accounts.filter(|name| powers.may_in(name, "mysql") && !powers.may_everywhere(name));
        found.extend(accounts.map(|name| format!("{name} on mysql.*")));
    }
    found.sort();
    found.dedup();
    // ALL PRIVILEGES says it all.
    if let Some(all) = found
        .iter()
        .find(|text| text.starts_with(needs::ALL))
        .cloned()
    {
        found = vec![all];
    }
    found
}

/// One row for each object and role that something is granted on.
fn rows(held: &Holdings, schema: &Known<String>, mariadb: Option<(u32, u32)>) -> Vec<GrantRow> {
    let mut rows: Vec<GrantRow> = Vec::new();
    for (holder, line) in &held.lines {
        let role = held.role_of(holder);
        let mut row = match line {
            Line::Grant {
                privileges,
                object,
                grant_option,
                ..
            } => granted(privileges, object, *grant_option, schema.known(), mariadb),
            Line::Proxy { of, grant_option } => GrantRow {
                object: format!("the account {of}"),
                level: "proxy".to_owned(),
                schema: of.user.clone(),
                name: of.host.clone().unwrap_or_default(),
                privileges: vec!["PROXY".to_owned()],
                excess: vec!["PROXY".to_owned()],
                grant_option: *grant_option,
                ..GrantRow::default()
            },
            Line::Roles { roles, admin: true } => GrantRow {
                object: roles
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
                level: "role".to_owned(),
                privileges: vec!["ADMIN".to_owned()],
                grant_option: true,
                ..GrantRow::default()
            },
            Line::Revoke { .. } | Line::DefaultRole(_) | Line::Roles { .. } => continue,
        };
        let nothing = row.privileges.iter().all(|name| name == "USAGE") && !row.grant_option;
        if nothing {
            continue;
        }
        row.through = held.way_to(holder);
        if let (Line::Grant { object, .. }, Some(own)) = (line, schema.known()) {
            row.gives = gives(&row, object, own, !role.is_empty());
        }
        row.role = role;
        // MySQL names static and dynamic privileges in two lines.
        match rows
            .iter_mut()
            .find(|own| own.object == row.object && own.role == row.role)
        {
            Some(own) => {
                own.privileges.append(&mut row.privileges);
                own.excess.append(&mut row.excess);
                own.gives.append(&mut row.gives);
                own.grant_option |= row.grant_option;
            }
            None => rows.push(row),
        }
    }
    rows
}

fn granted(
    privileges: &[Privilege],
    object: &Object,
    grant_option: bool,
    own: Option<&String>,
    mariadb: Option<(u32, u32)>,
) -> GrantRow {
    let (level, schema, name, on_table) = match object {
        Object::Global => ("global", "", "", false),
        Object::Schema(schema) => ("schema", schema.text(), "", false),
        Object::Table(schema, table) => ("table", schema.as_str(), table.as_str(), true),
        Object::Routine(kind, schema, name) => {
            (routine(kind), schema.as_str(), name.as_str(), false)
        }
    };
    let own_schema = own.is_some_and(|own| match object {
        Object::Schema(schema) => schema.means(own),
        Object::Global => false,
        Object::Table(schema, _) | Object::Routine(_, schema, _) => schema == own,
    });
    let names: Vec<String> = privileges.iter().map(|one| one.name.clone()).collect();
    let is_routine = matches!(object, Object::Routine(..));
    let excess = if own_schema && !is_routine {
        needs::excess(&names, on_table, mariadb)
    } else if own.is_none() && level != "global" {
        Vec::new()
    } else {
        names
            .iter()
            .filter(|name| *name != "USAGE")
            .cloned()
            .collect()
    };
    GrantRow {
        object: object.to_string(),
        level: level.to_owned(),
        schema: schema.to_owned(),
        name: name.to_owned(),
        role: String::new(),
        through: String::new(),
        gives: Vec::new(),
        privileges: privileges.iter().map(written).collect(),
        excess,
        grant_option,
        own_schema,
    }
}

fn routine(kind: &str) -> &'static str {
    match kind {
        "PROCEDURE" => "procedure",
        "FUNCTION" => "function",
        "PACKAGE" => "package",
        _ => "package-body",
    }
}

/// What the product needs and has by this alone: what must be granted on its own schema before this goes.
fn gives(row: &GrantRow, object: &Object, own: &str, by_role: bool) -> Vec<String> {
    let reaches = match object {
        Object::Global => true,
        Object::Schema(schema) if schema.means(own) => by_role,
        Object::Schema(schema) => schema.covers(own),
        Object::Table(..) | Object::Routine(..) => false,
    };
    let everything = row.privileges.iter().any(|name| name == needs::ALL);
    let held = |name: &&str| everything || row.privileges.iter().any(|own| own == name);
    needs::all()
        .filter(|name| reaches && held(name))
        .map(str::to_owned)
        .collect()
}

/// How grants of the account's own name the product's schema: a name with its wildcards escaped is the one
/// that counts where there are two.
fn grants_on(rows: &[GrantRow], schema: &Known<String>) -> Known<String> {
    let own = rows
        .iter()
        .filter(|row| row.level == "schema" && row.own_schema && row.role.is_empty());
    match own.map(|row| &row.schema).max_by_key(|text| text.len()) {
        Some(text) => Known::Known(text.clone()),
        None => schema.clone(),
    }
}

/// A privilege with its columns.
fn written(privilege: &Privilege) -> String {
    match privilege.columns.as_slice() {
        [] => privilege.name.clone(),
        columns => format!("{} ({})", privilege.name, columns.join(", ")),
    }
}
