//! The picture as a dump gives it: the same parts that the server is asked for, from the rows as they pass.
//! A value that is a secret is judged while its row passes and is not kept.

use super::bounded::Bounded;
use crate::dump::{Cell, Ending, Row, Sink, scan, unpack};
use crate::facts::{Known, Listing};
use crate::helpdesk::{
    JobRow, KeyRow, PersonRow, Picture, Scheme, SecretSeen, Secure, SourceRow, Tables, TokenRow,
    TrustedRows, parse_moment, secure, setting_names, shown,
};
use crate::host::Host;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

/// No list of the dump is longer; a helpdesk has no more agents.
const MOST: usize = 500_000;
/// The longest value of `core.app_secret` that counts as read.
const FAILURES: &[u8] = b"agent_notif.login_attempt_fail.email";
const LOGINS: &[u8] = b"agent_notif.login_attempt.email";

/// Reads the dump. `schema` is the product's own, for dumps of several.
pub(super) fn read(
    host: &Host,
    path: &Path,
    schema: Option<&str>,
    end: Option<Instant>,
) -> Picture {
    let dark = |reason: String| Picture::unseen(&format!("the dump {}: {reason}", path.display()));
    let file = match host.open_file(path) {
        Ok(Some(file)) => file,
        Ok(None) => return dark("there is no such file".to_owned()),
        Err(reason) => return dark(reason),
    };
    let changed = host.stat(path).ok().flatten().map(|stat| stat.st_mtime);
    let mut collector = Collector::new(schema);
    let ending = unpack(file, |plain| {
        scan(&mut Bounded::new(plain, end), &mut collector)
    });
    match ending {
        Ok(ending) => collector.finish(path, &ending, changed),
        Err(reason) => dark(reason),
    }
}

/// A person and the number of the primary e-mail address.
struct Someone {
    row: PersonRow,
    email: Option<u64>,
}

struct Collector<'a> {
    wanted_schema: Option<&'a str>,
    /// The schema that the rows are of, and whether another one was passed over.
    schema: Option<String>,
    skipping: bool,
    others: bool,
    tables: BTreeMap<String, BTreeSet<String>>,
    /// Why a table's rows may not all be there.
    odd: BTreeMap<String, String>,
    names: HashSet<&'static str>,
    settings: BTreeMap<String, Known<Vec<u8>>>,
    secret: Option<SecretSeen>,
    people: HashMap<u64, Someone>,
    emails: HashMap<u64, String>,
    wanted_emails: HashSet<u64>,
    failures: HashSet<u64>,
    logins: HashSet<u64>,
    keys: Vec<KeyRow>,
    tokens: BTreeMap<u64, u64>,
    sources: Vec<(SourceRow, Option<u64>, Secure)>,
    apps: BTreeMap<u64, (String, Secure)>,
    trusted: TrustedRows,
    jobs: Vec<JobRow>,
    login_log: Newest,
    audit_log: Newest,
}

/// The entry with the highest number.
#[derive(Default)]
struct Newest {
    id: u64,
    moment: Option<i64>,
}

impl Newest {
    fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = number(row, "id")?.unwrap_or(0);
        if id >= self.id {
            self.id = id;
            self.moment = moment(row, "date_created")?;
        }
        Ok(())
    }
}

impl<'a> Collector<'a> {
    fn new(wanted_schema: Option<&'a str>) -> Self {
        Self {
            wanted_schema,
            schema: None,
            skipping: false,
            others: false,
            tables: BTreeMap::new(),
            odd: BTreeMap::new(),
            names: setting_names().collect(),
            settings: BTreeMap::new(),
            secret: None,
            people: HashMap::new(),
            emails: HashMap::new(),
            wanted_emails: HashSet::new(),
            failures: HashSet::new(),
            logins: HashSet::new(),
            keys: Vec::new(),
            tokens: BTreeMap::new(),
            sources: Vec::new(),
            apps: BTreeMap::new(),
            trusted: TrustedRows {
                count: 0,
                oldest: None,
            },
            jobs: Vec::new(),
            login_log: Newest::default(),
            audit_log: Newest::default(),
        }
    }

