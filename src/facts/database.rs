//! The account that the product connects with, and the server it connects to. What an account is
//! identified by has no representation here but a verdict.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The database account and its server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseFacts {
    /// The product's account.
    pub account: DatabaseAccount,
    /// How the product reaches the server.
    pub connection: DatabaseConnection,
    /// The product's own schema, by the configuration.
    pub schema: Known<String>,
    /// The schemas that the account sees.
    pub schemas: Listing<VisibleSchema>,
    /// The server.
    pub server: DatabaseServer,
}

/// The account that the product connects with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseAccount {
    /// Its name, by the configuration.
    pub user: Known<String>,
    /// How the setting that names it is spelled.
    pub setting: String,
    /// The file that names it.
    pub path: String,
    /// The line; 0 where no line does.
    pub line: u32,
    /// How the setting that holds the password is spelled; empty where the configuration names several
    /// servers.
    #[serde(default)]
    pub password_setting: String,
    /// The line of that setting in the same file; 0 where no line has it.
    #[serde(default)]
    pub password_line: u32,
    /// The account as the server names it, `user@host`.
    pub matched: Known<String>,
    /// Its name, which is another than the configuration's where the server took it for an anonymous one.
    pub name: Known<String>,
    /// Its host part.
    pub host: Known<String>,
    /// Where the product comes from, as the server sees it.
    pub from: Known<String>,
    /// How far the host part reaches: `local`, `address`, `name`, `network`, `anywhere`.
    pub reach: Known<String>,
    /// Accounts of the same name that may connect from anywhere, as far as they are visible.
    pub namesakes: Vec<String>,
    /// The password by the configuration: `set`, `empty`, `shipped` (what a template or an example holds),
    /// `account` (the account's own name), `schema` (the schema's), `common` (in a short list of the
    /// commonest), `not-needed` (the socket identifies the account).
    pub password: Known<String>,
    /// The plugins that identify it, as far as MariaDB's grants tell.
    pub plugins: Vec<String>,
    /// Whether the server lets it in over TLS only.
    #[serde(default)]
    pub demands_tls: Known<bool>,
    /// Whether it may give itself every privilege there is.
    pub is_superuser: Known<bool>,
    /// The privileges that make it one.
    pub superuser_by: Vec<String>,
    /// The roles that a session of it starts with.
    pub active_roles: Known<Vec<String>>,
    /// The roles that it may take on, those of roles included.
    pub granted_roles: Known<Vec<String>>,
    /// How its grants name the product's schema: as those that are there, else by the schema's name.
    #[serde(default)]
    pub grants_on: Known<String>,
    /// Its grants, one row for each object and role.
    pub grants: Listing<GrantRow>,
    /// What the product needs at run time and the account has not got.
    pub missing_at_run_time: Known<Vec<String>>,
    /// What the product needs for updates and the account has not got.
    pub missing_for_updates: Known<Vec<String>>,
}

/// What is granted on one object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantRow {
    /// The object as a GRANT names it: `*.*`, `` `deskpro`.* ``.
    pub object: String,
    /// `global`, `schema`, `table`, `procedure`, `function`, `package`, `package-body`, `proxy`, `role`.
    pub level: String,
    /// The schema's name or pattern, where the object has one; the name of the account that it may act as.
    pub schema: String,
    /// The table's or routine's name, where the object has one; the host of the account that it may act as.
    pub name: String,
    /// The role that it comes through; empty where it is the account's own.
    pub role: String,
    /// The role of the account's own that leads there, as the server writes it; empty where none does.
    #[serde(default)]
    pub through: String,
    /// What of it the product needs in its schema, where it does not stand on that schema itself: what must
    /// be granted there before this goes.
    #[serde(default)]
    pub gives: Vec<String>,
    /// What is granted, in the server's words.
    pub privileges: Vec<String>,
    /// What of it the product does not need; `ALL PRIVILEGES` is taken apart where the rest is needed.
    pub excess: Vec<String>,
    /// Whether it may be handed on.
    pub grant_option: bool,
    /// Whether it is on the product's own schema.
    pub own_schema: bool,
}

