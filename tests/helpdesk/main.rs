//! The helpdesk's own settings, accounts and logs, read from a real MariaDB with the product's tables and
//! from dumps that mariadb-dump makes of it: each fault alone makes its check fail, hardened everything
//! passes, and both ways of reading give the same facts.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its own functions too"
)]

#[path = "../real_mariadb/mod.rs"]
mod real_mariadb;

#[path = "../real_mariadb/mending.rs"]
mod mending;

mod beside;
mod break_in;
mod faults;
mod helpdesk;
mod packed;
mod range;
mod unseen;
