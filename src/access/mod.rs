//! Effective access: may this principal read, write, create in, delete, replace, chmod or enter this path,
//! and which link of the chain decides. A pure model of the kernel's own rules (fs/namei.c, fs/attr.c,
//! fs/posix_acl.c). Refuses to look at anything: no files, no system calls; `host` gathers what is judged here.

mod acl;
mod answer;
mod chain;
mod entry;
mod flip;
mod mechanism;
mod permission;
mod principal;
mod rights;
#[cfg(test)]
mod tests;

pub use acl::{Acl, AclError, Tag};
pub use answer::{Answer, Answers, Link, judge};
pub use chain::{Chain, End, Last, LastName, Place, PlaceId, Step, Sysctl};
pub use entry::{AclState, Blind, Entry, Flag, FsKind, Kind, Mount};
pub use mechanism::{Doubt, Mechanism, Verdict};
pub use permission::{Want, may_chmod, may_follow, may_open, may_remove, permission};
pub use principal::{Capabilities, Principal};
pub use rights::{Decision, Right, decide};
