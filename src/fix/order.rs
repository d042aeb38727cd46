//! The order of a plan: what must stand before something else can be done, and what is closed only
//! when its successor is in use. Refuses to depend on the order in which deeds were given.

use super::action::{Action, Server, Touches};
use std::cmp::Reverse;

/// Parts of a plan, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Accounts that others are to belong to.
    Accounts,
    /// What does not belong here goes, before anything is copied.
    Away,
    /// Directories that copies are made in.
    Parents,
    /// Data is copied to where it is to be.
    Copies,
    /// Directories that configuration will name.
    Directories,
    /// The database gets accounts and rights, before the configuration names them.
    Grants,
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
    /// Where a deed belongs; `copies` are the places that copies are made at.
    pub(super) fn of(action: &Action, copies: &[String]) -> Self {
        match action {
            Action::Account { .. } => Self::Accounts,
            Action::PutAway { .. } | Action::Unlink { .. } => Self::Away,
            Action::Directory { path, .. } if copies.iter().any(|to| is_below(to, path)) => {
                Self::Parents
            }
            Action::CopyTree { .. } => Self::Copies,
            Action::Directory { .. } => Self::Directories,
            Action::Sql { text, touches } => match touches {
                Touches::Settings => Self::Rows,
                Touches::Accounts if rank(text) < Self::REVOKING => Self::Grants,
                Touches::Accounts => Self::Revokes,
            },
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

    /// The rank of the first statement that takes something away.
    const REVOKING: u8 = 2;

    /// What it does, as a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Accounts => "Make the accounts that files are to belong to",
            Self::Away => "Take away what does not belong there",
            Self::Parents | Self::Directories => "Make directories",
            Self::Copies => "Copy data to its new place",
            Self::Grants => "Give database accounts what they need",
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

/// Whether a path lies below a directory.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/'))
        .is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

/// A statement gives before others take, and an account is named anew when all is done to it.
pub(super) fn rank(statement: &str) -> u8 {
    let mut words = statement
        .lines()
        .filter(|line| !line.trim_start().starts_with("--") && !line.trim_start().starts_with('#'))
        .flat_map(str::split_ascii_whitespace)
        .map(str::to_ascii_uppercase);
    match words.next().unwrap_or_default().as_str() {
        "CREATE" => 0,
        "GRANT" => 1,
        "REVOKE" => 2,
        "ALTER" | "SET" => 3,
        "RENAME" => 5,
        "FLUSH" => 6,
        _ => 4,
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
            Action::CopyTree { path, to } => plain(path, 0, to),
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
            Action::CronLine { path, line } => Self {
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
            Action::Sql { text, .. } => Self {
                first: u32::from(rank(text)),
                ..plain("", 0, text)
            },
            Action::Reload { server } => Self {
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
        Action::CopyTree { to, .. } => vec![to.clone()],
        Action::Account { user } => vec![format!("the system's account {user}")],
        Action::Sql { touches, .. } => vec![
            match touches {
                Touches::Accounts => "accounts of the database server",
                Touches::Settings => "the helpdesk's tables settings and people_prefs",
            }
            .to_owned(),
        ],
        Action::Reload { server } => vec![super::shell::called(*server).to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_below_and_not_beside() {
        for (path, directory, below) in [
            ("/a/b", "/a", true),
            ("/a/b", "/a/", true),
            ("/a", "/a", false),
            ("/ab", "/a", false),
            ("/a", "/", true),
        ] {
            assert_eq!(is_below(path, directory), below, "{path} {directory}");
        }
    }

    #[test]
    fn statements_give_before_they_take() {
        let order = [
            "-- note\nCREATE USER a;",
            "grant x;",
            "REVOKE x;",
            "ALTER USER a;",
            "DROP USER b;",
            "RENAME USER a TO c;",
            "FLUSH PRIVILEGES;",
        ];
        assert!(order.is_sorted_by_key(|it| rank(it)));
    }
}
