//! deskguard audits a self-hosted helpdesk: what is not hardened, why it matters, how to mend it.
//! Each room below says what it is for and what it refuses; only `host`, `mysql`, `probe` and
//! `target` touch the world, and only `mend` changes it.

pub mod access;
pub mod agreement;
pub mod audit;
pub mod check;
pub mod cli;
pub mod command;
pub mod complaint;
pub mod config;
pub mod demo;
pub mod dump;
pub mod engine;
pub mod evidence;
pub mod facts;
pub mod fix;
pub mod helpdesk;
pub mod host;
pub mod mend;
pub mod menders;
pub mod mysql;
pub mod needs;
pub mod php;
pub mod policy;
pub mod prediction;
pub mod probe;
pub mod report;
pub mod route;
pub mod score;
pub mod sql;
pub mod target;
pub mod waiver;
