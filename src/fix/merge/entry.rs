//! Deeds about one entry of the file system: an owner, a mode, ACLs. Together they say what it is to
//! be; where they say two things, nothing is done.

use super::bits::Bits;
use super::{Deed, Merged};
use crate::fix::action::Action;
use std::collections::{BTreeMap, BTreeSet};

const TOGETHER: &str = "one deed does both";
const MADE: &str = "the directory is made so";

/// What all of them want of the entry.
#[derive(Default)]
struct Wanted {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
    exact: BTreeSet<u32>,
    take: u32,
    give: u32,
    /// Whether some mode depends on the entry.
    odd: bool,
    grants: BTreeMap<String, (BTreeSet<char>, bool)>,
}

impl Wanted {
    fn of(deeds: &[Deed]) -> Self {
        let mut wanted = Self::default();
        for deed in deeds {
            match &deed.action {
                Action::Own { user, group, .. } => {
                    wanted.users.insert(user.clone());
                    wanted.groups.extend(group.clone());
                }
                Action::Directory {
                    user, group, mode, ..
                } => {
                    wanted.users.insert(user.clone());
                    wanted.groups.insert(group.clone());
                    wanted.mode(mode);
                }
                Action::Mode { mode, .. } => wanted.mode(mode),
                Action::GrantAcl {
                    user,
                    rights,
                    inherit,
                    ..
                } => {
                    let grant = wanted.grants.entry(user.clone()).or_default();
                    grant.0.extend(rights.chars());
                    grant.1 |= inherit;
                }
                _ => {}
            }
        }
        wanted
    }

    fn mode(&mut self, text: &str) {
        match Bits::of(text) {
            Some(Bits::Exact(bits)) => {
                self.exact.insert(bits);
            }
            Some(Bits::Change { take, give }) => {
                self.take |= take;
                self.give |= give;
            }
            None => self.odd = true,
        }
    }

    /// The mode that all agree on; `Err` where they do not.
    fn agreed(&self) -> Result<Option<Bits>, ()> {
        if self.odd || self.exact.len() > 1 || self.take & self.give != 0 {
            return Err(());
        }
        match self.exact.first() {
            Some(bits) if bits & self.take != 0 || self.give & !bits != 0 => Err(()),
            Some(bits) => Ok(Some(Bits::Exact(*bits))),
            None if self.take | self.give == 0 => Ok(None),
            None => Ok(Some(Bits::Change {
                take: self.take,
                give: self.give,
            })),
        }
    }
}

pub(super) fn merge(deeds: &[Deed], merged: &mut Merged) {
    let wanted = Wanted::of(deeds);
    let among = |is: fn(&Action) -> bool| -> Vec<Deed> {
        deeds.iter().filter(|it| is(&it.action)).cloned().collect()
    };
    let made = among(|it| matches!(it, Action::Directory { .. }));
    let owns = among(|it| matches!(it, Action::Own { .. } | Action::Directory { .. }));
    let modes = among(|it| matches!(it, Action::Mode { .. } | Action::Directory { .. }));
    let path = path_of(deeds);
    let mut about = Vec::new();
    if wanted.users.len() > 1 || wanted.groups.len() > 1 {
        about.push((format!("the owner of {path}"), &owns));
    }
    let Ok(mode) = wanted.agreed() else {
        about.push((format!("the mode of {path}"), &modes));
        return quarrel(about, merged);
    };
    if !about.is_empty() {
        return quarrel(about, merged);
    }
    if let Some(directory) = made.first() {
        // All agree: what makes it says everything.
        let mut all = owns;
        all.extend(
            modes
                .into_iter()
                .filter(|it| !matches!(it.action, Action::Directory { .. })),
        );
        merged.keep(directory.action.clone(), &all, MADE);
    } else {
        if let Some(user) = wanted.users.first() {
            let action = Action::Own {
                path: path.clone(),
                user: user.clone(),
                group: wanted.groups.first().cloned(),
            };
            merged.keep(action, &owns, TOGETHER);
        }
        if let Some(mode) = mode {
            let action = Action::Mode {
                path: path.clone(),
                mode: mode.text(),
            };
            merged.keep(action, &modes, TOGETHER);
        }
    }
    let strips = among(|it| matches!(it, Action::StripAcl { .. }));
    if let Some(strip) = strips.first() {
        merged.keep(strip.action.clone(), &strips, TOGETHER);
    }
    grants(&path, deeds, &wanted, merged);
}

/// An account gets the rights that any fix gives it.
fn grants(path: &str, deeds: &[Deed], wanted: &Wanted, merged: &mut Merged) {
    for (name, (rights, inherit)) in &wanted.grants {
        let of_account =
            |it: &&Deed| matches!(&it.action, Action::GrantAcl { user, .. } if user == name);
        let same: Vec<Deed> = deeds.iter().filter(of_account).cloned().collect();
        let letters = "rwx".chars().filter(|it| rights.contains(it));
        let action = Action::GrantAcl {
            path: path.to_owned(),
            user: name.clone(),
            rights: letters.collect(),
            inherit: *inherit,
        };
        merged.keep(action, &same, TOGETHER);
    }
}

fn quarrel(about: Vec<(String, &Vec<Deed>)>, merged: &mut Merged) {
    for (about, deeds) in about {
        merged.conflict(about, deeds);
    }
}

fn path_of(deeds: &[Deed]) -> String {
    deeds
        .first()
        .map(|it| match &it.action {
            Action::Own { path, .. }
            | Action::Mode { path, .. }
            | Action::StripAcl { path }
            | Action::GrantAcl { path, .. }
            | Action::Directory { path, .. } => path.clone(),
            _ => String::new(),
        })
        .unwrap_or_default()
}
