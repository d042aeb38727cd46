//! The commands, one file each: arguments in, text or JSON out. Refuses to decide anything the rooms below do.

pub mod access;
