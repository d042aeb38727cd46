//! The seven rights, each decided over a whole chain: first who may pass, then what the entry itself says.
//! Refuses words: `answer` explains a decision, `flip` finds what would change it.

use super::chain::{Chain, End, LastName, PlaceId, Step, Sysctl};
use super::entry::{Blind, Entry, Kind};
use super::mechanism::{Doubt, Mechanism, Verdict};
use super::permission::{Want, may_chmod, may_follow, may_open, may_remove, permission};
use super::principal::Principal;

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Open for reading; list a directory.
    Read,
    /// Open for writing, without creating or truncating.
    Write,
    /// Make a new name in it.
    Create,
    /// Remove the name.
    Delete,
    /// Make the name refer to other content.
    Replace,
    /// Change its mode bits.
    Chmod,
    /// Enter it.
    Traverse,
}

impl Right {
    /// All seven, in the order reports show them.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Write,
        Self::Create,
        Self::Delete,
        Self::Replace,
        Self::Chmod,
        Self::Traverse,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Replace => "replace",
            Self::Chmod => "chmod",
            Self::Traverse => "traverse",
        }
    }
}

/// A verdict and where it fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Yes, no, or not to be known.
    pub verdict: Verdict,
    /// The place that decided; none where the walk ended at a name without an entry.
    pub place: Option<PlaceId>,
    /// What was wanted of it.
    pub want: Want,
    /// Whether the place is the directory that holds the last name.
    pub parent: bool,
}

impl Decision {
    const fn at(place: PlaceId, want: Want, verdict: Verdict) -> Self {
        Self {
            verdict,
            place: Some(place),
            want,
            parent: false,
        }
    }

    const fn nowhere(verdict: Verdict) -> Self {
        Self {
            verdict,
            place: None,
            want: Want::EXEC,
            parent: false,
        }
    }

    /// Both must hold; of two that agree, the first.
    const fn and(self, later: Self) -> Self {
        match (self.verdict, later.verdict) {
            (Verdict::Denied(_), _)
            | (Verdict::Unknown(_), Verdict::Granted(_) | Verdict::Unknown(_)) => self,
            _ => later,
        }
    }
}

/// Decides one right. A denial on the way is certain whatever could not be seen behind it.
#[must_use]
pub fn decide(chain: &Chain, who: &Principal, sysctl: Sysctl, right: Right) -> Decision {
    match right {
        Right::Delete => remove(chain, who, sysctl, false),
        Right::Replace => remove(chain, who, sysctl, true),
        _ => match walk(chain, who, sysctl, chain.steps.len()) {
            Some(stopped) => stopped.and(target(chain, who, right)),
            None => target(chain, who, right),
        },
    }
}

/// The first step that stops `who`, or else the first of which that is not known (fs/namei.c link_path_walk).
pub(super) fn walk(
    chain: &Chain,
    who: &Principal,
    sysctl: Sysctl,
    steps: usize,
) -> Option<Decision> {
    let mut doubt = None;
    for step in chain.steps.iter().take(steps) {
        let decision = match *step {
            Step::Search(place) => Decision::at(
                place,
                Want::EXEC,
                on(chain, place, |entry| permission(who, entry, Want::EXEC)),
            ),
            Step::Follow {
                link,
                directory,
                trailing,
            } => Decision::at(
                link,
                Want::READ,
                on(chain, link, |entry| {
                    on(chain, directory, |holder| {
                        may_follow(who, holder, entry, trailing, sysctl.protected_symlinks)
                    })
                }),
            ),
        };
        match decision.verdict {
            Verdict::Denied(_) => return Some(decision),
            Verdict::Unknown(_) => doubt = doubt.or(Some(decision)),
            Verdict::Granted(_) => {}
        }
    }
    doubt
}

/// A rule on an entry; a chain that does not hold its own places is not to be judged.
fn on(chain: &Chain, place: PlaceId, rule: impl FnOnce(&Entry) -> Verdict) -> Verdict {
    chain
        .entry(place)
        .map_or(Verdict::Unknown(Doubt::Unseen(Blind::NotAsked)), rule)
}

