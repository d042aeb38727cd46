//! Bad input, the whole program: wrong words, configurations and names that cannot be understood,
//! trees made to trip over, users who may not look. Each ends in a clear message or an unknown, never
//! in a panic, never in a lost report.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod configuration;
mod install;
mod names;
mod ordinary_user;
mod trees;
mod wrong_words;
