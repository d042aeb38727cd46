//! deskguard audits a self-hosted helpdesk: what is not hardened, why it matters, how to mend it.
//! Each room below says what it is for and what it refuses; only `host`, `probe` and `target`
//! touch the world.

pub mod check;
pub mod complaint;
pub mod engine;
pub mod facts;
pub mod fix;
pub mod host;
pub mod policy;
pub mod route;
pub mod target;
