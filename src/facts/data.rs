//! The directories that the product writes: where they are, and whether it can.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The data directories.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataFacts {
    /// Each directory that the product will use; those that it makes below one of them are left out.
    pub directories: Listing<DataDirectory>,
    /// Each directory that web requests must write, for each account that answers them.
    pub web_needs: Listing<Need>,
    /// Each directory that the scheduled task must write, for each account that runs it.
    pub cron_needs: Listing<Need>,
    /// Each directory that the scheduled task writes, whoever runs it.
    #[serde(default)]
    pub task_directories: Listing<TaskDirectory>,
}

/// A directory that the scheduled task writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskDirectory {
    /// The directory as it really is, links resolved.
    pub path: String,
    /// What it holds.
    pub purpose: String,
    /// Whether it is there.
    pub exists: Known<bool>,
}

/// A directory that the product keeps data in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataDirectory {
    /// The directory as the product will use it.
    pub directory: String,
    /// Where it really is, links resolved; the same where it does not exist.
    pub real_directory: String,
    /// What it holds: `data`, `attachments`, `backups`, `var`, `logs`, `tmp` …
    pub purpose: String,
    /// The setting that names it.
    pub setting: String,
    /// Whether the setting is set; otherwise the product falls back to a default.
    pub configured: bool,
    /// Whether that default lies outside the web root by the product's own layout.
    pub default_is_safe: bool,
    /// Whether the path is absolute.
    pub absolute: bool,
    /// Whether it is there.
    pub exists: Known<bool>,
    /// The document root that it lies in; empty where it lies in none.
    pub inside: Known<String>,
    /// The configuration file that decides.
    pub path: String,
    /// Its line, 0 where no line names it.
    pub line: u32,
}

/// A directory that an account must write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    /// The directory as it really is, links resolved.
    pub path: String,
    /// What it holds.
    pub purpose: String,
    /// The account's name.
    pub user: String,
    /// Whether the directory is there.
    #[serde(default)]
    pub exists: Known<bool>,
    /// Whether it can create files there (or make the directory, where it is missing).
    pub writable: Known<bool>,
    /// The entry that decides; empty where none does.
    #[serde(default)]
    pub decided_by: String,
    /// What grants it there: `owner`, `group`, `acl` or `other`; empty where it is not granted.
    #[serde(default)]
    pub mechanism: String,
    /// The deciding link.
    pub because: String,
}
