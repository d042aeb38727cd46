//! The machine as it is. Refuses to judge, to write, and to run anything.

pub mod glob;
pub mod process;
pub mod read;

pub use process::{Process, Processes};
pub use read::{Host, Kind};
