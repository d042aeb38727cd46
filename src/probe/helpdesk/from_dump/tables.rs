//! What is taken from a row of each table, while it passes. A value that is a secret is judged here and not
//! kept.

use super::cell::{bytes, flag, moment, number, text};
use super::{Collector, Someone};
use crate::dump::{Cell, Row};
use crate::facts::Known;
use crate::helpdesk::{KeyRow, PersonRow, Scheme, SecretSeen, Secure, SourceRow, secure};

const FAILURES: &[u8] = b"agent_notif.login_attempt_fail.email";
const LOGINS: &[u8] = b"agent_notif.login_attempt.email";

/// The entry with the highest number.
/// The entry with the highest number.
#[derive(Default)]
pub(super) struct Newest {
    pub(super) id: u64,
    pub(super) moment: Option<i64>,
}

impl Newest {
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = number(row, "id")?.unwrap_or(0);
        if id >= self.id {
            self.id = id;
            self.moment = moment(row, "date_created")?;
        }
        Ok(())
    }
}

impl Collector<'_> {
    pub(super) fn setting(&mut self, row: &Row<'_>) -> Result<(), String> {
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

    pub(super) fn person(&mut self, row: &Row<'_>) -> Result<(), String> {
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
    pub(super) fn email(&mut self, row: &Row<'_>) -> Result<(), String> {
        if let Some(id) = number(row, "id")?
            && (self.people.is_empty() || self.wanted_emails.contains(&id))
        {
            self.emails.insert(id, text(row, "email")?);
        }
        Ok(())
    }

    pub(super) fn preference(&mut self, row: &Row<'_>) -> Result<(), String> {
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

    pub(super) fn key(&mut self, row: &Row<'_>) -> Result<(), String> {
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

    pub(super) fn token(&mut self, row: &Row<'_>) -> Result<(), String> {
        let lasts = matches!(row.get("date_expires"), Some(Cell::Null));
        let is_client = row.get("scope").is_none() || bytes(row, "scope")? == Some(b"client");
        if let (true, true, Some(person)) = (lasts, is_client, number(row, "person_id")?) {
            *self.tokens.entry(person).or_default() += 1;
        }
        Ok(())
    }

    pub(super) fn source(&mut self, row: &Row<'_>) -> Result<(), String> {
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

    pub(super) fn app(&mut self, row: &Row<'_>) -> Result<(), String> {
        let id = number(row, "id")?.ok_or("an app has no number")?;
        let settings = bytes(row, "settings")?.map_or(Secure::Unsaid, secure);
        self.apps.insert(id, (text(row, "package_name")?, settings));
        Ok(())
    }
}
