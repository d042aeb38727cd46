//! deskguard: audits a self-hosted helpdesk. Each room below says what it is for and what it refuses.
pub mod access;
pub mod command;
pub mod host;
