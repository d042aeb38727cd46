//! Clauses taken apart, and what lies between two accounts.

use super::*;

#[test]
fn clauses_are_told_apart() {
    let read = |line: &str| {
        let found = Clauses::read(line)?;
        Some((found.identified, found.require, found.locked, found.rest))
    };
    let own = |identified: &str, require: &str, locked, rest: &str| {
        Some((
            identified.to_owned(),
            require.to_owned(),
            locked,
            rest.to_owned(),
        ))
    };
    for (line, expected) in [
        (
            "CREATE USER `u`@`localhost` IDENTIFIED BY PASSWORD '*B69 D' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 5 ACCOUNT LOCK PASSWORD EXPIRE NEVER",
            own(
                "IDENTIFIED BY PASSWORD '*B69 D'",
                "REQUIRE SSL",
                true,
                "WITH MAX_QUERIES_PER_HOUR 5 PASSWORD EXPIRE NEVER",
            ),
        ),
        ("CREATE USER `e ``x`@`localhost`", own("", "", false, "")),
        (
            "CREATE USER `s`@`localhost` IDENTIFIED VIA unix_socket OR mysql_native_password USING 'REQUIRE ''X\\''",
            own(
                "IDENTIFIED VIA unix_socket OR mysql_native_password USING 'REQUIRE ''X\\''",
                "",
                false,
                "",
            ),
        ),
        (
            "CREATE USER 'u'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '$A$ WITH' REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK PASSWORD HISTORY DEFAULT",
            own(
                "IDENTIFIED WITH 'caching_sha2_password' AS '$A$ WITH'",
                "",
                false,
                "PASSWORD EXPIRE DEFAULT PASSWORD HISTORY DEFAULT",
            ),
        ),
        ("CREATE USER `u", None),
        ("DROP USER x", None),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

#[test]
fn what_lies_between_is_of_both() {
    let with = |names: &[&str], identified: &str| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Definition {
            identified: identified.to_owned(),
            privileges: [("`d`.*".to_owned(), names)].into(),
            ..Definition::default()
        }
    };
    let (before, after) = (
        with(&["ALL PRIVILEGES", "SELECT", "EVENT"], "a"),
        with(&["SELECT"], "b"),
    );
    for (seen, expected) in [
        (with(&["SELECT"], "a"), true),
        (with(&["SELECT", "EVENT"], "b"), true),
        (with(&["SELECT", "EVENT"], "c"), false),
        (with(&["EVENT"], "a"), false),
        (with(&["SELECT", "FILE"], "a"), false),
    ] {
        assert_eq!(seen.is_between(&before, &after), expected, "{seen:?}");
    }
    assert!(before.says(&with(&["SELECT", "EVENT"], "a")));
    assert!(!format!("{:?}", with(&[], "hash")).contains("hash"));
}
