//! A plan is the same whatever the order in which fixes come in, holds nothing twice, and loses no deed.

use crate::deeds::{action, all};
use crate::shell::step;
use deskguard::fix::{Action, Phase, Plan, Step};
use proptest::prelude::*;
use serde_json::json;

/// Deeds of which some are the same, some overlap and some contradict each other.
fn some() -> Vec<Action> {
    let mut deeds = all("/srv", "a");
    deeds.extend(all("/srv", "a"));
    deeds.extend(
        [
            json!({"action": "mode", "path": "/srv/mode/a", "mode": "o-rwx"}),
            json!({"action": "mode", "path": "/srv/mode/a", "mode": "0640"}),
            json!({"action": "mode", "path": "/srv/tree/a/x", "mode": "o-w"}),
            json!({"action": "mode", "path": "/srv/tree/a/data/x", "mode": "o-w"}),
            json!({"action": "mode", "path": "/srv/away/a/deep", "mode": "go-rwx"}),
            json!({"action": "own", "path": "/srv/own/a", "user": "deskpro"}),
            json!({"action": "own", "path": "/srv/own/a", "user": "root"}),
            json!({"action": "put-away", "path": "/srv/away/a", "into": "/root/deskguard-evidence"}),
            json!({"action": "grant-acl", "path": "/srv/acl/a", "user": "www-data", "rights": "w"}),
            json!({"action": "snippet", "server": "nginx", "path": "/srv/nginx/a", "line": 2, "expected": "server {",
                "text": "server_tokens off;\nlocation ~ \\.php$ {\n    fastcgi_pass x;\n}"}),
            json!({"action": "snippet", "server": "nginx", "path": "/srv/nginx/a", "line": 2, "expected": "server {",
                "text": "location ~ /\\. { return 404; }"}),
            json!({"action": "setting", "path": "/srv/config.php/a", "setting": "DP_X", "value": "'other'"}),
            json!({"action": "directory", "path": "/srv/to", "user": "root", "group": "root", "mode": "0755"}),
        ]
        .map(action),
    );
    deeds
}

