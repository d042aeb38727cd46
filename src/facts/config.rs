//! The product's own configuration, as far as checks ask about it. Values that are secret are
//! here as verdicts only.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigFacts {
    /// Files that could not be read or parsed, and values that could not be resolved.
    pub problems: Listing<Problem>,
    /// Debug switches that are mentioned.
    pub debug: Listing<Setting>,
    /// Constants and keys that let somebody in without a login.
    pub login_overrides: Listing<Setting>,
    /// Fixed tokens that open diagnostic pages.
    pub static_tokens: Listing<Setting>,
    /// Switches that dump, divert or copy outgoing mail.
    pub mail_diversions: Listing<Setting>,
    /// Whom the product believes about a client's address.
    pub proxy_trust: ProxyTrust,
    /// The umask that the product sets.
    pub umask: Umask,
    /// Secrets and what was found of them.
    pub secrets: Listing<SecretState>,
    /// Database credentials beside the main ones.
    pub credentials: Listing<CredentialSet>,
}

/// A part of the configuration that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What: a file, or a setting.
    pub what: String,
    /// Why not.
    pub reason: String,
    /// The file.
    pub path: String,
    /// The line, 0 for the whole file.
    pub line: u32,
}

/// A switch that the configuration mentions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// As it stands in the file.
    pub setting: String,
    /// Whether it is in effect.
    pub on: Known<bool>,
    /// What it does when it is.
    pub effect: String,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// Whom the product believes when a request names another client address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyTrust {
    /// `nobody`, `listed` or `everybody`.
    pub who: Known<String>,
    /// Why: the value as the product takes it.
    pub because: String,
    /// As it stands in the file.
    pub setting: String,
    /// The file.
    pub path: String,
    /// The line, 0 where nothing is set.
    pub line: u32,
}

/// The umask that the product sets for itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Umask {
    /// Four octal digits; `null` where the configuration sets none.
    pub value: Known<Option<String>>,
    /// Whether new files become writable by everybody.
    pub opens_to_everybody: Known<bool>,
    /// As it stands in the file.
    pub setting: String,
    /// The file.
    pub path: String,
    /// The line, 0 where nothing is set.
    pub line: u32,
}

/// What was found of a secret, never the secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretState {
    /// As it stands in the file.
    pub setting: String,
    /// `set`, `empty`, or `shipped` where it holds a publicly known text.
    pub state: Known<String>,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// A set of database credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CredentialSet {
    /// What it is for.
    pub purpose: String,
    /// As it stands in the file.
    pub setting: String,
    /// The setting that holds the password.
    pub password: String,
    /// The account that it names.
    pub user: String,
    /// Whether a password is there.
    pub has_password: Known<bool>,
    /// Whether the product still uses it.
    pub used: Known<bool>,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
}
