//! The product's own logs: whether they are written, and whether anybody could have looked.

use crate::facts::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The product's own logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogsFacts {
    /// The newest login of a live agent, in days since 1970-01-01; `null` where none ever logged in.
    pub newest_agent_login_day: Known<Option<i64>>,
    /// The log of what admins change.
    pub audit: AuditLog,
    /// The log of logins.
    pub login: LoginLog,
    /// The error logs on disk.
    pub errors: Listing<ErrorLog>,
}

/// The log of what admins change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditLog {
    /// Whether its table is there.
    pub there: Known<bool>,
    /// Where the product writes it: `db`, or another store.
    pub storage: Known<String>,
    /// Days between its newest entry and the newest agent's login; 0 where it is not behind.
    pub behind_days: Known<i64>,
    /// What was found, in words.
    pub because: String,
}

/// The log of logins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoginLog {
    /// Whether its table is there.
    pub there: Known<bool>,
    /// Days between its newest entry and the newest agent's login; 0 where it is not behind.
    pub behind_days: Known<i64>,
    /// What was found, in words.
    pub because: String,
}

/// An error log on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorLog {
    /// The file.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its size in MiB, rounded up.
    pub mib: i64,
    /// The day of its newest entry, in days since 1970-01-01 UTC.
    pub newest_day: i64,
    /// The same day as a date.
    pub newest: String,
    /// The day of its first entry, as far as the entry tells.
    pub oldest_day: Known<i64>,
    /// The same day as a date; empty where it is not known.
    pub oldest: String,
    /// Whether older files of it lie beside it, as a rotation leaves them.
    pub rotated: bool,
}
