//! What happened in a helpdesk since a day, short enough to be read: new accounts, changes, attacks on
//! logins, new addresses, new kinds of error. Pure: rows in, findings out.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the review's JSON.
pub const REVIEW_SCHEMA: &str = "deskguard/review/1";
/// Failed logins on one account, or from one address, that are worth a line.
const BURST: u64 = 10;
/// How many lines one part has.
const MOST_LINES: usize = 50;

/// What happened since a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// The version of this form.
    pub schema: String,
    /// From this day on.
    pub since: String,
    /// Up to this moment.
    pub until: String,
    /// Agents and admins that were made.
    pub accounts: Vec<NewAccount>,
    /// Settings that were changed.
    pub settings: Vec<Change>,
    /// API keys that were made, changed or deleted.
    pub keys: Vec<Change>,
    /// Everything else that admins changed.
    pub changes: Vec<Change>,
    /// Attacks on logins, the worst first.
    pub attacks: Vec<Attack>,
    /// Addresses that an agent logged in from for the first time.
    pub addresses: Vec<NewAddress>,
    /// Kinds of error that were not there before.
    pub errors: Vec<NewError>,
    /// What could not be told, each a sentence.
    pub unknown: Vec<String>,
}

/// An agent or admin that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAccount {
    /// When.
    pub when: String,
    /// Name and e-mail.
    pub who: String,
    /// Whether it is an admin.
    pub admin: bool,
}

/// Something that an admin changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When.
    pub when: String,
    /// What was done, in the product's words.
    pub action: String,
    /// To what.
    pub what: String,
    /// By whom.
    pub by: String,
}

/// Failed logins on one account or from one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attack {
    /// The account, or the address.
    pub on: String,
    /// `account` or `address`.
    pub kind: String,
    /// How many.
    pub failures: u64,
    /// How many addresses they came from, or accounts they were on.
    pub others: u64,
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
    /// Accounts that were logged into from one of these addresses, after the first failure from there.
    pub entered: Vec<String>,
}

/// An address that an agent logged in from for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAddress {
    /// When first.
    pub first: String,
    /// Who.
    pub who: String,
    /// From where.
    pub address: String,
    /// Its hostname as the log has it, cut by the product at 20 characters.
    pub hostname: String,
    /// How often since.
    pub logins: u64,
}

/// A kind of error that was not there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewError {
    /// The log.
    pub path: String,
    /// The error, numbers left out.
    pub kind: String,
    /// How often.
    pub count: u64,
}

/// Failed logins of one account from one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The account; none where the product knew none.
    pub person: Option<u64>,
    /// The address.
    pub address: String,
    /// How many.
    pub count: u64,
    /// The first and the last moment, as written.
    pub between: (String, String),
}

/// Logins of one agent from one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logins {
    /// The agent.
    pub person: u64,
    /// The address.
    pub address: String,
    /// Its hostname.
    pub hostname: String,
    /// How many.
    pub count: u64,
    /// The first moment, as written.
    pub first: String,
    /// The last moment, as written; empty where the log has none.
    pub last: String,
}