/// The rights that follow the last link.
fn target(chain: &Chain, who: &Principal, right: Right) -> Decision {
    let place = match chain.end {
        End::Reached(place) => place,
        End::NotDirectory(place) => {
            return Decision::at(place, Want::EXEC, Verdict::Denied(Mechanism::NotDirectory));
        }
        End::Loop(place) => {
            return Decision::at(place, Want::EXEC, Verdict::Denied(Mechanism::LinkLoop));
        }
        End::Missing(_) => return Decision::nowhere(Verdict::Denied(Mechanism::Missing)),
        End::TooLong => return Decision::nowhere(Verdict::Denied(Mechanism::NameTooLong)),
        End::Unseen(_, why) => return Decision::nowhere(Verdict::Unknown(Doubt::Unseen(why))),
    };
    let directory = |entry: &Entry, want| match entry.kind {
        Kind::Directory => permission(who, entry, want),
        _ => Verdict::Denied(Mechanism::NotDirectory),
    };
    let want = match right {
        Right::Read => Want::READ,
        Right::Traverse => Want::EXEC,
        Right::Create => Want::WRITE_EXEC,
        _ => Want::WRITE,
    };
    let verdict = on(chain, place, |entry| match right {
        Right::Read | Right::Write => may_open(who, entry, want),
        Right::Chmod => may_chmod(who, entry),
        _ => directory(entry, want),
    });
    Decision::at(place, want, verdict)
}

/// Delete and replace: the last link is not followed.
fn remove(chain: &Chain, who: &Principal, sysctl: Sysctl, or_make: bool) -> Decision {
    let stopped = walk(chain, who, sysctl, chain.parent_steps);
    let names = match chain.last {
        None => target(chain, who, Right::Traverse),
        Some(last) => match last.name {
            LastName::Dot => Decision::at(
                last.directory,
                Want::WRITE_EXEC,
                Verdict::Denied(Mechanism::DotName),
            ),
            LastName::TooLong => Decision::nowhere(Verdict::Denied(Mechanism::NameTooLong)),
            LastName::Missing if !or_make => Decision::nowhere(Verdict::Denied(Mechanism::Missing)),
            LastName::Missing => in_parent(
                last.directory,
                on(chain, last.directory, |directory| {
                    permission(who, directory, Want::WRITE_EXEC)
                }),
            ),
            LastName::Unseen(why) => unseen_name(chain, who, last.directory, why),
            LastName::Entry { place, mount_point } => {
                match (chain.entry(last.directory), chain.entry(place)) {
                    (Some(_), Some(victim)) if last.slash && victim.kind != Kind::Directory => {
                        Decision::at(
                            place,
                            Want::WRITE_EXEC,
                            Verdict::Denied(Mechanism::TrailingSlash),
                        )
                    }
                    (Some(directory), Some(victim)) => {
                        match may_remove(who, directory, victim, mount_point) {
                            Err(sticky @ Verdict::Denied(Mechanism::Sticky)) => {
                                in_parent(last.directory, sticky)
                            }
                            Err(verdict) => Decision::at(place, Want::WRITE_EXEC, verdict),
                            Ok(verdict) => in_parent(last.directory, verdict),
                        }
                    }
                    _ => Decision::nowhere(Verdict::Unknown(Doubt::Unseen(Blind::NotAsked))),
                }
            }
        },
    };
    stopped.map_or(names, |stopped| stopped.and(names))
}

/// A decision that the directory of the last name made.
const fn in_parent(directory: PlaceId, verdict: Verdict) -> Decision {
    Decision {
        parent: true,
        ..Decision::at(directory, Want::WRITE_EXEC, verdict)
    }
}

/// The name could not be seen: the directory may still forbid.
fn unseen_name(chain: &Chain, who: &Principal, directory: PlaceId, why: Blind) -> Decision {
    let verdict = on(chain, directory, |entry| {
        permission(who, entry, Want::WRITE_EXEC)
    });
    if verdict.is_denied() {
        in_parent(directory, verdict)
    } else {
        Decision::nowhere(Verdict::Unknown(Doubt::Unseen(why)))
    }
}
