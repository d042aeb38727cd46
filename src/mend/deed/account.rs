//! Names of accounts and groups as numbers, by the files of the host. Refuses names that it has not.

use crate::host::{Accounts, Host};
use crate::mend::Surprise;

/// An account's number, and that of its primary group.
///
/// # Errors
/// That nobody has that name, or that the file cannot be read.
pub(super) fn user(host: &Host, name: &str) -> Result<(u32, u32), Surprise> {
    let accounts = read(host)?;
    match accounts.users.iter().find(|user| user.name == name) {
        Some(user) => Ok((user.uid, user.gid)),
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
    match accounts.groups.iter().find(|group| group.name == name) {
        Some(group) => Ok(group.gid),
        None => Err(Surprise::new(format!("no group is called {name}"))),
    }
}

fn read(host: &Host) -> Result<Accounts, Surprise> {
    Accounts::read(&host.root)
        .map_err(|e| Surprise::new(format!("the accounts cannot be read: {e}")))
}
