//! A helpdesk as its database shows it, whichever way it was read, and what that comes to: settings as
//! the product takes them, accounts, limits, logs. Pure: it gets a [`Picture`] and gives back facts.
//! Refuses to guess what a release does not have, and has no place for a credential.

mod accounts;
mod defaults;
mod directory;
mod era;
mod limits;
mod login;
mod logs;
mod moment;
mod picture;
mod ranges;
pub mod review;
mod serialised;
mod settings;
mod value;

pub use defaults::names as setting_names;
pub use directory::{Secure, secure};
pub use era::{Era, Told, tell as tell_era};
pub use moment::{day_of, parse_moment, written_day};
pub use picture::{
    JobRow, KeyRow, PersonRow, Picture, Scheme, SecretSeen, SourceRow, Tables, TokenRow,
    TrustedRows,
};
pub(crate) use picture::{shown, who};
pub use settings::{Override, Overrides};
pub use value::Value;

use crate::facts::{
    DatabaseBuild, ErrorLog, Features, HelpdeskFacts, Known, Listing, SessionsFacts,
};
use settings::Bag;

/// What the picture comes to, with what the configuration overrides and the error logs on disk.
#[must_use]
pub fn resolve(
    picture: &Picture,
    overrides: &Overrides,
    errors: Listing<ErrorLog>,
    is_container: bool,
) -> HelpdeskFacts {
    let told = era::tell(picture, is_container);
    let bag = Bag::new(&told.era, picture, overrides);
    HelpdeskFacts {
        source: match &picture.seen {
            Known::Unknown(reason) if picture.source.is_empty() => Known::unknown(reason),
            _ => Known::Known(picture.source.clone()),
        },
        seen_day: picture.seen.clone().map(day_of),
        seen: picture
            .seen
            .clone()
            .map(|second| written_day(day_of(second))),
        era: told.era.clone().map(|era| era.word().to_owned()),
        assumptions: assumptions(picture, &told),
        era_because: told.because.clone(),
        has: features(&told.era, &picture.tables),
        build: build(&bag),
        accounts: accounts::facts(picture),
        login: login::facts(picture, &bag),
        sessions: SessionsFacts {
            idle_seconds: bag.integer("core.sessions_lifetime"),
            activity_required: bag.flag("core.session_keepalive_require_page"),
            agent_remember_me: bag.flag("core.enable_agent_rememberme"),
        },
        logs: logs::facts(picture, &bag, errors),
    }
}

/// What the reader of a report should know about what was read.
fn assumptions(picture: &Picture, told: &Told) -> Vec<String> {
    let mut said = Vec::new();
    if picture.is_dump
        && let Known::Known(second) = &picture.seen
    {
        said.push(format!(
            "the helpdesk is seen as it was on {}, in {}: a table that is not in it is taken for one that the database does not have",
            written_day(day_of(*second)),
            picture.source
        ));
    }
    if !told.because.is_empty() {
        said.push(format!(
            "the helpdesk's settings are those of {}",
            told.because
        ));
    }
    said
}

/// What a product of this era has at all; the tables of the facts' sources, by era.
fn features(era: &Known<Era>, tables: &Tables) -> Features {
    let since = |first: Era| era.clone().map(|era| era >= first);
    Features {
        password_policy: since(Era::E2),
        rate_limits: since(Era::E3),
        ip_whitelist: since(Era::E3),
        hostnames_app: since(Era::E3),
        remember_me_switch: since(Era::E3),
        activity_switch: since(Era::E2),
        audit_log: match (era, tables.has("audit_logs")) {
            (Known::Known(Era::E5), Known::Known(false)) => Known::unknown(
                "where Horizon keeps its audit log is not public, and there is no table audit_logs",
            ),
            _ => since(Era::E4),
        },
    }
}

fn build(bag: &Bag<'_>) -> DatabaseBuild {
    let second = bag
        .row("core.deskpro_build")
        .map(|row| row.and_then(|bytes| number(&bytes)));
    let number = bag
        .row("core.deskpro_build_num")
        .map(|row| row.map(|bytes| shown(&bytes)).unwrap_or_default());
    DatabaseBuild { second, number }
}

/// A decimal number, as the product writes moments and counts.
fn number(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}
