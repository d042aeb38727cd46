//! The account that the product connects with, and the database server that it connects to. Refuses to
//! write and to print a password.

mod account;
mod connect;
mod connection;
mod holdings;
mod password;
mod process;
mod reach;
mod server;
mod support;

pub use connect::{Link, connect};

use crate::facts::{DatabaseAccount, DatabaseFacts, Known, Listing, VisibleSchema};
use crate::mysql::{Failure, Session, statements};
use crate::sql::grants::{self, Account};
use crate::target::ConfiguredLogin;
use holdings::Holdings;
use server::Variables;

/// Observes the account and the server.
#[must_use]
pub fn observe(link: &mut Link) -> DatabaseFacts {
    let mut facts = configured(link);
    let as_product = link.as_product;
    let place = process::place(link);
    match &mut link.session {
        Ok(session) => {
            let variables = Variables::ask(session);
            ask(session, &variables, as_product, &mut facts);
            facts.server.process = process::observe(&link.host, place, &variables, &facts);
        }
        Err(why) => unseen(&mut facts, &why.clone()),
    }
    connection::after(link, &mut facts);
    facts
}

/// What the configuration tells, without any server.
fn configured(link: &Link) -> DatabaseFacts {
    let mut facts = DatabaseFacts::default();
    let login = match link.logins.as_ref().map(|list| list.first()) {
        Ok(Some(login)) => login,
        Ok(None) => {
            say_unknown(&mut facts, "the configuration names no database");
            return facts;
        }
        Err(why) => {
            say_unknown(&mut facts, why);
            return facts;
        }
    };
    facts.account.user = login.user.clone();
    facts.account.setting = login.setting.clone();
    facts.account.path = login.file.clone();
    facts.account.line = login.line;
    facts
        .account
        .password_setting
        .clone_from(&login.password_setting);
    facts.account.password_line = login.password_line;
    facts.account.password = judged(login);
    facts.schema = login.schema.clone();
    facts.connection = connection::configured(login);
    facts
}

fn judged(login: &ConfiguredLogin) -> Known<String> {
    match &login.password {
        Known::Unknown(why) => Known::unknown(why),
        Known::Known(secret) => {
            let (user, schema) = (login.user.known(), login.schema.known());
            let word =
                password::verdict(secret, user.map(String::as_str), schema.map(String::as_str));
            Known::Known(word.to_owned())
        }
    }
}

fn say_unknown(facts: &mut DatabaseFacts, why: &str) {
    facts.account.user = Known::unknown(why);
    facts.account.password = Known::unknown(why);
    facts.schema = Known::unknown(why);
    facts.connection = connection::unseen(why);
}

/// What only a server tells, where none was asked.
fn unseen(facts: &mut DatabaseFacts, why: &str) {
    unseen_account(&mut facts.account, why);
    facts.server = server::unseen(why);
    facts.schemas = Listing::unseen(why);
}

fn ask(session: &mut Session, variables: &Variables, as_product: bool, facts: &mut DatabaseFacts) {
    facts.server = server::observe(session, variables);
    facts.server.accounts = server::accounts(session);
    let literal = variables.flag("partial_revokes") == Known::Known(true);
    let (held, active) = if as_product {
        let active = active_roles(session);
        (Holdings::own(session, literal), active)
    } else {
        let held = connection::products_account(facts)
            .and_then(|account: Account| Holdings::other(session, &account, literal));
        let active = held.as_ref().map_err(Clone::clone).map(default_role);
        (held, active.into())
    };
    match held {
        Ok(held) => {
            let version = support::series(&session.version).filter(|_| session.is_mariadb());
            let schema = facts.schema.clone();
            account::judge(&mut facts.account, &held, &schema, active, version);
        }
        Err(why) => unseen_account(&mut facts.account, &why),
    }
    facts.account.from = if as_product {
        Known::Known(
            holdings::account_of(&session.login)
                .host
                .unwrap_or_default(),
        )
    } else {
        Known::unknown("only the product's own account shows where the product comes from")
    };
    facts.schemas = if as_product {
        schemas(session, facts.schema.known())
    } else {
        Listing::unseen("which schemas the product's account sees is only shown to itself")
    };
    let accounts = facts.server.accounts.rows.iter();
    let namesakes = accounts.filter(|own| {
        !own.locked
            && facts.account.user.known() == Some(&own.user)
            && facts.account.matched.known() != Some(&own.account)
            && reach::reach(&own.host) == "anywhere"
    });
    facts.account.namesakes = namesakes.map(|own| own.account.clone()).collect();
}

fn unseen_account(account: &mut DatabaseAccount, why: &str) {
    for fact in [
        &mut account.matched,
        &mut account.name,
        &mut account.host,
        &mut account.from,
        &mut account.grants_on,
        &mut account.reach,
    ] {
        *fact = Known::unknown(why);
    }
    account.is_superuser = Known::unknown(why);
    account.demands_tls = Known::unknown(why);
    for fact in [
        &mut account.active_roles,
        &mut account.granted_roles,
        &mut account.missing_at_run_time,
        &mut account.missing_for_updates,
    ] {
        *fact = Known::unknown(why);
    }
    account.grants = Listing::unseen(why);
}

/// MySQL 5.7 has no roles. MariaDB gives one name, MySQL a list of quoted ones or `NONE`.
fn active_roles(session: &mut Session) -> Known<Vec<String>> {
    let answer = match session.ask(&statements::ACTIVE_ROLES, &[]) {
        Ok(answer) => answer,
        Err(Failure::Missing(_)) => return Known::Known(Vec::new()),
        Err(failure) => return Known::unknown(failure.to_string()),
    };
    let Some(row) = answer.rows.first() else {
        return Known::unknown("the server gave no row of roles");
    };
    row.maybe_text("roles")
        .map(|text| match text {
            Some(roles) if roles != "NONE" => {
                roles.split(',').map(|role| role.replace('`', "")).collect()
            }
            _ => Vec::new(),
        })
        .into()
}

/// The role that MariaDB's grants name as the default.
fn default_role(held: &Holdings) -> Vec<String> {
    let lines = held.lines.iter();
    lines
        .filter_map(|(_, line)| match line {
            grants::Line::DefaultRole(role) => Some(role.clone()),
            _ => None,
        })
        .collect()
}

fn schemas(session: &mut Session, own: Option<&String>) -> Listing<VisibleSchema> {
    let answer = match session.ask(&statements::SCHEMAS, &[]) {
        Ok(answer) => answer,
        Err(failure) => return Listing::unseen(failure.to_string()),
    };
    let mut list = Listing::whole(Vec::new());
    if answer.full {
        list.missed
            .push("only the first 1000 schemas were read".to_owned());
    }
    if own.is_none() {
        list.missed
            .push("which schema is the product's own is unknown".to_owned());
    }
    for row in &answer.rows {
        match row.text("name") {
            Err(why) => list.missed.push(why),
            Ok(name) => list.rows.push(VisibleSchema {
                own: own.is_none_or(|own| *own == name),
                everybodys: ["information_schema", "performance_schema"]
                    .iter()
                    .any(|all| name.eq_ignore_ascii_case(all)),
                name,
            }),
        }
    }
    list
}
