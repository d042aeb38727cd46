//! Plans of fixes: their order and what is merged does not depend on how they come in, and the script
//! that is printed does exactly what the deeds say, on real files, with a real shell.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod deeds;
mod edits;
mod hostile_facts;
mod order;
mod quoting;
mod shell;
