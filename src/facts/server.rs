//! What runs on the host for the helpdesk: workers, scheduled tasks, and the build on disk.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerFacts {
    /// Workers of the web server and of PHP, running or configured.
    pub workers: Listing<Worker>,
    /// What such workers left that only root can use, where another account can take their place.
    #[serde(default)]
    pub scratch: Listing<Scratch>,
    /// The product's scheduled tasks.
    pub jobs: Listing<Job>,
    /// Whether any scheduled task was found.
    pub scheduled: Known<bool>,
    /// The build on disk.
    pub product: Product,
    /// Each PHP that may answer web requests.
    pub php: Listing<Php>,
    /// What each of them is told that matters.
    pub php_settings: Listing<PhpSetting>,
    /// Services that listen for others.
    pub listeners: Listing<Listener>,
}

/// A PHP that may answer web requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Php {
    /// `PHP-FPM's pool www`, `Apache's PHP module`.
    pub name: String,
    /// Its version.
    pub version: Known<String>,
    /// The last day on which its version receives fixes, in days since 1970-01-01 UTC.
    pub fixed_until_day: Known<i64>,
    /// The same as a date, and who fixes it.
    pub fixed_until: Known<String>,
    /// The lowest version that the product's own requirements name.
    pub product_needs: Known<String>,
    /// Whether it meets them.
    pub product_accepts: Known<bool>,
    /// The file that begins it.
    pub path: String,
    /// Its line.
    pub line: u32,
}

/// A switch of PHP's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhpSetting {
    /// Whose.
    pub php: String,
    /// The setting.
    pub setting: String,
    /// Whether it is on.
    pub on: Known<bool>,
    /// Whether it should be.
    pub wanted: bool,
    /// What it does when it is not as it should be.
    pub effect: String,
    /// Who says so: a file, or `PHP's own default`.
    pub source: String,
    /// The file to mend.
    pub path: String,
    /// The line, 0 where none says it.
    pub line: u32,
    /// Which language the file is in: `ini`, `apache`; empty where no line of it can be mended.
    pub language: String,
    /// The section of an ini file that it belongs to; empty where it belongs to none.
    pub section: String,
    /// How the file names the setting: `php_admin_flag[expose_php]`, `php_flag expose_php`.
    pub key: String,
    /// What stands on the line of an Apache configuration.
    pub text: String,
}

/// A service that waits for connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listener {
    /// `MySQL`, `Redis` …
    pub service: String,
    /// The address that it listens on.
    pub address: String,
    /// The port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Whether the address is one that other networks may reach: neither loopback nor private.
    pub public: bool,
    /// The program, where the auditor may see that.
    pub program: String,
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
    /// What stands on that line, where another one can take its place.
    #[serde(default)]
    pub text: String,
    /// That other line; empty where a person decides.
    #[serde(default)]
    pub mended: String,
    /// The account that it names.
    #[serde(default)]
    pub to: String,
    /// That account's number; 0 where there is none.
    #[serde(default)]
    pub to_uid: u32,
    /// Why a person decides, a clause; empty where nobody has to.
    #[serde(default)]
    pub because: String,
}

/// A directory in which a worker that runs as root keeps what it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scratch {
    /// `nginx`.
    pub program: String,
    /// The directory.
    pub path: String,
    /// The account that the worker would get.
    pub to: String,
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
    /// Whether a line of a crontab starts it, and nothing else.
    pub crontab: bool,
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
