//! Thousands of files that are alike: one row for each directory, account and mechanism, whose number is that
//! of the files on disk whatever the order in which they are met.

use crate::accounts::{Account, OWNER, ROOT, SECOND_GROUP, WEB};
use crate::hardened::Kind;
use crate::judged::{audit, evidence, said};
use crate::tree::{Install, Named};
use deskguard::policy::Profile;
use deskguard::report::Outcome;
use serde_json::Value;

/// Files of several classes side by side, so that neighbours differ as often as not.
fn plant(install: &Install, directory: &str, classes: &[(usize, Account, u32, &str)]) {
    let most = classes.iter().map(|(count, ..)| *count).max().unwrap();
    for number in 0..most {
        for (class, (count, owner, mode, extension)) in classes.iter().enumerate() {
            if number < *count {
                let path = format!("{directory}/f{}-{class}.{extension}", number * 7919 % 1009);
                install.file(&path, *owner, *mode, "");
            }
        }
    }
}

fn counts(rows: &[Value]) -> Vec<(String, String, String, String, u64)> {
    let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let mut all: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                word(row, "directory"),
                word(row, "user"),
                word(row, "right"),
                word(row, "mechanism"),
                row["count"].as_u64().unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn one_row_a_mechanism_with_the_number_on_disk() {
    let install = Kind::V5.make();
    install.dir("www/many", OWNER, 0o755);
    install.dir("www/many/deep", OWNER, 0o755);
    install.dir("www/open", (OWNER.0, SECOND_GROUP), 0o2775);
    let staff = (OWNER.0, SECOND_GROUP);
    let classes = [
        (301, WEB, 0o644, "txt"),
        (57, WEB, 0o644, "php"),
        (203, staff, 0o664, "png"),
        (11, OWNER, 0o666, "css"),
        (97, OWNER, 0o644, "js"),
        (5, ROOT, 0o644, "txt"),
    ];
    plant(&install, "www/many", &classes);
    plant(&install, "www/many/deep", &classes);
    plant(&install, "www/open", &[(403, OWNER, 0o644, "txt")]);
    install.acl("www/many/f0-4.js", &[Named::User(WEB.0, 6)], None);
    let report = audit(&install, Profile::Baseline);
    let check = said(&report, "files/app-not-writable-by-web");
    assert_eq!(check.outcome, Outcome::Fail);
    let rows: Vec<Value> = check.evidence.iter().map(|it| it.data.clone()).collect();
    let row = |user: &str, right: &str, mechanism: &str, count| {
        let words = ["www", user, right, mechanism].map(str::to_owned);
        let [directory, user, right, mechanism] = words;
        (directory, user, right, mechanism, count)
    };
    assert_eq!(
        counts(&rows),
        [
            row("anybody", "write", "other", 22),
            row("www-data", "replace", "group", 403),
            row("www-data", "write", "acl", 1),
            row("www-data", "write", "group", 407),
            row("www-data", "write", "other", 22),
            row("www-data", "write", "owner", 716),
        ]
    );
    let lines = evidence(check);
    let open = install.spell(
        "www-data can replace 403 entries in www/ (group): {root}/www/open is mode 2775 and www-data is in its group 50",
    );
    assert!(lines.iter().any(|line| line.contains(&open)), "{lines:#?}");
    let roots = said(&report, "files/owner-not-root");
    assert!(
        evidence(roots)
            .iter()
            .any(|line| line.contains("10 application entries belong to root")),
        "{:#?}",
        evidence(roots)
    );
}
