//! Limits on failed logins as each era has them: `login_rate_limit` in late v4, `rate_limit` in v5,
//! and above both the switch and the list that spare everybody. `agent.max_login_attempts` and
//! `agent.login_lockout_time` are read by no code of the product and by none here.

use super::era::Era;
use super::ranges::width;
use super::settings::Bag;
use crate::facts::{Known, RateLimit, Resolved};

/// Whose limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Agent,
    User,
}

struct Names {
    on: &'static str,
    attempts: &'static str,
    window: &'static str,
    lock: &'static str,
}

const LATE_V4: [Names; 2] = [
    Names {
        on: "agent.login_rate_limit.enabled",
        attempts: "agent.login_rate_limit.attempts",
        window: "agent.login_rate_limit.attempts_time",
        lock: "agent.login_rate_limit.lock_time",
    },
    Names {
        on: "user.login_rate_limit.enabled",
        attempts: "user.login_rate_limit.attempts",
        window: "user.login_rate_limit.attempts_time",
        lock: "user.login_rate_limit.lock_time",
    },
];

const V5: [Names; 2] = [
    Names {
        on: "rate_limit.login.agent.enabled",
        attempts: "rate_limit.login.agent.limit",
        window: "rate_limit.login.agent.time",
        lock: "rate_limit.login.agent.lockout_time",
    },
    Names {
        on: "rate_limit.login.enabled",
        attempts: "rate_limit.login.limit",
        window: "rate_limit.login.time",
        lock: "rate_limit.login.lockout_time",
    },
];

pub(super) fn limit(bag: &Bag<'_>, role: Role) -> RateLimit {
    let era = match bag.era() {
        Known::Known(era) => *era,
        Known::Unknown(reason) => return dark(reason),
    };
    if era < Era::E3 {
        return dark(&format!("{} limits no logins at all", era.described()));
    }
    let [agent, user] = if era == Era::E3 { &LATE_V4 } else { &V5 };
    let names = if role == Role::Agent { agent } else { user };
    let all_off = bag.flag("core.rate_limit_disabled");
    let own = bag.flag(names.on);
    let attempts = bag.integer(names.attempts);
    let window = bag.integer(names.window);
    let lock = bag.integer(names.lock);
    let spared = bag.value("core.rate_limit_ips");
    let exempt = exempt(&spared);
    // Whichever setting decides is the one to name.
    let (because, decisive) = match (
        &all_off.value,
        &own.value,
        exempt.known().map(String::as_str),
    ) {
        (Known::Known(true), ..) => (
            format!(
                "core.rate_limit_disabled turns all limits off ({})",
                all_off.said_by()
            ),
            place(&all_off),
        ),
        (_, Known::Known(false), _) => (
            format!("{} is off ({})", names.on, own.said_by()),
            place(&own),
        ),
        (.., Some(width @ ("wide" | "everybody"))) => (
            format!(
                "core.rate_limit_ips spares {} ({})",
                if width == "wide" {
                    "more than 65,536 public addresses"
                } else {
                    "everybody"
                },
                spared.said_by()
            ),
            place(&spared),
        ),
        _ => (numbers(&attempts, &window, &lock), place(&attempts)),
    };
    RateLimit {
        on: both(&all_off.value, &own.value),
        attempts: attempts.value,
        window_seconds: window.value,
        lock_seconds: lock.value,
        exempt,
        because,
        path: decisive.0,
        line: decisive.1,
    }
}

fn place<T>(setting: &Resolved<T>) -> (String, u32) {
    (setting.path.clone(), setting.line)
}

/// Whether limits work: unknown only where neither switch decides.
fn both(all_off: &Known<bool>, own: &Known<bool>) -> Known<bool> {
    match (all_off, own) {
        (Known::Known(true), _) | (_, Known::Known(false)) => Known::Known(false),
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => Known::unknown(reason),
        (Known::Known(false), Known::Known(true)) => Known::Known(true),
    }
}

fn exempt(spared: &Resolved<super::Value>) -> Known<String> {
    match &spared.value {
        Known::Unknown(reason) => Known::unknown(reason),
        Known::Known(value) => match value.texts().map(|entries| width(&entries)) {
            Some(Ok(width)) => Known::Known(width.to_owned()),
            Some(Err(odd)) => Known::unknown(format!("core.rate_limit_ips: {odd}")),
            None => Known::unknown("core.rate_limit_ips holds no list of addresses"),
        },
    }
}

fn numbers(attempts: &Resolved<i64>, window: &Resolved<i64>, lock: &Resolved<i64>) -> String {
    match (
        attempts.value.known(),
        window.value.known(),
        lock.value.known(),
    ) {
        (Some(count), Some(within), Some(locked)) => format!(
            "{count} tries in {}, then locked out for {} ({})",
            span(*within),
            span(*locked),
            attempts.said_by()
        ),
        _ => "not all of its numbers are known".to_owned(),
    }
}

fn span(seconds: i64) -> String {
    if seconds > 0 && seconds % 60 == 0 {
        format!("{} minutes", seconds / 60)
    } else {
        format!("{seconds} seconds")
    }
}

fn dark(reason: &str) -> RateLimit {
    RateLimit {
        on: Known::unknown(reason),
        attempts: Known::unknown(reason),
        window_seconds: Known::unknown(reason),
        lock_seconds: Known::unknown(reason),
        exempt: Known::unknown(reason),
        because: reason.to_owned(),
        ..RateLimit::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::Picture;
    use super::super::settings::Overrides;
    use super::*;

    fn agent(era: Era, rows: &[(&str, &str)]) -> RateLimit {
        let rows = rows
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Known::Known(value.as_bytes().to_vec())));
        let picture = Picture {
            settings: Known::Known(rows.collect()),
            ..Picture::default()
        };
        limit(
            &Bag::new(&Known::Known(era), &picture, &Overrides::default()),
            Role::Agent,
        )
    }

    #[test]
    fn each_era_has_its_own_names_and_dead_ones_change_nothing() {
        let dead = ("agent.max_login_attempts", "1");
        let v5 = agent(Era::E4, &[dead, ("agent.login_rate_limit.enabled", "0")]);
        assert_eq!((v5.on, v5.attempts), (Known::Known(true), Known::Known(5)));
        let late = agent(Era::E3, &[dead, ("rate_limit.login.agent.enabled", "0")]);
        assert_eq!(
            (late.on, late.attempts),
            (Known::Known(true), Known::Known(20))
        );
        assert!(agent(Era::E2, &[dead]).on.known().is_none());
    }

    #[test]
    fn the_switch_and_the_list_above_all_limits_are_seen() {
        let off = agent(Era::E4, &[("core.rate_limit_disabled", "1")]);
        assert_eq!(off.on, Known::Known(false));
        assert!(
            off.because.contains("core.rate_limit_disabled"),
            "{}",
            off.because
        );
        let spared = agent(Era::E4, &[("core.rate_limit_ips", r#"["0.0.0.0/0"]"#)]);
        assert_eq!(spared.exempt, Known::Known("everybody".to_owned()));
        let listed = agent(Era::E4, &[("core.rate_limit_ips", r#"["10.1.2.3"]"#)]);
        assert_eq!(listed.exempt, Known::Known("listed".to_owned()));
        let odd = agent(Era::E4, &[("core.rate_limit_ips", "x")]);
        assert!(odd.exempt.known().is_none());
    }
}
