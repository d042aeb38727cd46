//! Every check of `database/` on a real MariaDB, with v4's and v5's tables: it passes on the hardened
//! server, and fails, shows it and mends it where a grant, an account or a switch is planted.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

#[path = "../real_mariadb/mod.rs"]
mod real_mariadb;

#[path = "../real_mariadb/mending.rs"]
mod mending;

#[allow(dead_code, reason = "several tests share this room")]
#[path = "../range/apart.rs"]
mod apart;
#[path = "../mend/picture.rs"]
mod picture;

mod cases;
mod mended;
mod over_tls;
mod range;
mod restarted;
mod site;
mod trouble;
