//! The order of a plan: what must stand before something else can be done, and what is closed only
//! when its successor is in use. Refuses to depend on the order in which deeds were given.

use super::action::{Action, Server};
use super::below::is_below;
use crate::sql::Deed;
use std::cmp::Reverse;

/// Parts of a plan, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Accounts that others are to belong to.
    Accounts,
    /// What does not belong here goes, before anything moves.
    Away,
    /// Directories that data moves into.
    Parents,
    /// Data moves to where it is to be.
    Moves,
    /// Directories that configuration will name.
    Directories,
    /// Variables of the running database server, which count until it starts anew.
    Variables,
    /// The database gets accounts and rights, before the configuration names them.
    Grants,
    /// The product's own login at the database, there and in its configuration.
    Login,
    /// The product's own configuration.
    Settings,
    /// Whole trees are closed, before single entries are.
    Trees,
    /// Owners, then ACLs that go, then modes, then ACLs that come: a new owner costs set-id bits, and
    /// a mode after a grant would take it back through the mask.
    Entries,
    /// Files of root's.
    Files,
    /// Old lines of crontabs, once their successors are written.
    CronLines,
    /// The database loses accounts and rights, when nothing uses them any more.
    Revokes,
    /// The helpdesk's settings in its database.
    Rows,
    /// Configuration of servers and of PHP.
    Servers,
    /// Each server tests its configuration and takes it up, once.
    Reloads,
}

impl Phase {
    /// Where a deed belongs; `moves` are the places that data moves to.
    pub(super) fn of(action: &Action, moves: &[String]) -> Self {
        match action {
            Action::Account { .. } => Self::Accounts,
            Action::PutAway { .. } | Action::Unlink { .. } => Self::Away,
            Action::Directory { path, .. } if moves.iter().any(|to| is_below(to, path)) => {
                Self::Parents
            }
            Action::MoveTree { .. } => Self::Moves,
            Action::Directory { .. } => Self::Directories,
            Action::Sql(deed) => match deed {
                Deed::Settings { .. }
                | Deed::RandomSetting { .. }
                | Deed::Preference { .. }
                | Deed::NoAdmin { .. } => Self::Rows,
                Deed::Variable { .. } => Self::Variables,
                Deed::Grant { .. } => Self::Grants,
                _ => Self::Revokes,
            },
            Action::OwnLogin { .. } => Self::Login,
            Action::Setting { .. } => Self::Settings,
            Action::CloseTree { .. } => Self::Trees,
            Action::Own { .. }
            | Action::Mode { .. }
            | Action::StripAcl { .. }
            | Action::GrantAcl { .. } => Self::Entries,
            Action::Write { .. } => Self::Files,
            Action::CronLine { .. } => Self::CronLines,
            Action::Ini { .. } | Action::Snippet { .. } | Action::Line { .. } => Self::Servers,
            Action::Reload { .. } => Self::Reloads,
        }
    }

    /// What it does, as a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Accounts => "Make the accounts that files are to belong to",
            Self::Away => "Take away what does not belong there",
            Self::Parents | Self::Directories => "Make directories",
            Self::Moves => "Move data to its new place",
            Self::Variables => "Set variables of the running database server",
            Self::Grants => "Give database accounts what they need",
            Self::Login => "Give the product a login of its own",
            Self::Settings => "Edit the product's configuration",
            Self::Trees => "Close whole trees",
            Self::Entries => "Set owners, modes and ACLs",
            Self::Files => "Write files",
            Self::CronLines => "Take old lines out of crontabs",
            Self::Revokes => "Take from database accounts what they do not need",
            Self::Rows => "Change the helpdesk's settings in its database",
            Self::Servers => "Edit the configuration of servers",
            Self::Reloads => "Let servers take up their configuration",
        }
    }

    /// Whether each file that it edits is a step of its own: its deeds belong together, whoever asked
    /// for them.
    pub(super) const fn edits_files(self) -> bool {
        matches!(self, Self::Settings | Self::CronLines | Self::Servers)
    }
}

/// Rights go before the account changes, and an account is named anew when all else is done to it.
pub(super) const fn rank(deed: &Deed) -> u32 {
    match deed {
        Deed::Grant { .. } => 0,
        Deed::Revoke { .. } | Deed::RevokeRole { .. } | Deed::RevokeProxy { .. } => 1,
        Deed::RequireTls { .. } | Deed::SocketLogin { .. } | Deed::LockAccount { .. } => 2,
        Deed::DropAccount { .. } => 3,
        Deed::RenameAccount { .. } => 4,
        Deed::Settings { .. }
        | Deed::RandomSetting { .. }
        | Deed::Preference { .. }
        | Deed::NoAdmin { .. }
        | Deed::Variable { .. } => 5,
    }
}

/// Where a deed stands within its step.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    first: u32,
    path: String,
    /// Edits of one file go upwards, so that line numbers stay true; what has no line comes last.
    line: Reverse<u32>,
    kind: u8,
    text: String,
}

