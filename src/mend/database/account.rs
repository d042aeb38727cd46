//! An account of the database, and what it may do. Brought back from what the server itself said of it
//! before. Refuses to show how it is identified, and to touch the account that the session is.

use super::refused;
use crate::mend::change::{Change, Subject, Turn};
use crate::mend::{Surprise, World};
use crate::sql::definition::{Look, rename, turn};
use crate::sql::{Definition, Written};
use serde::{Deserialize, Serialize};

/// An account by its name; a role has no host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOf {
    /// Its name.
    pub user: String,
    /// Its host.
    pub host: Option<String>,
    /// The host that it gets, where that changes.
    pub to: Option<String>,
}

/// What it is under its host, and under the one that it gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Under its host.
    pub here: Option<Definition>,
    /// Under the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Definition>,
}

impl AccountOf {
    /// The account.
    pub(in crate::mend) fn new(user: &str, host: Option<&str>) -> Self {
        Self {
            user: user.to_owned(),
            host: host.map(str::to_owned),
            to: None,
        }
    }
}

/// A change of an account.
pub(in crate::mend) fn change(at: AccountOf, before: Accounts, after: Accounts) -> Change {
    // Equal but for the word for everything: nothing is to be done.
    let after = if at.is(&after, &before) {
        before.clone()
    } else {
        after
    };
    Change::DatabaseAccount(Box::new(Turn { at, before, after }))
}

/// Refuses an account that views, routines, triggers or events run as: they would fail without it.
pub(in crate::mend) fn defines_nothing(
    world: &mut World<'_>,
    user: &str,
    host: &str,
) -> Result<(), Surprise> {
    let answer = ask(world, &Look::definer(user, host))?;
    let count = answer.rows.first().map(|row| row.integer("there"));
    match count.transpose().map_err(Surprise::new)? {
        Some(0) => Ok(()),
        _ => Err(Surprise::new(format!(
            "views, routines, triggers or events run as {user}@{host}, and would fail without it"
        ))
        .remedy("SELECT ... FROM information_schema.VIEWS, ROUTINES, TRIGGERS, EVENTS WHERE DEFINER names it: give them another definer first")),
    }
}

fn ask(world: &mut World<'_>, written: &Written) -> Result<crate::mysql::Answer, Surprise> {
    world
        .writer()?
        .send(written)
        .map_err(refused(written.name()))
}

fn look(
    world: &mut World<'_>,
    user: &str,
    host: Option<&str>,
) -> Result<Option<Definition>, Surprise> {
    let there = ask(world, &Look::there(user, host))?;
    let count = there.rows.first().map(|row| row.integer("there"));
    match count.transpose().map_err(Surprise::new)? {
        Some(0) => return Ok(None),
        Some(_) => {}
        None => {
            return Err(Surprise::new(
                "the server gives no answer about its accounts",
            ));
        }
    }
    let mut look = Look::default();
    if let Some(host) = host {
        let made = Look::made(user, host).map_err(Surprise::new)?;
        let answer = ask(world, &made)?;
        let line = answer.rows.first().map(|row| row.text_at(0)).transpose();
        let line = line.map_err(Surprise::new)?.unwrap_or_default();
        look.take_made(&line).map_err(Surprise::new)?;
    }
    for row in ask(world, &Look::grants(user, host).map_err(Surprise::new)?)?.rows {
        let line = row.text_at(0).map_err(Surprise::new)?;
        look.take_grant(user, host, &line).map_err(Surprise::new)?;
    }
    for row in ask(world, &Look::privileges(user, host).map_err(Surprise::new)?)?.rows {
        let text = |name| row.text(name).map_err(Surprise::new);
        let place = [text("place")?, text("table_name")?, text("column_name")?];
        let hands_on = row.flag("hands_on").map_err(Surprise::new)?;
        look.take_privilege(
            place.each_ref().map(String::as_str),
            &text("privilege")?,
            hands_on,
        )
        .map_err(Surprise::new)?;
    }
    Ok(Some(look.found()))
}

impl Subject for AccountOf {
    type State = Accounts;

    fn see(&self, world: &mut World<'_>) -> Result<Accounts, Surprise> {
        Ok(Accounts {
            here: look(world, &self.user, self.host.as_deref())?,
            there: match &self.to {
                Some(to) => look(world, &self.user, Some(to))?,
                None => None,
            },
        })
    }

    fn set(&self, world: &mut World<'_>, _from: &Accounts, to: &Accounts) -> Result<(), Surprise> {
        let now = self.see(world)?;
        let written = match (&self.host, &self.to) {
            (Some(host), Some(other)) if moves(&now.here, &to.there, &now.there, &to.here) => {
                vec![rename(&self.user, host, other).map_err(Surprise::new)?]
            }
            (Some(host), Some(other)) if moves(&now.there, &to.here, &now.here, &to.there) => {
                vec![rename(&self.user, other, host).map_err(Surprise::new)?]
            }
            _ => {
                let mut all = turn(
                    &self.user,
                    self.host.as_deref(),
                    now.here.as_ref(),
                    to.here.as_ref(),
                )
                .map_err(Surprise::new)?;
                if let Some(other) = &self.to {
                    let (now, to) = (now.there.as_ref(), to.there.as_ref());
                    all.extend(turn(&self.user, Some(other), now, to).map_err(Surprise::new)?);
                }
                all
            }
        };
        for one in &written {
            world.writer()?.send(one).map_err(refused(&self.names()))?;
        }
        Ok(())
    }

    fn names(&self) -> String {
        match &self.host {
            Some(host) => format!("the database account {}@{host}", self.user),
            None => format!("the database role {}", self.user),
        }
    }

    fn tells(&self, state: &Accounts) -> String {
        match (&state.here, &state.there, &self.to) {
            (None, Some(_), Some(to)) => format!("{}@{to}", self.user),
            (None, ..) => "not there".to_owned(),
            (Some(definition), ..) => definition.summary(),
        }
    }

    fn is(&self, seen: &Accounts, state: &Accounts) -> bool {
        says(&seen.here, &state.here) && says(&seen.there, &state.there)
    }

    fn is_between(&self, seen: &Accounts, before: &Accounts, after: &Accounts) -> bool {
        between(&seen.here, &before.here, &after.here)
            && between(&seen.there, &before.there, &after.there)
    }
}

/// Whether one place is emptied and what was there comes to the other.
fn moves(
    from: &Option<Definition>,
    to: &Option<Definition>,
    was: &Option<Definition>,
    leaves: &Option<Definition>,
) -> bool {
    from.is_some() && was.is_none() && leaves.is_none() && says(from, to)
}

fn says(one: &Option<Definition>, other: &Option<Definition>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.says(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn between(
    seen: &Option<Definition>,
    before: &Option<Definition>,
    after: &Option<Definition>,
) -> bool {
    match (seen, before, after) {
        (None, Some(_), Some(_)) | (Some(_), None, None) => false,
        (None, ..) => true,
        (Some(seen), Some(before), Some(after)) => seen.is_between(before, after),
        // Made or taken away: with all that it may do, or with a part of it.
        (Some(seen), Some(one), None) | (Some(seen), None, Some(one)) => {
            seen.is_between(one, &one.bare())
        }
    }
}
