//! Deeds in the database: rows of the helpdesk's settings, accounts and what they may do. Refuses to cut
//! off the account that it works as.

use crate::mend::Surprise;
use crate::mend::apply::Work;
use crate::mend::change::Subject as _;
use crate::mend::database::account::{self, AccountOf, Accounts};
use crate::mend::database::row::{self, Cell};
use crate::mend::database::variable;
use crate::sql::{Deed, RowOf};

/// Carries out one deed.
pub(super) fn sql(work: &mut Work<'_, '_>, deed: &Deed) -> Result<(), Surprise> {
    match deed {
        Deed::Settings { schema, values } => {
            for (name, value) in values {
                let at = RowOf::Settings {
                    schema: schema.clone(),
                    name: name.clone(),
                };
                let change = row::change(work.world, at, Cell::Text(value.clone()))?;
                work.change(change)?;
            }
            Ok(())
        }
        Deed::RandomSetting {
            schema,
            name,
            length,
        } => {
            let at = RowOf::Settings {
                schema: schema.clone(),
                name: name.clone(),
            };
            let digest = work.world.database.keep(row::random((*length).into())?);
            let change = row::change(work.world, at, Cell::Sha256(digest))?;
            work.change(change)
        }
        Deed::Preference {
            schema,
            person,
            name,
        } => {
            let at = RowOf::Preferences {
                schema: schema.clone(),
                person: *person,
                name: name.clone(),
            };
            let change = row::change(work.world, at, Cell::Text("1".to_owned()))?;
            work.change(change)
        }
        Deed::NoAdmin { schema, person } => no_admin(work, schema, *person),
        Deed::Grant { user, host, .. } | Deed::Revoke { user, host, .. } => {
            done(work, AccountOf::new(user, host.as_deref()), deed)
        }
        Deed::RevokeRole { user, host, .. } | Deed::RevokeProxy { user, host, .. } => {
            done(work, AccountOf::new(user, Some(host)), deed)
        }
        Deed::RequireTls { user, host } => done(work, AccountOf::new(user, Some(host)), deed),
        Deed::DropAccount { user, host } | Deed::LockAccount { user, host } => {
            work.world.database.spares(user, host, false)?;
            if matches!(deed, Deed::DropAccount { .. }) {
                account::defines_nothing(work.world, user, host)?;
            }
            done(work, AccountOf::new(user, Some(host)), deed)
        }
        Deed::SocketLogin { user, host } => {
            work.world.database.spares(user, host, true)?;
            done(work, AccountOf::new(user, Some(host)), deed)
        }
        Deed::RenameAccount { user, host, to } => renamed(work, user, host, to),
        Deed::Variable { name, value } => {
            let change = variable::change(work.world, name, *value)?;
            work.change(change)
        }
    }
}

/// Takes the admin flag from a person who is gone; whoever came back meanwhile keeps it.
fn no_admin(work: &mut Work<'_, '_>, schema: &str, person: u64) -> Result<(), Surprise> {
    let at = RowOf::People {
        schema: schema.to_owned(),
        person,
    };
    let Some(cells) = at.see(work.world)? else {
        return Ok(());
    };
    let live = ["1", "0", "0"].map(|it| Cell::Text(it.to_owned()));
    if cells.get(1..) == Some(&live[..]) {
        let text = format!("person {person} is an agent again, and may need the admin flag");
        return Err(Surprise::new(text).remedy("audit again"));
    }
    let change = row::change(work.world, at, Cell::Text("0".to_owned()))?;
    work.change(change)
}

fn done(work: &mut Work<'_, '_>, at: AccountOf, deed: &Deed) -> Result<(), Surprise> {
    let before = at.see(work.world)?;
    let after = match &before.here {
        // What is gone is revoked, dropped and locked.
        None if !matches!(deed, Deed::Grant { .. } | Deed::RequireTls { .. }) => return Ok(()),
        None => {
            return Err(Surprise::new(format!("{} is not there", at.names()))
                .remedy("it was there when the database was audited: audit again"));
        }
        Some(now) => now.after(deed).map_err(Surprise::new)?,
    };
    let after = Accounts {
        here: after,
        there: None,
    };
    work.change(account::change(at, before, after))
}

fn renamed(work: &mut Work<'_, '_>, user: &str, host: &str, to: &str) -> Result<(), Surprise> {
    work.world.database.spares(user, host, false)?;
    let at = AccountOf {
        to: Some(to.to_owned()),
        ..AccountOf::new(user, Some(host))
    };
    let before = at.see(work.world)?;
    match (&before.here, &before.there) {
        (None, Some(_)) => return Ok(()),
        (Some(_), None) => {}
        (Some(_), Some(_)) => {
            return Err(Surprise::new(format!("{user}@{to} is there as well"))
                .remedy("decide which of both the helpdesk is to use, and drop the other"));
        }
        (None, None) => return Err(Surprise::new(format!("{} is not there", at.names()))),
    }
    account::defines_nothing(work.world, user, host)?;
    let after = Accounts {
        here: None,
        there: before.here.clone(),
    };
    work.change(account::change(at, before, after))
}
