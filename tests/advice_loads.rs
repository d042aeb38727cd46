//! What the checks tell a person to write: nginx's and Apache's lines load where they belong, and PHP's
//! parse. The values are those of the checks' own failing examples.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "a test; the servers' room is shared and not all of it is used"
)]

mod real_apache;

use deskguard::check::{Catalogue, Check, Expect, FixStep, StepKind};
use deskguard::fix::Templates;
use real_apache::{Apache, preamble};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A fix with the values of each failing example that has them all.
fn rendered(check: &Check, fix: &FixStep) -> BTreeSet<String> {
    let failing = check
        .examples
        .iter()
        .filter(|example| example.expect == Expect::Fail);
    failing
        .filter_map(|example| {
            let mut facts = serde_json::to_value(&example.facts).unwrap();
            complete(&mut facts, &beside());
            let listing = check.each.as_ref().map(|each| each.source.clone());
            let rows = listing.map_or(Value::Null, |listing| {
                let path = listing.split('.');
                path.fold(facts.clone(), |at, part| at[part].clone())["rows"].clone()
            });
            let rows = rows.as_array().cloned().unwrap_or_default();
            let step = Templates::new(&facts).step(fix, &rows);
            (step.kind == fix.kind).then_some(step.run)
        })
        .collect()
}

/// Facts that texts name and that no example of their check has to.
fn beside() -> Value {
    json!({
        "target": { "generation": "v4", "root": "/srv/dp", "web_user": "www-data" },
        "data": { "directories": { "rows": [{ "real_directory": "/srv/dp data/x" }] } },
        "web": {
            "inside": ["10.0.0.0/8", "2001:db8::/32"],
            "blocks": { "rows": [
                { "program": "nginx", "block": "listing", "path": "/etc/nginx/x", "line": 3 },
                { "program": "apache", "block": "trust", "path": "/etc/apache2/x", "line": 3 },
            ] },
            "data": { "rows": [{ "does": "served", "guard": "^/+a b/+c\\+d(/|\\z)" }] },
        },
    })
}

/// Adds what is not there.
fn complete(facts: &mut Value, more: &Value) {
    let (Some(fields), Some(more)) = (facts.as_object_mut(), more.as_object()) else {
        return;
    };
    for (name, value) in more {
        complete(fields.entry(name).or_insert_with(|| value.clone()), value);
    }
}

/// Every text of a kind, with the check that it is from.
fn all(kind: StepKind) -> Vec<(String, String)> {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    let mut found = Vec::new();
    for check in &catalogue.checks {
        // A PHP line that deskguard writes itself is named, not spelled.
        let by_hand = |fix: &&FixStep| kind != StepKind::Php || fix.does.is_empty();
        for fix in check
            .fixes
            .iter()
            .filter(|fix| fix.kind == kind)
            .filter(by_hand)
        {
            let texts = rendered(check, fix);
            assert!(
                !texts.is_empty(),
                "{}: no example shows its {kind:?} fix",
                check.id
            );
            found.extend(texts.into_iter().map(|text| (check.id.clone(), text)));
        }
    }
    found
}

/// Lines for the `http` block and for the server block, where a text holds both.
fn split(text: &str) -> (&str, &str) {
    let at = text.find("# In the server block");
    at.map_or(("", text), |at| text.split_at(at))
}

fn nginx(folder: &Path, http: &str, server: &str) -> Result<(), String> {
    let config = folder.join("nginx.conf");
    let text = format!(
        "pid {0}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{http}\n\
         server {{\nlisten 127.0.0.1:1;\nroot {0};\n{server}\n}}\n}}\n",
        folder.display()
    );
    std::fs::write(&config, text).unwrap();
    let run = Command::new("nginx")
        .args(["-t", "-p"])
        .arg(folder)
        .arg("-c")
        .arg(&config)
        .output()
        .expect("nginx judges this test; install nginx");
    if run.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&run.stderr).into_owned())
    }
}

#[test]
fn nginx_loads_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    // What another fix of the same checks puts into the http block.
    let geo = "geo $deskguard_outsider { default 1; }";
    for (id, text) in all(StepKind::Nginx) {
        let (http, server) = split(&text);
        let places = [
            nginx(folder.path(), &format!("{geo}\n{http}"), server),
            nginx(folder.path(), &text, ""),
        ];
        let refused: Vec<String> = places.into_iter().filter_map(Result::err).collect();
        assert!(refused.len() < 2, "{id}: {}\n{text}", refused.join("\n"));
    }
}

#[test]
fn apache_loads_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("apache2.conf");
    let preamble = preamble(folder.path());
    let more: String = ["ssl", "socache_shmcb"]
        .iter()
        .filter(|module| !preamble.contains(&format!("LoadModule {module}_module")))
        .map(|module| {
            format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n")
        })
        .collect();
    for (id, text) in all(StepKind::Apache) {
        let inside = format!("<VirtualHost 127.0.0.1:1>\n{text}\n</VirtualHost>\n");
        let refused: Vec<String> = [inside, format!("{text}\n")]
            .iter()
            .filter_map(|lines| {
                let text = format!("{preamble}{more}Listen 127.0.0.1:1\n{lines}");
                std::fs::write(&config, text).unwrap();
                Apache::check(folder.path(), &config).err()
            })
            .collect();
        assert!(refused.len() < 2, "{id}: {}\n{text}", refused.join("\n"));
    }
}

#[test]
fn php_parses_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.php");
    for (id, text) in all(StepKind::Php) {
        std::fs::write(&file, format!("<?php\n{text}\n")).unwrap();
        let run = Command::new("php")
            .args(["-n", "-l"])
            .arg(&file)
            .output()
            .expect("php judges this test; install php-cli");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{id}: {said}\n{text}");
    }
}
