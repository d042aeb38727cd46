//! The HTTP probe against servers: the demo's own, hostile ones, nginx and Apache.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod demo;
mod hostile;
mod install;
mod server;
mod walls;
