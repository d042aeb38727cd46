//! Effective access: may this principal read, write, create in, delete, replace, chmod or enter this path,
//! and which link of the chain decides. A pure model of the kernel's own rules (fs/namei.c, fs/attr.c,
//! fs/posix_acl.c). Refuses to look at anything: no files, no system calls; `host` gathers what is judged here.
//!
//! Not modelled: SELinux, AppArmor and other security modules, Landlock, seccomp, device cgroups, full disks and
//! quotas, files being executed or swapped to, NFS and other servers' own rules (unknown there), what a process
//! may reach by descriptors it holds, and rights that capabilities other than `CAP_DAC_OVERRIDE`,
//! `CAP_DAC_READ_SEARCH` and `CAP_FOWNER` bring, such as taking a flag away or mounting anew.

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
