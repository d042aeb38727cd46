//! Whether a file that steers deskguard could have been written by somebody else than root or the
//! person who runs it. Refuses in doubt: a group that may write is somebody else.

use super::Looker;
use crate::access::Kind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Accepts a file that only root and the caller can change, in directories of which the same holds.
///
/// # Errors
/// Which link of the path others can write, and what to do.
pub fn only_ours(looker: &Looker, path: &Path) -> Result<(), String> {
    let me = rustix::process::geteuid().as_raw();
    let chain = looker.chain(path.as_os_str().as_bytes());
    for place in &chain.places {
        let entry = &place.entry;
        let name = String::from_utf8_lossy(&place.path);
        if entry.uid != 0 && entry.uid != me {
            return Err(format!(
                "{name} belongs to uid {}, who could change what deskguard is told: chown root {name}",
                entry.uid
            ));
        }
        if entry.kind == Kind::Link {
            continue;
        }
        let sticky = entry.kind == Kind::Directory && entry.mode & 0o1000 != 0;
        if entry.mode & 0o022 != 0 && !sticky {
            return Err(format!(
                "{name} is mode {:04o}, so others could change what deskguard is told: chmod go-w {name}",
                entry.mode
            ));
        }
    }
    Ok(())
}

/// A sentence for the report where deskguard runs as somebody else than root.
#[must_use]
pub fn not_root() -> Option<String> {
    let me = rustix::process::geteuid();
    (!me.is_root()).then(|| {
        format!(
            "deskguard ran as uid {}, not as root: what that account may not read is unknown",
            me.as_raw()
        )
    })
}

/// Accepts a file that nobody but its owner can read.
///
/// # Errors
/// Who else can, and what to do.
pub fn only_we_read(looker: &Looker, path: &Path) -> Result<(), String> {
    let chain = looker.chain(path.as_os_str().as_bytes());
    let entry = chain.places.last().map(|place| &place.entry);
    match entry {
        // The group class bounds every entry of an ACL as well.
        Some(entry) if entry.mode & 0o077 != 0 => Err(format!(
            "{0} is mode {1:04o}, so others can read the password in it: chmod 0600 {0}",
            path.display(),
            entry.mode & 0o7777
        )),
        _ => Ok(()),
    }
}