    fn take(&mut self, table: &str, row: &Row<'_>) -> Result<(), String> {
        let entries = self.people.len()
            + self.emails.len()
            + self.failures.len()
            + self.logins.len()
            + self.keys.len()
            + self.tokens.len()
            + self.sources.len()
            + self.apps.len()
            + self.jobs.len();
        if entries > 4 * MOST {
            return Err("it holds more rows than are read of it".to_owned());
        }
        match table {
            "settings" => self.setting(row),
            "people" => self.person(row),
            "people_emails" => self.email(row),
            "people_prefs" => self.preference(row),
            "api_keys" => self.key(row),
            "api_token" => self.token(row),
            "usersources" => self.source(row),
            "app_instances" => self.app(row),
            "white_listed_ips" => {
                self.trusted.count += 1;
                let since = moment(row, "date_created")?;
                self.trusted.oldest = match (self.trusted.oldest, since) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
                Ok(())
            }
            "worker_jobs" => {
                let name = format!("{} {}", text(row, "id")?, text(row, "job_class")?);
                let last_run = moment(row, "last_run_date")?;
                self.jobs.push(JobRow { name, last_run });
                Ok(())
            }
            "login_log" => self.login_log.take(row),
            "audit_logs" => self.audit_log.take(row),
            _ => Ok(()),
        }
    }

    fn setting(&mut self, row: &Row<'_>) -> Result<(), String> {
        let name = text(row, "name")?;
        if name == "core.app_secret" {
            self.secret = bytes(row, "value")?.map(SecretSeen::judge);
        } else if self.names.contains(name.as_str()) {
            match bytes(row, "value") {
                // NULL is how the product takes a row away.
                Ok(None) => {}
                Ok(Some(value)) => {
                    self.settings.insert(name, Known::Known(value.to_vec()));
                }
                Err(reason) => {
                    self.settings.insert(name, Known::unknown(reason));
                }
            }
        }
        Ok(())
    }

    fn person(&mut self, row: &Row<'_>) -> Result<(), String> {
        let agent = flag(row, "is_agent")?;
        let admin = flag(row, "can_admin")?;
        if !(agent || admin || flag(row, "was_agent")?) {
            return Ok(());
        }
        let id = number(row, "id")?.ok_or("a person has no number")?;
        let hash = bytes(row, "password")?;
        let has_hash = agent && hash.is_some_and(|hash| !hash.is_empty());
        let is_portable = hash.is_some_and(|hash| hash.starts_with(b"$P$"));
        let email = number(row, "primary_email_id")?;
        self.wanted_emails.extend(email);
        let person = PersonRow {
            id,
            name: text(row, "name")?,
            email: String::new(),
            agent,
            admin,
            deleted: flag(row, "is_deleted")?,
            disabled: flag(row, "is_disabled")?,
            scheme: Scheme::judge(bytes(row, "password_scheme")?, has_hash, is_portable),
            last_login: moment(row, "date_last_login")?,
            created: moment(row, "date_created")?,
            password_dated: agent && matches!(row.get("date_password_set"), Some(Cell::Bytes(_))),
            mails_failures: Known::default(),
            mails_logins: Known::default(),
        };
        self.people.insert(id, Someone { row: person, email });
        Ok(())
    }

    /// Dumps come in the order of the tables' names: people before their addresses. Where they do not,
    /// every address is kept until its owner comes.
    fn email(&mut self, row: &Row<'_>) -> Result<(), String> {
        if let Some(id) = number(row, "id")?
            && (self.people.is_empty() || self.wanted_emails.contains(&id))
        {
            self.emails.insert(id, text(row, "email")?);
        }
        Ok(())
    }

    fn preference(&mut self, row: &Row<'_>) -> Result<(), String> {
        let set = match bytes(row, "name")? {
            Some(FAILURES) => &mut self.failures,
            Some(LOGINS) => &mut self.logins,
            _ => return Ok(()),
        };
        if bytes(row, "value_str")?.is_some_and(|value| !value.is_empty() && value != b"0") {
            set.extend(number(row, "person_id")?);
        }
        Ok(())
    }

