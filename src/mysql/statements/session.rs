//! The statements that make a session read-only and bounded, sent before any other.

use crate::mysql::Statement;

/// Every later statement is refused when it would write.
pub const READ_ONLY: Statement = Statement::new(
    "session read only",
    0,
    "the server itself refuses every write of this session (error 1792)",
    "SET SESSION TRANSACTION READ ONLY",
);

/// No waiting for a table that is being altered.
pub const LOCK_WAIT: Statement = Statement::new(
    "session lock wait",
    0,
    "a table that is being altered is not waited for",
    "SET SESSION lock_wait_timeout = 2",
);

/// MariaDB's bound on one statement, in seconds.
pub const TIME_LIMIT_MARIADB: Statement = Statement::new(
    "session time limit (MariaDB)",
    0,
    "the server breaks off a statement of this session after 20 seconds",
    "SET SESSION max_statement_time = 20",
);

/// MySQL's bound on one SELECT, in milliseconds.
pub const TIME_LIMIT_MYSQL: Statement = Statement::new(
    "session time limit (MySQL)",
    0,
    "the server breaks off a SELECT of this session after 20 seconds",
    "SET SESSION max_execution_time = 20000",
);

/// Takes on a role of the account for the rest of the session; MariaDB shows its grants to nobody else.
pub const TAKE_ROLE: Statement = Statement::new(
    "session role",
    0,
    "what a role of the account may do is shown only once the session takes it on",
    "SET ROLE {account}",
);

/// Back to no role.
pub const NO_ROLE: Statement = Statement::new(
    "session without a role",
    0,
    "the role that was taken on to see its grants is laid down again",
    "SET ROLE NONE",
);

/// For the session that writes: a backslash in a text means the same on every server, and nothing is cut
/// off silently.
pub const PLAIN_MODE: Statement = Statement::new(
    "session mode (fix --apply)",
    0,
    "values are quoted and checked in the same way whatever the server's own mode",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
);

/// For the session that writes: hashes of any bytes can be kept and brought back (MySQL 8.0.17).
pub const HASHES_AS_HEX: Statement = Statement::new(
    "session hashes (fix --apply)",
    0,
    "an account's hash is shown in a form that can be kept and brought back",
    "SET SESSION print_identified_with_as_hex = ON",
);

/// For the session that writes: which server answers on a socket.
pub const PORT: Statement = Statement::new(
    "port (fix --apply)",
    1,
    "whether the server behind a socket is the one that the product connects to",
    "SELECT @@port AS port",
);

pub(super) const SESSION: &[Statement] = &[
    READ_ONLY,
    LOCK_WAIT,
    TIME_LIMIT_MARIADB,
    TIME_LIMIT_MYSQL,
    TAKE_ROLE,
    NO_ROLE,
    PLAIN_MODE,
    HASHES_AS_HEX,
    PORT,
];
