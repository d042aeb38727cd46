//! The HTTP probe against servers: the demo's own, hostile ones, nginx and Apache. nginx and Apache need
//! no root; as root their workers run as www-data.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod apache;
mod canary;
mod certificate;
mod demo;
mod generations;
mod hostile;
mod install;
mod mended;
mod nginx;
mod process;
mod random;
mod server;
mod verdict;
mod walls;
