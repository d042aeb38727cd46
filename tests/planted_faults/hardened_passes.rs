//! Every check passes on every hardened install that it applies to; where it cannot, the reason is
//! named here and must be the one that the report gives.

use crate::hardened::Kind;
use crate::judged::{audit, evidence};
use deskguard::policy::Profile;
use deskguard::report::Outcome;

/// What a check comes to where it does not pass, and a part of the reason.
fn exception(kind: Kind, id: &str) -> Option<(Outcome, &'static str)> {
    match (kind, id) {
        (Kind::V4, "config/umask-private") => Some((
            Outcome::NotApplicable,
            r#"it applies only when target.generation != "v4""#,
        )),
        (Kind::V5 | Kind::V5Moved | Kind::Container, "web/installer-closed") => Some((
            Outcome::NotApplicable,
            r#"it applies only when target.generation == "v4""#,
        )),
        (Kind::V5 | Kind::V5Moved | Kind::Container, "files/app-unmodified") => Some((
            Outcome::Unknown,
            "this release ships no list of checksums that deskguard can read",
        )),
        // Whether the database is at the same build is judged over real databases in `tests/helpdesk`.
        (Kind::V4 | Kind::V5 | Kind::V5Moved, "server/product-current") => Some((
            Outcome::Unknown,
            "the audited host is a folder, and its database is not connected to",
        )),
        // Of these only the container's database is on another machine.
        (Kind::V4 | Kind::V5 | Kind::V5Moved, "database/account-requires-tls") => {
            Some((Outcome::NotApplicable, "it applies only when"))
        }
        (_, id) if NEEDS_A_SERVER.contains(&id) => Some((
            Outcome::Unknown,
            "the audited host is a folder, and its database is not connected to",
        )),
        _ => crate::elsewhere::reason(id).map(|reason| (Outcome::Unknown, reason)),
    }
}

/// What a database server alone can tell: `database_checks.rs` asks real ones.
pub(crate) const NEEDS_A_SERVER: [&str; 8] = [
    "database/account-requires-tls",
    "database/user-not-root",
    "database/privileges-minimal",
    "database/host-bound",
    "database/only-own-schema",
    "database/accounts-locked-down",
    "database/server-supported",
    "database/server-hardened",
];

#[test]
fn a_hardened_install_passes() {
    let mut wrong = Vec::new();
    for kind in Kind::ALL {
        let install = kind.make();
        let report = audit(&install, Profile::Strict);
        for check in &report.checks {
            let reason = check.reason.as_deref().unwrap_or_default();
            let (outcome, part) = exception(kind, &check.id).unwrap_or((Outcome::Pass, ""));
            if check.outcome != outcome || !reason.contains(part) {
                wrong.push(format!(
                    "{kind:?} {}: {:?} instead of {outcome:?}; {reason} {:#?}",
                    check.id,
                    check.outcome,
                    evidence(check)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_only_the_strict_profile_asks_does_not_apply_otherwise() {
    let report = audit(&Kind::V4.make(), Profile::Baseline);
    let check = crate::judged::said(&report, "files/app-not-writable-by-anyone");
    assert_eq!(check.outcome, Outcome::NotApplicable);
}
