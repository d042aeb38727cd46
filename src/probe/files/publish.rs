//! The tally turned into facts: numbers to names, groups to rows, doubts to reasons.

use super::groups::Group;
use super::listing;
use super::observer::Survey;
use super::principals::Set;
use super::tally::{Listed, Right, Tally};
use super::worst::Worst;
use crate::access::judge;
use crate::facts::{
    Change, ChecksumFacts, FilesFacts, Known, Leftover, LinkOut, Listing, Modified, Owner,
    Readable, Script, SetId, WalkFacts,
};
use crate::host::Looker;
use crate::target::Target;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

pub(super) fn files(
    tally: Tally,
    target: &Target,
    survey: &Survey<'_>,
    looker: &Looker,
    list_unread: Option<String>,
) -> FilesFacts {
    let unseen = unseen(&tally);
    let mut unsure = unseen.clone();
    unsure.extend(reasons(&tally.unsure, "could not be judged"));
    if tally.changes.dropped || tally.owners.dropped {
        unsure.push("the tree holds more kinds of findings than are listed".to_owned());
    }
    let web_unsure = unsure
        .iter()
        .cloned()
        .chain(target.roles.web_unknown.iter().cloned());
    let accounts_unsure: Vec<String> = web_unsure.chain(survey.principals.missed.clone()).collect();
    let publisher = Publisher { target, survey };
    let mut facts = FilesFacts {
        walk: WalkFacts {
            entries: tally.entries,
            directories: tally.directories,
            unseen: tally.unseen,
        },
        owners: listing(publisher.owners(&tally), unseen.clone()),
        changeable: listing(publisher.changes(&tally), accounts_unsure),
        checksums: ChecksumFacts {
            listed: listed(survey, list_unread.as_deref()),
            compared: tally.compared,
        },
        modified: publisher.modified(&tally, list_unread, &unsure),
        ..FilesFacts::default()
    };
    facts.leftovers = rows(tally.leftovers, "leftovers", &unseen, |it| {
        publisher.leftover(it)
    });
    facts.backups = rows(tally.backups, "backups", &unsure, |it| publisher.backup(it));
    facts.data_scripts = rows(tally.scripts, "scripts", &unseen, |it| Script {
        path: text(&it.path),
        kind: it.kind,
        own: it.note,
    });
    facts
        .data_scripts
        .missed
        .extend(target.data_unknown.iter().cloned());
    facts.setid = rows(tally.setid, "set-uid files", &unseen, |it| SetId {
        path: text(&it.path),
        bits: it.kind.clone(),
        owner: publisher.owner(it.uid),
    });
    facts.links = publisher.links(tally.links, looker, &unseen);
    facts
}

/// Why there may be entries that nobody saw.
pub(super) fn unseen(tally: &Tally) -> Vec<String> {
    reasons(&tally.missed, "could not be looked at")
}

fn listed(survey: &Survey<'_>, unread: Option<&str>) -> Known<u64> {
    match (survey.checksums, unread) {
        (Some(list), _) => Known::Known(list.len() as u64),
        (None, Some(reason)) => Known::unknown(reason),
        (None, None) => {
            Known::unknown("this release ships no list of checksums that deskguard can read")
        }
    }
}

struct Publisher<'a> {
    target: &'a Target,
    survey: &'a Survey<'a>,
}

