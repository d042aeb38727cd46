//! The install's files on paper: what its accounts may do with each entry on the way to what they need,
//! and what becomes of that by a deed. The access model decides; an entry that the facts do not describe
//! is an objection.

use super::literal;
use super::place::{ancestors, below, chmod, entry, grant, letters, parent, strip};
use crate::access::{Entry, Kind, Principal, Want, permission};
use crate::facts::{Facts, Known, NeededRight, NeedsFacts};
use crate::fix::action::Action;
use crate::fix::mode::ModeChange;
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

    /// What a deed changes.
    pub(super) fn carry_out(&mut self, deed: &Action) -> Result<(), String> {
        match deed {
            Action::Own { path, user, group } => self.own(path, user, group.as_deref()),
            Action::Mode { path, mode } => self.mode(path, mode),
            Action::StripAcl { path } => self.change(path, strip),
            Action::GrantAcl {
                path, user, rights, ..
            } => {
                let uid = self.account(user)?.0.uid;
                let bits = letters(rights);
                self.change(path, |entry| grant(entry, uid, bits))
            }
            Action::CloseTree {
                path,
                except,
                from,
                user,
                group,
                mode,
            } => self.close(path, except, (from, user, group.as_deref()), mode),
            Action::Directory {
                path,
                user,
                group,
                mode,
            } => self.directory(path, user, group, mode),
            Action::Account { user } => {
                let new = Principal::new(user.clone(), NEW_ACCOUNT, vec![NEW_ACCOUNT]);
                self.who
                    .entry(user.clone())
                    .or_insert_with(|| (new, user.clone()));
                Ok(())
            }
            Action::Write { path, mode, .. } => self.write(path, mode),
            Action::PutAway { path, .. } | Action::Unlink { path } => self.take_away(path),
            Action::MoveTree { path, to } => {
                self.relocate(path, to);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A data directory's setting has another value.
    pub(super) fn set(&mut self, setting: &str, value: Option<&str>) -> Result<(), String> {
        let Some(before) = self.data.get(setting).cloned() else {
            return Ok(());
        };
        let to = value.and_then(literal).filter(|to| to.starts_with('/'));
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

    fn change(&mut self, path: &str, change: impl FnOnce(&mut Entry)) -> Result<(), String> {
        let path = &self.real(path).to_owned();
        let entry = self.places.get_mut(path).ok_or_else(|| undescribed(path))?;
        if entry.kind != Kind::Link {
            change(entry);
        }
        self.touched.push(path.clone());
        Ok(())
    }

    fn own(&mut self, path: &str, user: &str, group: Option<&str>) -> Result<(), String> {
        let uid = self.account(user)?.0.uid;
        let gid = group.map(|group| self.group(group)).transpose()?;
        self.change(path, |entry| {
            entry.uid = uid;
            entry.gid = gid.unwrap_or(entry.gid);
        })
    }

    fn mode(&mut self, path: &str, mode: &str) -> Result<(), String> {
        let mode = ModeChange::parse(mode)?;
        self.change(path, |entry| {
            chmod(entry, mode.on(entry.mode, entry.kind == Kind::Directory));
        })
    }

    fn close(
        &mut self,
        path: &str,
        except: &[String],
        (from, user, group): (&str, &str, Option<&str>),
        mode: &str,
    ) -> Result<(), String> {
        let change = ModeChange::parse(mode)?;
        let (from_uid, uid) = (self.account(from)?.0.uid, self.account(user)?.0.uid);
        let gid = group.map(|group| self.group(group)).transpose()?;
        let meant = |it: &str| {
            below(it, path).is_some() && !except.iter().any(|kept| below(it, kept).is_some())
        };
        if change.on(0o777, true) & 0o555 != 0o555 {
            return Err(format!(
                "which files below {path} the helpdesk reads by the bits that {mode} takes is not known"
            ));
        }
        self.readers_stay(from_uid, user, gid, &meant)?;
        for (at, entry) in self.places.iter_mut().filter(|(at, _)| meant(at)) {
            let mut bits = entry.mode;
            if entry.uid == from_uid {
                entry.uid = uid;
                if let Some(gid) = gid {
                    entry.gid = gid;
                    bits = bits & !0o070 | bits >> 3 & 0o050;
                }
            }
            if entry.kind != Kind::Link {
                let is_directory = entry.kind == Kind::Directory;
                chmod(entry, change.on(bits, is_directory));
            }
            self.touched.push(at.clone());
        }
        Ok(())
    }

    /// Entries that change hands are still read by those who read them as owner, or as members of the
    /// group before.
    fn readers_stay(
        &self,
        from: u32,
        user: &str,
        gid: Option<u32>,
        meant: &dyn Fn(&str) -> bool,
    ) -> Result<(), String> {
        let read_as = &self.needs.read_as;
        if let Some(why) = read_as.missed.first() {
            return Err(format!(
                "by what right the helpdesk reads its code is not known: {why}"
            ));
        }
        let stays = |reader: &str| {
            let member = self.who.get(reader);
            user == reader || gid.is_some_and(|gid| member.is_some_and(|(who, _)| who.is_in(gid)))
        };
        let mut rows = read_as.rows.iter().filter(|row| row.owner == from);
        let lost = rows.find(|row| {
            (row.by == "owner" || gid.is_some()) && !stays(&row.user) && meant(&row.path)
        });
        lost.map_or(Ok(()), |row| {
            Err(format!(
                "{} reads {} files, for example {}, only as {}: they would change hands",
                row.user,
                row.count,
                row.path,
                if row.by == "owner" {
                    "their owner"
                } else {
                    "a member of their group"
                },
            ))
        })
    }

    fn directory(&mut self, path: &str, user: &str, group: &str, mode: &str) -> Result<(), String> {
        let mode = ModeChange::parse(mode)?.on(0, true);
        let (uid, gid) = (self.account(user)?.0.uid, self.group(group)?);
        let path = &self.real(path).to_owned();
        if self.places.contains_key(path) {
            self.change(path, |entry| {
                (entry.uid, entry.gid) = (uid, gid);
                chmod(entry, mode);
            })?;
        } else {
            let made = Entry::plain(Kind::Directory, mode, uid, gid);
            self.places.insert(path.clone(), made);
            self.touched.push(path.clone());
        }
        for right in &mut self.needs.rights.rows {
            if right.path == *path && !right.exists && right.right == "write" {
                right.through.push(std::mem::take(&mut right.end));
                path.clone_into(&mut right.end);
                right.exists = true;
            }
        }
        Ok(())
    }

    fn write(&mut self, path: &str, mode: &str) -> Result<(), String> {
        if let Some(right) = self.needing(path) {
            return Err(format!(
                "{path} is what the helpdesk needs as {}",
                right.purpose
            ));
        }
        let mode = ModeChange::parse(mode)?.on(0, false);
        self.places
            .insert(path.to_owned(), Entry::plain(Kind::File, mode, 0, 0));
        Ok(())
    }

    fn take_away(&mut self, path: &str) -> Result<(), String> {
        if let Some(right) = self.needing(path) {
            return Err(format!(
                "the helpdesk needs {} ({}), which {path} is, or leads to",
                right.path, right.purpose
            ));
        }
        let own = below(path, &self.root).is_some() || self.is_data(path);
        if own && !self.spare.contains(path) {
            return Err(format!(
                "nothing shows that the helpdesk does without {path}"
            ));
        }
        let gone = |at: &String| below(at, path).is_some();
        self.places.retain(|at, _| !gone(at));
        Ok(())
    }

    /// What the helpdesk needs at the path or below it.
    fn needing(&self, path: &str) -> Option<&NeededRight> {
        let met = |it: &String| below(it, path).is_some();
        let mut rights = self.needs.rights.rows.iter();
        rights.find(|right| right.through.iter().chain([&right.end]).any(met))
    }

    fn relocate(&mut self, path: &str, to: &str) {
        let moved = self.places.iter().filter_map(|(at, entry)| {
            let rest = below(at, path)?;
            Some((at.clone(), format!("{to}{rest}"), entry.clone()))
        });
        for (from, to, entry) in moved.collect::<Vec<_>>() {
            self.places.remove(&from);
            self.places.insert(to, entry);
        }
        self.touched.push(path.to_owned());
        self.moved.push((path.to_owned(), to.to_owned()));
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

fn undescribed(path: &str) -> String {
    format!("what the helpdesk may do with {path} now is not known")
}
