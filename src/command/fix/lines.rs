//! What a plan's edits do to the lines of this host's files, for whoever carries them out without
//! deskguard. Refuses evidence: it holds no lines.

use crate::fix::edit::hunks;
use crate::fix::{Edits, Plan};
use crate::host::Host;
use crate::target::{php_files, php_limits};
use std::path::Path;

/// No configuration file is larger, in bytes.
const LARGEST: usize = 4 << 20;

pub(super) fn lines(plan: &Plan, root: &str, is_saved: bool) -> Edits {
    let host = Host::default();
    let texts = |path: &str| {
        if is_saved {
            return Err(format!(
                "{path} was not read for this plan, which is from evidence"
            ));
        }
        host.read_file(Path::new(path), LARGEST)?
            .ok_or_else(|| format!("{path} is not there"))
    };
    let limits = php_limits(&host, Path::new(root));
    hunks(plan.actions(), &texts, &php_files(&host), &limits)
}
