//! Admins, agents, keys and tokens as facts. Lists are cut; the last row of a cut list stands for the
//! rest, so that a judgement over the rows is one over all.

use super::moment::{day_of, written_day};
use super::picture::{KeyRow, PersonRow, Picture, Scheme};
use crate::facts::{AccountsFacts, ApiAccess, HashScheme, Known, Listing, Person};
use std::collections::{BTreeMap, HashMap};

const MOST: usize = AccountsFacts::MOST_ROWS;

pub(super) fn facts(picture: &Picture) -> AccountsFacts {
    let people = &picture.people;
    let count = |wanted: fn(&PersonRow) -> bool| match people.missed.first() {
        Some(reason) => Known::unknown(reason),
        None => {
            let found = people.rows.iter().filter(|person| wanted(person)).count();
            Known::Known(u64::try_from(found).unwrap_or(u64::MAX))
        }
    };
    AccountsFacts {
        admin_count: count(|person| person.is_live_agent() && person.admin),
        agent_count: count(PersonRow::is_live_agent),
        admins: longest_away(people, |person| person.is_live_agent() && person.admin),
        admin_flags: admin_flags(people),
        agents: longest_away(people, PersonRow::is_live_agent),
        hashes: hashes(people),
        weakly_hashed: longest_away(people, |person| {
            person.is_live_agent() && !person.scheme.is_strong()
        }),
        api_access: api_access(picture),
    }
}

/// The accounts that a test picks, the longest away first.
fn longest_away(
    people: &Listing<PersonRow>,
    wanted: impl Fn(&PersonRow) -> bool,
) -> Listing<Person> {
    let mut picked: Vec<&PersonRow> = people.rows.iter().filter(|person| wanted(person)).collect();
    picked.sort_by_key(|person| (person.last_login.or(person.created), person.id));
    listed(picked, &people.missed)
}

/// Everybody with the admin flag: first who should not have it, then the longest away.
fn admin_flags(people: &Listing<PersonRow>) -> Listing<Person> {
    let mut picked: Vec<&PersonRow> = people.rows.iter().filter(|person| person.admin).collect();
    picked.sort_by_key(|person| {
        (
            person.is_live_agent(),
            person.last_login.or(person.created),
            person.id,
        )
    });
    listed(picked, &people.missed)
}

fn listed(mut picked: Vec<&PersonRow>, missed: &[String]) -> Listing<Person> {
    let rest = picked.split_off(picked.len().min(MOST));
    let mut rows: Vec<Person> = picked.into_iter().map(person).collect();
    if let Some(first) = rest.first() {
        let others = person(first);
        rows.push(Person {
            id: 0,
            who: format!("{} more accounts, of which {}", rest.len(), others.who),
            ..others
        });
    }
    Listing {
        rows,
        missed: missed.to_vec(),
    }
}

fn person(row: &PersonRow) -> Person {
    let day = |moment: i64| written_day(day_of(moment));
    let seen = match (row.last_login, row.created) {
        (Some(login), _) => format!("last login {}", day(login)),
        (None, Some(created)) => format!("never logged in, made {}", day(created)),
        (None, None) => "never logged in".to_owned(),
    };
    Person {
        id: row.id,
        who: row.who(),
        admin: row.admin,
        state: state(row).to_owned(),
        seen_day: row.last_login.or(row.created).map_or_else(
            || {
                Known::unknown(format!(
                    "{} has neither a login nor a day of creation",
                    row.who()
                ))
            },
            |moment| Known::Known(day_of(moment)),
        ),
        seen,
        scheme: row.scheme.word().to_owned(),
    }
}

/// Whether an account is a live agent, and why not.
fn state(person: &PersonRow) -> &'static str {
    if person.is_live_agent() {
        "live"
    } else if person.deleted {
        "deleted"
    } else if person.disabled {
        "disabled"
    } else {
        "no longer an agent"
    }
}

fn hashes(people: &Listing<PersonRow>) -> Listing<HashScheme> {
    let mut counts: BTreeMap<Scheme, u64> = BTreeMap::new();
    for person in people.rows.iter().filter(|person| person.is_live_agent()) {
        *counts.entry(person.scheme).or_default() += 1;
    }
    let rows = counts.into_iter().map(|(scheme, agents)| HashScheme {
        scheme: scheme.word().to_owned(),
        agents,
        strong: scheme.is_strong(),
    });
    Listing {
        rows: rows.collect(),
        missed: people.missed.clone(),
    }
}

fn api_access(picture: &Picture) -> Listing<ApiAccess> {
    let owners: HashMap<u64, &PersonRow> = picture
        .people
        .rows
        .iter()
        .map(|person| (person.id, person))
        .collect();
    let mut missed = picture.api_keys.missed.clone();
    missed.extend(picture.tokens.missed.iter().cloned());
    missed.extend(picture.people.missed.iter().cloned());
    let keys = picture
        .api_keys
        .rows
        .iter()
        .filter_map(|key| doubtful(key, &owners));
    let tokens = picture.tokens.rows.iter().filter_map(|row| {
        // Users have tokens of their own; only who was more than a user is looked at.
        let owner = owners
            .get(&row.person)
            .filter(|owner| !owner.is_live_agent())?;
        Some(ApiAccess {
            what: format!("{} API tokens", row.tokens),
            owner: owner.who(),
            all_agents: false,
            owner_gone: true,
            because: format!("they never expire, and their owner is {}", state(owner)),
        })
    });
    cut(keys.chain(tokens).collect(), &missed, |more, last| {
        ApiAccess {
            what: format!("{more} more API keys and tokens"),
            ..last
        }
    })
}

