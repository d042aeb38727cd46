//! Effects on made-up facts: what changes, what must not, and that order does not matter.

use super::{automatic, planned, predict};
use crate::check::{Catalogue, with_large_stack};
use crate::engine::{Outcome, Verdict, judge};
use crate::facts::{Given, Known, Listing, LoadedFile, Owner, Readable};
use crate::fix::{FixOf, Plan};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn check(id: &str, listing: &str, pass: &str, fixes: &str) -> (String, PathBuf, String) {
    let text = format!(
        "title = 't'\nseverity = 'high'\nsource = 's'\neach = '{listing}'\npass = '{pass}'\nfound = 'f'\nwhy = 'w'\n{fixes}"
    );
    (id.to_owned(), PathBuf::from(id), text)
}

const DO: &str = "[[fix]]\nkind = 'shell'\nrisk = 'none'\n[[fix.do]]\neach = 'rows'\naction = 'mode'\npath = '{{ row.path }}'\nmode = 'go-rwx'\n[[fix.after]]\n";

fn facts() -> Given {
    let backup = |path: &str, everybody| Readable {
        path: path.to_owned(),
        kind: "dump".to_owned(),
        owner: "root".to_owned(),
        everybody,
        strangers: Known::Known(Vec::new()),
        mode: "0644".to_owned(),
        in_web_root: false,
    };
    let owner = |path: &str, uid: u32| Owner {
        area: "app".to_owned(),
        owner: uid.to_string(),
        uid,
        count: 1,
        path: path.to_owned(),
        examples: Vec::new(),
    };
    let mut given = Given::default();
    given.facts.files.backups = Listing::whole(vec![
        backup("/a", Known::Known(true)),
        backup("/b", Known::Known(false)),
        backup("/c", Known::unknown("permission denied on /c")),
        backup("/d", Known::Known(true)),
    ]);
    given.facts.files.owners = Listing::whole(vec![owner("/a", 0), owner("/x", 0), owner("/d", 0)]);
    given
}

fn outcomes(checks: &[(String, PathBuf, String)], given: &Given) -> (Vec<String>, Vec<String>) {
    let catalogue = Catalogue::compile(checks).unwrap();
    let verdicts = with_large_stack(|| judge(&catalogue, given)).unwrap();
    let prediction = predict(&catalogue, given, &verdicts, &automatic(&verdicts)).unwrap();
    let said = prediction
        .verdicts
        .iter()
        .map(|it| format!("{} {:?} {}", it.id, it.outcome, it.evidence_total));
    assert!(serde_json::from_value::<Given>(prediction.given).is_ok());
    (said.collect(), prediction.untold)
}

#[test]
fn failing_rows_change_and_unknown_ones_stay_unknown() {
    let set = format!("{DO}set = {{ everybody = false }}\n");
    let one = check("a/backups", "files.backups", "!row.everybody", &set);
    assert_eq!(
        outcomes(std::slice::from_ref(&one), &facts()),
        (vec!["a/backups Unknown 0".to_owned()], Vec::new())
    );
    let drop = format!("{DO}if = 'row.path == \"/a\"'\ndrop = true\n");
    let one = check("a/backups", "files.backups", "!row.everybody", &drop);
    let (said, _) = outcomes(&[one], &facts());
    assert_eq!(said, ["a/backups Fail 1"]);
}

