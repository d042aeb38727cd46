//! What was read of a helpdesk's database, by SQL or from a dump: names, numbers, moments and verdicts.
//! No password, hash, salt, token, code or key has a field here.

use crate::facts::{Known, Listing};
use std::collections::{BTreeMap, BTreeSet};

/// The longest text that is taken from a row, in characters.
const MOST_TEXT: usize = 200;

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// `the database`, or the dump's file.
    pub source: String,
    /// Whether it is a dump.
    pub is_dump: bool,
    /// The moment whose state it is, in seconds since 1970 UTC.
    pub seen: Known<i64>,
    /// Which tables and columns there are.
    pub tables: Tables,
    /// Rows of `settings` whose name deskguard asks for; `core.app_secret` is never among them.
    pub settings: Known<BTreeMap<String, Known<Vec<u8>>>>,
    /// What was found of `core.app_secret`; `None` where there is no row.
    pub secret: Known<Option<SecretSeen>>,
    /// Agents, former agents and everybody with the admin flag.
    pub people: Listing<PersonRow>,
    /// API keys.
    pub api_keys: Listing<KeyRow>,
    /// Tokens that never expire, by owner.
    pub tokens: Listing<TokenRow>,
    /// Sources that people log in through.
    pub sources: Listing<SourceRow>,
    /// The packages of installed apps.
    pub apps: Listing<String>,
    /// Addresses that agents may log in from.
    pub trusted: Known<TrustedRows>,
    /// Scheduled jobs.
    pub jobs: Listing<JobRow>,
    /// The newest entry of the log of logins; `None` where it is empty.
    pub login_log: Known<Option<i64>>,
    /// The newest entry of the log of admins' changes.
    pub audit_log: Known<Option<i64>>,
}

impl Picture {
    /// A picture of which nothing is known.
    #[must_use]
    pub fn unseen(reason: &str) -> Self {
        Self {
            source: String::new(),
            is_dump: false,
            seen: Known::unknown(reason),
            tables: Tables {
                seen: BTreeMap::new(),
                hidden: Some(reason.to_owned()),
                columns_hidden: Some(reason.to_owned()),
            },
            settings: Known::unknown(reason),
            secret: Known::unknown(reason),
            people: Listing::unseen(reason),
            api_keys: Listing::unseen(reason),
            tokens: Listing::unseen(reason),
            sources: Listing::unseen(reason),
            apps: Listing::unseen(reason),
            trusted: Known::unknown(reason),
            jobs: Listing::unseen(reason),
            login_log: Known::unknown(reason),
            audit_log: Known::unknown(reason),
        }
    }
}

/// Which tables and columns there are.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Columns by table.
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// Why a table that was not seen may be there all the same.
    pub hidden: Option<String>,
    /// Why a column that was not seen may be there all the same.
    pub columns_hidden: Option<String>,
}

impl Tables {
    /// Whether a table is there.
    #[must_use]
    pub fn has(&self, table: &str) -> Known<bool> {
        Self::tell(self.seen.contains_key(table), self.hidden.as_ref())
    }

    /// Whether a column is there.
    #[must_use]
    pub fn has_column(&self, table: &str, column: &str) -> Known<bool> {
        let there = self
            .seen
            .get(table)
            .is_some_and(|columns| columns.contains(column));
        Self::tell(there, self.columns_hidden.as_ref())
    }

    fn tell(there: bool, hidden: Option<&String>) -> Known<bool> {
        match hidden {
            Some(reason) if !there => Known::unknown(reason),
            _ => Known::Known(there),
        }
    }
}

/// What was found of a secret that was judged where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretSeen {
    /// Its length in bytes.
    pub length: u64,
    /// Whether it is a value that the vendor published.
    pub shipped: bool,
}

impl SecretSeen {
    /// The placeholder of the shipped settings, and how the value of the vendor's own test data begins.
    const SHIPPED: (&[u8], &[u8]) = (b"APP_SECRET", b"YXI5Z2HS");

    /// Judges the value and forgets it.
    #[must_use]
    pub fn judge(value: &[u8]) -> Self {
        Self {
            length: u64::try_from(value.len()).unwrap_or(u64::MAX),
            shipped: value == Self::SHIPPED.0 || value.starts_with(Self::SHIPPED.1),
        }
    }
}