/// A key that may act for everybody, or whose owner is gone; `None` for any other.
fn doubtful(key: &KeyRow, owners: &HashMap<u64, &PersonRow>) -> Option<ApiAccess> {
    let flags = key.flags.as_deref().unwrap_or_default();
    // Early v4 has no flags: a key without an owner may name any agent.
    let all_agents = flags.split(',').any(|flag| flag.trim() == "super")
        || key.flags.is_none() && key.person.is_none();
    let owner = key.person.and_then(|id| owners.get(&id));
    let owner_gone = key.person.is_some() && owner.is_none_or(|owner| !owner.is_live_agent());
    let because = match (all_agents, owner_gone) {
        (false, false) => return None,
        (true, false) => "it may act for every agent".to_owned(),
        (_, true) => {
            let state = owner.map_or("no agent", |owner| state(owner));
            let and = if all_agents {
                "it may act for every agent, and "
            } else {
                ""
            };
            format!("{and}its owner is {state}")
        }
    };
    Some(ApiAccess {
        what: match key.note.trim() {
            "" => format!("API key {}", key.id),
            note => format!("API key {} ({note})", key.id),
        },
        owner: key.person.map_or_else(
            || "nobody".to_owned(),
            |id| owner.map_or_else(|| format!("account {id}"), |owner| owner.who()),
        ),
        all_agents,
        owner_gone,
        because,
    })
}

/// A list of failing rows cut to its length; the last row then stands for the rest.
pub(super) fn cut<T>(
    mut rows: Vec<T>,
    missed: &[String],
    stand_in: impl FnOnce(usize, T) -> T,
) -> Listing<T> {
    let rest = rows.split_off(rows.len().min(MOST));
    let more = rest.len();
    rows.extend(rest.into_iter().next().map(|first| stand_in(more, first)));
    Listing {
        rows,
        missed: missed.to_vec(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A live agent that nothing is wrong with.
    pub(crate) fn agent(id: u64) -> PersonRow {
        PersonRow {
            id,
            name: format!("Agent {id}"),
            email: format!("a{id}@example.com"),
            agent: true,
            admin: false,
            deleted: false,
            disabled: false,
            scheme: Scheme::Bcrypt,
            last_login: Some(86_400 * 100),
            created: Some(0),
            password_dated: true,
            mails_failures: Known::Known(true),
            mails_logins: Known::Known(false),
        }
    }

    #[test]
    fn only_live_admins_count_and_the_rest_is_named() {
        let mut picture = Picture::default();
        let admin = PersonRow {
            admin: true,
            ..agent(1)
        };
        picture.people = Listing::whole(vec![
            admin.clone(),
            PersonRow {
                id: 2,
                deleted: true,
                ..admin.clone()
            },
            PersonRow {
                id: 3,
                disabled: true,
                ..admin.clone()
            },
            PersonRow {
                id: 4,
                agent: false,
                ..admin
            },
            PersonRow {
                scheme: Scheme::Deskpro3,
                ..agent(5)
            },
        ]);
        let facts = facts(&picture);
        assert_eq!(
            (facts.admin_count, facts.agent_count),
            (Known::Known(1), Known::Known(2))
        );
        let states: Vec<&str> = facts
            .admin_flags
            .rows
            .iter()
            .map(|row| row.state.as_str())
            .collect();
        assert_eq!(
            states,
            ["deleted", "disabled", "no longer an agent", "live"]
        );
        assert_eq!(facts.weakly_hashed.rows.len(), 1);
    }

    #[test]
    fn a_cut_list_still_judges_everybody() {
        let mut picture = Picture::default();
        let people = (1..=700).map(|id| PersonRow {
            last_login: Some(86_400 * i64::try_from(id).unwrap()),
            ..agent(id)
        });
        picture.people = Listing::whole(people.collect());
        let rows = facts(&picture).agents.rows;
        assert_eq!(rows.len(), MOST + 1);
        assert_eq!(rows[0].seen_day, Known::Known(1));
        let rest = &rows[MOST];
        assert_eq!(
            rest.seen_day,
            Known::Known(501),
            "the longest away of the rest"
        );
        assert!(rest.who.starts_with("200 more accounts"), "{}", rest.who);
    }

    #[test]
    fn keys_of_each_era() {
        let live = agent(1);
        let gone = PersonRow {
            disabled: true,
            ..agent(2)
        };
        let owners: HashMap<u64, &PersonRow> = HashMap::from([(1, &live), (2, &gone)]);
        let key = |person: Option<u64>, flags: Option<&str>| KeyRow {
            id: 9,
            person,
            note: "n".to_owned(),
            flags: flags.map(str::to_owned),
        };
        for (row, expected) in [
            (key(None, None), Some("it may act for every agent")),
            (key(Some(1), None), None),
            (key(None, Some("")), None),
            (
                key(Some(1), Some("admin_manage,super")),
                Some("it may act for every agent"),
            ),
            (key(Some(2), Some("")), Some("its owner is disabled")),
            (key(Some(7), Some("")), Some("its owner is no agent")),
        ] {
            let found = doubtful(&row, &owners).map(|key| key.because);
            assert_eq!(found.as_deref(), expected, "{row:?}");
        }
    }
}
