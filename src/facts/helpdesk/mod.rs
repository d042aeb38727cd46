//! The helpdesk's own settings, accounts and logs. Names and verdicts only: no password, hash, token,
//! code or key has a place here.

mod accounts;
mod login;
mod logs;
mod resolved;

pub use accounts::{AccountsFacts, ApiAccess, HashScheme, Person};
pub use login::{
    Directory, Hostnames, LoginFacts, PasswordPolicy, RateLimit, Silent, TrustedAddresses,
};
pub use logs::{AuditLog, ErrorLog, LoginLog, LogsFacts};
pub use resolved::Resolved;

use super::Known;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The helpdesk's own settings, accounts and logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HelpdeskFacts {
    /// What was read: `the database`, or the dump's file.
    pub source: Known<String>,
    /// The day whose state was read, in days since 1970-01-01 UTC: today, or the dump's.
    pub seen_day: Known<i64>,
    /// The same day as a date.
    pub seen: Known<String>,
    /// Which generation of the product's settings applies: `E1`, `E2`, `E3`, `E4` or `E5`.
    pub era: Known<String>,
    /// The generation in words, and what tells it.
    pub era_because: String,
    /// What was taken for granted, each a sentence.
    pub assumptions: Vec<String>,
    /// What a product of this generation has.
    pub has: Features,
    /// The build that the database is at.
    pub build: DatabaseBuild,
    /// Admins, agents, API keys.
    pub accounts: AccountsFacts,
    /// Passwords, rate limits, notifications, addresses.
    pub login: LoginFacts,
    /// Sessions.
    pub sessions: SessionsFacts,
    /// Logs.
    pub logs: LogsFacts,
}

/// What a product of this generation has at all; a setting that it does not know cannot be wrong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Features {
    /// Rules for new passwords.
    pub password_policy: Known<bool>,
    /// Limits on failed logins.
    pub rate_limits: Known<bool>,
    /// Logins only from trusted addresses.
    pub ip_whitelist: Known<bool>,
    /// The app that resolves users' hostnames.
    pub hostnames_app: Known<bool>,
    /// A switch for Remember me.
    pub remember_me_switch: Known<bool>,
    /// A switch for Require Activity.
    pub activity_switch: Known<bool>,
    /// A log of what admins change.
    pub audit_log: Known<bool>,
}

/// The build that the database is at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseBuild {
    /// Its time in seconds since 1970; `null` where the database names none.
    pub second: Known<Option<i64>>,
    /// Its number, empty where the database names none.
    pub number: Known<String>,
}

/// Sessions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsFacts {
    /// How long a session may stay idle, in seconds.
    pub idle_seconds: Resolved<i64>,
    /// Whether only real activity keeps a session alive (Require Activity).
    pub activity_required: Resolved<bool>,
    /// Whether agents may stay logged in with Remember me.
    pub agent_remember_me: Resolved<bool>,
}
