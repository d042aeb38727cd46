//! The install's files on paper: what its accounts may do with each entry on the way to what they need,
//! before and after deeds. The access model decides; an entry that the facts do not describe
//! is an objection.

mod deeds;

use super::place::{ancestors, entry, parent};
use crate::access::{Entry, Kind, Principal, Want, permission};
use crate::facts::{Facts, Known, NeededRight, NeedsFacts};
use crate::fix::below::below;
use crate::fix::quote::php_value;
use std::collections::{BTreeMap, BTreeSet};

/// A number that the kernel gives to no account: stands for one that a deed makes.
const NEW_ACCOUNT: u32 = u32::MAX - 1;

/// The disk as the deeds so far leave it.
#[derive(Clone)]
pub(super) struct Disk {
    root: String,
    needs: NeedsFacts,
    who: BTreeMap<String, (Principal, String)>,
    places: BTreeMap<String, Entry>,
    /// What the product does without.
    spare: BTreeSet<String>,
    /// Settings that name data directories, and what they lead to.
    data: BTreeMap<String, Vec<String>>,
    /// What deeds touched since rights were compared last.
    touched: Vec<String>,
    /// Directories that moved, and where to.
    moved: Vec<(String, String)>,
}

impl Disk {
    pub(super) fn of(facts: &Facts) -> Self {
        let needs = facts.needs.clone();
        let who = needs.accounts.rows.iter().map(|it| {
            let principal = Principal::new(it.user.clone(), it.uid, it.gids.clone());
            (it.user.clone(), (principal, it.group.clone()))
        });
        let mut data: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &facts.data.directories.rows {
            let named = [row.directory.clone(), row.real_directory.clone()];
            data.entry(row.setting.clone()).or_default().extend(named);
        }
        Self {
            root: facts.target.root.clone(),
            who: who.collect(),
            places: needs.places.rows.iter().filter_map(entry).collect(),
            spare: spare(facts),
            data,
            needs,
            touched: Vec::new(),
            moved: Vec::new(),
        }
    }

    /// Where a path that the product spells leads.
    fn real<'a>(&'a self, path: &'a str) -> &'a str {
        let mut rights = self.needs.rights.rows.iter();
        let named = rights.find(|right| right.path == path && right.exists);
        let spelled = named.filter(|_| !self.places.contains_key(path));
        spelled.map_or(path, |right| right.end.as_str())
    }

    /// A data directory's setting has another value.
    pub(super) fn set(&mut self, setting: &str, value: Option<&str>) -> Result<(), String> {
        let Some(before) = self.data.get(setting).cloned() else {
            return Ok(());
        };
        let to = value.and_then(php_value).filter(|to| to.starts_with('/'));
        let to = to.ok_or_else(|| {
            format!(
                "where the product would keep its data without this line of {setting} is not known"
            )
        })?;
        for right in &mut self.needs.rights.rows {
            let rest = before.iter().find_map(|dir| below(&right.path, dir));
            let Some(rest) = rest.map(str::to_owned) else {
                continue;
            };
            let path = format!("{to}{rest}");
            right.through = ancestors(&path);
            right.exists = self.places.contains_key(&path);
            right.end = if right.exists {
                path.clone()
            } else {
                parent(&path).to_owned()
            };
            self.touched.push(right.end.clone());
            right.path = path;
        }
        Ok(())
    }

    /// What an account may no longer do that it could before, after the deeds since it was asked last.
    pub(super) fn taken(&mut self, before: &Self) -> Option<String> {
        let touched = std::mem::take(&mut self.touched);
        let rights = self.needs.rights.rows.iter().zip(&before.needs.rights.rows);
        for (now, then) in rights {
            let met = |path: &String| touched.iter().any(|it| below(path, it).is_some());
            if !now.through.iter().chain([&now.end]).any(met) {
                continue;
            }
            let held = then.held == Known::Known(true) || before.holds(then);
            if held && !self.holds(now) {
                return Some(format!(
                    "{} could no longer {} {} ({}), which the helpdesk needs",
                    now.user, now.right, now.path, now.purpose
                ));
            }
        }
        self.others_taken(&touched, before)
    }

