//! What one walk over the install saw: who owns, who can change, who can read, and what lies
//! where it should not. Long lists are grouped and counted where they arise.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that the walk answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FilesFacts {
    /// How much was seen.
    pub walk: WalkFacts,
    /// Who owns the entries.
    pub owners: Listing<Owner>,
    /// Which accounts can change which entries, and how.
    pub changeable: Listing<Change>,
    /// Files that hold credentials, and who can read them.
    pub credentials: Listing<Readable>,
    /// Dumps and backups, and who can read them.
    pub backups: Listing<Readable>,
    /// Editor copies, dumps, archives and repositories.
    pub leftovers: Listing<Leftover>,
    /// Scripts below data directories.
    pub data_scripts: Listing<Script>,
    /// Set-uid and set-gid executables.
    pub setid: Listing<SetId>,
    /// Directories above the install that somebody could swap.
    pub ancestors: Listing<Ancestor>,
    /// Symbolic links that lead out of the install.
    pub links: Listing<LinkOut>,
    /// The list of checksums that the release ships.
    pub checksums: ChecksumFacts,
    /// Files that differ from that list, and scripts that are not on it.
    pub modified: Listing<Modified>,
}

/// How much of the tree was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalkFacts {
    /// Entries seen.
    pub entries: u64,
    /// Directories among them.
    pub directories: u64,
    /// Entries that could not be looked at.
    pub unseen: u64,
}

/// Entries of one owner in one part of the install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// `app` or `data`.
    pub area: String,
    /// The account's name, or its number where it has none.
    pub owner: String,
    /// Its number.
    pub uid: u32,
    /// How many entries.
    pub count: u64,
    /// The worst example: code and directories first.
    pub path: String,
    /// A few of them.
    pub examples: Vec<String>,
}

/// Entries that an account can change by the same means in the same part of the install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// `web`, `cron`, `everybody` or `account`.
    pub by: String,
    /// The account's name.
    pub user: String,
    /// `app` or `data`.
    pub area: String,
    /// `write`, `replace` or `chmod`.
    pub right: String,
    /// What grants it: `owner`, `group`, `acl`, `other`, `parent directory`, `directory above`.
    pub mechanism: String,
    /// The first directory below the root, or `.`.
    pub directory: String,
    /// How many entries.
    pub count: u64,
    /// The worst example.
    pub path: String,
    /// Why, for the worst example: names the deciding link.
    pub because: String,
    /// The worst few.
    pub examples: Vec<String>,
    /// The directories that hold most of them, as `path (count)`.
    pub mostly_in: Vec<String>,
}

/// A file that should be private, and who can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readable {
    /// The file.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// Its owner's name, or number.
    pub owner: String,
    /// Whether every account of the host can read it.
    pub everybody: Known<bool>,
    /// Accounts that can read it, root and those of the helpdesk's own left out.
    pub strangers: Known<Vec<String>>,
    /// Its mode, four octal digits.
    pub mode: String,
    /// Whether it lies below a directory that the web server publishes.
    pub in_web_root: bool,
}

/// Something that an edit, a copy, a dump or an installation left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leftover {
    /// Where it lies.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// Whether it lies below a directory that the web server publishes.
    pub in_web_root: bool,
    /// Whether the release ships it.
    pub shipped: bool,
}

/// A file below a data directory that a web server might run or obey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Script {
    /// Where it lies.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// Why the product itself puts such a file there; empty where it does not.
    pub own: String,
}

/// An executable that changes who runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetId {
    /// Where it lies.
    pub path: String,
    /// `set-uid`, `set-gid` or both.
    pub bits: String,
    /// Whose rights it lends.
    pub owner: String,
}

/// A directory on the way to the install, and whether an account could put another in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ancestor {
    /// The directory.
    pub path: String,
    /// `web` or `everybody`.
    pub by: String,
    /// The account's name.
    pub user: String,
    /// Whether it could.
    pub replaceable: Known<bool>,
    /// The entry that decides: the directory above, or the entry itself where that one is sticky.
    #[serde(default)]
    pub decided_by: String,
    /// Whether that is a sticky directory, in which owning the entry decides.
    #[serde(default)]
    pub sticky: bool,
    /// What grants it: `owner`, `group`, `acl` or `other`.
    #[serde(default)]
    pub mechanism: String,
    /// The deciding link.
    pub because: String,
}

/// A symbolic link below the web root that leads out of the install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkOut {
    /// The link.
    pub path: String,
    /// What it says.
    pub target: String,
    /// Where it ends.
    pub resolved: String,
    /// Whether the web server's account can read what is there.
    pub web_reads: Known<bool>,
}

/// The list of checksums that the release ships.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecksumFacts {
    /// How many files the list names.
    pub listed: Known<u64>,
    /// How many of them were compared.
    pub compared: u64,
}

/// A file that is not what the release shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Modified {
    /// The file.
    pub path: String,
    /// `changed`, `missing` or `unknown script`.
    pub state: String,
}