    fn key(&mut self, row: &Row<'_>) -> Result<(), String> {
        let has_flags = row.get("flags").is_some();
        self.keys.push(KeyRow {
            id: number(row, "id")?.ok_or("an API key has no number")?,
            person: number(row, "person_id")?,
            note: text(row, "note")?,
            flags: if has_flags {
                Some(text(row, "flags")?)
            } else {
                None
            },
        });
        Ok(())
    }

    fn token(&mut self, row: &Row<'_>) -> Result<(), String> {
        let lasts = matches!(row.get("date_expires"), Some(Cell::Null));
        let is_client = row.get("scope").is_none() || bytes(row, "scope")? == Some(b"client");
        if let (true, true, Some(person)) = (lasts, is_client, number(row, "person_id")?) {
            *self.tokens.entry(person).or_default() += 1;
        }
        Ok(())
    }

    fn source(&mut self, row: &Row<'_>) -> Result<(), String> {
        if !flag(row, "is_enabled")? {
            return Ok(());
        }
        let has_type = row.get("type").is_some();
        let source = SourceRow {
            id: number(row, "id")?.ok_or("a source has no number")?,
            title: text(row, "title")?,
            people: text(row, "type")?,
            adapter: text(row, "source_type")?,
            package: String::new(),
            makes_agents: flag(row, "auto_agent")?,
            secure: Secure::Unsaid,
        };
        let options = match bytes(row, "options")? {
            Some(options) if has_type => secure(options),
            _ => Secure::Unsaid,
        };
        self.sources.push((source, number(row, "app_id")?, options));
        Ok(())
    }

    fn app(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = number(row, "id")?.ok_or("an app has no number")?;
        let settings = bytes(row, "settings")?.map_or(Secure::Unsaid, secure);
        self.apps.insert(id, (text(row, "package_name")?, settings));
        Ok(())
    }

    fn finish(mut self, path: &Path, ending: &Ending, changed: Option<i64>) -> Picture {
        let cut = if ending.broken_off || ending.has_heading && !ending.completed {
            Some("it has no end: the last line of a complete dump is not there".to_owned())
        } else if self.others && self.wanted_schema.is_none() {
            Some("it holds several databases with a helpdesk's tables, and the product's configuration does not say which".to_owned())
        } else {
            None
        };
        let whole = |text: &str| format!("the dump {}: {text}", path.display());
        if let Some(cut) = cut {
            return Picture::unseen(&whole(&cut));
        }
        let seen = written(&ending.moment).or(changed);
        let missed = |table: &str| -> Vec<String> {
            if !self.tables.contains_key(table) {
                return vec![format!("there is no table {table}")];
            }
            let odd = self.odd.get(table);
            odd.map(|why| whole(&format!("{table}: {why}")))
                .into_iter()
                .collect()
        };
        let one = |table: &str| missed(table).into_iter().next().map_or(Ok(()), Err);
        let mailed = one("people_prefs");
        let mut people: Vec<PersonRow> = self
            .people
            .into_values()
            .map(|someone| PersonRow {
                email: someone
                    .email
                    .and_then(|id| self.emails.get(&id).cloned())
                    .unwrap_or_default(),
                mails_failures: mailed
                    .clone()
                    .map(|()| self.failures.contains(&someone.row.id))
                    .into(),
                mails_logins: mailed
                    .clone()
                    .map(|()| self.logins.contains(&someone.row.id))
                    .into(),
                ..someone.row
            })
            .collect();
        people.sort_by_key(|person| (!person.agent, person.id));
        self.keys.sort_by_key(|key| key.id);
        self.sources.sort_by_key(|(source, ..)| source.id);
        let apps: BTreeSet<String> = self
            .apps
            .values()
            .map(|(package, _)| package.clone())
            .filter(|package| !package.is_empty())
            .collect();
        let sources = self.sources.into_iter().map(|(source, app, options)| {
            let app = app.and_then(|id| self.apps.get(&id));
            SourceRow {
                package: app.map(|(package, _)| package.clone()).unwrap_or_default(),
                secure: app
                    .map_or(Secure::Unsaid, |(_, secure)| *secure)
                    .or(options),
                ..source
            }
        });
        let settings = one("settings");
        Picture {
            source: format!("the dump {}", path.display()),
            is_dump: true,
            seen: seen.map_or_else(|| Known::unknown(whole("it names no moment")), Known::Known),
            settings: settings.clone().map(|()| self.settings).into(),
            secret: settings.map(|()| self.secret).into(),
            people: Listing {
                rows: people,
                missed: [missed("people"), missed("people_emails")].concat(),
            },
            api_keys: Listing {
                rows: self.keys,
                missed: missed("api_keys"),
            },
            tokens: Listing {
                rows: self
                    .tokens
                    .into_iter()
                    .map(|(person, tokens)| TokenRow { person, tokens })
                    .collect(),
                missed: missed("api_token"),
            },
            sources: Listing {
                rows: sources.collect(),
                missed: missed("usersources"),
            },
            apps: Listing {
                rows: apps.into_iter().collect(),
                missed: missed("app_instances"),
            },
            trusted: one("white_listed_ips").map(|()| self.trusted).into(),
            jobs: Listing {
                rows: self.jobs,
                missed: missed("worker_jobs"),
            },
            login_log: one("login_log").map(|()| self.login_log.moment).into(),
            audit_log: one("audit_logs").map(|()| self.audit_log.moment).into(),
            tables: Tables {
                seen: self.tables,
                hidden: None,
                columns_hidden: None,
            },
        }
    }
}