/// Attacks: accounts and addresses with many failures, the worst first. Whoever also came in from an
/// address after it had failed is named with it; a login before the first failure is no success of it.
#[must_use]
pub fn attacks(
    failures: &[Failures],
    logins: &[Logins],
    name: &dyn Fn(u64) -> String,
) -> Vec<Attack> {
    let mut accounts: BTreeMap<u64, Sum<'_>> = BTreeMap::new();
    let mut addresses: BTreeMap<&str, Sum<'_>> = BTreeMap::new();
    for failed in failures {
        addresses.entry(&failed.address).or_default().add(failed);
        if let Some(person) = failed.person {
            accounts.entry(person).or_default().add(failed);
        }
    }
    let entered = |address: &str, first: &str, only: Option<u64>| {
        let came = logins.iter().filter(|login| login.address == address);
        // A login without a moment may have been after.
        came.filter(|login| login.last.is_empty() || login.last.as_str() >= first)
            .filter(|login| only.is_none_or(|person| person == login.person))
            .map(|login| name(login.person))
            .collect::<BTreeSet<String>>()
    };
    let mut found: Vec<Attack> = Vec::new();
    for (person, sum) in accounts.iter().filter(|(_, sum)| sum.count >= BURST) {
        let from = sum
            .addresses
            .iter()
            .flat_map(|(address, first)| entered(address, first, Some(*person)));
        found.push(sum.attack(
            "account",
            name(*person),
            sum.addresses.len(),
            from.collect(),
        ));
    }
    for (address, sum) in addresses.iter().filter(|(_, sum)| sum.count >= BURST) {
        let others = sum.people.len();
        found.push(sum.attack(
            "address",
            (*address).to_owned(),
            others,
            entered(address, sum.first, None),
        ));
    }
    found.sort_by(|one, other| {
        let key = |it: &Attack| (it.entered.is_empty(), std::cmp::Reverse(it.failures));
        key(one)
            .cmp(&key(other))
            .then_with(|| one.on.cmp(&other.on))
    });
    found.truncate(MOST_LINES);
    found
}

#[derive(Default)]
struct Sum<'a> {
    count: u64,
    /// Each with its first failure.
    addresses: BTreeMap<&'a str, &'a str>,
    people: BTreeSet<Option<u64>>,
    first: &'a str,
    last: &'a str,
}

impl<'a> Sum<'a> {
    fn add(&mut self, failed: &'a Failures) {
        let (first, last) = (failed.between.0.as_str(), failed.between.1.as_str());
        if self.count == 0 || first < self.first {
            self.first = first;
        }
        self.last = self.last.max(last);
        self.count = self.count.saturating_add(failed.count);
        let known = self.addresses.entry(&failed.address).or_insert(first);
        *known = first.min(*known);
        self.people.insert(failed.person);
    }

    fn attack(&self, kind: &str, on: String, others: usize, entered: BTreeSet<String>) -> Attack {
        Attack {
            on,
            kind: kind.to_owned(),
            failures: self.count,
            others: u64::try_from(others).unwrap_or(u64::MAX),
            first: self.first.to_owned(),
            last: self.last.to_owned(),
            entered: entered.into_iter().collect(),
        }
    }
}

/// Changes sorted into settings, keys and the rest; `audit_logs.object_type` is the entity's name.
pub fn sort_changes(review: &mut Review, kind: &str, change: Change) {
    match kind.rsplit('\\').next().unwrap_or(kind) {
        "Setting" | "BrandSetting" => review.settings.push(change),
        "ApiKey" | "ApiKeyAction" | "ApiToken" => review.keys.push(change),
        _ => review.changes.push(change),
    }
}

/// Kinds of error since a day that were not there before it, the commonest first. An entry begins with its
/// date; lines without one belong to the entry before.
#[must_use]
pub fn new_errors(
    path: &str,
    log: &[u8],
    since_day: i64,
    day_in: &dyn Fn(&[u8]) -> Option<i64>,
) -> Vec<NewError> {
    let mut before: BTreeSet<String> = BTreeSet::new();
    let mut after: BTreeMap<String, u64> = BTreeMap::new();
    for line in log.split(|byte| *byte == b'\n') {
        let head = line.get(..60).unwrap_or(line);
        let Some(day) = day_in(head) else { continue };
        let kind = kind_of(line);
        if kind.is_empty() || after.len() + before.len() > 20_000 {
            continue;
        }
        if day < since_day {
            before.insert(kind);
        } else {
            *after.entry(kind).or_default() += 1;
        }
    }
    let new = after.into_iter().filter(|(kind, _)| !before.contains(kind));
    let mut found: Vec<NewError> = new
        .map(|(kind, count)| NewError {
            path: path.to_owned(),
            kind,
            count,
        })
        .collect();
    found.sort_by_key(|error| std::cmp::Reverse(error.count));
    found.truncate(MOST_LINES);
    found
}