impl Place {
    pub(super) fn of(action: &Action) -> Self {
        let plain = |path: &str, kind: u8, text: &str| Self {
            first: 0,
            path: path.to_owned(),
            line: Reverse(0),
            kind,
            text: text.to_owned(),
        };
        let depth = |path: &str| u32::try_from(path.matches('/').count()).unwrap_or(u32::MAX);
        match action {
            Action::Account { user } => plain("", 0, user),
            Action::PutAway { path, into } => Self {
                // What is inside goes first.
                first: u32::MAX - depth(path),
                ..plain(path, 1, into)
            },
            Action::Unlink { path } => Self {
                first: u32::MAX - depth(path),
                ..plain(path, 0, "")
            },
            Action::Directory { path, .. } => Self {
                first: depth(path),
                ..plain(path, 0, "")
            },
            Action::CloseTree { path, user, .. } => Self {
                first: depth(path),
                ..plain(path, 0, user)
            },
            Action::MoveTree { path, to } => plain(path, 0, to),
            Action::Own { path, .. } => plain(path, 0, ""),
            Action::StripAcl { path } => plain(path, 1, ""),
            Action::Mode { path, mode } => plain(path, 2, mode),
            Action::GrantAcl { path, user, .. } => plain(path, 3, user),
            Action::Write { path, .. } => plain(path, 0, ""),
            Action::Setting {
                path,
                setting,
                line,
                ..
            } => Self {
                line: Reverse(*line),
                ..plain(path, 0, setting)
            },
            Action::CronLine { path, line, .. } => Self {
                line: Reverse(*line),
                ..plain(path, 0, "")
            },
            Action::Line {
                path, line, text, ..
            } => Self {
                line: Reverse(*line),
                ..plain(path, 1, text)
            },
            Action::Snippet {
                path, line, text, ..
            } => Self {
                line: Reverse(*line),
                ..plain(path, 0, text)
            },
            Action::Ini {
                path, section, key, ..
            } => plain(
                path,
                2,
                &format!("{}\n{key}", section.clone().unwrap_or_default()),
            ),
            Action::Sql(deed) => Self {
                first: rank(deed),
                ..plain("", 0, &serde_json::to_string(deed).unwrap_or_default())
            },
            Action::OwnLogin { path, user, .. } => plain(path, 0, user),
            Action::Reload { server, .. } => Self {
                first: match server {
                    // The web server last: it is what people see.
                    Server::Database => 0,
                    Server::PhpFpm => 1,
                    Server::Nginx | Server::Apache => 2,
                },
                ..plain("", 0, super::shell::called(*server))
            },
        }
    }
}

/// What a deed changes, for people: paths, accounts, tables, servers.
#[must_use]
pub fn touches(action: &Action) -> Vec<String> {
    match action {
        Action::Own { path, .. }
        | Action::Mode { path, .. }
        | Action::StripAcl { path }
        | Action::GrantAcl { path, .. }
        | Action::Directory { path, .. }
        | Action::Write { path, .. }
        | Action::Unlink { path }
        | Action::Setting { path, .. }
        | Action::Ini { path, .. }
        | Action::Snippet { path, .. }
        | Action::Line { path, .. }
        | Action::CronLine { path, .. } => vec![path.clone()],
        Action::CloseTree { path, .. } => vec![format!("{path} and all below it")],
        Action::PutAway { path, into } => vec![path.clone(), into.clone()],
        Action::MoveTree { to, .. } => vec![to.clone()],
        Action::Account { user } => vec![format!("the system's account {user}")],
        Action::Sql(deed) => vec![database(deed)],
        Action::OwnLogin {
            user, host, path, ..
        } => vec![path.clone(), account(user, Some(host))],
        Action::Reload { server, .. } => vec![super::shell::called(*server).to_owned()],
    }
}

fn database(deed: &Deed) -> String {
    match deed {
        Deed::Settings { schema, .. } | Deed::RandomSetting { schema, .. } => {
            format!("the table {schema}.settings")
        }
        Deed::Preference { schema, .. } => format!("the table {schema}.people_prefs"),
        Deed::NoAdmin { schema, .. } => format!("the table {schema}.people"),
        Deed::Variable { name, .. } => format!("the database server's variable {name}"),
        Deed::Grant { user, host, .. } | Deed::Revoke { user, host, .. } => {
            account(user, host.as_deref())
        }
        Deed::RevokeRole { user, host, .. }
        | Deed::RevokeProxy { user, host, .. }
        | Deed::RenameAccount { user, host, .. }
        | Deed::DropAccount { user, host }
        | Deed::LockAccount { user, host }
        | Deed::RequireTls { user, host }
        | Deed::SocketLogin { user, host } => account(user, Some(host)),
    }
}

fn account(user: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("the database account {user}@{host}"),
        None => format!("the database role {user}"),
    }
}