/// How a password is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// No password of the product's own.
    None,
    /// phpass with bcrypt.
    Bcrypt,
    /// phpass fell back to its portable form, which is MD5 in a loop.
    Portable,
    /// SHA-1 of salt and password.
    Deskpro4,
    /// SHA-1 of password and salt.
    Deskpro3Tech,
    /// MD5 of password and salt.
    Deskpro3,
    /// A scheme that the product refuses to log in with.
    Unrecognised,
}

impl Scheme {
    /// Judges a row by its scheme and by how the hash begins (`PasswordSchemeFactory`: NULL is
    /// `deskpro4original`).
    #[must_use]
    pub fn judge(scheme: Option<&[u8]>, has_hash: bool, is_portable: bool) -> Self {
        match scheme {
            _ if !has_hash => Self::None,
            Some(b"bcrypt") if is_portable => Self::Portable,
            Some(b"bcrypt") => Self::Bcrypt,
            None | Some(b"deskpro4original") => Self::Deskpro4,
            Some(b"deskpro3_tech") => Self::Deskpro3Tech,
            Some(b"deskpro3") => Self::Deskpro3,
            Some(_) => Self::Unrecognised,
        }
    }

    /// The product's own name for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bcrypt => "bcrypt",
            Self::Portable => "portable",
            Self::Deskpro4 => "deskpro4original",
            Self::Deskpro3Tech => "deskpro3_tech",
            Self::Deskpro3 => "deskpro3",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// Whether guessing it is slow, or pointless.
    #[must_use]
    pub const fn is_strong(self) -> bool {
        matches!(self, Self::None | Self::Bcrypt | Self::Unrecognised)
    }
}

/// An account that is, or was, more than a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its primary e-mail address.
    pub email: String,
    /// `is_agent`.
    pub agent: bool,
    /// `can_admin`.
    pub admin: bool,
    /// `is_deleted`.
    pub deleted: bool,
    /// `is_disabled`.
    pub disabled: bool,
    /// How its password is stored.
    pub scheme: Scheme,
    /// The last login, in seconds since 1970 UTC.
    pub last_login: Option<i64>,
    /// Its creation.
    pub created: Option<i64>,
    /// Whether the day is recorded on which its password was set.
    pub password_dated: bool,
    /// Whether it is mailed about failed logins.
    pub mails_failures: Known<bool>,
    /// Whether it is mailed about logins.
    pub mails_logins: Known<bool>,
}

impl PersonRow {
    /// `is_agent=1 AND is_deleted=0 AND is_disabled=0`.
    #[must_use]
    pub const fn is_live_agent(&self) -> bool {
        self.agent && !self.deleted && !self.disabled
    }

    /// The name and the e-mail address, as evidence shows them.
    #[must_use]
    pub fn who(&self) -> String {
        who(self.id, &self.name, &self.email)
    }
}

/// A name, an e-mail address, or both.
#[must_use]
pub(crate) fn who(id: u64, name: &str, email: &str) -> String {
    match (name.trim(), email.trim()) {
        ("", "") => format!("account {id}"),
        ("", email) => email.to_owned(),
        (name, "") => format!("{name} (account {id})"),
        (name, email) => format!("{name} <{email}>"),
    }
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its number.
    pub id: u64,
    /// Its owner; in early v4 one without is a super key.
    pub person: Option<u64>,
    /// The note that an admin gave it.
    pub note: String,
    /// v5's comma list; `None` where there is no such column.
    pub flags: Option<String>,
}

/// Tokens of one owner that never expire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The owner.
    pub person: u64,
    /// How many.
    pub tokens: u64,
}

/// A source that people log in through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub title: String,
    /// v5's `agent` or `user`.
    pub people: String,
    /// The class of its adapter.
    pub adapter: String,
    /// The package of its app, where it has one.
    pub package: String,
    /// Whether everybody in it may become an agent.
    pub makes_agents: bool,
    /// What its options say about encryption.
    pub secure: super::Secure,
}

/// Addresses that agents may log in from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedRows {
    /// How many.
    pub count: u64,
    /// The oldest one's moment.
    pub oldest: Option<i64>,
}

/// A scheduled job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its name and class, for telling which one it is.
    pub name: String,
    /// Its last run.
    pub last_run: Option<i64>,
}

/// Text from a row: what is no UTF-8 is replaced, what is long is cut.
#[must_use]
pub(crate) fn shown(bytes: &[u8]) -> String {
    let head = bytes.get(..MOST_TEXT * 4).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
