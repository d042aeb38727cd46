//! The built-in checks are sound, and every check that the catalogue demands of the areas delivered
//! so far is there with the severity that the catalogue gives it.

use deskguard::check::{Catalogue, lint};
use std::path::PathBuf;

/// `id severity`, one a line: what must exist by now. Adding a check that is not demanded needs no
/// line here.
const DEMANDED: &str = include_str!("catalogue.txt");

#[test]
fn built_in_checks_are_sound() {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    let files: Vec<(String, PathBuf)> = Catalogue::embedded_sources()
        .into_iter()
        .map(|(id, file, _)| (id, file))
        .collect();
    let complaints: Vec<String> = lint(&catalogue, &files)
        .iter()
        .map(|it| it.render(false))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_demanded_check_is_there() {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    assert!(DEMANDED.lines().count() >= 68, "lines are missing");
    for line in DEMANDED.lines() {
        let (id, severity) = line.split_once(' ').unwrap();
        let check = catalogue
            .find(id)
            .unwrap_or_else(|| panic!("{id} is demanded and not there"));
        assert_eq!(check.severity.word(), severity, "{id}");
    }
}

/// The lint must be able to refuse: each mistake planted in a sound check is found.
#[test]
fn the_lint_refuses_each_mistake() {
    let (id, file, sound) = Catalogue::embedded_sources()
        .into_iter()
        .find(|(id, ..)| id == "files/owner-not-root")
        .unwrap();
    for (from, to, expected) in [
        (
            "severity = \"medium\"",
            "severity = \"medium\"\ncolour = \"red\"",
            "unknown field",
        ),
        ("row.uid != 0", "row.uidd != 0", "no probe publishes"),
        (
            "row.area != \"app\" || row.uid != 0",
            "true",
            "example 2 is expected to be Fail",
        ),
        (
            "row.area != \"app\" || row.uid != 0",
            "size(files.owners.rows) == 0",
            "not what was missed",
        ),
        (
            "row.area != \"app\" || row.uid != 0",
            "has(row.uid)",
            "has()",
        ),
        (
            "row.area != \"app\" || row.uid != 0",
            "row.uid !=",
            "does not compile",
        ),
        (
            "expect = \"pass\"",
            "expect = \"unknown\"",
            "no [[example]] that is expected to pass",
        ),
        ("{{ row.path }}", "{{ row.nothing }}", "no probe publishes"),
        (
            "{{ target.root }}",
            "{{ target.root | safe }}",
            "`safe` is refused",
        ),
        (
            "{{ target.root }}",
            "{{ target.root if false }}",
            "an expression gives nothing",
        ),
        (
            "each     = \"files.owners\"",
            "each     = \"files.walk\"",
            "is no listing",
        ),
        ("risk = \"none\"", "", "missing field `risk`"),
    ] {
        let broken = sound.replace(from, to);
        assert_ne!(broken, sound, "{from}");
        let complaints = match Catalogue::compile(&[(id.clone(), file.clone(), broken)]) {
            Ok(catalogue) => lint(&catalogue, &[]),
            Err(complaints) => complaints,
        };
        let text: Vec<String> = complaints.iter().map(|it| it.render(false)).collect();
        assert!(
            text.join("\n").contains(expected),
            "{to}: {}",
            text.join("\n")
        );
    }
}

/// What a fix is said to do to the facts is proven by the check's own examples.
#[test]
fn the_lint_refuses_an_after_that_is_not_so() {
    let (id, file, sound) = Catalogue::embedded_sources()
        .into_iter()
        .find(|(id, ..)| id == "files/backups-private")
        .unwrap();
    let after = "set = { everybody = false, strangers = \"{{ [row.owner] if row.owner in row.strangers else [] }}\" }";
    for (to, expected) in [
        (
            "set = { strangers = [] }",
            "example 2 comes to Fail by the `after`",
        ),
        ("set = { everybodys = false }", "no probe publishes"),
        (
            "set = { \"files.walk.entry\" = 0 }",
            "no probe publishes `files.walk.entry`",
        ),
        (
            "rows = \"files.walk\"\nif = \"true\"\ndrop = true",
            "is no listing",
        ),
        (
            "rows = \"files.owners\"\ndrop = true",
            "`rows` without `if`",
        ),
        (
            "drop = true\nset = { everybody = false }",
            "either `drop` or `set`",
        ),
        ("if = \"row.nothing\"\ndrop = true", "no probe publishes"),
        (
            "if = \"rows.exists(r, r.nothing)\"\ndrop = true",
            "no probe publishes",
        ),
        ("if = \"row.everybody ==\"\ndrop = true", "does not compile"),
        (
            "set = { everybody = \"{{ row.nobody }}\" }",
            "cannot be foreseen",
        ),
        (
            "set = { owner = \"{{ row.owner }}\" }",
            "[[fix.after]] 1 of [[fix]] 1 changes nothing in any failing [[example]]",
        ),
    ] {
        let broken = sound.replace(after, to);
        assert_ne!(broken, sound, "{to}");
        let catalogue = Catalogue::compile(&[(id.clone(), file.clone(), broken)]).unwrap();
        let complaints = lint(&catalogue, &[]);
        let text: Vec<String> = complaints.iter().map(|it| it.render(false)).collect();
        let text = text.join("\n");
        assert!(text.contains(expected), "{to}: {text}");
    }
}

/// The same for deeds: what `do` names must be there, and a step is written once.
#[test]
fn the_lint_refuses_each_mistake_in_a_recipe() {
    let (id, file, sound) = Catalogue::embedded_sources()
        .into_iter()
        .find(|(id, ..)| id == "files/backups-private")
        .unwrap();
    for (from, to, expected) in [
        ("action = \"mode\"", "action = \"chmod\"", "unknown variant"),
        ("action = \"mode\"\n", "", "names no `action`"),
        ("mode   =", "modes  =", "unknown field"),
        ("mode   = \"go-rwx\"\n", "", "missing field"),
        (
            "path   = \"{{ row.path }}\"",
            "path   = \"{{ row.nothing }}\"",
            "no probe publishes",
        ),
        ("each   = \"rows\"\n", "", "is used without `each`"),
        (
            "action = \"mode\"",
            "if     = \"row.path == '/elsewhere'\"\naction = \"mode\"",
            "no failing [[example]] carries out [[fix.do]] 2 of [[fix]] 1 (mode); add one",
        ),
        (
            "path   = \"{{ row.path }}\"",
            "path   = \"{{ target.owner }}\"",
            "[[fix.do]] 1 of [[fix]] 1 (strip-acl): in example 2 `target` is not known; add one",
        ),
        (
            "path   = \"{{ row.path }}\"",
            "path   = \"{{ row.path \"",
            "does not parse",
        ),
        (
            "risk = \"none\"\ncheck",
            "risk = \"none\"\nrun = \"true\"\ncheck",
            "has `run` and `do`",
        ),
        ("run  = \"Move", "note = \"Move", "neither `run` nor `do`"),
    ] {
        let broken = sound.replacen(from, to, 1);
        assert_ne!(broken, sound, "{from}");
        let complaints = match Catalogue::compile(&[(id.clone(), file.clone(), broken)]) {
            Ok(catalogue) => lint(&catalogue, &[]),
            Err(complaints) => complaints,
        };
        let text: Vec<String> = complaints.iter().map(|it| it.render(false)).collect();
        assert!(
            text.join("\n").contains(expected),
            "{to}: {}",
            text.join("\n")
        );
    }
}

/// Nobody can foresee what a deed comes to whose effect is not said.
#[test]
fn the_lint_refuses_deeds_without_effect() {
    let (id, file, sound) = Catalogue::embedded_sources()
        .into_iter()
        .find(|(id, ..)| id == "config/debug-off")
        .unwrap();
    let broken = sound.replace("[[fix.after]]\ndrop = true\n", "");
    assert_ne!(broken, sound);
    let catalogue = Catalogue::compile(&[(id, file, broken)]).unwrap();
    let text: Vec<String> = lint(&catalogue, &[])
        .iter()
        .map(|it| it.render(false))
        .collect();
    assert!(
        text.join("\n").contains("has `do` and no `after`"),
        "{text:?}"
    );
}

/// Passing when nobody looked is the one thing that no check may do.
#[test]
fn the_lint_refuses_a_check_that_passes_in_the_dark() {
    let dark = r#"
title = "t"
severity = "low"
source = "s"
pass = "true"
found = "f"
why = "w"
[[fix]]
kind = "manual"
risk = "none"
run = "r"
[[example]]
expect = "pass"
facts = {}
[[example]]
expect = "fail"
facts = {}
"#;
    let source = (
        "site/dark".to_owned(),
        PathBuf::from("dark.toml"),
        dark.to_owned(),
    );
    let catalogue = Catalogue::compile(&[source]).unwrap();
    let text: Vec<String> = lint(&catalogue, &[])
        .iter()
        .map(|it| it.render(false))
        .collect();
    assert!(
        text.join("\n")
            .contains("with every fact unknown it is Pass"),
        "{text:?}"
    );
}

/// A former id that is none, that another check has, or that two claim, would let a waiver cover the
/// wrong check.
#[test]
fn the_lint_refuses_aliases_that_mislead() {
    let sources: Vec<_> = Catalogue::embedded_sources()
        .into_iter()
        .filter(|(id, ..)| id == "files/owner-not-root" || id == "files/no-setuid")
        .collect();
    for (aliases, expected) in [
        ("[\"files/old-name\"]", None),
        ("[\"Old\"]", Some("is no id of a check")),
        (
            "[\"files/no-setuid\"]",
            Some("belongs to files/no-setuid already"),
        ),
        (
            "[\"files/owner-not-root\"]",
            Some("belongs to files/owner-not-root already"),
        ),
        (
            "[\"a/b\", \"a/b\"]",
            Some("belongs to files/owner-not-root already"),
        ),
    ] {
        let mut sources = sources.clone();
        for (id, _, text) in &mut sources {
            if id == "files/owner-not-root" {
                text.insert_str(0, &format!("aliases = {aliases}\n"));
            }
        }
        let catalogue = Catalogue::compile(&sources).unwrap();
        let found: Vec<String> = lint(&catalogue, &[])
            .iter()
            .map(|it| it.message.clone())
            .collect();
        match expected {
            None => assert!(found.is_empty(), "{found:?}"),
            Some(part) => assert!(
                found.iter().any(|it| it.contains(part)),
                "{aliases}: {found:?}"
            ),
        }
    }
}
