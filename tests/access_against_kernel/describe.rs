//! A failure in words: the links of one path, and nothing else of the tree. Refuses to guess the cause.

use std::fmt::Write as _;

use deskguard::access::{AclState, Chain, Sysctl};

/// The links of one path and nothing else: the smallest tree that shows the failure.
pub(crate) fn describe(path: &[u8], chain: &Chain, sysctl: Sysctl) -> String {
    let mut text = format!("path {:?}\n{sysctl:?}\n", String::from_utf8_lossy(path));
    for (id, place) in chain.places.iter().enumerate() {
        let entry = &place.entry;
        let _ = write!(
            text,
            "  [{id}] {:?} {:?} {:04o} {}:{}",
            String::from_utf8_lossy(&place.path),
            entry.kind,
            entry.mode,
            entry.uid,
            entry.gid
        );
        match &entry.acl {
            AclState::None => {}
            acl => {
                let _ = write!(text, " {acl:?}");
            }
        }
        let _ = writeln!(
            text,
            " +i {:?} +a {:?} {:?}",
            entry.immutable, entry.append_only, entry.mount
        );
    }
    let _ = writeln!(
        text,
        "  steps {:?}\n  last {:?}, after {} steps",
        chain.steps, chain.last, chain.parent_steps
    );
    let _ = writeln!(text, "  end {:?}", chain.end);
    text
}