#[test]
fn another_listing_changes_where_it_meets_the_rows_found() {
    let owners = check(
        "a/owners",
        "files.owners",
        "row.uid != 0",
        "[[fix]]\nkind = 'manual'\nrisk = 'none'\nrun = 'r'",
    );
    let also = format!(
        "{DO}rows = 'files.owners'\nif = 'rows.exists(r, r.path == row.path)'\nset = {{ uid = 7, owner = '{{{{ row.owner }}}}+{{{{ rows | length }}}}' }}\n[[fix.after]]\nset = {{ \"files.walk.entries\" = 9, everybody = false }}\n"
    );
    let mut given = facts();
    given.facts.files.backups.rows.remove(2);
    for checks in [
        [
            owners.clone(),
            check("b/backups", "files.backups", "!row.everybody", &also),
        ],
        [
            check("0/backups", "files.backups", "!row.everybody", &also),
            owners,
        ],
    ] {
        let catalogue = Catalogue::compile(&checks).unwrap();
        let verdicts = with_large_stack(|| judge(&catalogue, &given)).unwrap();
        let seen = predict(&catalogue, &given, &verdicts, &automatic(&verdicts)).unwrap();
        let owner = |index: usize| {
            seen.given
                .pointer(&format!("/files/owners/rows/{index}/owner"))
        };
        assert_eq!(owner(0).unwrap(), "0+2");
        assert_eq!(owner(1).unwrap(), "0");
        assert_eq!(seen.given.pointer("/files/walk/entries").unwrap(), 9);
        let turns: Vec<_> = seen.turns.iter().map(|it| (it.before, it.after)).collect();
        assert_eq!(turns, [(Outcome::Fail, Outcome::Pass)]);
        assert_eq!((seen.before.low, seen.after.low), (0, 50));
        let of_owners = seen.verdicts.iter().find(|it| it.id == "a/owners").unwrap();
        assert_eq!(of_owners.evidence_total, 1);
    }
}

#[test]
fn an_effect_that_cannot_be_told_changes_nothing_and_is_said() {
    let dark = format!("{DO}if = 'row.everybody'\nset = {{ everybody = false }}\n");
    let one = check("a/backups", "files.backups", "row.path != \"/a\"", &dark);
    let (said, untold) = outcomes(&[one], &facts());
    assert_eq!(said, ["a/backups Fail 1"]);
    assert_eq!(
        untold,
        ["What a fix of a/backups does to the facts cannot be foreseen: permission denied on /c."]
    );
}

#[test]
fn only_the_fixes_that_are_carried_out_count() {
    let set = format!("{DO}set = {{ everybody = false }}\n");
    let one = check("a/backups", "files.backups", "!row.everybody", &set);
    let catalogue = Catalogue::compile(&[one]).unwrap();
    let verdicts = with_large_stack(|| judge(&catalogue, &facts())).unwrap();
    let other = FixOf {
        check: "a/backups".to_owned(),
        number: 1,
    };
    for fixes in [BTreeSet::new(), BTreeSet::from([other])] {
        let seen = predict(&catalogue, &facts(), &verdicts, &fixes).unwrap();
        assert_eq!(seen.turns, []);
        assert_eq!(seen.before, seen.after);
        assert_eq!(seen.verdicts, verdicts);
    }
}

/// nginx and Apache show when they have read their files; PHP-FPM's workers may have died and come again.
#[test]
fn what_is_edited_is_loaded_as_far_as_its_server_shows() {
    let edit = "[[fix]]\nkind = 'shell'\nrisk = 'reload'\n[[fix.do]]\neach = 'rows'\naction = 'line'\nserver = 'nginx'\npath = '{{ row.path }}'\nline = 1\nexpected = 'x;'\ntext = 'y;'\n[[fix.after]]\ndrop = true\n";
    let checks = [
        check("web/edited", "files.owners", "row.uid != 0", edit),
        check("web/loaded", "web.loaded", "!row.newer", ""),
    ];
    let mut given = facts();
    let row = |program: &str, path: &str| LoadedFile {
        program: program.to_owned(),
        path: path.to_owned(),
        line: 0,
        newer: Known::Known(false),
        changed: String::new(),
        read: String::new(),
        because: String::new(),
    };
    for (program, outcome) in [
        ("nginx", "Pass"),
        ("apache", "Pass"),
        ("php-fpm", "Unknown"),
    ] {
        given.facts.web.loaded = Listing::whole(vec![row(program, "/a"), row(program, "/y")]);
        let (said, untold) = outcomes(&checks, &given);
        assert!(untold.is_empty(), "{untold:?}");
        assert_eq!(said[1].split(' ').nth(1), Some(outcome), "{program}");
    }
}

