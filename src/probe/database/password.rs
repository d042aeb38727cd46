//! What is publicly known of a password. The value is compared here and forgotten; only a word leaves.

use crate::facts::Secret;

/// A short list of what is tried first, in small letters: the head of every published list of leaked
/// passwords, the names that databases and helpdesks suggest, and what our own fixes have as a stand-in.
const COMMONEST: &[&str] = &[
    "000000",
    "111111",
    "112233",
    "121212",
    "123123",
    "123321",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "123abc",
    "1q2w3e",
    "1q2w3e4r",
    "1qaz2wsx",
    "654321",
    "666666",
    "aa123456",
    "abc123",
    "abcd1234",
    "access",
    "admin",
    "admin123",
    "administrator",
    "backup",
    "changeit",
    "changeme",
    "changeme123",
    "database",
    "db",
    "default",
    "demo",
    "deskpro1",
    "deskpro123",
    "dragon",
    "guest",
    "hello",
    "helpdesk",
    "iloveyou",
    "letmein",
    "login",
    "mariadb",
    "master",
    "monkey",
    "my-secret-pw",
    "mysql",
    "mysql123",
    "new-password",
    "nopassword",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "pass1234",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "public",
    "qwerty",
    "qwerty123",
    "qwertyuiop",
    "root",
    "root123",
    "secret",
    "sunshine",
    "support",
    "test",
    "test123",
    "ticket",
    "toor",
    "user",
    "welcome",
    "welcome1",
    "zaq12wsx",
];

/// `set`, `empty`, `shipped`, `account`, `schema` or `common`.
pub(super) fn verdict(password: &Secret, user: Option<&str>, schema: Option<&str>) -> &'static str {
    let same = |text: Option<&str>| {
        text.is_some_and(|text| {
            password.shown_to(|bytes| bytes.eq_ignore_ascii_case(text.as_bytes()))
        })
    };
    if password.is_empty() {
        "empty"
    } else if password.is_shipped() {
        "shipped"
    } else if same(user) {
        "account"
    } else if same(schema) {
        "schema"
    } else if password.shown_to(|bytes| {
        COMMONEST
            .iter()
            .any(|common| bytes.eq_ignore_ascii_case(common.as_bytes()))
    }) {
        "common"
    } else {
        "set"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_knows_is_said() {
        for (password, expected) in [
            ("", "empty"),
            ("mysqlpasswordchangeme", "shipped"),
            ("deskpro", "shipped"),
            ("YOUR_DATABASE_PASS", "shipped"),
            ("Edit this file to contain a password", "shipped"),
            ("HelpUser", "account"),
            ("tickets_db", "schema"),
            ("P@ssw0rd", "common"),
            ("NEW-PASSWORD", "common"),
            ("nS7-pLq0_vTz92", "set"),
        ] {
            let secret = Secret::new(password.as_bytes());
            let found = verdict(&secret, Some("helpuser"), Some("tickets_db"));
            assert_eq!(found, expected, "{password}");
        }
    }
}
