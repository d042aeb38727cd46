//! Whether the logs of logins and of admins' changes are written: their newest entry against the newest
//! login of an agent.

use super::moment::{day_of, written_day};
use super::picture::{PersonRow, Picture};
use super::settings::Bag;
use crate::facts::{AuditLog, ErrorLog, Known, Listing, LoginLog, LogsFacts};

pub(super) fn facts(picture: &Picture, bag: &Bag<'_>, errors: Listing<ErrorLog>) -> LogsFacts {
    let activity = newest_login(picture);
    LogsFacts {
        audit: {
            let there = picture.tables.has("audit_logs");
            let (behind_days, because) =
                behind("audit_logs", &there, &picture.audit_log, &activity);
            AuditLog {
                there,
                storage: bag.text("audit_log.storage").value,
                behind_days,
                because,
            }
        },
        login: {
            let there = picture.tables.has("login_log");
            let (behind_days, because) = behind("login_log", &there, &picture.login_log, &activity);
            LoginLog {
                there,
                behind_days,
                because,
            }
        },
        errors,
        newest_agent_login_day: activity.map(|moment| moment.map(day_of)),
    }
}

/// The newest login of a live agent.
fn newest_login(picture: &Picture) -> Known<Option<i64>> {
    match picture.people.missed.first() {
        Some(reason) => Known::unknown(reason),
        None => {
            let agents = picture
                .people
                .rows
                .iter()
                .filter(|person| PersonRow::is_live_agent(person));
            Known::Known(agents.filter_map(|person| person.last_login).max())
        }
    }
}

/// How far a log is behind the newest login, in days, and what was found.
fn behind(
    table: &str,
    there: &Known<bool>,
    newest: &Known<Option<i64>>,
    activity: &Known<Option<i64>>,
) -> (Known<i64>, String) {
    if *there == Known::Known(false) {
        let reason = format!("there is no table {table}");
        return (Known::unknown(&reason), reason);
    }
    let (newest, activity) = match (newest, activity) {
        (Known::Known(newest), Known::Known(activity)) => (newest, activity),
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => {
            return (Known::unknown(reason), reason.clone());
        }
    };
    let day = |moment: i64| written_day(day_of(moment));
    match (newest, activity) {
        (None, None) => (
            Known::unknown(format!("{table} is empty, and no agent has ever logged in")),
            format!("{table} is empty, and no agent has ever logged in"),
        ),
        (None, Some(login)) => (
            // As if its newest entry were from 1970.
            Known::Known(day_of(*login)),
            format!(
                "{table} is empty, and an agent logged in on {}",
                day(*login)
            ),
        ),
        (Some(newest), None) => (
            Known::Known(0),
            format!("its newest entry is from {}", day(*newest)),
        ),
        (Some(newest), Some(login)) => (
            Known::Known(day_of(*login).saturating_sub(day_of(*newest)).max(0)),
            format!(
                "its newest entry is from {}, and an agent logged in on {}",
                day(*newest),
                day(*login)
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_after_the_newest_entry_is_a_gap() {
        let there = Known::Known(true);
        let at = |newest: Option<i64>| Known::Known(newest);
        let login = Known::Known(Some(86_400 * 30));
        assert_eq!(
            behind("login_log", &there, &at(Some(86_400 * 20)), &login).0,
            Known::Known(10)
        );
        assert_eq!(
            behind("login_log", &there, &at(Some(86_400 * 40)), &login).0,
            Known::Known(0)
        );
        assert_eq!(
            behind("login_log", &there, &at(None), &login).0,
            Known::Known(30)
        );
        assert!(
            behind("login_log", &there, &at(None), &Known::Known(None))
                .0
                .known()
                .is_none()
        );
        assert!(
            behind("x", &Known::Known(false), &at(None), &login)
                .0
                .known()
                .is_none()
        );
    }
}
