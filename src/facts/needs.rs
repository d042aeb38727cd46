//! By what right the product reaches what it needs on disk, so that a fix can be tried on paper first:
//! the accounts, what each must read or write, and who may do what with every entry on the way.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the product needs on disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NeedsFacts {
    /// The accounts that act on the install, root, and the one that owns or should own it.
    pub accounts: Listing<ActingAccount>,
    /// What each of them must be able to do.
    pub rights: Listing<NeededRight>,
    /// The entries on the way to all that, and those that findings name.
    pub places: Listing<PlaceOnDisk>,
    /// Code that an account of the helpdesk reads only because of who owns it.
    pub read_as: Listing<ReadAs>,
}

/// An account that fixes may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActingAccount {
    /// Its name.
    pub user: String,
    /// Its number.
    pub uid: u32,
    /// Its groups' numbers, the primary one first.
    pub gids: Vec<u32>,
    /// The primary group's name, or its number where it has none.
    pub group: String,
}

/// Something that an account must be able to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NeededRight {
    /// `web`, `cron` or `updater`.
    pub role: String,
    /// The account's name.
    pub user: String,
    /// `read` (a directory: list and enter it) or `write` (make names in a directory).
    pub right: String,
    /// The path as the product uses it.
    pub path: String,
    /// What it is for: `attachments`, `configuration`, `entry point` …
    pub purpose: String,
    /// Whether something is there; otherwise the product makes it.
    pub exists: bool,
    /// Whether it can now.
    pub held: Known<bool>,
    /// The directories and links on the way, as they really are, from `/`.
    pub through: Vec<String>,
    /// Where the way ends, links resolved; the directory that would hold it, where it is not there.
    pub end: String,
}

/// An entry, and who may do what with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceOnDisk {
    /// The entry, links before it resolved.
    pub path: String,
    /// `file`, `directory`, `link` or `other`.
    pub kind: String,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The mode, four octal digits.
    pub mode: String,
    /// The ACL's entries as getfacl(1) writes them, accounts by number; `null` where there is none.
    pub acl: Known<Option<Vec<String>>>,
}

/// Code that an account reads only as its owner, or only as a member of its group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadAs {
    /// The account's name.
    pub user: String,
    /// `owner` or `group`.
    pub by: String,
    /// The owner's number.
    pub owner: u32,
    /// How many entries at least.
    pub count: u64,
    /// The first.
    pub path: String,
}
