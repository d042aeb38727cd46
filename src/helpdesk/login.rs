//! Passwords, notifications, hostnames, trusted addresses and the application's secret as facts.

use super::accounts::cut;
use super::directory;
use super::era::Era;
use super::limits::{Role, limit};
use super::moment::day_of;
use super::picture::{PersonRow, Picture, SecretSeen};
use super::settings::Bag;
use crate::facts::{
    Hostnames, Known, Listing, LoginFacts, PasswordPolicy, Resolved, Silent, TrustedAddresses,
};

/// The app that resolves users' hostnames (its manifest's name).
const HOSTNAMES_APP: &str = "deskpro_ticket_hostnames";
/// A secret shorter than this is no random one: the product makes 50 characters.
const SHORTEST_SECRET: u64 = 20;

pub(super) fn facts(picture: &Picture, bag: &Bag<'_>) -> LoginFacts {
    let (secret, secret_from) = secret(picture, bag);
    LoginFacts {
        agent_password: passwords(picture, bag),
        agent_limit: limit(bag, Role::Agent),
        user_limit: limit(bag, Role::User),
        failures_unmailed: silent(&picture.people, |_| true, |person| &person.mails_failures),
        successes_unmailed: silent(
            &picture.people,
            |person| person.admin,
            |person| &person.mails_logins,
        ),
        hostnames: hostnames(picture, bag),
        trusted: trusted(picture, bag),
        secret,
        secret_from,
        directories: directory::facts(picture),
    }
}

fn passwords(picture: &Picture, bag: &Bag<'_>) -> PasswordPolicy {
    let of = |suffix: &str| bag.integer(&format!("agent.password_policy.{suffix}"));
    let classes = [
        ("lower case", of("require_num_lowercase")),
        ("upper case", of("require_num_uppercase")),
        ("digits", of("require_num_number")),
        ("symbols", of("require_num_symbol")),
    ];
    let mut missing = Vec::new();
    let mut dark = None;
    let mut sum = 0_i64;
    for (word, count) in &classes {
        match &count.value {
            Known::Known(count) if *count < 1 => missing.push(*word),
            Known::Known(count) => sum = sum.saturating_add(*count),
            Known::Unknown(reason) => dark = Some(reason.clone()),
        }
    }
    // The product raises the length to the sum of the classes (`PasswordPolicy`).
    let mut min_length = of("min_length");
    if dark.is_none() {
        min_length = min_length.map(|length| length.max(sum));
    }
    let [(_, lower), (_, upper), (_, digits), (_, symbols)] = classes;
    PasswordPolicy {
        min_length,
        max_age_days: of("max_age"),
        forbids_reuse: bag.flag("agent.password_policy.forbid_reuse"),
        classes_missing: match dark {
            Some(reason) => Known::Unknown(reason),
            None => Known::Known(missing.join(", ")),
        },
        ageless: match picture.people.missed.first() {
            Some(reason) => Known::unknown(reason),
            None => Known::Known(count(&picture.people, |person| {
                person.is_live_agent()
                    && person.scheme != super::Scheme::None
                    && !person.password_dated
            })),
        },
        upper,
        lower,
        digits,
        symbols,
    }
}

fn count(people: &Listing<PersonRow>, wanted: impl Fn(&PersonRow) -> bool) -> u64 {
    let found = people.rows.iter().filter(|person| wanted(person)).count();
    u64::try_from(found).unwrap_or(u64::MAX)
}

/// Live agents that a mail does not reach.
fn silent(
    people: &Listing<PersonRow>,
    wanted: impl Fn(&PersonRow) -> bool,
    mailed: impl Fn(&PersonRow) -> &Known<bool>,
) -> Listing<Silent> {
    let live = people
        .rows
        .iter()
        .filter(|person| person.is_live_agent() && wanted(person));
    let unmailed = live.filter(|person| *mailed(person) != Known::Known(true));
    let rows = unmailed.map(|person| Silent {
        id: person.id,
        who: person.who(),
        admin: person.admin,
        mailed: mailed(person).clone(),
        count: 1,
    });
    cut(rows.collect(), &people.missed, |more, last| Silent {
        id: 0,
        who: format!("{more} more accounts"),
        count: u64::try_from(more).unwrap_or(u64::MAX),
        ..last
    })
}

/// What the vendor ships: a public one, which would learn the users' addresses.
const SHIPPED_RESOLVER: &str = "8.8.8.8";

