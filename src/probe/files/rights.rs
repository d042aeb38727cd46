//! What each watched principal may do with entries of one kind, mode, owner and ACL: asked of the
//! access model once for each such class, not once for each entry.

use super::principals::{Principals, Set};
use crate::access::{Entry, Flag, Kind, Principal, Verdict, Want, may_chmod, permission};
use std::collections::HashMap;

/// Classes remembered before the memory is started anew, so that a tree with millions of different
/// ACLs cannot fill it.
const REMEMBERED: usize = 8192;
/// A number that the kernel gives to no account.
const NOBODY: u32 = u32::MAX;
/// Classes that are compared before one is looked up.
const RECENT: usize = 16;

/// Sets of principals, by what they may do with an entry whose directory they have reached.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rights {
    /// Read the file, or list the directory.
    pub(super) read: Set,
    /// Write the file, or make names in the directory.
    pub(super) write: Set,
    /// Make, remove and swap names in the directory.
    pub(super) names: Set,
    /// Enter the directory.
    pub(super) search: Set,
    /// Change the mode, and so give themselves the rest.
    pub(super) chmod: Set,
    /// For whom one of these could not be told.
    pub(super) unknown: Set,
    /// Those who own the entry: a sticky directory lets them take it away.
    pub(super) owners: Set,
    /// Those of the helpdesk's accounts who read or enter it only because they own it.
    pub(super) only_as_owner: Set,
    /// Those who do so only because they are in its group.
    pub(super) only_as_member: Set,
    /// Whether flags keep everybody from taking the name away.
    pub(super) fixed: bool,
    /// Whether the sticky bit is set on this directory.
    pub(super) sticky: bool,
}

/// Rights already asked for.
#[derive(Default)]
pub(super) struct Memory {
    known: HashMap<Entry, Rights>,
    /// Classes met lately: neighbours share a few of them, and comparing is cheaper than hashing.
    recent: [Option<(Entry, Rights)>; RECENT],
}

impl Memory {
    /// The rights over entries like this one.
    pub(super) fn rights(&mut self, principals: &Principals, entry: &Entry) -> Rights {
        let at = (entry.mode ^ entry.mode >> 6 ^ entry.uid ^ entry.gid << 1) as usize % RECENT;
        if let Some(Some((recent, rights))) = self.recent.get(at)
            && recent == entry
        {
            return *rights;
        }
        let rights = self.look_up(principals, entry);
        if let Some(slot) = self.recent.get_mut(at) {
            *slot = Some((entry.clone(), rights));
        }
        rights
    }

    fn look_up(&mut self, principals: &Principals, entry: &Entry) -> Rights {
        if let Some(known) = self.known.get(entry) {
            return *known;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let rights = ask(principals, entry);
        self.known.insert(entry.clone(), rights);
        rights
    }
}

/// 1 where the account would lose reading if the entry belonged to these.
fn loses(who: &Principal, entry: &Entry, uid: u32, gid: u32) -> Set {
    let want = if entry.kind == Kind::Directory {
        Want::READ.and(Want::EXEC)
    } else {
        Want::READ
    };
    let given_away = Entry {
        uid,
        gid,
        ..entry.clone()
    };
    let lost = permission(who, entry, want).is_granted()
        && !permission(who, &given_away, want).is_granted();
    Set::from(lost)
}

fn ask(principals: &Principals, entry: &Entry) -> Rights {
    let directory = entry.kind == Kind::Directory;
    let mut rights = Rights {
        owners: principals.with_uid(entry.uid),
        fixed: entry.immutable == Flag::Yes || entry.append_only == Flag::Yes,
        sticky: directory && entry.mode & 0o1000 != 0,
        ..Rights::default()
    };
    // A link's own mode says nothing: who may change what it leads to is asked of its target.
    if entry.kind == Kind::Link {
        return rights;
    }
    for (bit, _, who) in principals.iter() {
        let mut note = |verdict: Verdict, set: &mut Set| match verdict {
            Verdict::Granted(_) => *set |= bit,
            Verdict::Denied(_) => {}
            Verdict::Unknown(_) => rights.unknown |= bit,
        };
        note(permission(who, entry, Want::READ), &mut rights.read);
        if principals.helpdesk & bit != 0 && who.uid != 0 {
            let mine = who.uid == entry.uid;
            let (uid, gid) = if mine {
                (NOBODY, entry.gid)
            } else {
                (entry.uid, NOBODY)
            };
            let lost = bit * loses(who, entry, uid, gid);
            rights.only_as_owner |= if mine { lost } else { 0 };
            rights.only_as_member |= if mine { 0 } else { lost };
        }
        note(may_chmod(who, entry), &mut rights.chmod);
        if directory {
            note(permission(who, entry, Want::EXEC), &mut rights.search);
            let names = permission(who, entry, Want::WRITE_EXEC);
            note(names, &mut rights.write);
            if entry.append_only == Flag::No {
                note(names, &mut rights.names);
            }
        } else if entry.append_only != Flag::Yes {
            note(permission(who, entry, Want::WRITE), &mut rights.write);
        }
    }
    rights
}
