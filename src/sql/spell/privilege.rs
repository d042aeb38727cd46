//! What an account may do: privileges, roles, acting as another.

use super::Spelled;
use super::account::{account, named};
use crate::sql::quote::{privileges, text};
use crate::sql::{Deed, Level, On, needs};

pub(super) fn spelled(deed: &Deed) -> Result<Spelled, String> {
    Ok(match deed {
        Deed::Grant {
            user,
            host,
            on,
            privileges: names,
        } => Spelled::one(
            format!(
                "GRANT {} ON {} TO {}",
                privileges(names)?,
                on.spelled()?,
                account(user, host.as_deref())?
            ),
            format!(
                "SELECT {} - ({})",
                names.len(),
                held(user, host.as_deref(), on, names, false)?
            ),
        ),
        Deed::Revoke {
            user,
            host,
            on,
            privileges: names,
            grant_option,
        } => Spelled {
            statements: revokes(&account(user, host.as_deref())?, on, names, *grant_option)?,
            pending: Some(held(user, host.as_deref(), on, names, *grant_option)?),
        },
        Deed::RevokeRole {
            user,
            host,
            role,
            role_host,
        } => Spelled::one(
            format!(
                "REVOKE {} FROM {}",
                account(role, role_host.as_deref())?,
                account(user, Some(host))?
            ),
            match role_host {
                None => format!(
                    "SELECT COUNT(*) FROM mysql.roles_mapping WHERE User = {} AND Host = {} AND Role = {}",
                    text(user)?,
                    text(host)?,
                    text(role)?
                ),
                Some(role_host) => format!(
                    "SELECT COUNT(*) FROM mysql.role_edges WHERE TO_USER = {} AND TO_HOST = {} AND FROM_USER = {} AND FROM_HOST = {}",
                    text(user)?,
                    text(host)?,
                    text(role)?,
                    text(role_host)?
                ),
            },
        ),
        Deed::RevokeProxy {
            user,
            host,
            as_user,
            as_host,
        } => Spelled::one(
            format!(
                "REVOKE PROXY ON {} FROM {}",
                account(as_user, Some(as_host))?,
                account(user, Some(host))?
            ),
            format!(
                "SELECT COUNT(*) FROM mysql.proxies_priv WHERE {} AND Proxied_user = {} AND Proxied_host = {}",
                named(user, host)?,
                text(as_user)?,
                text(as_host)?
            ),
        ),
        _ => return Err("it is another statement's business".to_owned()),
    })
}

/// `ALL PRIVILEGES` stands alone, and leaves the right to hand on.
pub(super) fn revokes(
    whose: &str,
    on: &On,
    names: &[String],
    grant_option: bool,
) -> Result<Vec<String>, String> {
    let on = on.spelled()?;
    let mut statements = Vec::new();
    if !names.is_empty() {
        let names = privileges(names)?;
        statements.push(format!("REVOKE {names} ON {on} FROM {whose}"));
    }
    if grant_option {
        statements.push(format!("REVOKE GRANT OPTION ON {on} FROM {whose}"));
    }
    match statements.is_empty() {
        true => Err("there is nothing to revoke".to_owned()),
        false => Ok(statements),
    }
}

/// A SELECT of how many of some privileges an account has somewhere; with `grant_option`, the right to hand
/// on counts too.
fn held(
    user: &str,
    host: Option<&str>,
    on: &On,
    names: &[String],
    grant_option: bool,
) -> Result<String, String> {
    let host = host.unwrap_or_default();
    let grantee = text(&format!("'{user}'@'{host}'"))?;
    let mut wanted = Vec::new();
    if names.iter().any(|name| name == needs::ALL) {
        wanted.push("PRIVILEGE_TYPE <> 'USAGE'".to_owned());
    } else if !names.is_empty() {
        privileges(names)?;
        wanted.push(format!("PRIVILEGE_TYPE IN ('{}')", names.join("', '")));
    }
    if grant_option {
        wanted.push("IS_GRANTABLE = 'YES'".to_owned());
    }
    let wanted = wanted.join(" OR ");
    let count = |table: &str, and: &str| {
        format!(
            "SELECT COUNT(*) FROM information_schema.{table} WHERE GRANTEE = {grantee}{and} AND ({wanted})"
        )
    };
    let schema = text(&on.schema)?;
    Ok(match on.level {
        Level::Global => count("USER_PRIVILEGES", ""),
        Level::Schema => count(
            "SCHEMA_PRIVILEGES",
            &format!(" AND TABLE_SCHEMA = {schema}"),
        ),
        Level::Table => {
            let here = format!(
                " AND TABLE_SCHEMA = {schema} AND TABLE_NAME = {}",
                text(&on.name)?
            );
            format!(
                "SELECT ({}) + ({})",
                count("TABLE_PRIVILEGES", &here),
                count("COLUMN_PRIVILEGES", &here)
            )
        }
        Level::Procedure | Level::Function | Level::Package | Level::PackageBody => format!(
            "SELECT COUNT(*) FROM mysql.procs_priv WHERE {} AND Db = {schema} AND Routine_name = {}",
            named(user, host)?,
            text(&on.name)?
        ),
    })
}
