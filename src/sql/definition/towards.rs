//! The statements that make of one account another: only what differs is said. What is granted comes before
//! what is taken, so that nothing is missing in between.

use super::{Definition, GRANT_OPTION, needs};
use crate::sql::{Written, spell};
use std::collections::BTreeSet;

/// The statements, in order. An account is none where it is not there.
///
/// # Errors
/// What nobody can set.
pub fn turn(
    user: &str,
    host: Option<&str>,
    from: Option<&Definition>,
    to: Option<&Definition>,
) -> Result<Vec<Written>, String> {
    let account = spell::account(user, host)?;
    let mut said = Vec::new();
    let Some(to) = to else {
        if from.is_some() {
            said.push(format!("DROP USER {account}"));
        }
        return Ok(said.into_iter().map(written).collect());
    };
    let empty = Definition::default();
    match from {
        None if host.is_none() => return Err("a role is made by hand".to_owned()),
        None => said.push(join(&[
            &format!("CREATE USER {account}"),
            &to.identified,
            &to.require,
            &to.rest,
            if to.locked { "ACCOUNT LOCK" } else { "" },
        ])),
        Some(from) => said.extend(altered(&account, from, to)?),
    }
    let from = from.unwrap_or(&empty);
    granted(&mut said, &account, from, to);
    Ok(said.into_iter().map(written).collect())
}

/// The statement that gives an account another host; password and privileges go with the name.
///
/// # Errors
/// Why a name cannot stand in a statement.
pub fn rename(user: &str, from: &str, to: &str) -> Result<Written, String> {
    let (from, to) = (
        spell::account(user, Some(from))?,
        spell::account(user, Some(to))?,
    );
    Ok(written(format!("RENAME USER {from} TO {to}")))
}

const fn written(text: String) -> Written {
    Written::new("an account as it is to be", text)
}

fn altered(account: &str, from: &Definition, to: &Definition) -> Result<Option<String>, String> {
    if from.rest != to.rest {
        return Err("the account's limits or the expiry of its password have changed".to_owned());
    }
    let or = |text: &str, nothing: &'static str| match text {
        "" => nothing.to_owned(),
        text => text.to_owned(),
    };
    let mut clauses = vec![format!("ALTER USER {account}")];
    if from.identified != to.identified {
        clauses.push(or(&to.identified, "IDENTIFIED BY ''"));
    }
    if from.require != to.require {
        clauses.push(or(&to.require, "REQUIRE NONE"));
    }
    if from.locked != to.locked {
        clauses.push(
            if to.locked {
                "ACCOUNT LOCK"
            } else {
                "ACCOUNT UNLOCK"
            }
            .to_owned(),
        );
    }
    Ok((clauses.len() > 1).then(|| clauses.join(" ")))
}

fn granted(said: &mut Vec<String>, account: &str, from: &Definition, to: &Definition) {
    let nothing = BTreeSet::new();
    for (on, names) in &to.privileges {
        let before = from.privileges.get(on).unwrap_or(&nothing);
        let hands_on = names.contains(GRANT_OPTION) && !before.contains(GRANT_OPTION);
        let mut new: Vec<&str> = names
            .iter()
            .filter(|name| *name != GRANT_OPTION && !before.contains(*name))
            .map(String::as_str)
            .collect();
        if new.contains(&needs::ALL) {
            new = vec![needs::ALL];
        }
        if new.is_empty() && hands_on {
            new = vec!["USAGE"];
        }
        if !new.is_empty() {
            let option = if hands_on { " WITH GRANT OPTION" } else { "" };
            said.push(format!(
                "GRANT {} ON {on} TO {account}{option}",
                new.join(", ")
            ));
        }
    }
    for (on, before) in &from.privileges {
        let names = to.privileges.get(on).unwrap_or(&nothing);
        let gone: Vec<&str> = before
            .iter()
            .filter(|name| *name != needs::ALL && !names.contains(*name))
            .map(String::as_str)
            .collect();
        if !gone.is_empty() {
            said.push(format!("REVOKE {} ON {on} FROM {account}", gone.join(", ")));
        }
    }
    for (from, to, what, option) in [
        (&from.roles, &to.roles, "", " WITH ADMIN OPTION"),
        (
            &from.proxies,
            &to.proxies,
            "PROXY ON ",
            " WITH GRANT OPTION",
        ),
    ] {
        for (other, may) in to
            .iter()
            .filter(|(other, may)| from.get(*other) != Some(may))
        {
            let option = if *may { option } else { "" };
            said.push(format!("GRANT {what}{other} TO {account}{option}"));
        }
        for other in from.keys().filter(|other| !to.contains_key(*other)) {
            said.push(format!("REVOKE {what}{other} FROM {account}"));
        }
    }
    if from.default_role != to.default_role {
        let role = to.default_role.as_deref().unwrap_or("NONE");
        said.push(format!("SET DEFAULT ROLE {role} FOR {account}"));
    }
}

fn join(parts: &[&str]) -> String {
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.copied().collect::<Vec<_>>().join(" ")
}
