//! Decisions put into words: for each right, whether, why, by which link, and what would flip it.
//! Refuses to print: reports choose the format and escape what goes to a terminal.

use super::chain::{Chain, End, LastName, Sysctl};
use super::entry::Kind;
use super::flip::flip;
use super::mechanism::{Mechanism, Verdict};
use super::principal::Principal;
use super::rights::{Decision, Right, decide, walk};

/// The link of the chain that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Physical path of the deciding entry.
    pub path: Vec<u8>,
    /// What about it decides; none where that cannot be known.
    pub mechanism: Option<Mechanism>,
}

/// One right, answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether; none where it cannot be known.
    pub allowed: Option<bool>,
    /// Why, never empty.
    pub because: String,
    /// The deciding link, where an entry decides.
    pub link: Option<Link>,
    /// The smallest change known to flip the answer.
    pub flip: Option<String>,
}

/// Every right on one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Whether lstat finds it as root.
    pub exists: Option<bool>,
    /// Open for reading.
    pub read: Answer,
    /// Open for writing.
    pub write: Answer,
    /// New names in it.
    pub create: Answer,
    /// Remove it.
    pub delete: Answer,
    /// Put something else in its place.
    pub replace: Answer,
    /// Change its mode.
    pub chmod: Answer,
    /// Enter it.
    pub traverse: Answer,
}

impl Answers {
    /// The answer for one right.
    #[must_use]
    pub const fn of(&self, right: Right) -> &Answer {
        match right {
            Right::Read => &self.read,
            Right::Write => &self.write,
            Right::Create => &self.create,
            Right::Delete => &self.delete,
            Right::Replace => &self.replace,
            Right::Chmod => &self.chmod,
            Right::Traverse => &self.traverse,
        }
    }
}

/// Judges every right of one principal over one chain.
#[must_use]
pub fn judge(chain: &Chain, who: &Principal, sysctl: Sysctl) -> Answers {
    let answer = |right| answer(chain, who, sysctl, right);
    Answers {
        exists: exists(chain, sysctl),
        read: answer(Right::Read),
        write: answer(Right::Write),
        create: answer(Right::Create),
        delete: answer(Right::Delete),
        replace: answer(Right::Replace),
        chmod: answer(Right::Chmod),
        traverse: answer(Right::Traverse),
    }
}

fn answer(chain: &Chain, who: &Principal, sysctl: Sysctl, right: Right) -> Answer {
    let decision = decide(chain, who, sysctl, right);
    let mechanism = match decision.verdict {
        Verdict::Granted(mechanism) | Verdict::Denied(mechanism) => Some(mechanism),
        Verdict::Unknown(_) => None,
    };
    let link = decision
        .place
        .and_then(|id| chain.places.get(id))
        .map(|place| Link {
            path: place.path.clone(),
            mechanism,
        });
    Answer {
        allowed: decision.verdict.allowed(),
        because: because(chain, who, right, decision),
        link,
        flip: flip(chain, who, sysctl, right, decision),
    }
}

fn because(chain: &Chain, who: &Principal, right: Right, decision: Decision) -> String {
    let place = match (decision.place, &chain.end) {
        (Some(id), _) => chain.path(id),
        (None, End::Missing(path)) if path.is_empty() => "the empty path".into(),
        (None, End::Missing(path) | End::Unseen(path, _)) => {
            String::from_utf8_lossy(path).into_owned()
        }
        (None, _) => "the path".into(),
    };
    let entry = decision.place.and_then(|id| chain.entry(id));
    if right == Right::Chmod {
        match decision.verdict {
            Verdict::Granted(Mechanism::Owner) => return format!("{} owns {place}", who.name),
            Verdict::Granted(Mechanism::Capability(name)) => {
                return format!("{} has {name} and counts as the owner of {place}", who.name);
            }
            _ => {}
        }
    }
    let sentence = decision.verdict.sentence(who, &place, entry, decision.want);
    let missing = chain
        .last
        .is_some_and(|last| last.name == LastName::Missing);
    match decision.verdict {
        Verdict::Granted(_) if decision.parent && missing => {
            format!("missing, but may be made: parent {sentence}")
        }
        Verdict::Granted(_) | Verdict::Denied(_) if decision.parent => format!("parent {sentence}"),
        _ => sentence,
    }
}

/// lstat as root: what was seen exists, unless a link on the way may not be followed even by root.
fn exists(chain: &Chain, sysctl: Sysctl) -> Option<bool> {
    let slash = chain.last.is_some_and(|last| last.slash);
    let through_link = slash && chain.last.is_some_and(|last| is_link(chain, last.name));
    let steps = if through_link {
        chain.steps.len()
    } else {
        chain.parent_steps
    };
    if walk(chain, &Principal::root(), sysctl, steps)
        .is_some_and(|stopped| stopped.verdict.is_denied())
    {
        return Some(false);
    }
    if through_link {
        return ended(chain);
    }
    match chain.last.map(|last| last.name) {
        Some(LastName::Dot) => Some(true),
        Some(LastName::Entry { place, .. }) if slash => Some(
            chain
                .entry(place)
                .is_some_and(|entry| entry.kind == Kind::Directory),
        ),
        Some(LastName::Entry { .. }) => Some(true),
        Some(LastName::Missing | LastName::TooLong) => Some(false),
        Some(LastName::Unseen(_)) => None,
        None => ended(chain),
    }
}

fn is_link(chain: &Chain, name: LastName) -> bool {
    matches!(name, LastName::Entry { place, .. } if chain.entry(place).is_some_and(|entry| entry.kind == Kind::Link))
}

const fn ended(chain: &Chain) -> Option<bool> {
    match chain.end {
        End::Reached(_) => Some(true),
        End::Unseen(..) => None,
        _ => Some(false),
    }
}
