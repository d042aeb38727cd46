//! What the checks' own deeds write, where the facts hold what an attacker could have named.

use deskguard::check::{Catalogue, Expect};
use deskguard::fix::{Action, Templates};
use serde_json::Value;

/// Appends something to every path below the install.
fn spoil(facts: &mut Value, with: &str) {
    match facts {
        Value::String(text) if text.starts_with("/srv/dp") => text.push_str(with),
        Value::Array(items) => items.iter_mut().for_each(|it| spoil(it, with)),
        Value::Object(fields) => fields.values_mut().for_each(|it| spoil(it, with)),
        _ => {}
    }
}

/// A crontab, a logrotate file: whatever reads such a file must not read a name as more than a name.
#[test]
fn no_file_that_is_written_holds_a_name_that_its_reader_takes_apart() {
    let catalogue = Catalogue::read(Vec::new()).unwrap();
    let mut written = 0;
    for with in ["", " x", ";x", "$(x)", "%x", "\nx"] {
        for check in &catalogue.checks {
            for example in check.examples.iter().filter(|it| it.expect == Expect::Fail) {
                let mut facts = serde_json::to_value(&example.facts).unwrap();
                spoil(&mut facts, with);
                let listing = check.each.as_ref().map(|each| each.source.as_str());
                let rows = listing.map_or(Value::Null, |listing| {
                    let mut path = listing.split('.');
                    path.try_fold(&facts, |at, part| at.get(part))
                        .map_or(Value::Null, |at| at["rows"].clone())
                });
                let rows = rows.as_array().cloned().unwrap_or_default();
                for fix in &check.fixes {
                    for action in Templates::new(&facts).step(fix, &rows).actions {
                        let Action::Write { content, .. } = action else {
                            continue;
                        };
                        written += usize::from(content.contains("/srv/dp"));
                        assert!(
                            with.is_empty() || !content.contains(with),
                            "{}: {content}",
                            check.id
                        );
                    }
                }
            }
        }
    }
    assert!(
        written > 2,
        "no example writes a file that names the install"
    );
}

/// Evidence may say that the helpdesk lies in the root of its host: no script takes that for a tree of its.
#[test]
fn no_plan_closes_the_systems_own_trees() {
    let close = |path: &str| {
        let action = serde_json::json!({"action": "close-tree", "path": path, "except": [],
            "from": "root", "user": "deskpro", "mode": "o-w"});
        deskguard::fix::line(&serde_json::from_value(action).unwrap())
    };
    for path in ["/", "//", "/etc", "/usr/lib", "/var"] {
        assert!(close(path).unwrap_err().contains("the system's"), "{path}");
    }
    assert!(close("/srv/dp").unwrap().contains("find /srv/dp"));
}