/// An error without its date and its numbers, so that the same error is the same text.
fn kind_of(line: &[u8]) -> String {
    const LONGEST: usize = 160;
    let text = String::from_utf8_lossy(line.get(..1024).unwrap_or(line));
    // The date stands in brackets, or is the first two words.
    let rest = match text.trim_start().strip_prefix('[') {
        Some(inner) => inner.split_once(']').map_or("", |(_, rest)| rest),
        None => text.splitn(3, ' ').nth(2).unwrap_or_default(),
    };
    let mut kind = String::new();
    let mut in_number = false;
    for c in rest.trim().chars().take(LONGEST) {
        if c.is_ascii_digit() {
            if !in_number {
                kind.push('#');
            }
            in_number = true;
        } else {
            kind.push(c);
            in_number = false;
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(person: u64, address: &str, count: u64) -> Failures {
        Failures {
            person: Some(person),
            address: address.to_owned(),
            count,
            between: (
                "2026-01-01 10:00:00".to_owned(),
                "2026-01-01 11:00:00".to_owned(),
            ),
        }
    }

    #[test]
    fn an_attack_that_ended_in_a_login_comes_first() {
        let failures = [failed(1, "a", 9), failed(2, "b", 500), failed(1, "c", 9)];
        let logins = [Logins {
            person: 1,
            address: "c".to_owned(),
            hostname: String::new(),
            count: 1,
            first: String::new(),
            last: "2026-01-01 10:30:00".to_owned(),
        }];
        let found = attacks(&failures, &logins, &|id| format!("person {id}"));
        let lines: Vec<(&str, u64, u64, usize)> = found
            .iter()
            .map(|it| (it.on.as_str(), it.failures, it.others, it.entered.len()))
            .collect();
        assert_eq!(
            lines,
            [
                ("person 1", 18, 2, 1),
                ("b", 500, 1, 0),
                ("person 2", 500, 1, 0)
            ]
        );
    }

    #[test]
    fn a_login_before_the_first_failure_is_no_success_of_it() {
        let failures = [failed(1, "a", 20), failed(2, "b", 20)];
        for (last, expected) in [
            ("2026-01-01 09:59:59", 0),
            ("2026-01-01 10:00:00", 1),
            ("2026-01-02 08:00:00", 1),
            ("", 1),
        ] {
            let logins = [Logins {
                person: 1,
                address: "a".to_owned(),
                hostname: String::new(),
                count: 2,
                first: "2026-01-01 08:00:00".to_owned(),
                last: last.to_owned(),
            }];
            let found = attacks(&failures, &logins, &|id| format!("person {id}"));
            let entered = |on: &str| found.iter().find(|it| it.on == on).unwrap().entered.len();
            assert_eq!(
                (entered("a"), entered("person 1")),
                (expected, expected),
                "{last}"
            );
            assert_eq!((entered("b"), entered("person 2")), (0, 0));
        }
    }

    #[test]
    fn only_new_kinds_of_error_are_told() {
        let log = b"[02-Jan-1970 00:00:00 UTC] PHP Warning: a in x on line 3\n#0 trace\n[05-Jan-1970 00:00:00 UTC] PHP Warning: a in x on line 12\n[05-Jan-1970 00:00:01 UTC] PHP Fatal: b 77\n[06-Jan-1970 00:00:01 UTC] PHP Fatal: b 8\n";
        let day = |head: &[u8]| {
            let digit = head.get(2).filter(|byte| byte.is_ascii_digit())?;
            Some(i64::from(digit - b'0') - 1)
        };
        let found = new_errors("/e.log", log, 3, &day);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind.as_str(), found[0].count),
            ("PHP Fatal: b #", 2)
        );
    }
}