/// Mending one check makes another fail that did not: both are in the plan, unless only one is wanted.
#[test]
fn what_a_plan_brings_about_is_mended_with_the_rest() {
    let first = check(
        "a/backups",
        "files.backups",
        "!row.everybody",
        &format!(
            "{DO}set = {{ everybody = false }}\n[[fix.after]]\nrows = 'files.owners'\nif = 'true'\nset = {{ uid = 7 }}\n"
        ),
    );
    let second = check(
        "b/owners",
        "files.owners",
        "row.uid != 7",
        &format!("{DO}set = {{ uid = 8 }}\n"),
    );
    let mut given = facts();
    given.facts.files.backups.rows.remove(2);
    let catalogue = Catalogue::compile(&[first, second]).unwrap();
    let verdicts = with_large_stack(|| judge(&catalogue, &given)).unwrap();
    for (wanted, mended, then) in [
        ("", &["a/backups", "b/owners"][..], Outcome::Pass),
        ("a/backups", &["a/backups"], Outcome::Fail),
    ] {
        let is_wanted = |it: &Verdict| it.id.starts_with(wanted);
        let (plan, prediction) =
            planned(&catalogue, &given, &verdicts, &is_wanted, &plan_of).unwrap();
        let fixes: BTreeSet<String> = plan.fixes().into_iter().map(|it| it.check).collect();
        assert_eq!(fixes.iter().collect::<Vec<_>>(), mended);
        assert_eq!(prediction.verdicts[0].outcome, Outcome::Pass);
        assert_eq!(prediction.verdicts[1].outcome, then);
        let turns = prediction.turns.iter().map(|it| it.check.as_str());
        let expected = if then == Outcome::Pass { 1 } else { 2 };
        assert_eq!(turns.count(), expected);
    }
}

/// Of the built-in checks: addresses that are asked for must not be trusted for a year.
#[test]
fn trusted_addresses_that_are_asked_for_are_fresh_as_well() {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    let mut facts = serde_json::to_value(Given::default()).unwrap();
    for (path, value) in [
        ("/target/generation", json!("v5")),
        ("/database/schema", json!("deskpro")),
        ("/helpdesk/has/ip_whitelist", json!(true)),
        ("/helpdesk/login/trusted/on/value", json!(false)),
        ("/helpdesk/login/trusted/on/from", json!("shipped default")),
        ("/helpdesk/login/trusted/covers/value", json!("agents")),
        (
            "/helpdesk/login/trusted/covers/from",
            json!("shipped default"),
        ),
        (
            "/helpdesk/login/trusted/lifetime_seconds/value",
            json!(31_536_000),
        ),
        (
            "/helpdesk/login/trusted/lifetime_seconds/from",
            json!("shipped default"),
        ),
        ("/helpdesk/login/trusted/oldest_days", json!(0)),
        ("/helpdesk/login/trusted/job_days_ago", json!(0)),
    ] {
        *facts.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    }
    let given: Given = serde_json::from_value(facts).unwrap();
    let verdicts = with_large_stack(|| judge(&catalogue, &given)).unwrap();
    let of = |verdicts: &[Verdict], id: &str| {
        let found = verdicts.iter().find(|it| it.id == id);
        found.map(|it| it.outcome).unwrap()
    };
    let fresh = "login/ip-whitelist-fresh";
    assert_eq!(of(&verdicts, fresh), Outcome::NotApplicable);
    let wanted = |it: &Verdict| it.id.starts_with("login/ip-whitelist-");
    let (plan, prediction) = planned(&catalogue, &given, &verdicts, &wanted, &plan_of).unwrap();
    let settings: Vec<String> = plan.actions().map(|it| json!(it).to_string()).collect();
    assert!(
        settings.iter().any(|it| it.contains("whitelist_lifetime")),
        "{settings:?}"
    );
    assert_eq!(
        of(&prediction.verdicts, "login/ip-whitelist-on"),
        Outcome::Pass
    );
    assert_eq!(of(&prediction.verdicts, fresh), Outcome::Pass);
}

fn plan_of(verdicts: &[&Verdict]) -> Plan {
    Plan::of(verdicts.iter().flat_map(|it| {
        let steps = it.fixes.iter();
        steps.map(|step| (it.id.as_str(), step))
    }))
}
