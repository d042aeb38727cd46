//! The picture as a dump gives it: the same parts that the server is asked for, from the rows as they pass.
//! A value that is a secret is judged while its row passes and is not kept.

mod cell;
mod picture;
mod tables;

use super::bounded::Bounded;
use crate::dump::{Row, Sink, scan, unpack};
use crate::facts::Known;
use crate::helpdesk::{
    JobRow, KeyRow, PersonRow, Picture, SecretSeen, Secure, SourceRow, TrustedRows, setting_names,
};
use crate::host::Host;
use cell::{moment, text};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;
use tables::Newest;

/// No list of the dump is longer; a helpdesk has no more agents.
const MOST: usize = 500_000;

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
