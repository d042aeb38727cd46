//! Deeds carried out and taken back on real files: what they come to, what they refuse, what a crash
//! leaves, and whom they cannot be aimed at. Needs root, and says so instead of passing over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod crash;
mod deeds;
mod ground;
mod hostile;
mod large;
mod picture;
mod there_and_back;
