//! The range: installs of every generation with as many faults at once as there can be, on real files, nginx,
//! Apache, PHP and MariaDB. It is audited, mended by one plan, audited again, and everything is taken back. Needs root, and
//! a machine of its own: every test starts itself anew among processes, mounts and a network of its own.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

#[allow(dead_code, reason = "several tests share this room")]
#[path = "../planted_faults/accounts.rs"]
mod accounts;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../planted_faults/hardened.rs"]
mod hardened;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../helpdesk/helpdesk.rs"]
mod helpdesk;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../planted_faults/real/php_fpm.rs"]
mod php_fpm;
#[path = "../mend/picture.rs"]
mod picture;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../apache_routes/random.rs"]
mod random;
#[path = "../real_apache/mod.rs"]
mod real_apache;
#[path = "../real_mariadb/mod.rs"]
mod real_mariadb;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../real_nginx/mod.rs"]
mod real_nginx;
#[allow(dead_code, reason = "several tests share this room")]
#[path = "../planted_faults/tree.rs"]
mod tree;

mod apart;
mod by_others;
mod demo;
mod desk;
mod distribution;
mod faults;
mod needs_hold;
mod on_paper;
mod stage;
mod there_and_back;
mod web;
