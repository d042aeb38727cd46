//! Every statement that deskguard may send to a database, each with its reason and its bound. Nothing that
//! is not listed here can be executed; none of them writes, and none selects a secret.

mod helpdesk;
mod review;
mod server;
mod session;

pub use helpdesk::*;
pub use review::*;
pub use server::*;
pub use session::*;

use super::Statement;

/// All of them, in the order of their files.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    SESSION.iter().chain(SERVER).chain(HELPDESK).chain(REVIEW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn they_read_only_and_are_bounded() {
        let mut names = BTreeSet::new();
        for statement in all() {
            let name = statement.name();
            let text = statement.text();
            assert!(names.insert(name), "{name} is there twice");
            let verb = text.split(' ').next().unwrap();
            let shaping = SESSION.contains(statement);
            let reads = matches!(verb, "SELECT" | "SHOW");
            assert!(reads || shaping && verb == "SET", "{name}: {text}");
            assert!(!text.contains(';') && !text.contains("INTO "), "{name}");
            assert!(
                !statement.why().is_empty() && statement.rows() <= 100_000,
                "{name}"
            );
            if let Some(limit) = text.split(" LIMIT ").nth(1) {
                let limit: usize = limit.trim().parse().unwrap();
                assert!(limit <= statement.rows(), "{name}");
            } else {
                assert!(!text.contains(" FROM "), "{name} has no LIMIT");
            }
        }
    }
}
