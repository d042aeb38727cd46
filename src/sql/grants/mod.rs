//! What `SHOW GRANTS` says, in the dialects of MariaDB 10.5 to 11 and MySQL 5.7 to 9, and what it amounts
//! to. Pure. Refuses to keep the part of a line that tells how an account is identified: it may hold a
//! password's hash.

mod effective;
mod parse;
mod pattern;
mod tokens;

pub use effective::{Powers, Privileges};
pub use parse::parse;
pub use pattern::SchemaPattern;

use std::fmt;

/// An account or a role; a role of MariaDB has no host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The name; empty is the anonymous account.
    pub user: String,
    /// The host part.
    pub host: Option<String>,
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(out, "{}@{host}", self.user),
            None => write!(out, "{}", self.user),
        }
    }
}

/// What a privilege is given on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// `*.*`
    Global,
    /// `schema.*`, a pattern.
    Schema(SchemaPattern),
    /// A table or view.
    Table(String, String),
    /// `PROCEDURE`, `FUNCTION`, `PACKAGE`, `PACKAGE BODY`; the schema; the name.
    Routine(String, String, String),
}

impl fmt::Display for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => write!(out, "*.*"),
            Self::Schema(schema) => write!(out, "`{}`.*", schema.text()),
            Self::Table(schema, table) => write!(out, "`{schema}`.`{table}`"),
            Self::Routine(kind, schema, name) => write!(out, "{kind} `{schema}`.`{name}`"),
        }
    }
}

/// A privilege, on a whole object or on some columns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    /// In capitals, as the server names it.
    pub name: String,
    /// Only these columns; empty means all.
    pub columns: Vec<String>,
}

/// One line of `SHOW GRANTS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Privileges on an object.
    Grant {
        /// Which; `USAGE` is none.
        privileges: Vec<Privilege>,
        /// On what.
        object: Object,
        /// Whether the account may hand them on.
        grant_option: bool,
        /// How the account is identified, by the names of plugins; nothing else of it is kept.
        plugins: Vec<String>,
        /// Whether it is let in over TLS only (`REQUIRE`); MySQL does not show that here.
        tls: bool,
    },
    /// MySQL's partial revokes: a global privilege that does not hold in a schema.
    Revoke {
        /// Which.
        privileges: Vec<Privilege>,
        /// Where.
        object: Object,
    },
    /// Roles that were granted.
    Roles {
        /// Which.
        roles: Vec<Account>,
        /// Whether the account may hand them on.
        admin: bool,
    },
    /// The role that a session starts with (MariaDB).
    DefaultRole(String),
    /// The account may act as another one.
    Proxy {
        /// As whom.
        of: Account,
        /// Whether it may hand that on.
        grant_option: bool,
    },
}

impl Line {
    /// The plugins that identify the account, where the line tells.
    #[must_use]
    pub fn plugins(&self) -> &[String] {
        match self {
            Self::Grant { plugins, .. } => plugins,
            _ => &[],
        }
    }

    /// Whether the line says that the account is let in over TLS only.
    #[must_use]
    pub fn tls(&self) -> bool {
        matches!(self, Self::Grant { tls: true, .. })
    }
}
