//! Deeds in a real MariaDB, carried out and taken back: random accounts with random grants, rows of the
//! helpdesk's settings, what has changed since, and kill -9 in the middle. `DESKGUARD_SEED` repeats a run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail by panicking, in its own functions too"
)]

#[path = "../real_mariadb/mod.rs"]
mod real_mariadb;

mod desk;
mod killed;
mod random;
mod refused;
