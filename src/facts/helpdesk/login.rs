//! How people come in: passwords, rate limits, notifications, trusted addresses, directories.

use super::Resolved;
use crate::facts::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How people come in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoginFacts {
    /// Rules for agents' passwords.
    pub agent_password: PasswordPolicy,
    /// The limit on agents' failed logins.
    pub agent_limit: RateLimit,
    /// The limit on users' failed logins, the weakest of those that apply.
    pub user_limit: RateLimit,
    /// Live agents who are not mailed about failed logins on their account.
    pub failures_unmailed: Listing<Silent>,
    /// Live admins who are not mailed about logins on their account.
    pub successes_unmailed: Listing<Silent>,
    /// The app that resolves users' hostnames.
    pub hostnames: Hostnames,
    /// Logins only from trusted addresses.
    pub trusted: TrustedAddresses,
    /// What was found of the application's secret: `set`, `missing`, `shipped` or `short`.
    pub secret: Known<String>,
    /// Who says so.
    pub secret_from: Resolved<bool>,
    /// Directories that people log in through: LDAP and Active Directory.
    pub directories: Listing<Directory>,
}

/// Rules for passwords; they count when a password is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordPolicy {
    /// The least length in characters, as the product enforces it.
    pub min_length: Resolved<i64>,
    /// After how many days a password expires; 0 for never.
    pub max_age_days: Resolved<i64>,
    /// Whether a password may not be used again.
    pub forbids_reuse: Resolved<bool>,
    /// How many upper-case letters.
    pub upper: Resolved<i64>,
    /// How many lower-case letters.
    pub lower: Resolved<i64>,
    /// How many digits.
    pub digits: Resolved<i64>,
    /// How many symbols.
    pub symbols: Resolved<i64>,
    /// The classes that need not be in a password, in words; empty for none.
    pub classes_missing: Known<String>,
    /// Live agents whose password never expires, because the day it was set is not recorded.
    pub ageless: Known<u64>,
}

/// A limit on failed logins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// Whether the product limits at all: its own switch, and the one that turns all limits off.
    pub on: Known<bool>,
    /// How many failures are let through in one window.
    pub attempts: Known<i64>,
    /// The window in seconds.
    pub window_seconds: Known<i64>,
    /// How long whoever exceeds it is locked out, in seconds.
    pub lock_seconds: Known<i64>,
    /// Whom an exemption spares: `nobody`, `listed`, `wide` (more than 65,536 public addresses) or
    /// `everybody`.
    pub exempt: Known<String>,
    /// Why, in words.
    pub because: String,
    /// The configuration file that overrides it, else empty.
    pub path: String,
    /// The line there, else 0.
    pub line: u32,
}

/// An account that is not mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silent {
    /// Its number in `people`; 0 for a row that stands for several.
    pub id: u64,
    /// Its name and e-mail.
    pub who: String,
    /// Whether it is an admin.
    pub admin: bool,
    /// Whether it is mailed.
    pub mailed: Known<bool>,
    /// How many accounts the row stands for.
    pub count: u64,
}

/// The app that resolves users' hostnames.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hostnames {
    /// Whether the app is installed.
    pub installed: Known<bool>,
    /// Whether its settings make it work.
    pub in_effect: Known<bool>,
    /// Whether nothing but its switch is off: it is installed, asks a resolver of the site's own, and no
    /// configuration file sets the switch.
    #[serde(default)]
    pub switched_off: bool,
    /// Why, in words.
    pub because: String,
}

/// Logins only from trusted addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrustedAddresses {
    /// Whether it is on.
    pub on: Resolved<bool>,
    /// Whom it covers: `agents` (admins included), `admins` or `nobody`.
    pub covers: Resolved<String>,
    /// How long an address stays trusted, in seconds.
    pub lifetime_seconds: Resolved<i64>,
    /// How many addresses are trusted.
    pub addresses: Known<u64>,
    /// How long the oldest has been trusted, in days; 0 where there is none.
    pub oldest_days: Known<i64>,
    /// Days since the job that expires them ran; `null` where it is not known to the database.
    pub job_days_ago: Known<Option<i64>>,
}

/// A directory that people log in through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Directory {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub title: String,
    /// Whether it is for `agent`s or `user`s; empty where the product does not tell.
    pub people: String,
    /// `ssl`, `tls` or `none`.
    pub encryption: Known<String>,
    /// Whether everybody in it may become an agent.
    pub makes_agents: bool,
}
