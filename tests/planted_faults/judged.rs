//! One audit of one install through the library, and what its report says of a check.

use crate::accounts::{CRON_NAME, WEB_NAME};
use crate::hardened::days_ago;
use crate::tree::Install;
use deskguard::audit::{Timing, judge, observe};
use deskguard::check::Catalogue;
use deskguard::engine::Verdict;
use deskguard::evidence;
use deskguard::facts::{Facts, Given, Today};
use deskguard::host::Host;
use deskguard::policy::{Policy, Profile};
use deskguard::report::{Check, Outcome, Report};
use deskguard::target::{Named, Wishes};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Audits the install as its host is, with the accounts named as an admin would name them.
pub(crate) fn audit(install: &Install, profile: Profile) -> Report {
    let (facts, policy, timing) = seen(install, profile);
    judged_twice(&facts, &policy, timing)
}

/// What is seen of it, and by what it is judged.
pub(crate) fn seen(install: &Install, profile: Profile) -> (Facts, Policy, Timing<'static>) {
    let said = |user: &str, flag: &str| Some((user.to_owned(), flag.to_owned()));
    let wishes = Wishes {
        root: Some(install.given.clone()),
        web_config: Some("/etc/nginx/nginx.conf".into()),
        named: Named {
            web: said(WEB_NAME, "--web-user"),
            cron: said(CRON_NAME, "--cron-user"),
        },
        ..Wishes::default()
    };
    let facts = observe(&Host::at(install.host()), &wishes, None).unwrap();
    let timing = Timing {
        started: "2026-01-01T00:00:00Z",
        duration_ms: 0,
        today: i64::try_from(days_ago(0) / 86_400).unwrap(),
    };
    let policy = Policy {
        profile,
        ..Policy::default()
    };
    (facts, policy, timing)
}

/// The verdicts of the engine, with fixes as deeds.
pub(crate) fn verdicts(install: &Install, profile: Profile) -> (Facts, Vec<Verdict>) {
    let (facts, policy, timing) = seen(install, profile);
    let given = Given {
        facts,
        policy,
        today: Today { day: timing.today },
    };
    let verdicts = deskguard::engine::judge(catalogue(), &given);
    (given.facts, verdicts)
}

/// Judged live and from a file, which must come to the same report.
pub(crate) fn judged_twice(facts: &Facts, policy: &Policy, timing: Timing<'_>) -> Report {
    let live = judge(catalogue(), facts.clone(), policy.clone(), timing);
    let saved = judge(catalogue(), through_a_file(facts), policy.clone(), timing);
    assert!(
        saved == live,
        "what was collected is not judged as what was seen"
    );
    live
}

/// The facts as `deskguard collect` writes them and `deskguard audit --evidence` reads them.
fn through_a_file(facts: &Facts) -> Facts {
    let file = evidence::compressed(facts, "2026-01-01T00:00:00Z").unwrap();
    let saved = evidence::read(&file).unwrap();
    assert_eq!(&saved.facts, facts);
    assert_eq!(saved.sha256, evidence::sha256(facts));
    saved.facts
}

/// What a helpdesk's database comes to is judged over real databases in `tests/helpdesk`.
const ELSEWHERE: [&str; 4] = ["accounts/", "login/", "sessions/", "logs/"];

/// The checks that files and processes decide.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut catalogue = Catalogue::read(Vec::new()).unwrap();
        let here = |id: &str| !ELSEWHERE.iter().any(|area| id.starts_with(area));
        catalogue.checks.retain(|check| here(&check.id));
        catalogue
    })
}

/// What the report says of a check.
pub(crate) fn said<'a>(report: &'a Report, id: &str) -> &'a Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check is called {id}"))
}

/// The checks that failed.
pub(crate) fn failed(report: &Report) -> BTreeSet<&str> {
    let failed = report.checks.iter();
    failed
        .filter(|check| check.outcome == Outcome::Fail)
        .map(|check| check.id.as_str())
        .collect()
}

/// A check's evidence, one line for each piece: subject, message, place.
pub(crate) fn evidence(check: &Check) -> Vec<String> {
    let lines = check.evidence.iter().map(|it| {
        let place = it.location.as_ref().map_or_else(String::new, |at| {
            let line = at.line.map_or_else(String::new, |line| format!(":{line}"));
            format!("{}{line}", at.path)
        });
        format!("{} | {} | {place}", it.subject, it.message)
    });
    lines.collect()
}
