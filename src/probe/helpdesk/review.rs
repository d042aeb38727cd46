//! The rows of a review: from the database since a moment, and the error logs on disk. The log of logins is
//! asked for by numbers, since nothing in it is indexed by date: the first number of a day is found by
//! halving, and no more than the newest entries are counted.

use super::error_logs;
use crate::helpdesk::review::{
    Change, Failures, Logins, NewAccount, NewAddress, REVIEW_SCHEMA, Review, attacks, new_errors,
    sort_changes,
};
use crate::helpdesk::{day_of, parse_moment, shown, who, written_day};
use crate::host::Host;
use crate::mysql::statements as ask;
use crate::mysql::{Answer, Parameter, Row, Session, Statement};
use crate::target::Target;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many entries of the log of logins are counted, and how far back an address counts as known.
const MOST_ENTRIES: i64 = 1_000_000;
/// How many addresses are looked up.
const MOST_LOOKUPS: usize = 300;
/// How many new addresses are told.
const MOST_ADDRESSES: usize = 50;
/// How much of an error log's end is read, in bytes.
const TAIL: u64 = 8 << 20;
const ALL: Duration = Duration::from_secs(180);

/// What happened since the start of this day, in days since 1970-01-01 UTC.
#[must_use]
pub fn review(
    host: &Host,
    target: &Target,
    session: Result<&mut Session, &String>,
    since_day: i64,
) -> Review {
    let mut review = Review {
        schema: REVIEW_SCHEMA.to_owned(),
        since: written_day(since_day),
        ..Review::default()
    };
    match session {
        Ok(session) => {
            let mut asker = Asker {
                session: RefCell::new(session),
                end: Instant::now().checked_add(ALL),
                since: format!("{} 00:00:00", review.since),
                names: RefCell::new(BTreeMap::new()),
            };
            asker.database(&mut review, since_day);
        }
        Err(reason) => review.unknown.push(reason.clone()),
    }
    errors(host, target, since_day, &mut review);
    review
}

struct Asker<'a> {
    session: RefCell<&'a mut Session>,
    end: Option<Instant>,
    since: String,
    names: RefCell<BTreeMap<u64, String>>,
}

