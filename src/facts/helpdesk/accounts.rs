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
    /// Every account with the admin flag, those that are no live agents first.
    pub admin_flags: Listing<Person>,
    /// Live agents, the longest away first.
    pub agents: Listing<Person>,
    /// How live agents' passwords are stored.
    pub hashes: Listing<HashScheme>,
    /// Live agents whose password is stored in a legacy scheme.
    pub weakly_hashed: Listing<Person>,
    /// API keys that may act for everybody or whose owner is gone, and tokens of accounts that are gone.
    pub api_access: Listing<ApiAccess>,
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
    /// `live`, `deleted`, `disabled` or `no longer an agent`.
    pub state: String,
    /// The day of the last login, or of its creation where it never logged in.
    pub seen_day: Known<i64>,
    /// The same in words: `last seen 2026-01-31`, `never logged in, made 2020-01-01`.
    pub seen: String,
    /// How its password is stored: `bcrypt`, `none`, `portable`, `deskpro4original`,
    /// `deskpro3_tech`, `deskpro3` or `unrecognised`.
    pub scheme: String,
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

/// An API key, or tokens, that deserve a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiAccess {
    /// `API key 3 (Zapier)`, `2 API tokens`.
    pub what: String,
    /// The owner's name and e-mail, `nobody` where there is none.
    pub owner: String,
    /// Whether it may act for every agent.
    pub all_agents: bool,
    /// Whether its owner is deleted, disabled or no agent.
    pub owner_gone: bool,
    /// What is wrong with it, in words.
    pub because: String,
}