impl Publisher<'_> {
    fn owner(&self, uid: u32) -> String {
        self.target
            .accounts
            .users
            .iter()
            .find(|user| user.uid == uid)
            .map_or_else(|| uid.to_string(), |user| user.name.clone())
    }

    fn owners(&self, tally: &Tally) -> Vec<Owner> {
        tally
            .owners
            .iter()
            .map(|((area, uid), group)| Owner {
                area: area.word().to_owned(),
                owner: self.owner(*uid),
                uid: *uid,
                count: group.examples.offered,
                path: first(group),
                examples: examples(group),
            })
            .collect()
    }

    fn changes(&self, tally: &Tally) -> Vec<Change> {
        let mut rows: Vec<(u64, Change)> = tally
            .changes
            .iter()
            .map(|(key, group)| {
                let worst = group.examples.items().first();
                let row = Change {
                    by: key.watch.word().to_owned(),
                    user: self.survey.principals.name(key.principal).to_owned(),
                    area: key.area.word().to_owned(),
                    right: right(key.right).to_owned(),
                    mechanism: key.mechanism.to_owned(),
                    directory: text(&key.top),
                    count: group.examples.offered,
                    path: first(group),
                    because: worst.map_or_else(String::new, |it| it.because.clone()),
                    examples: examples(group),
                    mostly_in: group
                        .directories
                        .items()
                        .iter()
                        .map(|(count, path)| format!("{} ({})", text(path), count.0))
                        .collect(),
                };
                (group.examples.offered, row)
            })
            .collect();
        // The largest groups first; the keys' own order settles ties.
        rows.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn leftover(&self, it: Listed) -> Leftover {
        Leftover {
            path: text(&it.path),
            kind: it.kind,
            in_web_root: it.in_web_root,
            shipped: !it.note.is_empty(),
        }
    }

    fn backup(&self, it: Listed) -> Readable {
        let principals = self.survey.principals;
        let names = |set: Set| -> Vec<String> {
            principals
                .of(set)
                .map(|(_, _, who)| who.name.clone())
                .collect()
        };
        let unsure = "its ACL or file system could not be judged";
        let (everybody, strangers) = if it.unsure {
            (Known::unknown(unsure), Known::unknown(unsure))
        } else {
            (
                Known::Known(it.readers & principals.everybody != 0),
                Known::Known(names(it.readers & principals.strangers)),
            )
        };
        Readable {
            path: text(&it.path),
            kind: it.kind,
            owner: self.owner(it.uid),
            everybody,
            strangers,
            mode: format!("{:04o}", it.mode),
            in_web_root: it.in_web_root,
        }
    }

    /// Where links really end, and whether the web server's account can read what is there.
    fn links(&self, links: Worst<Listed>, looker: &Looker, unseen: &[String]) -> Listing<LinkOut> {
        let inside = self.survey.inside;
        let mut list = rows(links, "links", unseen, |it| {
            let chain = looker.chain(&it.path);
            let resolved = chain.end_path().unwrap_or(it.note.as_bytes()).to_vec();
            let web_reads = match self.target.roles.web.first() {
                None => Known::unknown("the web server's account is unknown"),
                Some(who) => {
                    let read = judge(&chain, who, looker.sysctl()).read;
                    read.allowed
                        .map_or_else(|| Known::unknown(read.because), Known::Known)
                }
            };
            (
                resolved.clone(),
                LinkOut {
                    path: text(&it.path),
                    target: it.kind,
                    resolved: text(&resolved),
                    web_reads,
                },
            )
        });
        list.rows.retain(|(resolved, _)| {
            !inside
                .iter()
                .any(|root| crate::target::as_path(resolved).starts_with(root))
        });
        Listing {
            rows: list.rows.into_iter().map(|(_, link)| link).collect(),
            missed: list.missed,
        }
    }

    fn modified(
        &self,
        tally: &Tally,
        unread: Option<String>,
        unsure: &[String],
    ) -> Listing<Modified> {
        let Some(list) = self.survey.checksums else {
            return Listing::unseen(unread.unwrap_or_else(|| {
                "this release ships no list of checksums that deskguard can read".to_owned()
            }));
        };
        let mut found = rows(tally.modified.clone(), "modified files", unsure, |it| {
            Modified {
                path: text(&it.path),
                state: it.kind,
            }
        });
        if tally.missed.is_empty() {
            const SHOWN: usize = 200;
            let root = self.target.root.as_os_str().as_bytes();
            let missing: Vec<_> = list.missing(&tally.met).collect();
            found
                .rows
                .extend(missing.iter().take(SHOWN).map(|path| Modified {
                    path: text(&super::walk::join(root, path)),
                    state: "missing".to_owned(),
                }));
            if missing.len() > SHOWN {
                found.missed.push(format!(
                    "{} more missing files are not listed",
                    missing.len() - SHOWN
                ));
            }
        }
        found
    }
}

/// The kept items as rows, with the reasons why there may be more.
fn rows<T>(
    worst: Worst<Listed>,
    what: &str,
    unseen: &[String],
    row: impl Fn(Listed) -> T,
) -> Listing<T> {
    let (items, more) = worst.into_parts(what);
    Listing {
        rows: items.into_iter().map(row).collect(),
        missed: unseen.iter().cloned().chain(more).collect(),
    }
}

/// Reasons with how often each arose and the first place.
fn reasons(table: &BTreeMap<String, Worst<Vec<u8>>>, what: &str) -> Vec<String> {
    table
        .iter()
        .map(|(reason, places)| {
            let first = places
                .items()
                .first()
                .map_or_else(String::new, |path| text(path));
            match places.offered {
                0 | 1 => format!("{first} {what}: {reason}"),
                many => format!("{first} and {} more entries {what}: {reason}", many - 1),
            }
        })
        .collect()
}

fn first(group: &Group) -> String {
    group
        .examples
        .items()
        .first()
        .map_or_else(String::new, |it| text(&it.path))
}

fn examples(group: &Group) -> Vec<String> {
    group
        .examples
        .items()
        .iter()
        .map(|it| text(&it.path))
        .collect()
}

const fn right(right: Right) -> &'static str {
    match right {
        Right::Write => "write",
        Right::Chmod => "chmod",
        Right::Replace | Right::Above => "replace",
    }
}

/// A path as facts hold it; bytes that are not UTF-8 become U+FFFD, which no fix will take.
pub(super) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
