//! The machine as it is: accounts, mounts, entries, chains, files and processes, gathered for the pure
//! rooms. Refuses to judge, to write, to run anything, and to block: what is read is bounded.

pub mod accounts;
pub mod chain;
mod component;
pub mod entry;
pub mod glob;
mod line;
pub mod mount;
pub mod mount_table;
pub mod process;
pub mod read;
mod security_module;
pub mod sockets;
pub mod trust;
mod walk;
mod worker;

pub use accounts::Accounts;
pub use chain::Looker;
pub use entry::{Sight, Stamp, acl_of_open, entry_at, entry_of, entry_unlike, open_path};
pub use line::line_of;
pub use mount::Mounts;
pub use process::{Process, Processes};
pub use read::{Host, Kind};
pub use security_module::SecurityModules;
pub use worker::{WorkerDisk, text_of};
