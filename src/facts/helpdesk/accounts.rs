//! Who may do what: admins, agents, API keys and tokens. Lists name no more than
//! [`AccountsFacts::MOST_ROWS`] of each; the counts are of all.

use crate::facts::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accounts and what they may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountsFacts {
    /// How many live admins there are.
    pub admin_count: Known<u64>,
    /// How many live agents there are, admins included.
    pub agent_count: Known<u64>,
    /// Live admins, the longest away first.
    pub admins: Listing<Person>,
    /// Accounts with the admin flag that are deleted, disabled or no longer agents.
    pub former_admins: Listing<Gone>,
    /// Live agents, the longest away first.
    pub agents: Listing<Person>,
    /// How live agents' passwords are stored.
    pub hashes: Listing<HashScheme>,
    /// Live agents whose password is stored in a legacy scheme.
    pub weakly_hashed: Listing<Person>,
    /// API keys that may act for everybody, or whose owner is gone.
    pub api_keys: Listing<ApiKey>,
    /// Accounts that are gone and still hold tokens that never expire.
    pub gone_tokens: Listing<TokenOwner>,
}

impl AccountsFacts {
    /// How many rows a list names.
    pub const MOST_ROWS: usize = 500;
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Its number in `people`; 0 for a row that stands for several.
    pub id: u64,
    /// Its name and e-mail, as evidence shows it.
    pub who: String,
    /// Whether it is an admin.
    pub admin: bool,
    /// The day of the last login, or of its creation where it never logged in.
    pub seen_day: Known<i64>,
    /// The same in words: `last seen 2026-01-31`, `never logged in, made 2020-01-01`.
    pub seen: String,
    /// How its password is stored: `bcrypt`, `none`, `portable`, `deskpro4original`,
    /// `deskpro3_tech`, `deskpro3` or `unrecognised`.
    pub scheme: String,
}

/// An account with the admin flag that is no live agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gone {
    /// Its number.
    pub id: u64,
    /// Its name and e-mail.
    pub who: String,
    /// `deleted`, `disabled` or `no longer an agent`.
    pub state: String,
}

/// How many live agents' passwords are stored in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HashScheme {
    /// The scheme.
    pub scheme: String,
    /// How many.
    pub agents: u64,
    /// Whether it resists guessing.
    pub strong: bool,
}

/// An API key that deserves a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    /// Its number.
    pub id: u64,
    /// The note that an admin gave it.
    pub note: String,
    /// Its owner, empty where it has none.
    pub owner: String,
    /// Whether it may act for every agent.
    pub all_agents: bool,
    /// Whether it may do what admins do.
    pub manages: bool,
    /// Whether its owner is deleted, disabled or no agent.
    pub owner_gone: bool,
    /// What is wrong with it, in words.
    pub because: String,
}

/// An account that is gone and still holds tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenOwner {
    /// Its number.
    pub id: u64,
    /// Its name and e-mail.
    pub who: String,
    /// How many tokens.
    pub tokens: u64,
}
