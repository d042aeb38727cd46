//! Who can change an entry, and by what means: its own mode, ownership, its directory, or one above.

use super::context::Context;
use super::observer::{Observer, offer, rank};
use super::principals::Set;
use super::rights::Rights;
use super::tally::{Area, ChangeKey, Right};
use super::walk::{Place, join};
use crate::access::{Entry, Kind, Mechanism, Principal, Verdict, Want, permission};
use std::sync::Arc;

impl Observer<'_> {
    /// Who can take the name away and put another thing there (fs/namei.c may_delete).
    pub(super) fn replaceable(&self, here: &Context, rights: &Rights) -> Set {
        if rights.fixed {
            return 0;
        }
        let free = if here.sticky {
            rights.owners | here.owners
        } else {
            Set::MAX
        };
        here.names & free
    }

    pub(super) fn changes(
        &mut self,
        place: &Place<'_, Context>,
        name: &[u8],
        entry: &Entry,
        rights: &Rights,
        area: Area,
    ) {
        let here = place.context;
        let survey = self.survey;
        let asked = match area {
            // The product writes there by design; that everybody can is the finding.
            Area::Data => survey.principals.everybody,
            Area::App => {
                survey.principals.everybody | survey.principals.web | survey.principals.accounts
            }
        };
        let write = rights.write & here.reach;
        let chmod = rights.chmod & here.reach;
        let replace = self.replaceable(here, rights);
        let any = (write | chmod | replace | here.above) & asked;
        if any == 0 {
            return;
        }
        // What everybody can do is not said again for each account.
        let told = if any & survey.principals.everybody != 0 {
            any & (survey.principals.everybody | survey.principals.web)
        } else {
            any
        };
        for (index, watch, who) in survey.principals.of(told) {
            let bit = 1 << index;
            let (right, mechanism) = if write & bit != 0 {
                let want = if entry.kind == Kind::Directory {
                    Want::WRITE_EXEC
                } else {
                    Want::WRITE
                };
                (Right::Write, mechanism(permission(who, entry, want)))
            } else if chmod & bit != 0 {
                (Right::Chmod, "owner")
            } else if replace & bit != 0 {
                (
                    Right::Replace,
                    mechanism(permission(who, &here.entry, Want::WRITE_EXEC)),
                )
            } else {
                (Right::Above, "directory above")
            };
            // Below the data directories it is the product's own habit: one finding.
            let key = ChangeKey {
                watch,
                principal: index,
                area,
                right: if area == Area::Data {
                    Right::Write
                } else {
                    right
                },
                mechanism: if area == Area::Data {
                    "other"
                } else {
                    mechanism
                },
                top: if area == Area::Data {
                    Arc::from(&b"."[..])
                } else {
                    self.top(place, name, entry)
                },
            };
            *self
                .counts
                .entry(place.depth)
                .or_default()
                .entry(key.clone())
                .or_default() += 1;
            let rank = rank(name, entry);
            let because = || because(place, name, entry, right, who);
            if let Some(group) = self.tally.change(key) {
                offer(&mut group.examples, place, name, rank, because);
            }
        }
    }

    fn top(&self, place: &Place<'_, Context>, name: &[u8], entry: &Entry) -> Arc<[u8]> {
        place.context.top.clone().unwrap_or_else(|| {
            Arc::from(if entry.kind == Kind::Directory {
                name
            } else {
                b"."
            })
        })
    }
}

fn because(
    place: &Place<'_, Context>,
    name: &[u8],
    entry: &Entry,
    right: Right,
    who: &Principal,
) -> String {
    let path = join(place.path, name);
    let own = String::from_utf8_lossy(&path);
    let parent = String::from_utf8_lossy(place.path);
    match right {
        Right::Write => {
            let want = if entry.kind == Kind::Directory {
                Want::WRITE_EXEC
            } else {
                Want::WRITE
            };
            permission(who, entry, want).sentence(who, &own, Some(entry), want)
        }
        Right::Chmod => format!("{} owns {own}, and an owner may change its mode", who.name),
        Right::Replace => {
            let verdict = permission(who, &place.context.entry, Want::WRITE_EXEC);
            if verdict.is_granted() {
                verdict.sentence(who, &parent, Some(&place.context.entry), Want::WRITE_EXEC)
            } else {
                format!(
                    "{} owns its directory {parent} and may open it to itself",
                    who.name
                )
            }
        }
        Right::Above => format!(
            "{} can put another directory in the place of {}",
            who.name,
            String::from_utf8_lossy(&place.context.above_path)
        ),
    }
}

pub(super) fn mechanism(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Granted(Mechanism::OwningGroup(_)) => "group",
        Verdict::Granted(Mechanism::NamedUser | Mechanism::NamedGroup(_)) => "acl",
        Verdict::Granted(Mechanism::Other | Mechanism::AclOther) => "other",
        Verdict::Granted(_) | Verdict::Denied(_) | Verdict::Unknown(_) => "owner",
    }
}
