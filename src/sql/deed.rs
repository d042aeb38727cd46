//! What a fix changes in the database, as data: rows of the helpdesk's settings, and accounts with what they
//! may do. Names and values stand as they are; [`super::Spelled`] quotes them.

use super::On;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// One deed in the database. An account is a name and a host; a role of MariaDB, `PUBLIC` included, has no
/// host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "statement", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Deed {
    /// Rows of the helpdesk's table `settings` have these values; rows that are missing are made.
    Settings {
        /// The helpdesk's schema.
        schema: String,
        /// Names and values.
        #[serde(deserialize_with = "texts")]
        values: BTreeMap<String, String>,
    },
    /// A row of `settings` gets a random text of letters and digits, which is shown nowhere.
    RandomSetting {
        /// The helpdesk's schema.
        schema: String,
        /// The setting.
        name: String,
        /// How many characters, from 16 to 64.
        length: u8,
    },
    /// A row of `people_prefs`: one preference of one person is on.
    Preference {
        /// The helpdesk's schema.
        schema: String,
        /// The person's number.
        person: u64,
        /// The preference.
        name: String,
    },
    /// A person of the helpdesk's who is gone, or no agent, has the admin flag no more.
    NoAdmin {
        /// The helpdesk's schema.
        schema: String,
        /// The person's number.
        person: u64,
    },
    /// An account may do more.
    Grant {
        /// The account's name.
        user: String,
        /// Its host.
        #[serde(default)]
        host: Option<String>,
        /// Where.
        on: On,
        /// What.
        privileges: Vec<String>,
    },
    /// An account may do less.
    Revoke {
        /// The account's name.
        user: String,
        /// Its host.
        #[serde(default)]
        host: Option<String>,
        /// Where.
        on: On,
        /// What; `ALL PRIVILEGES` is everything there, but the right to hand on.
        privileges: Vec<String>,
        /// Whether it may no longer hand on what it has there.
        #[serde(default)]
        grant_option: bool,
    },
    /// An account may no longer take on a role.
    RevokeRole {
        /// The account's name.
        user: String,
        /// Its host.
        host: String,
        /// The role.
        role: String,
        /// The role's host (MySQL).
        #[serde(default)]
        role_host: Option<String>,
    },
    /// An account may no longer act as another.
    RevokeProxy {
        /// The account's name.
        user: String,
        /// Its host.
        host: String,
        /// The other's name.
        as_user: String,
        /// The other's host.
        as_host: String,
    },
    /// An account is valid from another host than before; password and privileges go with it.
    RenameAccount {
        /// Its name.
        user: String,
        /// Its host so far.
        host: String,
        /// Its new host.
        to: String,
    },
    /// An account goes.
    DropAccount {
        /// Its name.
        user: String,
        /// Its host.
        host: String,
    },
    /// Nobody can log in to an account any more; everything else of it stays.
    LockAccount {
        /// Its name.
        user: String,
        /// Its host.
        host: String,
    },
    /// The server lets the account in through TLS only.
    RequireTls {
        /// Its name.
        user: String,
        /// Its host.
        host: String,
    },
    /// A variable of the running server has this value until the server starts anew.
    Variable {
        /// Its name.
        name: String,
        /// Its value; switches are 0 and 1.
        value: u64,
    },
    /// The account is whoever has the same name on the database's machine, without any password (MariaDB's
    /// plugin `unix_socket`).
    SocketLogin {
        /// Its name.
        user: String,
        /// Its host.
        host: String,
    },
}

/// Texts; numbers stand for their digits.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Number(i64),
    }
    let written = BTreeMap::<String, Written>::deserialize(deserializer)?;
    let text = |value| match value {
        Written::Text(text) => text,
        Written::Number(number) => number.to_string(),
    };
    Ok(written
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect())
}
