//! Where the install is and who runs it, as conditions and fixes name it.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where things are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetFacts {
    /// The install's root directory, absolute, links resolved.
    pub root: String,
    /// `v4`, `v5` or `container`.
    pub generation: Known<String>,
    /// The configuration file that holds the database password, where it really is.
    pub config_file: Known<String>,
    /// Directories that the web server publishes.
    pub document_roots: Listing<DocumentRoot>,
    /// The accounts that act on the install.
    pub roles: Listing<Role>,
    /// The first web account's name, for fixes.
    pub web_user: Known<String>,
    /// The primary group of that account.
    pub web_group: Known<String>,
    /// The first scheduled task's account, for fixes.
    pub cron_user: Known<String>,
    /// An account that owns, or should own, the application: neither root nor the web server's.
    pub owner: String,
    /// Whether that account is there already.
    pub owner_exists: bool,
    /// What was taken for granted, each a sentence.
    pub assumptions: Vec<String>,
}

/// A directory that the web server publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentRoot {
    /// The directory, links resolved.
    pub path: String,
    /// Who says so: `file:line`, or the shipped layout.
    pub source: String,
}

/// An account and what it does for the helpdesk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// `web`, `cron` or `updater`.
    pub role: String,
    /// The account's name.
    pub user: String,
    /// Its number.
    pub uid: u32,
    /// Who says so: `file:line`, a process, or a flag.
    pub source: String,
}
