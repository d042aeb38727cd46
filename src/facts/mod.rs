//! The typed rows that probes publish and conditions read: plain data, no behaviour that judges.
//! What cannot be known is said with its reason; secrets have no representation here at all.

mod config;
mod data;
mod database;
mod files;
mod helpdesk;
mod known;
mod live;
mod needs;
mod schema;
mod secret;
mod server;
mod target;
mod web;

pub use config::{ConfigFacts, CredentialSet, Problem, ProxyTrust, SecretState, Setting, Umask};
pub use data::{DataDirectory, DataFacts, Need, TaskDirectory};
pub use database::{
    DatabaseAccount, DatabaseConnection, DatabaseFacts, DatabaseProcess, DatabaseServer, GrantRow,
    ServerAccount, VisibleSchema,
};
pub use files::{
    Ancestor, Change, ChecksumFacts, FilesFacts, Leftover, LinkOut, Modified, Owner, Readable,
    Script, SetId, WalkFacts,
};
pub use helpdesk::{
    AccountsFacts, ApiAccess, AuditLog, DatabaseBuild, Directory, ErrorLog, Features, HashScheme,
    HelpdeskFacts, Hostnames, LoginFacts, LoginLog, LogsFacts, PasswordPolicy, Person, RateLimit,
    Resolved, SessionsFacts, Silent, TrustedAddresses,
};
pub use known::{Known, Listing, UNKNOWN_KEY};
pub use live::{
    Announcement, Asked, Canary, CookieSet, Disagreement, Exchange, Hsts, LiveFacts, PageHeaders,
    PlainHttp, Predicted, Proof, Proven, Site, Tls,
};
pub use needs::{ActingAccount, NeededRight, NeedsFacts, PlaceOnDisk, ReadAs};
pub use schema::{FactSchema, Shape};
pub use secret::Secret;
pub use server::{Job, Listener, Php, PhpSetting, Product, Scratch, ServerFacts, Worker};
pub use target::{DocumentRoot, Role, TargetFacts};
pub use web::{
    AddressTrust, Interface, LoadedFile, Reach, TransportPlace, WebBlock, WebFacts, WebServerFacts,
};

use crate::policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the facts' form; a saved evidence file of another version is refused.
pub const FACTS_SCHEMA: &str = "deskguard/facts/1";

/// Everything that was observed on one host about one install.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// The version of this form.
    pub schema: String,
    /// Where things are and who runs them.
    pub target: TargetFacts,
    /// What the walk over the install saw.
    pub files: FilesFacts,
    /// The data directories.
    pub data: DataFacts,
    /// By what right the product reaches what it needs on disk.
    pub needs: NeedsFacts,
    /// The product's own configuration.
    pub config: ConfigFacts,
    /// Processes, scheduled tasks and the build.
    pub server: ServerFacts,
    /// What the web server would do.
    pub web: WebFacts,
    /// What the web server did.
    pub live: LiveFacts,
    /// The database account and its server.
    pub database: DatabaseFacts,
    /// The helpdesk's own settings, accounts and logs.
    pub helpdesk: HelpdeskFacts,
}

/// Everything that a condition may read: the facts, the policy and the day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// What was observed.
    #[serde(flatten)]
    pub facts: Facts,
    /// The numbers that the site's policy sets.
    pub policy: Policy,
    /// The day of the judgement.
    pub today: Today,
}

/// The day of the judgement, an argument like any other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Today {
    /// Days since 1970-01-01 in UTC.
    pub day: i64,
}