    /// Code and data that no right names by itself: who of the helpdesk could use it must still.
    fn others_taken(&self, touched: &[String], before: &Self) -> Option<String> {
        for path in touched {
            let was = &self.before_moves(path, before);
            let (Some(now), Some(then)) = (self.places.get(path), before.places.get(was)) else {
                continue;
            };
            let is_ours = below(was, &self.root).is_some() || self.is_data(was);
            if self.spare.contains(was) || !is_ours {
                continue;
            }
            let want = match (then.kind, self.is_data(was)) {
                (Kind::Directory, true) => Want::READ.and(Want::WRITE_EXEC),
                (_, true) => Want::READ.and(Want::WRITE),
                (Kind::Directory, false) => Want::READ.and(Want::EXEC),
                _ => Want::READ,
            };
            for who in self.helpdesk() {
                if permission(who, then, want).is_granted()
                    && !permission(who, now, want).is_granted()
                {
                    return Some(format!(
                        "{} could no longer {} {path}, and nothing shows that the helpdesk does without",
                        who.name,
                        if self.is_data(was) { "write" } else { "read" },
                    ));
                }
            }
        }
        None
    }

    /// Where a path was, before what has moved since.
    fn before_moves(&self, path: &str, before: &Self) -> String {
        let moves = self.moved.iter().skip(before.moved.len()).rev();
        moves.fold(path.to_owned(), |path, (from, to)| {
            below(&path, to).map_or_else(|| path.clone(), |rest| format!("{from}{rest}"))
        })
    }

    /// Accounts that answer web requests or run the scheduled task.
    fn helpdesk(&self) -> impl Iterator<Item = &Principal> {
        let acts = |user: &String| {
            let mut rights = self.needs.rights.rows.iter();
            rights.any(|right| right.user == *user && right.role != "updater")
        };
        self.who
            .iter()
            .filter(move |(user, _)| acts(user))
            .map(|(_, (who, _))| who)
    }

    fn is_data(&self, path: &str) -> bool {
        let mut data = self.data.values().flatten();
        data.any(|dir| below(path, dir).is_some() && below(&self.root, dir).is_none())
    }

    /// Whether every right that a role has for these purposes is one that this account would have as well.
    pub(super) fn would_do(
        &self,
        role: &str,
        user: &str,
        purposes: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        self.account(user)?;
        let mut rights = self.needs.rights.rows.iter();
        let lacking = rights.find(|right| {
            let as_user = NeededRight {
                user: user.to_owned(),
                ..(*right).clone()
            };
            right.role == role
                && purposes(&right.purpose)
                && right.held == Known::Known(true)
                && !self.holds(&as_user)
        });
        lacking.map_or(Ok(()), |right| {
            Err(format!(
                "{user} could not {} {} ({}), which the helpdesk needs",
                right.right, right.path, right.purpose
            ))
        })
    }

    /// What web requests read and write.
    pub(super) fn web_paths(&self) -> impl Iterator<Item = &str> {
        let rights = self.needs.rights.rows.iter();
        let of_web = rights.filter(|right| right.role == "web");
        of_web.map(|right| right.path.as_str())
    }

    fn holds(&self, right: &NeededRight) -> bool {
        let Some((who, _)) = self.who.get(&right.user) else {
            return false;
        };
        let may = |path: &String, want: Option<Want>| {
            self.places.get(path).is_some_and(|entry| {
                let want = want.unwrap_or(match (right.right.as_str(), entry.kind) {
                    ("write", _) => Want::WRITE_EXEC,
                    (_, Kind::Directory) => Want::READ.and(Want::EXEC),
                    _ => Want::READ,
                });
                entry.kind == Kind::Link || permission(who, entry, want).is_granted()
            })
        };
        right.through.iter().all(|path| may(path, Some(Want::EXEC))) && may(&right.end, None)
    }

    fn account(&self, user: &str) -> Result<&(Principal, String), String> {
        self.who
            .get(user)
            .ok_or_else(|| format!("the account {user} is none of those that are known"))
    }

    fn group(&self, name: &str) -> Result<u32, String> {
        let mut known = self.who.values();
        let found = known.find(|(_, group)| group == name);
        found
            .and_then(|(who, _)| who.gids.first().copied())
            .ok_or_else(|| format!("the group {name} is none of those that are known"))
    }
}

/// What findings show that the product does without: copies, dumps, scripts among its data, links out.
fn spare(facts: &Facts) -> BTreeSet<String> {
    let files = &facts.files;
    let leftovers = files.leftovers.rows.iter().filter(|row| !row.shipped);
    let scripts = files
        .data_scripts
        .rows
        .iter()
        .filter(|row| row.own.is_empty());
    leftovers
        .map(|row| row.path.clone())
        .chain(scripts.map(|row| row.path.clone()))
        .chain(files.backups.rows.iter().map(|row| row.path.clone()))
        .chain(files.links.rows.iter().map(|row| row.path.clone()))
        .collect()
}
