//! A system account that useradd(8) makes and userdel(8) takes away, and the numbers of accounts and
//! groups by the host's files. Refuses names that the host has not.

use super::change::{Change, Subject, Turn};
use super::{Surprise, World, program};
use crate::host::{Accounts, Host};
use serde::{Deserialize, Serialize};

/// An account by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub user: String,
}

/// The change that makes an account where it is missing.
///
/// # Errors
/// That the accounts cannot be read, or that no account can have that name.
pub(super) fn change(host: &Host, name: &str) -> Result<Change, Surprise> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if !begins || name.len() > 32 || !name.chars().all(plain) {
        return Err(Surprise::new(format!(
            "`{}` can be no account's name",
            name.escape_debug()
        )));
    }
    let accounts = read(host)?;
    let is_user = accounts.users.iter().any(|user| user.name == name);
    if !is_user && accounts.groups.iter().any(|group| group.name == name) {
        return Err(Surprise::new(format!(
            "a group is called {name}, and no account is"
        ))
        .remedy(format!(
            "make the account yourself: useradd --system --gid {name} --home-dir /nonexistent --shell /usr/sbin/nologin {name}"
        )));
    }
    Ok(Change::Account(Turn {
        at: Account {
            user: name.to_owned(),
        },
        before: is_user,
        after: true,
    }))
}

/// An account's number; a number stands for itself, as with chown(1).
///
/// # Errors
/// That nobody has that name, or that the file cannot be read.
pub(super) fn user(host: &Host, name: &str) -> Result<u32, Surprise> {
    let accounts = read(host)?;
    let named = accounts.users.iter().find(|user| user.name == name);
    match named.map(|user| user.uid).or(number(name)) {
        Some(uid) => Ok(uid),
        None => Err(Surprise::new(format!("no account is called {name}"))
            .remedy("make it, or name another owner")),
    }
}

/// A group's number.
///
/// # Errors
/// The same.
pub(super) fn group(host: &Host, name: &str) -> Result<u32, Surprise> {
    let accounts = read(host)?;
    let named = accounts.groups.iter().find(|group| group.name == name);
    match named.map(|group| group.gid).or(number(name)) {
        Some(gid) => Ok(gid),
        None => Err(Surprise::new(format!("no group is called {name}"))),
    }
}

fn is_there(host: &Host, name: &str) -> Result<bool, Surprise> {
    Ok(read(host)?.users.iter().any(|user| user.name == name))
}

/// -1 is no account (include/linux/uidgid.h uid_valid).
fn number(name: &str) -> Option<u32> {
    let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| name.parse().ok()).flatten();
    number.filter(|number| *number != u32::MAX)
}

fn read(host: &Host) -> Result<Accounts, Surprise> {
    Accounts::read(&host.root)
        .map_err(|e| Surprise::new(format!("the accounts cannot be read: {e}")))
}

impl Subject for Account {
    type State = bool;

    fn see(&self, world: &mut World<'_>) -> Result<bool, Surprise> {
        is_there(world.host, &self.user)
    }

    fn set(&self, world: &mut World<'_>, _from: &bool, to: &bool) -> Result<(), Surprise> {
        if *to {
            let plain = ["--system", "--user-group", "--no-create-home"];
            let closed = ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"];
            run(
                world.host,
                "useradd",
                &[&plain[..], &closed[..]].concat(),
                &self.user,
            )
        } else {
            run(world.host, "userdel", &[], &self.user)
        }
    }

    fn names(&self) -> String {
        format!("the account {}", self.user)
    }

    fn tells(&self, state: &bool) -> String {
        if *state { "there" } else { "not there" }.to_owned()
    }

    /// Its group, which userdel takes away only where login.defs says so.
    fn settle(&self, world: &mut World<'_>, _before: &bool) -> Result<(), Surprise> {
        let accounts = read(world.host)?;
        if accounts.groups.iter().any(|it| it.name == self.user) {
            run(world.host, "groupdel", &[], &self.user)?;
        }
        Ok(())
    }
}

/// Runs a program on the host's account files, which may be a folder's.
fn run(host: &Host, program: &str, arguments: &[&str], user: &str) -> Result<(), Surprise> {
    let root = host.root.to_string_lossy();
    let prefix = ["--prefix", &*root];
    let prefix = if host.is_here() { &[][..] } else { &prefix };
    program::run(program, &[prefix, arguments, &[user]].concat()).map(|_| ())
}