/// Installed is a row of `app_instances`; in effect is what the look-up service itself tests.
fn hostnames(picture: &Picture, bag: &Bag<'_>) -> Hostnames {
    let on = bag.flag("rdns_ticket_messages");
    let server = bag.text("rdns_server");
    let installed = match picture.apps.missed.first() {
        Some(reason) => Known::unknown(reason),
        None => Known::Known(picture.apps.rows.iter().any(|app| app == HOSTNAMES_APP)),
    };
    let in_effect = match (&on.value, &server.value) {
        (Known::Known(false), _) => Known::Known(false),
        (_, Known::Known(server)) if server.trim().is_empty() => Known::Known(false),
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => Known::unknown(reason),
        (Known::Known(true), Known::Known(_)) => Known::Known(true),
    };
    let because = match (installed.known(), on.value.known(), server.value.known()) {
        (Some(false), ..) => "the app is not installed".to_owned(),
        (_, Some(false), _) => format!("rdns_ticket_messages is off ({})", on.said_by()),
        (.., Some(server)) if server.trim().is_empty() => {
            "rdns_server names no resolver".to_owned()
        }
        (Some(true), Some(true), Some(server)) => format!("it asks {server}"),
        _ => "not all of its settings are known".to_owned(),
    };
    let own_resolver = server
        .value
        .known()
        .is_some_and(|it| !matches!(it.trim(), "" | SHIPPED_RESOLVER));
    Hostnames {
        switched_off: installed == Known::Known(true)
            && on.value == Known::Known(false)
            && on.path.is_empty()
            && own_resolver,
        installed,
        in_effect,
        because,
    }
}

fn trusted(picture: &Picture, bag: &Bag<'_>) -> TrustedAddresses {
    // `CheckWhitelistedIP` looks for the words, `agents` first.
    let covers = bag.text("agent.ip_security.mode").map(|mode| {
        let found = ["agents", "admins"]
            .into_iter()
            .find(|word| mode.contains(word));
        found.unwrap_or("nobody").to_owned()
    });
    let rows = &picture.trusted;
    let seen = picture.seen.known().copied();
    TrustedAddresses {
        on: bag.flag("agent.ip_security.enabled"),
        covers,
        lifetime_seconds: bag.integer("agent.ip_security.whitelist_lifetime"),
        addresses: rows.clone().map(|rows| rows.count),
        oldest_days: match (rows, seen) {
            (Known::Unknown(reason), _) => Known::unknown(reason),
            (Known::Known(_), None) => Known::unknown("the moment of the reading is not known"),
            (Known::Known(rows), Some(seen)) => Known::Known(rows.oldest.map_or(0, |oldest| {
                day_of(seen).saturating_sub(day_of(oldest)).max(0)
            })),
        },
        job_days_ago: job(picture, bag),
    }
}

/// When the daily clean-up last ran: it alone takes old addresses away (`CleanupDaily`). Where the jobs
/// do not name it, the moment at which any scheduled task ran.
fn job(picture: &Picture, bag: &Bag<'_>) -> Known<Option<i64>> {
    let Known::Known(seen) = &picture.seen else {
        return Known::unknown("the moment of the reading is not known");
    };
    let ago = |moment: i64| day_of(*seen).saturating_sub(day_of(moment)).max(0);
    let daily = picture.jobs.rows.iter().find(|job| {
        let name = job.name.to_ascii_lowercase();
        name.contains("cleanupdaily") || name.contains("cleanup_daily")
    });
    if let Some(daily) = daily {
        return Known::Known(daily.last_run.map(ago));
    }
    let cron = bag
        .row("core.last_cron_run")
        .map(|row| row.and_then(|bytes| super::number(&bytes)));
    match cron {
        Known::Known(None) => match picture.jobs.missed.first() {
            Some(reason) => Known::unknown(reason),
            None => Known::Known(None),
        },
        known => known.map(|moment| moment.map(ago)),
    }
}

