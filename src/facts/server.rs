//! What runs on the host for the helpdesk: workers, scheduled tasks, and the build on disk.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerFacts {
    /// Workers of the web server and of PHP, running or configured.
    pub workers: Listing<Worker>,
    /// The product's scheduled tasks.
    pub jobs: Listing<Job>,
    /// Whether any scheduled task was found.
    pub scheduled: Known<bool>,
    /// The build on disk.
    pub product: Product,
}

/// A worker that handles requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Worker {
    /// `nginx`, `apache` or `php-fpm`.
    pub program: String,
    /// The account's name.
    pub user: String,
    /// Its number.
    pub uid: u32,
    /// Who says so: `process 123` or `file:line`.
    pub source: String,
    /// The file to mend, empty for a process.
    pub path: String,
    /// The line to mend, 0 where there is none.
    pub line: u32,
}

/// A scheduled task of the product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// The account's name.
    pub user: String,
    /// Its number.
    pub uid: u32,
    /// The command line, secrets and all control characters left out.
    pub command: String,
    /// Whether it also carries out updates.
    pub updates: bool,
    /// Whether the account is one that answers web requests.
    pub is_web_user: Known<bool>,
    /// The crontab, timer or process.
    pub path: String,
    /// The line, 0 where there is none.
    pub line: u32,
}

/// The build on disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// The build's number or time, as the product writes it.
    pub build: Known<String>,
    /// When it was built, in seconds since 1970.
    pub built_second: Known<i64>,
    /// The day it was built, in days since 1970-01-01 UTC.
    pub built_day: Known<i64>,
    /// The same day as a date.
    pub built: Known<String>,
    /// Whether all files on disk name the same build.
    pub consistent: Known<bool>,
    /// The file that names the build.
    pub path: String,
}
