//! What was collected of a dump becomes the picture. Refuses a dump that has no end, or rows of which nobody
//! knows whose they are.

use super::Collector;
use crate::dump::Ending;
use crate::facts::{Known, Listing};
use crate::helpdesk::{PersonRow, Picture, Secure, SourceRow, Tables, TokenRow, parse_moment};
use std::collections::BTreeSet;
use std::path::Path;

impl Collector<'_> {
    pub(super) fn finish(mut self, path: &Path, ending: &Ending, changed: Option<i64>) -> Picture {
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

/// The moment of the dump's last line; the hour may be padded with a blank.
fn written(moment: &str) -> Option<i64> {
    let padded = moment.replacen("  ", " 0", 1);
    parse_moment(padded.as_bytes())
}
