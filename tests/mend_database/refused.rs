//! Rows and accounts: what they come to, a second run, what has changed since, and what is not told.

use crate::desk::{GROUND, carry_out, deed, journal, picture, take_back};
use crate::real_mariadb::MariaDb;
use serde_json::json;
use std::fs;

#[test]
fn rows_there_and_back() {
    let server = MariaDb::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    server.sql(GROUND);
    server.sql("INSERT INTO desk.settings VALUES ('old', 'a'), ('null', NULL), ('bytes', x'00ff27'), ('core.app_secret', 'APP_SECRET'), ('other', 'x');
        INSERT INTO desk.people_prefs VALUES (1, 'p', '0', 'N;', '2030-01-01'), (2, 'q', '1', NULL, NULL)");
    let deeds = || {
        vec![
            deed(
                json!({"statement": "settings", "schema": "desk", "values": {"old": "b", "new": 5, "null": "", "bytes": "ü"}}),
            ),
            deed(
                json!({"statement": "random-setting", "schema": "desk", "name": "core.app_secret", "length": 50}),
            ),
            deed(json!({"statement": "preference", "schema": "desk", "person": 1, "name": "p"})),
            deed(json!({"statement": "preference", "schema": "desk", "person": 3, "name": "p"})),
        ]
    };
    let before = picture(&server);
    let at = journal(folder.path(), 0);
    carry_out(&server.socket(), deeds(), &at).unwrap();
    let said = server.sql("SELECT name, value FROM desk.settings WHERE name <> 'core.app_secret' ORDER BY name; SELECT person_id, name, value_str FROM desk.people_prefs ORDER BY 1");
    assert_eq!(
        said,
        "bytes\tü\nnew\t5\nnull\t\nold\tb\nother\tx\n1\tp\t1\n2\tq\t1\n3\tp\t1\n"
    );
    let secret = server.sql("SELECT value FROM desk.settings WHERE name = 'core.app_secret'");
    let secret = secret.trim();
    assert!(secret.len() == 50 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for entry in fs::read_dir(&at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert!(!fs::read_to_string(path).unwrap().contains(secret));
        }
    }
    take_back(&server.socket(), &at).unwrap();
    assert_eq!(picture(&server), before);
}

#[test]
fn what_has_changed_since_is_left_alone() {
    let server = MariaDb::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    server.sql(GROUND);
    server.sql("INSERT INTO desk.settings VALUES ('a', '1'); CREATE USER u@localhost IDENTIFIED BY 'x'; GRANT ALL ON desk.* TO u@localhost");
    let tell = |deed, meanwhile: &str, number| {
        let at = journal(folder.path(), number);
        carry_out(&server.socket(), vec![deed], &at).unwrap();
        server.sql(meanwhile);
        let now = picture(&server);
        let why = take_back(&server.socket(), &at).unwrap_err().to_string();
        assert_eq!(picture(&server), now);
        why
    };
    let setting = || deed(json!({"statement": "settings", "schema": "desk", "values": {"a": "2"}}));
    let why = tell(setting(), "UPDATE desk.settings SET value = '3'", 0);
    assert!(
        why.contains("the setting a in desk has changed since: it is `3`, and the fix left `2`"),
        "{why}"
    );
    let why = tell(setting(), "DELETE FROM desk.settings", 1);
    assert!(why.contains("it is not there"), "{why}");
    let revoke = || {
        deed(
            json!({"statement": "revoke", "user": "u", "host": "localhost", "on": {"level": "schema", "schema": "desk"}, "privileges": ["EVENT", "EXECUTE"]}),
        )
    };
    let why = tell(revoke(), "GRANT FILE ON *.* TO u@localhost", 2);
    assert!(
        why.contains("the database account u@localhost has changed since"),
        "{why}"
    );
    server.sql("REVOKE FILE ON *.* FROM u@localhost; GRANT EVENT ON desk.* TO u@localhost");
    let why = tell(revoke(), "ALTER USER u@localhost IDENTIFIED BY 'y'", 3);
    assert!(
        why.contains("has changed since") && !why.contains("PASSWORD"),
        "{why}"
    );
    let dropped = deed(json!({"statement": "drop-account", "user": "u", "host": "localhost"}));
    let why = tell(dropped, "CREATE USER u@localhost IDENTIFIED BY 'z'", 4);
    assert!(why.contains("has changed since"), "{why}");
}

#[test]
fn nobody_saws_off_the_branch_he_sits_on() {
    let server = MariaDb::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    server.sql(GROUND);
    let before = picture(&server);
    for (number, statement) in ["drop-account", "lock-account"].iter().enumerate() {
        let deed = deed(json!({"statement": statement, "user": "root", "host": "localhost"}));
        let why = carry_out(
            &server.socket(),
            vec![deed],
            &journal(folder.path(), number),
        );
        let why = why.unwrap_err().to_string();
        assert!(
            why.contains("is the account that deskguard itself works as"),
            "{why}"
        );
    }
    assert_eq!(picture(&server), before);
}
