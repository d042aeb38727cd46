//! What a deed makes of the install's files, on paper. Refuses deeds about entries that the facts do not
//! describe.

use super::super::place::{chmod, grant, letters, strip};
use super::{Disk, NEW_ACCOUNT};
use crate::access::{Entry, Kind, Principal};
use crate::facts::NeededRight;
use crate::fix::action::Action;
use crate::fix::below::below;
use crate::fix::mode::ModeChange;

impl Disk {
    /// What a deed changes.
    pub(in crate::fix::needs) fn carry_out(&mut self, deed: &Action) -> Result<(), String> {
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

fn undescribed(path: &str) -> String {
    format!("what the helpdesk may do with {path} now is not known")
}
