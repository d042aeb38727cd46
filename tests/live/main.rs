//! The HTTP probe against servers: the demo's own, hostile ones, nginx and Apache. They need no root; as
//! root their workers run as www-data. What is mended on them needs root.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod answered;
mod apache;
#[path = "../range/apart.rs"]
mod apart;
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