impl Sink for Collector<'_> {
    fn schema(&mut self, name: &str) {
        self.skipping = match self.wanted_schema {
            Some(wanted) => wanted != name,
            None => self.schema.as_deref().is_some_and(|first| first != name),
        };
        if self.wanted_schema.is_none() && !self.skipping {
            self.schema = Some(name.to_owned());
        }
    }

    fn table(&mut self, table: &str, columns: &[String]) {
        if self.skipping {
            self.others |= table == "people" && columns.iter().any(|column| column == "can_admin");
        } else {
            self.tables
                .insert(table.to_owned(), columns.iter().cloned().collect());
            // The first schema of several may be another application's.
        }
    }

    fn wants(&mut self, table: &str) -> bool {
        const TABLES: [&str; 12] = [
            "settings",
            "people",
            "people_emails",
            "people_prefs",
            "api_keys",
            "api_token",
            "usersources",
            "app_instances",
            "white_listed_ips",
            "worker_jobs",
            "login_log",
            "audit_logs",
        ];
        !self.skipping && TABLES.contains(&table)
    }

    fn row(&mut self, table: &str, row: &Row<'_>) {
        if let Err(reason) = self.take(table, row) {
            self.odd(table, &reason);
        }
    }

    fn odd(&mut self, table: &str, why: &str) {
        self.tables.entry(table.to_owned()).or_default();
        self.odd
            .entry(table.to_owned())
            .or_insert_with(|| why.to_owned());
    }
}

/// The moment of the dump's last line; the hour may be padded with a blank.
fn written(moment: &str) -> Option<i64> {
    let padded = moment.replacen("  ", " 0", 1);
    parse_moment(padded.as_bytes())
}

/// A value's bytes; NULL and a column that is not there are `None`.
fn bytes<'a>(row: &'a Row<'_>, column: &str) -> Result<Option<&'a [u8]>, String> {
    match row.get(column) {
        None | Some(Cell::Null) => Ok(None),
        Some(Cell::Bytes(bytes)) => Ok(Some(bytes)),
        Some(Cell::Odd(why)) => Err(format!("{column}: {why}")),
    }
}

fn text(row: &Row<'_>, column: &str) -> Result<String, String> {
    Ok(bytes(row, column)?.map(shown).unwrap_or_default())
}

fn number(row: &Row<'_>, column: &str) -> Result<Option<u64>, String> {
    let Some(bytes) = bytes(row, column)? else {
        return Ok(None);
    };
    let number = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| format!("{column} is no number"))
}

fn flag(row: &Row<'_>, column: &str) -> Result<bool, String> {
    Ok(number(row, column)?.unwrap_or(0) != 0)
}

fn moment(row: &Row<'_>, column: &str) -> Result<Option<i64>, String> {
    Ok(bytes(row, column)?.and_then(parse_moment))
}
