//! Accounts themselves: where they are valid, how they are identified, whether they are there.

use super::Spelled;
use crate::sql::Deed;
use crate::sql::quote::{identifier, text};

pub(super) fn spelled(deed: &Deed) -> Result<Spelled, String> {
    Ok(match deed {
        Deed::RenameAccount { user, host, to } => Spelled::one(
            format!(
                "RENAME USER {} TO {}",
                account(user, Some(host))?,
                account(user, Some(to))?
            ),
            there(user, host, "")?,
        ),
        Deed::DropAccount { user, host } => Spelled::one(
            format!("DROP USER {}", account(user, Some(host))?),
            there(user, host, "")?,
        ),
        // The two servers keep it in different tables, and each passes over the other's comment
        // (MariaDB: «Comment Syntax»).
        Deed::LockAccount { user, host } => Spelled::one(
            alter(user, host, "ACCOUNT LOCK")?,
            there(
                user,
                host,
                " AND (TRUE /*M! AND COALESCE((SELECT JSON_VALUE(g.Priv, '$.account_locked') FROM mysql.global_priv AS g WHERE g.User = mysql.user.User AND g.Host = mysql.user.Host), 0) = 0 */ /*!50706 AND account_locked = 'N' */)",
            )?,
        ),
        Deed::RequireTls { user, host } => Spelled::one(
            alter(user, host, "REQUIRE SSL")?,
            there(user, host, " AND ssl_type = ''")?,
        ),
        Deed::SocketLogin { user, host } => Spelled::one(
            alter(user, host, "IDENTIFIED VIA unix_socket")?,
            there(user, host, " AND plugin <> 'unix_socket'")?,
        ),
        _ => return Err("it is another statement's business".to_owned()),
    })
}

/// An account in a statement; a role, which has no host, is a name, and `PUBLIC` is a word.
///
/// # Errors
/// Why a name cannot stand in a statement.
pub(in crate::sql) fn account(user: &str, host: Option<&str>) -> Result<String, String> {
    Ok(match host {
        Some(host) => format!("{}@{}", text(user)?, text(host)?),
        None if user == "PUBLIC" => user.to_owned(),
        None => identifier(user)?,
    })
}

fn alter(user: &str, host: &str, what: &str) -> Result<String, String> {
    Ok(format!("ALTER USER {} {what}", account(user, Some(host))?))
}

pub(super) fn named(user: &str, host: &str) -> Result<String, String> {
    Ok(format!("User = {} AND Host = {}", text(user)?, text(host)?))
}

fn there(user: &str, host: &str, and: &str) -> Result<String, String> {
    Ok(format!(
        "SELECT COUNT(*) FROM mysql.user WHERE {}{and}",
        named(user, host)?
    ))
}
