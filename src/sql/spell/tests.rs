//! Statements to the letter, and what is refused.

use super::*;
use serde_json::json;

fn deed(value: serde_json::Value) -> Deed {
    serde_json::from_value(value).unwrap()
}

#[test]
fn deeds_are_spelled_and_quoted() {
    let account = |more: serde_json::Value| {
        let mut all = json!({"user": "it's", "host": "10.%"});
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        deed(all)
    };
    for (deed, expected) in [
        (
            deed(
                json!({"statement": "settings", "schema": "my`desk", "values": {"a'b": 5, "c": "\\"}}),
            ),
            "INSERT INTO `my``desk`.settings (name, value) VALUES ('a''b', '5'), ('c', '\\\\') ON DUPLICATE KEY UPDATE value = VALUES(value);",
        ),
        (
            deed(
                json!({"statement": "random-setting", "schema": "d", "name": "core.app_secret", "length": 50}),
            ),
            "INSERT INTO `d`.settings (name, value) VALUES ('core.app_secret', @random) ON DUPLICATE KEY UPDATE value = VALUES(value);",
        ),
        (
            deed(json!({"statement": "no-admin", "schema": "d", "person": 7})),
            "UPDATE `d`.people SET can_admin = 0 WHERE id = 7 AND (is_agent = 0 OR is_deleted = 1 OR is_disabled = 1);",
        ),
        (
            deed(json!({"statement": "variable", "name": "local_infile", "value": 0})),
            "SET GLOBAL local_infile = 0;",
        ),
        (
            account(
                json!({"statement": "grant", "on": {"level": "schema", "schema": "d"}, "privileges": ["SELECT", "LOCK TABLES"]}),
            ),
            "GRANT SELECT, LOCK TABLES ON `d`.* TO 'it''s'@'10.%';",
        ),
        (
            account(
                json!({"statement": "revoke", "on": {"level": "global"}, "privileges": ["ALL PRIVILEGES"], "grant_option": true}),
            ),
            "REVOKE ALL PRIVILEGES ON *.* FROM 'it''s'@'10.%';\nREVOKE GRANT OPTION ON *.* FROM 'it''s'@'10.%';",
        ),
        (
            deed(
                json!({"statement": "revoke", "user": "PUBLIC", "on": {"level": "procedure", "schema": "d", "name": "p"}, "privileges": ["EXECUTE"]}),
            ),
            "REVOKE EXECUTE ON PROCEDURE `d`.`p` FROM PUBLIC;",
        ),
        (
            account(json!({"statement": "rename-account", "to": "localhost"})),
            "RENAME USER 'it''s'@'10.%' TO 'it''s'@'localhost';",
        ),
    ] {
        assert_eq!(Spelled::of(&deed).unwrap().lines(), expected);
    }
}

#[test]
fn what_cannot_be_written_safely_is_not() {
    for bad in [
        json!({"statement": "settings", "schema": "d\n", "values": {"a": "b"}}),
        json!({"statement": "settings", "schema": "d", "values": {"a": "\u{1b}[2J"}}),
        json!({"statement": "settings", "schema": "d", "values": {}}),
        json!({"statement": "grant", "user": "u", "on": {"level": "global"}, "privileges": ["SELECT ON *.* TO x"]}),
        json!({"statement": "grant", "user": "u", "on": {"level": "global"}, "privileges": []}),
        json!({"statement": "revoke", "user": "u", "on": {"level": "global"}, "privileges": []}),
    ] {
        assert!(Spelled::of(&deed(bad.clone())).is_err(), "{bad}");
    }
    let unknown = json!({"statement": "drop-account", "user": "u", "host": "h", "cascade": true});
    assert!(serde_json::from_value::<Deed>(unknown).is_err());
}
