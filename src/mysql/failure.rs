//! Why a server could not be asked, or why its answer counts for nothing: the reason of an unknown fact.

use std::fmt;

/// Why there is no answer. `Display` gives the sentence for the reader of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The server cannot be reached, or hung up.
    Unreachable(String),
    /// The server refuses the account or its password.
    LoginRefused(String),
    /// Deskguard refuses to go on: the password or a local file would be given away.
    Unsafe(String),
    /// The table, column, variable or account does not exist there.
    Missing(String),
    /// The account may not ask that.
    Denied(String),
    /// No answer in time; the session is over.
    Slow(String),
    /// Any other error that the server reports.
    Server {
        /// Its number, as the server's manual lists it.
        code: u16,
        /// What it says.
        message: String,
    },
    /// The answer does not keep to the protocol, or to what was asked; the session is over.
    Lie(String),
}

impl Failure {
    /// Whether what was asked for does not exist, as opposed to could not be seen.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// What an error of the server means. Numbers: "Server Error Message Reference" of the MySQL manual.
    pub(super) fn of_server(code: u16, message: String) -> Self {
        match code {
            // ER_BAD_DB_ERROR, ER_BAD_FIELD_ERROR, ER_NONEXISTING_GRANT, ER_NO_SUCH_TABLE,
            // ER_UNKNOWN_SYSTEM_VARIABLE, ER_SP_DOES_NOT_EXIST
            1049 | 1054 | 1141 | 1146 | 1193 | 1305 => Self::Missing(message),
            // ER_DBACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED,
            // ER_SPECIFIC_ACCESS_DENIED, ER_PROCACCESS_DENIED
            1044 | 1142 | 1143 | 1227 | 1370 => Self::Denied(message),
            // ER_QUERY_TIMEOUT (MySQL), ER_STATEMENT_TIMEOUT (MariaDB), ER_LOCK_WAIT_TIMEOUT
            3024 | 1969 | 1205 => Self::Slow(message),
            _ => Self::Server { code, message },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(what) => write!(out, "the database server cannot be reached: {what}"),
            Self::LoginRefused(what) => {
                write!(out, "the database server refuses the login: {what}")
            }
            Self::Unsafe(what) | Self::Slow(what) => write!(out, "{what}"),
            Self::Missing(what) => write!(out, "it does not exist in the database: {what}"),
            Self::Denied(what) => write!(out, "the database account may not look: {what}"),
            Self::Server { code, message } => {
                write!(out, "the database server reports error {code}: {message}")
            }
            Self::Lie(what) => write!(
                out,
                "the database server's answer counts for nothing: {what}"
            ),
        }
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.to_string()
    }
}
