//! The helpdesk's own settings, accounts and logs, from its database or from a dump of it, with what the
//! configuration overrides and the error logs on disk. Refuses to select a credential.

mod bounded;
mod error_logs;
mod from_dump;
mod overrides;
mod review;
mod sql;

pub use review::review;

use crate::facts::{HelpdeskFacts, Known};
use crate::helpdesk::{Picture, resolve};
use crate::host::Host;
use crate::mysql::Session;
use crate::target::{Generation, Target};
use std::path::Path;
use std::time::Instant;

/// Where the helpdesk's database is read from.
pub enum Source<'a> {
    /// A session, or why there is none.
    Session(Result<&'a mut Session, &'a String>),
    /// A dump, and when reading it must be over.
    Dump(&'a Path, Option<Instant>),
}

/// Observes the helpdesk.
#[must_use]
pub fn observe(host: &Host, target: &Target, source: Source<'_>) -> HelpdeskFacts {
    let is_container = target.generation == Known::Known(Generation::Container);
    let picture = match source {
        Source::Session(Ok(session)) => sql::read(session, is_container),
        Source::Session(Err(reason)) => Picture::unseen(reason),
        Source::Dump(path, end) => {
            let schema = schema(host, target);
            // The dump is the auditor's own file, not one of the audited host's.
            from_dump::read(&Host::default(), path, schema.as_deref(), end)
        }
    };
    resolve(
        &picture,
        &overrides::read(target),
        error_logs::look(host, target),
        is_container,
    )
}

/// The schema that the product's configuration names.
fn schema(host: &Host, target: &Target) -> Option<String> {
    let logins = target.database_logins(host).ok()?;
    logins.first()?.schema.known().cloned()
}
