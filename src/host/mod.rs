//! The machine as it is: accounts, mounts, entries and chains, gathered for the pure rooms.
//! The only place of the access question that makes system calls. Refuses to judge, to write, to open
//! anything for reading but the account databases, and to follow a link that it did not read itself.

pub mod accounts;
pub mod chain;
mod component;
pub mod entry;
pub mod mount;
pub mod mount_table;
mod walk;

pub use accounts::Accounts;
pub use chain::Looker;
pub use entry::{Sight, entry_at};
pub use mount::Mounts;