fn plan(fixes: &[(String, Step)]) -> Plan {
    Plan::of(fixes.iter().map(|(check, step)| (check.as_str(), step)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_order_gives_the_same_plan_and_no_deed_is_lost(
        chosen in proptest::sample::subsequence((0..some().len()).collect::<Vec<_>>(), 1..25),
        checks in proptest::collection::vec(0_usize..6, 80),
        shuffled in Just((0..80_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let deeds = some();
        let fixes: Vec<(String, Step)> = chosen
            .iter()
            .map(|at| {
                let step = Step { number: *at, ..step(vec![deeds[*at].clone()]) };
                (format!("area/check-{}", checks[*at]), step)
            })
            .collect();
        let one = plan(&fixes);
        let mut other: Vec<(usize, (String, Step))> =
            fixes.iter().enumerate().map(|(at, it)| (shuffled[at], it.clone())).collect();
        other.sort_by_key(|(at, _)| *at);
        let other: Vec<(String, Step)> = other.into_iter().map(|(_, it)| it).collect();
        prop_assert_eq!(&plan(&other), &one);

        let carried_out: Vec<&Action> = one.actions().collect();
        for (at, deed) in carried_out.iter().enumerate() {
            prop_assert!(!carried_out[at + 1..].contains(deed), "twice: {:?}", deed);
        }
        let withheld = one.withheld();
        for (check, step) in &fixes {
            for deed in &step.actions {
                let there = carried_out.contains(&deed)
                    || matches!(deed, Action::Reload { .. })
                    || withheld.contains(check.as_str())
                    || one.covered.iter().any(|it| it.action == *deed && it.checks.contains(check));
                prop_assert!(there, "lost: {:?} of {}", deed, check);
            }
            if withheld.contains(check.as_str()) {
                prop_assert!(one.steps.iter().all(|it| !it.checks().contains(check.as_str())));
            }
        }
        for covered in &one.covered {
            // What covers is done itself, or covered in turn.
            prop_assert!(
                carried_out.contains(&&covered.by)
                    || one.covered.iter().any(|it| it.action == covered.by),
                "covered by what is not there: {:?}", covered
            );
        }
        let phases: Vec<Phase> = one.steps.iter().map(|it| it.phase).collect();
        prop_assert!(phases.is_sorted(), "{:?}", phases);
    }
}

fn of(deeds: &[serde_json::Value]) -> Plan {
    let steps: Vec<(String, Step)> = deeds
        .iter()
        .enumerate()
        .map(|(at, deed)| (format!("area/check-{at}"), step(vec![action(deed.clone())])))
        .collect();
    plan(&steps)
}

fn kinds(plan: &Plan) -> Vec<String> {
    let kind = |action: &Action| {
        let value = serde_json::to_value(action).unwrap();
        value["action"].as_str().unwrap().to_owned()
    };
    plan.actions().map(kind).collect()
}

#[test]
fn what_must_be_first_is_first() {
    let plan = of(&[
        json!({"action": "reload", "server": "nginx"}),
        json!({"action": "grant-acl", "path": "/a", "user": "u", "rights": "r"}),
        json!({"action": "mode", "path": "/a", "mode": "0640"}),
        json!({"action": "strip-acl", "path": "/a"}),
        json!({"action": "own", "path": "/a", "user": "u"}),
        json!({"action": "close-tree", "path": "/", "except": [], "from": "w", "user": "u", "mode": "o-w"}),
        json!({"action": "cron-line", "path": "/etc/crontab", "line": 3}),
        json!({"action": "write", "path": "/etc/cron.d/x", "content": "", "mode": "0644"}),
        json!({"action": "setting", "path": "/c.php", "setting": "A", "value": "1"}),
        json!({"action": "sql", "statement": "rename-account", "user": "a", "host": "%", "to": "b"}),
        json!({"action": "sql", "statement": "drop-account", "user": "c", "host": "%"}),
        json!({"action": "sql", "statement": "grant", "user": "a", "host": "%", "on": {"level": "global"}, "privileges": ["SELECT"]}),
        json!({"action": "directory", "path": "/new", "user": "root", "group": "root", "mode": "0755"}),
        json!({"action": "move-tree", "path": "/old/data", "to": "/new/data"}),
        json!({"action": "put-away", "path": "/old/data/x.php", "into": "/root/e"}),
        json!({"action": "account", "user": "u"}),
    ]);
    assert_eq!(
        kinds(&plan),
        [
            "account",
            "put-away",
            "directory",
            "move-tree",
            "sql",
            "setting",
            "close-tree",
            "own",
            "strip-acl",
            "mode",
            "grant-acl",
            "write",
            "cron-line",
            "sql",
            "sql",
            "reload"
        ]
    );
}

#[test]
fn edits_of_a_file_go_upwards_and_one_reload_ends_them() {
    let snippet = |line: u32, text: &str| json!({"action": "snippet", "server": "nginx", "path": "/n", "line": line, "expected": "server {", "text": text});
    let plan = of(&[
        snippet(2, "server_tokens off;"),
        snippet(9, "server_tokens off;"),
        snippet(
            2,
            "# also\nserver_tokens off;\nlocation ~ \\.php$ {\n  fastcgi_pass x;\n}",
        ),
        snippet(2, "location ~ /\\. { return 404; }"),
    ]);
    let lines: Vec<u32> = plan
        .actions()
        .filter_map(|it| match it {
            Action::Snippet { line, .. } => Some(*line),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [9, 2]);
    assert_eq!(kinds(&plan), ["snippet", "snippet", "reload"]);
    let Some(Action::Snippet { text, .. }) = plan.actions().nth(1) else {
        panic!("no snippet")
    };
    assert_eq!(text.matches("server_tokens").count(), 1);
    // nginx takes the first regular expression that fits: what denies stands before what runs PHP.
    assert!(
        text.find("404").unwrap() < text.find("fastcgi_pass").unwrap(),
        "{text}"
    );
}

#[test]
fn fixes_that_contradict_each_other_are_left_to_a_person_as_a_whole() {
    let location = |code: u32| {
        json!({"action": "snippet", "server": "nginx", "path": "/n", "line": 2, "expected": "server {",
            "text": format!("location ^~ /data/ {{ return {code}; }}")})
    };
    let moved = json!({"action": "move-tree", "path": "/a", "to": "/b"});
    for (one, other) in [
        (location(403), location(404)),
        (
            json!({"action": "mode", "path": "/a/x", "mode": "0660"}),
            json!({"action": "close-tree", "path": "/a", "except": [], "from": "w", "user": "u", "mode": "g-w"}),
        ),
        (
            json!({"action": "own", "path": "/a/x", "user": "a"}),
            json!({"action": "own", "path": "/a/x", "user": "b"}),
        ),
        (
            json!({"action": "setting", "path": "/c.php", "setting": "A", "value": "1"}),
            json!({"action": "setting", "path": "/c.php", "setting": "A"}),
        ),
        (
            json!({"action": "sql", "statement": "settings", "schema": "d", "values": {"a": "1"}}),
            json!({"action": "sql", "statement": "settings", "schema": "d", "values": {"a": "2", "b": "1"}}),
        ),
    ] {
        let fixes = [
            ("area/one", step(vec![action(one), action(moved.clone())])),
            ("area/other", step(vec![action(other)])),
            (
                "area/third",
                step(vec![action(json!({"action": "account", "user": "u"}))]),
            ),
        ];
        let plan = Plan::of(fixes.iter().map(|(check, step)| (*check, step)));
        assert_eq!(plan.conflicts.len(), 1, "{plan:?}");
        assert_eq!(kinds(&plan), ["account"]);
        assert_eq!(
            plan.withheld().into_iter().collect::<Vec<_>>(),
            ["area/one", "area/other"]
        );
    }
}

#[test]
fn what_is_taken_away_or_closed_with_its_tree_needs_no_mode() {
    let plan = of(&[
        json!({"action": "put-away", "path": "/a/b.bak", "into": "/root/l"}),
        json!({"action": "mode", "path": "/a/b.bak", "mode": "go-rwx"}),
        json!({"action": "close-tree", "path": "/a", "except": ["/a/data"], "from": "w", "user": "u", "mode": "go-w"}),
        json!({"action": "mode", "path": "/a/c", "mode": "o-w"}),
        json!({"action": "mode", "path": "/a/data/d", "mode": "o-w"}),
    ]);
    assert_eq!(kinds(&plan), ["put-away", "close-tree", "mode"]);
    assert_eq!(plan.covered.len(), 2);
}

/// A walk that only takes bits away is done by one that takes them as well, for the checks of both.
#[test]
fn of_two_walks_over_one_tree_the_wider_one_does() {
    let walk = |from: &str, user: &str, mode: &str| json!({"action": "close-tree", "path": "/a", "except": [], "from": from, "user": user, "mode": mode});
    let narrow = walk("root", "root", "o-w");
    for wide in [
        walk("w", "u", "go-w"),
        walk("root", "root", "go-w"),
        walk("w", "u", "o-w"),
    ] {
        for pair in [[&narrow, &wide], [&wide, &narrow]] {
            let fixes = pair.map(|it| step(vec![action(it.clone())]));
            let plan = Plan::of([("area/one", &fixes[0]), ("area/other", &fixes[1])]);
            assert_eq!(plan.actions().collect::<Vec<_>>(), [&action(wide.clone())]);
            assert_eq!(plan.fixes().len(), 2, "{wide}");
        }
    }
    let apart = of(&[narrow.clone(), walk("w", "u", "g-w")]);
    assert_eq!(kinds(&apart), ["close-tree", "close-tree"]);
}
