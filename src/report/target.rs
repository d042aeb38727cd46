//! What the report says of the target. Refuses to be silent about what could not be told of it.

use super::Target;
use crate::facts::{Known, TargetFacts};

impl From<&TargetFacts> for Target {
    fn from(facts: &TargetFacts) -> Self {
        let mut unknown = Vec::new();
        let mut told = |what: &str, fact: &Known<String>| match fact {
            Known::Known(value) => Some(value.clone()),
            Known::Unknown(reason) => {
                unknown.push(format!("{what}: {reason}"));
                None
            }
        };
        let generation = told("generation", &facts.generation);
        let config_file = told("configuration file", &facts.config_file);
        let missed = |what: &str, reasons: &[String]| -> Vec<String> {
            let say = |reason: &String| format!("{what}: {reason}");
            reasons.iter().map(say).collect()
        };
        unknown.extend(missed("document roots", &facts.document_roots.missed));
        unknown.extend(missed("accounts", &facts.roles.missed));
        Self {
            root: facts.root.clone(),
            generation,
            config_file,
            web_users: users(facts, "web", &facts.web_user),
            cron_users: users(facts, "cron", &facts.cron_user),
            document_roots: facts
                .document_roots
                .rows
                .iter()
                .map(|root| root.path.clone())
                .collect(),
            unknown,
        }
    }
}

/// The accounts of a role, each once, the first one found in front.
fn users(facts: &TargetFacts, role: &str, first: &Known<String>) -> Vec<String> {
    let mut users: Vec<String> = first.known().cloned().into_iter().collect();
    for row in facts.roles.rows.iter().filter(|row| row.role == role) {
        if !users.contains(&row.user) {
            users.push(row.user.clone());
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Listing, Role};

    fn role(role: &str, user: &str) -> Role {
        Role {
            role: role.to_owned(),
            user: user.to_owned(),
            uid: 33,
            source: "/etc/passwd:1".to_owned(),
        }
    }

    #[test]
    fn accounts_come_once_and_what_is_missing_is_said() {
        let facts = TargetFacts {
            root: "/srv/desk".to_owned(),
            generation: Known::unknown("no build file"),
            web_user: Known::Known("www-data".to_owned()),
            roles: Listing {
                rows: vec![
                    role("web", "nginx"),
                    role("web", "www-data"),
                    role("cron", "desk"),
                ],
                missed: vec!["permission denied on /var/spool/cron".to_owned()],
            },
            ..TargetFacts::default()
        };
        let target = Target::from(&facts);
        assert_eq!(target.web_users, ["www-data", "nginx"]);
        assert_eq!(target.cron_users, ["desk"]);
        assert_eq!(target.generation, None);
        assert_eq!(
            target.unknown,
            [
                "generation: no build file",
                "configuration file: nobody looked",
                "document roots: nobody looked",
                "accounts: permission denied on /var/spool/cron"
            ]
        );
    }
}