/// A schema that an account sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisibleSchema {
    /// Its name.
    pub name: String,
    /// Whether it is the product's own.
    pub own: bool,
    /// Whether every account sees it (`information_schema`, `performance_schema`).
    pub everybodys: bool,
}

/// How the product reaches the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseConnection {
    /// The host as the configuration writes it.
    pub written: Known<String>,
    /// Where that leads.
    pub place: Known<String>,
    /// `socket`, `loopback`, `network`.
    pub kind: Known<String>,
    /// Whether the product asks for TLS.
    pub tls: Known<bool>,
    /// Whether it verifies the server's certificate, and the certificate stands the test.
    pub verified: Known<bool>,
    /// Whether the server offers TLS.
    pub offered: Known<bool>,
    /// The protocol that was agreed upon when deskguard asked, `TLSv1.3`; empty: no TLS.
    pub protocol: Known<String>,
    /// The cipher suite; empty: no TLS.
    pub cipher: Known<String>,
    /// What is wrong with the server's certificate; empty: nothing, or no TLS.
    pub problem: Known<String>,
}

/// The server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseServer {
    /// `MariaDB` or `MySQL`.
    pub flavour: Known<String>,
    /// As the server says it.
    pub version: Known<String>,
    /// The release series, `10.11`.
    pub series: Known<String>,
    /// The last day of fixes for the series, `2028-02-16`.
    pub supported_until: Known<String>,
    /// The same in days since 1970-01-01.
    pub supported_until_day: Known<i64>,
    /// Whether clients may be asked for their files.
    pub local_infile: Known<bool>,
    /// Which files the server may read and write for an account with FILE: `none`, `anywhere`, or the folder.
    pub files: Known<String>,
    /// Where it listens: `nowhere`, `loopback`, `addresses`, `everywhere`.
    pub listens: Known<String>,
    /// The addresses as its configuration has them.
    pub bind_address: Known<String>,
    /// Whether it listens on the network though the product does not come over it.
    pub listens_beyond_need: Known<bool>,
    /// Whether it can do TLS.
    pub tls: Known<bool>,
    /// Whether it refuses connections without TLS.
    pub requires_tls: Known<bool>,
    /// Whether it is a replica or otherwise read-only.
    pub read_only: Known<bool>,
    /// Every account of the server, where that is visible.
    pub accounts: Listing<ServerAccount>,
    /// Its process, where that runs on this machine.
    #[serde(default)]
    pub process: DatabaseProcess,
}

/// The server's process on this machine; everything is empty where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseProcess {
    /// The port that it listens on; 0 where that is not known.
    pub port: u32,
    /// The account that it runs as.
    pub user: String,
    /// That account's group.
    pub group: String,
    /// An option file, there or not yet, that it reads after everything else that sets `local_infile`,
    /// `secure_file_priv` or `bind_address`.
    pub drop_in: String,
    /// Why there is no such file, a clause.
    pub drop_in_missed: String,
    /// The service that starts it anew, as systemd or service(8) has it.
    pub service: String,
    /// Why no service does, a clause.
    pub service_missed: String,
    /// A loopback address on which it would be enough to listen, for the product and for every account that
    /// is visible.
    pub enough: String,
    /// Why there is none, a clause.
    pub enough_missed: String,
}

/// An account of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerAccount {
    /// `user@host`.
    pub account: String,
    /// Its name.
    pub user: String,
    /// Its host part.
    pub host: String,
    /// Whether it cannot log in.
    pub locked: bool,
    /// Whether it has no name, so that every name fits it.
    pub anonymous: bool,
    /// Whether it needs no password and nothing else identifies it.
    pub without_password: bool,
    /// Whether it is root and may connect from other machines.
    pub remote_root: bool,
}
