//! Agents, admins and former ones, page after page, and who of them is mailed.

use super::{Reader, full, moment, number, text, there};
use crate::facts::{Known, Listing};
use crate::helpdesk::{PersonRow, Scheme, Tables};
use crate::mysql::statements as ask;
use crate::mysql::{Row, Statement};
use std::collections::BTreeSet;

/// No helpdesk has more agents, former ones included.
const MOST_PEOPLE: usize = 500_000;

/// Who is mailed.
#[derive(Default)]
struct Mailed {
    failures: BTreeSet<u64>,
    logins: BTreeSet<u64>,
}

impl Reader<'_> {
    pub(super) fn people(&mut self, tables: &Tables, undated: bool) -> Listing<PersonRow> {
        if let Err(reason) = there(tables, "people") {
            return Listing::unseen(reason);
        }
        let agents = if undated {
            &ask::HELPDESK_AGENTS_E1
        } else {
            &ask::HELPDESK_AGENTS
        };
        let mut people = Listing::whole(Vec::new());
        self.pages(agents, &mut people);
        self.pages(&ask::HELPDESK_FORMER, &mut people);
        let mailed = there(tables, "people_prefs").and_then(|()| self.mailed());
        for person in &mut people.rows {
            let is_mailed = |about: fn(&Mailed) -> &BTreeSet<u64>| match &mailed {
                Ok(mailed) => Known::Known(about(mailed).contains(&person.id)),
                Err(reason) => Known::unknown(reason),
            };
            person.mails_failures = is_mailed(|mailed| &mailed.failures);
            person.mails_logins = is_mailed(|mailed| &mailed.logins);
        }
        people
    }

    /// Page after page by the primary key.
    fn pages(&mut self, statement: &Statement, people: &mut Listing<PersonRow>) {
        let mut last = 0_i64;
        loop {
            let answer = match self.ask(statement, &[last.into()]) {
                Ok(answer) => answer,
                Err(reason) => return people.missed.push(reason),
            };
            for row in &answer.rows {
                match row.integer("id") {
                    Ok(id) if id > last => last = id,
                    Ok(_) => return people.missed.push(full(statement)),
                    Err(reason) => return people.missed.push(reason),
                }
                match person(row) {
                    Ok(person) => people.rows.push(person),
                    Err(reason) => people.missed.push(reason),
                }
            }
            if !answer.full {
                return;
            }
            if people.rows.len() >= MOST_PEOPLE {
                return people.missed.push(full(statement));
            }
        }
    }

    fn mailed(&mut self) -> Result<Mailed, String> {
        let mut mailed = Mailed::default();
        let mut last = 0_i64;
        loop {
            let answer = self.ask(&ask::HELPDESK_MAILED, &[last.into()])?;
            let before = last;
            for row in &answer.rows {
                last = row.integer("id")?;
                let id = u64::try_from(last).unwrap_or(0);
                let is_failure = row.text("name")?.contains("_fail");
                let set = if is_failure {
                    &mut mailed.failures
                } else {
                    &mut mailed.logins
                };
                set.insert(id);
            }
            if !answer.full {
                return Ok(mailed);
            }
            if last <= before {
                return Err(full(&ask::HELPDESK_MAILED));
            }
        }
    }
}

fn person(row: &Row) -> Result<PersonRow, String> {
    let scheme = row.bytes("scheme")?;
    let flag = |name| row.maybe_integer(name).map(|flag| flag.unwrap_or(0) != 0);
    Ok(PersonRow {
        id: number(row, "id")?,
        name: text(row, "name")?,
        email: text(row, "email")?,
        agent: flag("agent")?,
        admin: flag("admin")?,
        deleted: flag("deleted")?,
        disabled: flag("disabled")?,
        scheme: Scheme::judge(scheme.as_deref(), flag("has_hash")?, flag("portable")?),
        last_login: moment(row, "last_login")?,
        created: moment(row, "created")?,
        password_dated: flag("dated")?,
        mails_failures: Known::default(),
        mails_logins: Known::default(),
    })
}
