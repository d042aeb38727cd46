//! The picture as a database server gives it. Each part is asked for by itself: what the account may not
//! see, or what takes too long, costs that part only.

mod people;

use crate::facts::{Known, Listing};
use crate::helpdesk::{
    Era, JobRow, KeyRow, Picture, SecretSeen, Secure, SourceRow, Tables, TokenRow, TrustedRows,
    parse_moment, shown, tell_era,
};
use crate::mysql::statements as ask;
use crate::mysql::{Answer, Parameter, Row, Session, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long all of it may take; what is not asked by then is unknown.
const ALL: Duration = Duration::from_secs(120);
/// What `settings` may hold besides the value itself.
const SEES_TABLES: [&str; 9] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "INDEX",
    "SHOW VIEW",
];
const SEES_COLUMNS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];

/// Asks for everything.
pub(super) fn read(session: &mut Session, is_container: bool) -> Picture {
    let mut reader = Reader {
        session,
        end: Instant::now().checked_add(ALL),
    };
    let mut picture = Picture {
        source: "the database".to_owned(),
        seen: reader
            .first(&ask::HELPDESK_MOMENT, &[], |row| row.integer("moment"))
            .and_then(some)
            .into(),
        tables: reader.tables(),
        ..Picture::default()
    };
    picture.settings = reader.settings(&picture.tables).into();
    picture.secret = reader.secret(&picture.tables).into();
    let era = tell_era(&picture, is_container).era;
    let early = |column: (&str, &str)| match picture.tables.has_column(column.0, column.1) {
        Known::Known(there) => !there,
        Known::Unknown(_) => era == Known::Known(Era::E1),
    };
    let versions = Versions {
        undated: early(("people", "date_password_set")),
        flagless: early(("api_keys", "flags")),
        scopeless: early(("api_token", "scope")),
        typeless: early(("usersources", "type")),
    };
    let tables = picture.tables.clone();
    picture.people = reader.people(&tables, versions.undated);
    picture.api_keys = reader.keys(&tables, versions.flagless);
    picture.tokens = reader.tokens(&tables, versions.scopeless);
    picture.sources = reader.sources(&tables, versions.typeless);
    picture.apps = reader.apps(&tables);
    picture.trusted = reader.trusted(&tables).into();
    picture.jobs = reader.jobs(&tables);
    picture.login_log = reader
        .newest(&tables, "login_log", &ask::HELPDESK_LOGIN_LOG)
        .into();
    picture.audit_log = reader
        .newest(&tables, "audit_logs", &ask::HELPDESK_AUDIT_LOG)
        .into();
    picture
}

/// Which tables have the form of an early release.
struct Versions {
    undated: bool,
    flagless: bool,
    scopeless: bool,
    typeless: bool,
}

fn some<T>(value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| "the server gave no row".to_owned())
}

struct Reader<'a> {
    session: &'a mut Session,
    end: Option<Instant>,
}

