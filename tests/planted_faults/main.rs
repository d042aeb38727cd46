//! Planted faults: hardened installs of every generation with real owners, modes, ACLs and flags, on
//! which every check passes; and one fault after the other, of which the check that it belongs to
//! fails, shows it, and no other check changes. Needs root, and says so instead of passing over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod accounts;
mod case;
mod cases;
mod elsewhere;
mod hardened;
mod hardened_passes;
mod judged;
mod many_alike;
#[path = "../mend/picture.rs"]
mod picture;
mod range;
mod real;
mod tree;
mod whole_program;
