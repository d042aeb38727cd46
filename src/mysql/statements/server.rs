//! What is asked about the account, its privileges and the server.

use crate::mysql::Statement;

/// Who we are to the server.
pub const IDENTITY: Statement = Statement::new(
    "identity",
    1,
    "which account the server took us for, and its version",
    "SELECT CURRENT_USER() AS account, USER() AS login, VERSION() AS version, @@version_comment AS flavour",
);

pub(super) const SERVER: &[Statement] = &[IDENTITY];