impl Reader<'_> {
    fn ask(&mut self, statement: &Statement, parameters: &[Parameter]) -> Result<Answer, String> {
        if self.end.is_some_and(|end| Instant::now() > end) {
            return Err(format!(
                "the helpdesk's tables were not read within {} s, and `{}` was left out",
                ALL.as_secs(),
                statement.name()
            ));
        }
        self.session
            .ask(statement, parameters)
            .map_err(|failure| failure.to_string())
    }

    /// The first row; `None` where there is none.
    fn first<T>(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
        read: impl Fn(&Row) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.ask(statement, parameters)?
            .rows
            .first()
            .map(read)
            .transpose()
    }

    /// Every row; one that cannot be read, and a cut answer, leave the list incomplete.
    fn list<T>(
        &mut self,
        statement: &Statement,
        read: impl Fn(&Row) -> Result<T, String>,
    ) -> Listing<T> {
        let answer = match self.ask(statement, &[]) {
            Ok(answer) => answer,
            Err(reason) => return Listing::unseen(reason),
        };
        let mut list = Listing::whole(Vec::new());
        for row in &answer.rows {
            match read(row) {
                Ok(row) => list.rows.push(row),
                Err(reason) => list.missed.push(reason),
            }
        }
        if answer.full {
            list.missed.push(full(statement));
        }
        list
    }

    fn tables(&mut self) -> Tables {
        let mut tables = Tables::default();
        let text = |row: &Row| row.text("name");
        let names = self.list(&ask::HELPDESK_TABLES, text);
        for name in names.rows {
            tables.seen.entry(name).or_default();
        }
        let columns = self.list(&ask::HELPDESK_COLUMNS, |row| {
            Ok((row.text("name")?, row.text("part")?))
        });
        for (table, column) in columns.rows {
            tables.seen.entry(table).or_default().insert(column);
        }
        let sight = self.list(&ask::HELPDESK_SIGHT, |row| row.text("privilege"));
        let privileges: BTreeSet<String> = sight.rows.into_iter().collect();
        let may = |wanted: &[&str]| {
            wanted
                .iter()
                .any(|privilege| privileges.contains(*privilege))
        };
        tables.hidden = names.missed.first().cloned().or_else(|| {
            (!may(&SEES_TABLES)).then(|| {
                "the database account sees only the tables that it was granted, so that nobody can tell what else is there (GRANT SHOW VIEW on the schema shows the names)".to_owned()
            })
        });
        tables.columns_hidden = columns.missed.first().cloned().or_else(|| {
            (!may(&SEES_COLUMNS)).then(|| {
                "the database account sees only the columns that it was granted".to_owned()
            })
        });
        tables
    }

    fn settings(&mut self, tables: &Tables) -> Result<BTreeMap<String, Known<Vec<u8>>>, String> {
        there(tables, "settings")?;
        let answer = self.ask(&ask::HELPDESK_SETTINGS, &[])?;
        let rows = answer.rows.iter().map(|row| {
            let value = row.bytes("value").map(Option::unwrap_or_default);
            Ok((row.text("name")?, value.into()))
        });
        rows.collect()
    }

    fn secret(&mut self, tables: &Tables) -> Result<Option<SecretSeen>, String> {
        there(tables, "settings")?;
        self.first(&ask::HELPDESK_SECRET, &[], |row| {
            Ok(SecretSeen {
                length: u64::try_from(row.integer("length")?).unwrap_or(0),
                shipped: row.flag("shipped")?,
            })
        })
    }

    fn keys(&mut self, tables: &Tables, flagless: bool) -> Listing<KeyRow> {
        if let Err(reason) = there(tables, "api_keys") {
            return Listing::unseen(reason);
        }
        let statement = if flagless {
            &ask::HELPDESK_KEYS_E1
        } else {
            &ask::HELPDESK_KEYS
        };
        self.list(statement, |row| {
            Ok(KeyRow {
                id: number(row, "id")?,
                person: row
                    .maybe_integer("person")?
                    .and_then(|id| u64::try_from(id).ok()),
                note: text(row, "note")?,
                flags: if flagless {
                    None
                } else {
                    Some(text(row, "flags")?)
                },
            })
        })
    }

    fn tokens(&mut self, tables: &Tables, scopeless: bool) -> Listing<TokenRow> {
        if let Err(reason) = there(tables, "api_token") {
            return Listing::unseen(reason);
        }
        let statement = if scopeless {
            &ask::HELPDESK_TOKENS_E1
        } else {
            &ask::HELPDESK_TOKENS
        };
        self.list(statement, |row| {
            Ok(TokenRow {
                person: number(row, "person")?,
                tokens: number(row, "tokens")?,
            })
        })
    }

    fn sources(&mut self, tables: &Tables, typeless: bool) -> Listing<SourceRow> {
        if let Err(reason) = there(tables, "usersources") {
            return Listing::unseen(reason);
        }
        let statement = if typeless {
            &ask::HELPDESK_SOURCES_E1
        } else {
            &ask::HELPDESK_SOURCES
        };
        self.list(statement, |row| {
            let by = |column| row.bytes(column).map(|word| Secure::of(word.as_deref()));
            Ok(SourceRow {
                id: number(row, "id")?,
                title: text(row, "title")?,
                people: text(row, "people")?,
                adapter: text(row, "adapter")?,
                package: text(row, "package")?,
                makes_agents: row.flag("agents")?,
                secure: by("by_app")?.or(by("by_source")?),
            })
        })
    }

    fn apps(&mut self, tables: &Tables) -> Listing<String> {
        match there(tables, "app_instances") {
            Ok(()) => self.list(&ask::HELPDESK_APPS, |row| text(row, "package")),
            Err(reason) => Listing::unseen(reason),
        }
    }

    fn trusted(&mut self, tables: &Tables) -> Result<TrustedRows, String> {
        there(tables, "white_listed_ips")?;
        self.first(&ask::HELPDESK_TRUSTED, &[], |row| {
            Ok(TrustedRows {
                count: number(row, "addresses")?,
                oldest: moment(row, "oldest")?,
            })
        })
        .and_then(some)
    }

    fn jobs(&mut self, tables: &Tables) -> Listing<JobRow> {
        if let Err(reason) = there(tables, "worker_jobs") {
            return Listing::unseen(reason);
        }
        self.list(&ask::HELPDESK_JOBS, |row| {
            Ok(JobRow {
                name: format!("{} {}", text(row, "id")?, text(row, "class")?),
                last_run: moment(row, "last_run")?,
            })
        })
    }

    fn newest(
        &mut self,
        tables: &Tables,
        table: &str,
        statement: &Statement,
    ) -> Result<Option<i64>, String> {
        there(tables, table)?;
        let newest = self.first(statement, &[], |row| moment(row, "newest"))?;
        Ok(newest.flatten())
    }
}

/// Refuses to ask for a table that is certainly not there.
fn there(tables: &Tables, table: &str) -> Result<(), String> {
    if tables.has(table) == Known::Known(false) {
        return Err(format!("there is no table {table}"));
    }
    Ok(())
}

fn full(statement: &Statement) -> String {
    format!("`{}` gives more than is read of it", statement.name())
}

fn number(row: &Row, name: &str) -> Result<u64, String> {
    let number = row.integer(name)?;
    u64::try_from(number).map_err(|_| format!("{name} is negative"))
}

/// A text; NULL is empty, and what is no UTF-8 is shown as far as it is.
fn text(row: &Row, name: &str) -> Result<String, String> {
    Ok(row
        .bytes(name)?
        .map(|bytes| shown(&bytes))
        .unwrap_or_default())
}

/// A moment; NULL and zero dates are none.
fn moment(row: &Row, name: &str) -> Result<Option<i64>, String> {
    Ok(row.bytes(name)?.as_deref().and_then(parse_moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_that_are_asked_for_are_those_that_are_judged() {
        let text = ask::HELPDESK_SETTINGS.text();
        let names: Vec<String> = crate::helpdesk::setting_names()
            .map(|name| format!("'{name}'"))
            .collect();
        assert!(
            text.contains(&format!("IN ({})", names.join(", "))),
            "{names:?}"
        );
    }
}
