//! Faults that their deeds do not mend, each with the reason. A case that is not named here must be
//! mended.

use crate::judged::catalogue;

/// How a case ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The check passes, all works, and it comes back.
    Mended,
    /// The check has no deed for it: a person decides.
    ByHand,
    /// Its deeds are refused, with this in the reason; nothing is left half done.
    Refused(String),
    /// It is carried out, and the check still fails for what is left to a person.
    Left,
}

impl Ending {
    /// A refusal by the part of its reason that is expected here.
    pub(crate) fn known(self) -> Self {
        match self {
            Self::Refused(text) => {
                let part = REASONS.iter().find(|part| text.contains(**part));
                Self::Refused(part.map_or(text, |part| (*part).to_owned()))
            }
            other => other,
        }
    }
}

/// Parts of reasons.
const REASONS: &[&str] = &[
    "chattr -ia takes that away",
    "mounted read-only",
    "is there, and is no directory",
    "is there already, and nothing is moved over it",
];

/// Cases of checks with deeds that end otherwise, by check and the beginning of the name; and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    // Somebody set the flag so that nobody changes the entry: it is for him to take it off.
    (
        "files/app-not-writable-by-web",
        "an append-only directory",
        REASONS[0],
    ),
    (
        "files/data-writable-by-web",
        "an immutable directory",
        REASONS[0],
    ),
    (
        "files/data-writable-by-web",
        "a read-only mount",
        REASONS[1],
    ),
    // What the file is, deskguard does not know.
    ("data/dir-configured", "a file in its place", REASONS[2]),
    // The hardened install's own directory is there still.
    ("data/dir-configured", "empty", REASONS[3]),
    ("data/dir-configured", "not mentioned (V4)", REASONS[3]),
    ("data/outside-web-root", "below the web root", REASONS[3]),
    // Where a relative path leads depends on who asks.
    ("data/dir-configured", "relative", ""),
    // What the web server publishes is decided by its configuration, and with v5 by where the install lies.
    ("data/outside-web-root", "below v5's web root", ""),
    ("data/outside-web-root", "user_dir below the web root", ""),
    (
        "data/outside-web-root",
        "below the container's web root",
        "",
    ),
];

/// Whether a case may end so. What the configuration of servers comes to is judged on running ones, in
/// `real_range`: here they are carried out, break nothing and come back.
pub(crate) fn is_expected(check: &str, name: &str, ending: &Ending) -> bool {
    let on_files = check.starts_with("files/")
        || ["data/outside-web-root", "data/dir-configured"].contains(&check);
    !on_files || *ending == expected(check, name)
}

/// What a case on files must end with.
pub(crate) fn expected(check: &str, name: &str) -> Ending {
    let has_deeds = catalogue()
        .checks
        .iter()
        .any(|it| it.id == check && it.fixes.iter().any(|fix| !fix.does.is_empty()));
    let other = OTHERWISE
        .iter()
        .find(|(id, begins, _)| *id == check && name.starts_with(begins));
    match other {
        _ if !has_deeds => Ending::ByHand,
        None => Ending::Mended,
        Some((_, _, "")) => Ending::ByHand,
        Some((_, _, reason)) => Ending::Refused((*reason).to_owned()),
    }
}