/// The secret that logins and Remember me rest on. No row means the placeholder that is shipped; an
/// empty one falls back to a word that everybody can read in the source.
fn secret(picture: &Picture, bag: &Bag<'_>) -> (Known<String>, Resolved<bool>) {
    const NAME: &str = "core.app_secret";
    let word = |seen: SecretSeen| {
        let word = if seen.shipped {
            "shipped"
        } else if seen.length == 0 {
            "missing"
        } else if seen.length < SHORTEST_SECRET {
            "short"
        } else {
            "set"
        };
        word.to_owned()
    };
    if let Some(set) = bag.secret_override() {
        return (set.value.clone().map(word), set.map(|_| true));
    }
    let row = Resolved {
        value: Known::Known(true),
        setting: NAME.to_owned(),
        from: "settings row".to_owned(),
        path: String::new(),
        line: 0,
        spelled: String::new(),
    };
    match (&picture.secret, bag.era()) {
        (Known::Unknown(reason), _) => (Known::unknown(reason), Resolved::unknown(NAME, reason)),
        (Known::Known(Some(seen)), _) => (Known::Known(word(*seen)), row),
        (Known::Known(None), Known::Known(Era::E5)) => {
            let reason = "there is no row core.app_secret, and Horizon's own default is not public";
            (Known::unknown(reason), Resolved::unknown(NAME, reason))
        }
        (Known::Known(None), Known::Unknown(reason)) => {
            (Known::unknown(reason), Resolved::unknown(NAME, reason))
        }
        (Known::Known(None), Known::Known(_)) => (
            Known::Known("shipped".to_owned()),
            Resolved {
                from: "shipped default".to_owned(),
                ..row
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::accounts::tests::agent;
    use super::super::settings::{Override, Overrides};
    use super::*;

    fn login(rows: &[(&str, &str)], picture: Picture, overrides: &Overrides) -> LoginFacts {
        let rows = rows
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Known::Known(value.as_bytes().to_vec())));
        let picture = Picture {
            settings: Known::Known(rows.collect()),
            ..picture
        };
        facts(
            &picture,
            &Bag::new(&Known::Known(Era::E4), &picture, overrides),
        )
    }

    #[test]
    fn the_length_is_raised_to_the_sum_of_the_classes() {
        let rows = [
            ("agent.password_policy.require_num_uppercase", "6"),
            ("agent.password_policy.require_num_symbol", "7"),
        ];
        let policy = login(&rows, Picture::default(), &Overrides::default()).agent_password;
        assert_eq!(policy.min_length.value, Known::Known(13));
        assert_eq!(
            policy.classes_missing,
            Known::Known("lower case, digits".to_owned())
        );
    }

    #[test]
    fn secrets_come_to_a_word() {
        let none = Overrides::default();
        let word = |seen| {
            let picture = Picture {
                secret: Known::Known(seen),
                ..Picture::default()
            };
            login(&[], picture, &none).secret
        };
        let of = |text: &str| word(Some(SecretSeen::judge(text.as_bytes())));
        let known = |word: &str| Known::Known(word.to_owned());
        assert_eq!(word(None), known("shipped"));
        assert_eq!(of("APP_SECRET"), known("shipped"));
        assert_eq!(of(""), known("missing"));
        assert_eq!(of("0123456789"), known("short"));
        assert_eq!(
            of("01234567890123456789012345678901234567890123456789"),
            known("set")
        );
        assert_eq!(
            of("YXI5Z2HS90123456789012345678901234567890123456789"),
            known("shipped")
        );
        let overrides = Overrides {
            secret: Some(Override {
                value: Known::Known(SecretSeen::judge(b"abc")),
                path: "/c.php".to_owned(),
                line: 2,
                spelled: String::new(),
            }),
            ..Overrides::default()
        };
        assert_eq!(
            login(&[], Picture::default(), &overrides).secret,
            known("short")
        );
    }

    #[test]
    fn hostnames_need_the_app_the_switch_and_a_resolver() {
        let apps = || Picture {
            apps: Listing::whole(vec![HOSTNAMES_APP.to_owned()]),
            ..Picture::default()
        };
        let none = Overrides::default();
        let on = ("rdns_ticket_messages", "1");
        let good = login(&[on], apps(), &none).hostnames;
        assert_eq!(
            (good.installed, good.in_effect),
            (Known::Known(true), Known::Known(true))
        );
        let deaf = login(&[on, ("rdns_server", "")], apps(), &none).hostnames;
        assert_eq!(deaf.in_effect, Known::Known(false));
        assert!(!good.switched_off && !deaf.switched_off);
        let off = ("rdns_ticket_messages", "0");
        for (server, is_all) in [("192.0.2.53", true), ("8.8.8.8", false)] {
            let off = login(&[off, ("rdns_server", server)], apps(), &none).hostnames;
            assert_eq!(off.switched_off, is_all, "{server}");
        }
        let bare = Picture {
            apps: Listing::whole(Vec::new()),
            ..Picture::default()
        };
        assert_eq!(
            login(&[on], bare, &none).hostnames.installed,
            Known::Known(false)
        );
    }

    #[test]
    fn whoever_is_not_mailed_is_named() {
        let picture = Picture {
            people: Listing::whole(vec![
                agent(1),
                PersonRow {
                    mails_failures: Known::Known(false),
                    ..agent(2)
                },
                PersonRow {
                    admin: true,
                    ..agent(3)
                },
                PersonRow {
                    deleted: true,
                    mails_failures: Known::Known(false),
                    ..agent(4)
                },
            ]),
            ..Picture::default()
        };
        let facts = login(&[], picture, &Overrides::default());
        let ids = |list: &Listing<Silent>| list.rows.iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&facts.failures_unmailed), [2]);
        assert_eq!(ids(&facts.successes_unmailed), [3]);
    }

    #[test]
    fn the_mode_is_looked_at_as_the_product_does() {
        for (mode, expected) in [
            ("agents,admins", "agents"),
            ("admins", "admins"),
            ("", "nobody"),
            ("off", "nobody"),
        ] {
            let rows = [("agent.ip_security.mode", mode)];
            let facts = login(&rows, Picture::default(), &Overrides::default()).trusted;
            assert_eq!(
                facts.covers.value,
                Known::Known(expected.to_owned()),
                "{mode}"
            );
        }
    }
}