impl Asker<'_> {
    fn ask(&self, statement: &Statement, parameters: &[Parameter]) -> Result<Answer, String> {
        if self.end.is_some_and(|end| Instant::now() > end) {
            return Err(format!(
                "`{}` was left out: it takes too long",
                statement.name()
            ));
        }
        let mut session = self.session.borrow_mut();
        session
            .ask(statement, parameters)
            .map_err(|failure| failure.to_string())
    }

    fn database(&mut self, review: &mut Review, since_day: i64) {
        match self.now() {
            Ok(moment) => review.until = moment,
            Err(reason) => review.unknown.push(reason),
        }
        for (what, done) in [
            ("new accounts", self.accounts(review)),
            ("what admins changed", self.changes(review)),
            ("logins", self.logins(review, since_day)),
        ] {
            if let Err(reason) = done {
                review.unknown.push(format!("{what}: {reason}"));
            }
        }
    }

    fn now(&self) -> Result<String, String> {
        let answer = self.ask(&ask::HELPDESK_MOMENT, &[])?;
        let second = answer
            .rows
            .first()
            .ok_or("the server gave no row")?
            .integer("moment")?;
        Ok(written_day(day_of(second)))
    }

    fn accounts(&self, review: &mut Review) -> Result<(), String> {
        let answer = self.ask(&ask::REVIEW_ACCOUNTS, &[self.since.as_str().into()])?;
        for row in &answer.rows {
            review.accounts.push(NewAccount {
                when: text(row, "created")?,
                who: who(
                    number(row, "id")?,
                    &text(row, "name")?,
                    &text(row, "email")?,
                ),
                admin: row.flag("admin")?,
            });
        }
        cut(&answer, &ask::REVIEW_ACCOUNTS)
    }

    fn changes(&self, review: &mut Review) -> Result<(), String> {
        let answer = self.ask(&ask::REVIEW_CHANGES, &[self.since.as_str().into()])?;
        for row in &answer.rows {
            let kind = text(row, "kind")?;
            let name = text(row, "object")?;
            let id = row.maybe_integer("object_id")?;
            let base = kind.rsplit('\\').next().unwrap_or_default().to_owned();
            let what = match (name.is_empty(), id) {
                (false, _) if base == "Setting" => name,
                (false, _) => format!("{base} {name}"),
                (true, Some(id)) => format!("{base} {id}"),
                (true, None) => base,
            };
            let change = Change {
                when: text(row, "moment")?,
                action: text(row, "action")?,
                what,
                by: text(row, "performer")?,
            };
            sort_changes(review, &kind, change);
        }
        cut(&answer, &ask::REVIEW_CHANGES)
    }

    fn logins(&self, review: &mut Review, since_day: i64) -> Result<(), String> {
        let Some(last) = self.id(&ask::REVIEW_LOGIN_LAST, &[])? else {
            return Ok(());
        };
        let mut first = self.first_of(since_day, last)?;
        if last.saturating_sub(first) > MOST_ENTRIES {
            first = last - MOST_ENTRIES;
            review.unknown.push(format!(
                "logins: only the newest {MOST_ENTRIES} entries of the log were counted"
            ));
        }
        let between: [Parameter; 2] = [first.into(), last.into()];
        let answer = self.ask(&ask::REVIEW_FAILURES, &between)?;
        let mut failures = Vec::new();
        for row in &answer.rows {
            failures.push(Failures {
                person: row
                    .maybe_integer("person")?
                    .and_then(|id| u64::try_from(id).ok()),
                address: text(row, "address")?,
                count: number(row, "failures")?,
                between: (text(row, "first")?, text(row, "last")?),
            });
        }
        let answer = self.ask(&ask::REVIEW_LOGINS, &between)?;
        let mut logins = Vec::new();
        for row in &answer.rows {
            logins.push(Logins {
                person: number(row, "person")?,
                address: text(row, "address")?,
                hostname: text(row, "hostname")?,
                count: number(row, "logins")?,
                first: text(row, "first")?,
                last: text(row, "last")?,
            });
        }
        review.attacks = attacks(&failures, &logins, &|id| self.name(id));
        self.new_addresses(review, &logins, first)?;
        cut(&answer, &ask::REVIEW_LOGINS)
    }

    /// Addresses that were not in the log before.
    fn new_addresses(
        &self,
        review: &mut Review,
        logins: &[Logins],
        first: i64,
    ) -> Result<(), String> {
        let oldest = first.saturating_sub(MOST_ENTRIES);
        for (at, login) in logins.iter().enumerate() {
            if at == MOST_LOOKUPS || review.addresses.len() == MOST_ADDRESSES {
                review
                    .unknown
                    .push("new addresses: there are more than are looked at".to_owned());
                break;
            }
            let person = i64::try_from(login.person).unwrap_or(i64::MAX);
            let known = self.id(
                &ask::REVIEW_KNOWN,
                &[
                    person.into(),
                    login.address.as_str().into(),
                    oldest.into(),
                    first.saturating_sub(1).into(),
                ],
            )?;
            if known.is_none() {
                review.addresses.push(NewAddress {
                    first: login.first.clone(),
                    who: self.name(login.person),
                    address: login.address.clone(),
                    hostname: login.hostname.clone(),
                    logins: login.count,
                });
            }
        }
        Ok(())
    }

    /// The first entry of a day. Numbers grow with time; gaps from deleted rows are leapt over.
    fn first_of(&self, since_day: i64, last: i64) -> Result<i64, String> {
        let (mut low, mut high) = (0_i64, last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let answer = self.ask(&ask::REVIEW_LOGIN_AT, &[middle.into()])?;
            let Some(row) = answer.rows.first() else {
                high = middle;
                continue;
            };
            let moment = row.bytes("moment")?.as_deref().and_then(parse_moment);
            // An entry without a moment belongs to no day; it counts as old.
            if moment.is_some_and(|moment| day_of(moment) >= since_day) {
                high = middle;
            } else {
                low = row
                    .integer("id")?
                    .saturating_add(1)
                    .max(middle.saturating_add(1));
            }
        }
        Ok(low)
    }

    fn id(&self, statement: &Statement, parameters: &[Parameter]) -> Result<Option<i64>, String> {
        let answer = self.ask(statement, parameters)?;
        answer.rows.first().map(|row| row.integer("id")).transpose()
    }

    fn name(&self, id: u64) -> String {
        if let Some(known) = self.names.borrow().get(&id) {
            return known.clone();
        }
        let asked = self.ask(
            &ask::REVIEW_NAME,
            &[i64::try_from(id).unwrap_or(i64::MAX).into()],
        );
        let row = asked.ok().and_then(|answer| answer.rows.into_iter().next());
        let name = row.map_or_else(
            || format!("account {id}"),
            |row| {
                let part = |name| text(&row, name).unwrap_or_default();
                let is = |name| row.maybe_integer(name).ok().flatten().unwrap_or(0) != 0;
                let role = match (is("agent"), is("admin")) {
                    (true, true) => ", an admin",
                    (true, false) => ", an agent",
                    (false, _) => "",
                };
                format!("{}{role}", who(id, &part("name"), &part("email")))
            },
        );
        self.names.borrow_mut().insert(id, name.clone());
        name
    }
}

fn cut(answer: &Answer, statement: &Statement) -> Result<(), String> {
    if answer.full {
        return Err(format!(
            "there is more than the {} rows that are read",
            statement.rows()
        ));
    }
    Ok(())
}

fn text(row: &Row, name: &str) -> Result<String, String> {
    Ok(row
        .bytes(name)?
        .map(|bytes| shown(&bytes))
        .unwrap_or_default())
}

fn number(row: &Row, name: &str) -> Result<u64, String> {
    u64::try_from(row.integer(name)?).map_err(|_| format!("{name} is negative"))
}

fn errors(host: &Host, target: &Target, since_day: i64, review: &mut Review) {
    let logs = error_logs::look(host, target);
    review
        .unknown
        .extend(logs.missed.iter().map(|why| format!("error logs: {why}")));
    for log in &logs.rows {
        match end_of(host, Path::new(&log.path)) {
            Ok(bytes) => {
                let new = new_errors(&log.path, &bytes, since_day, &error_logs::first_day);
                review.errors.extend(new);
            }
            Err(reason) => review.unknown.push(format!("error logs: {reason}")),
        }
        if log.bytes > TAIL {
            review.unknown.push(format!(
                "error logs: only the last {} MiB of {} were read",
                TAIL >> 20,
                log.path
            ));
        }
    }
}

fn end_of(host: &Host, path: &Path) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let Some(mut file) = host.open_file(path)? else {
        return Ok(Vec::new());
    };
    let size = file.seek(SeekFrom::End(0)).map_err(wrong)?;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))
        .map_err(wrong)?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}
