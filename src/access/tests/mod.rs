//! The rules that bite, one small table each. Refuses disks: everything here is plain data.

mod chains;
mod removal;
mod rules;
