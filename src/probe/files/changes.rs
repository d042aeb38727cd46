//! Who can change an entry, and by what means: its own mode, ownership, its directory, or one above.

use super::context::Context;
use super::groups::Group;
use super::observer::{Observer, offer, rank};
use super::principals::{Set, Watch};
use super::rights::Rights;
use super::tally::{Area, ChangeKey, Right};
use super::walk::{Place, join};
use crate::access::{Entry, Kind, Mechanism, Principal, Verdict, Want, permission};
use std::cmp::Reverse;
use std::sync::Arc;

/// Findings of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kin {
    watch: Watch,
    principal: u8,
    area: Area,
    right: Right,
    mechanism: &'static str,
}

/// Findings of one sort in the directory that is being read.
#[derive(Debug)]
pub(super) struct Run {
    kin: Kin,
    pub(super) group: usize,
    pub(super) count: u64,
}

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
            let (key_right, mechanism) = match area {
                Area::Data => (Right::Write, "other"),
                Area::App => (right, mechanism),
            };
            let Some(group) = self.run(
                place,
                name,
                entry,
                Kin {
                    watch,
                    principal: index,
                    area,
                    right: key_right,
                    mechanism,
                },
            ) else {
                continue;
            };
            let because = || because(place, name, entry, right, who);
            offer(
                &mut group.examples,
                place,
                name,
                || rank(name, entry),
                because,
            );
        }
    }

    /// The group of a finding, counted for the directory that is being read.
    fn run(
        &mut self,
        place: &Place<'_, Context>,
        name: &[u8],
        entry: &Entry,
        kin: Kin,
    ) -> Option<&mut Group> {
        if self.runs.len() <= place.depth {
            self.runs.resize_with(place.depth + 1, Vec::new);
        }
        // In the walk's root every directory has a group of its own.
        let shared = place.context.top.is_some() || kin.area == Area::Data;
        let runs = self.runs.get_mut(place.depth)?;
        let known = runs.iter().position(|run| shared && run.kin == kin);
        if let Some((index, run)) = known.and_then(|at| Some((at, runs.get_mut(at)?))) {
            run.count += 1;
            self.touched.push(index);
            return self.tally.changes.at(run.group);
        }
        let group = self.tally.changes.place(ChangeKey {
            watch: kin.watch,
            principal: kin.principal,
            area: kin.area,
            right: kin.right,
            mechanism: kin.mechanism,
            top: if kin.area == Area::Data {
                Arc::from(&b"."[..])
            } else {
                self.top(place, name, entry)
            },
        })?;
        let runs = self.runs.get_mut(place.depth)?;
        let index = runs.iter().position(|run| run.group == group);
        let index = index.unwrap_or_else(|| {
            runs.push(Run {
                kin,
                group,
                count: 0,
            });
            runs.len() - 1
        });
        if let Some(run) = runs.get_mut(index) {
            run.count += 1;
            self.touched.push(index);
        }
        self.tally.changes.at(group)
    }

    /// Every entry of a directory has been met: how many of each group it held.
    pub(super) fn end_runs(&mut self, place: &Place<'_, Context>) {
        let Some(runs) = self.runs.get_mut(place.depth) else {
            return;
        };
        for run in runs.drain(..) {
            if let Some(group) = self.tally.changes.at(run.group) {
                let beats = |kept: &(Reverse<u64>, Vec<u8>)| {
                    (Reverse(run.count), place.path) < (kept.0, kept.1.as_slice())
                };
                group
                    .directories
                    .offer_with(beats, || (Reverse(run.count), place.path.to_vec()));
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
