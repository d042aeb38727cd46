//! How the product reaches the server: by its configuration, and by what the server turned out to be.

use super::connect::Link;
use super::reach::reach;
use crate::facts::{DatabaseConnection, DatabaseFacts, Known};
use crate::mysql::Place;
use crate::sql::grants::Account;
use crate::target::ConfiguredLogin;

/// What the configuration tells.
pub(super) fn configured(login: &ConfiguredLogin) -> DatabaseConnection {
    let nobody = "no server was asked";
    DatabaseConnection {
        written: login.host.clone(),
        place: login.place.clone().map(|place| place.to_string()),
        kind: login.place.clone().map(|place| kind(&place).to_owned()),
        tls: login.tls.clone().map(|tls| tls.wanted),
        // mysqlnd refuses a certificate that does not stand the test: the product would not run.
        verified: login.tls.clone().map(|tls| tls.wanted && tls.verified),
        offered: Known::unknown(nobody),
        protocol: Known::unknown(nobody),
        cipher: Known::unknown(nobody),
        problem: Known::unknown(nobody),
    }
}

/// What is known where no configuration was found.
pub(super) fn unseen(why: &str) -> DatabaseConnection {
    let text = || Known::unknown(why);
    DatabaseConnection {
        written: text(),
        place: text(),
        kind: text(),
        tls: Known::unknown(why),
        verified: Known::unknown(why),
        offered: Known::unknown(why),
        protocol: text(),
        cipher: text(),
        problem: text(),
    }
}

fn kind(place: &Place) -> &'static str {
    match place {
        Place::Socket(_) => "socket",
        place if place.is_local() => "loopback",
        Place::Tcp { .. } => "network",
    }
}

/// What the session and the configuration tell together.
pub(super) fn after(link: &Link, facts: &mut DatabaseFacts) {
    let connection = &mut facts.connection;
    match &link.session {
        Ok(session) => {
            let transport = &session.transport;
            connection.offered = Known::Known(transport.offered);
            connection.protocol = Known::Known(transport.protocol.clone());
            connection.cipher = Known::Known(transport.cipher.clone());
            connection.problem = Known::Known(transport.problem.clone());
            if !transport.problem.is_empty() {
                connection.verified = Known::Known(false);
            }
            facts.server.listens_beyond_need = beyond_need(facts);
        }
        Err(why) => {
            connection.offered = Known::unknown(why);
            for fact in [
                &mut connection.protocol,
                &mut connection.cipher,
                &mut connection.problem,
            ] {
                *fact = Known::unknown(why);
            }
        }
    }
    password_over_socket(link, facts);
}

/// A server that the product reaches on this machine needs to listen on this machine only.
fn beyond_need(facts: &DatabaseFacts) -> Known<bool> {
    match (&facts.connection.kind, &facts.server.listens) {
        (Known::Known(kind), _) if kind == "network" => Known::Known(false),
        (Known::Known(_), Known::Known(listens)) => {
            Known::Known(matches!(listens.as_str(), "everywhere" | "addresses"))
        }
        (Known::Unknown(why), _) | (_, Known::Unknown(why)) => Known::unknown(why),
    }
}

/// An empty password over a socket is right where the socket identifies the account, and only there. That
/// we were let in proves nothing where we are the machine's user of that name.
fn password_over_socket(link: &Link, facts: &mut DatabaseFacts) {
    let empty = facts.account.password == Known::Known("empty".to_owned());
    let socket = facts.connection.kind == Known::Known("socket".to_owned());
    if !(empty && socket) {
        return;
    }
    let account = &facts.account;
    let accounts = facts.server.accounts.rows.iter();
    let mut accounts = accounts.filter(|own| account.matched.known() == Some(&own.account));
    let let_in = link.as_product && link.session.is_ok();
    let by_socket = account
        .plugins
        .iter()
        .any(|plugin| plugin == "unix_socket" || plugin == "auth_socket");
    facts.account.password = match accounts.next() {
        _ if by_socket => Known::Known("not-needed".to_owned()),
        Some(own) if !own.without_password => Known::Known("not-needed".to_owned()),
        None if !let_in || account.user.known().is_some_and(|user| user == "root") => {
            Known::unknown(
                "an empty password is right where the socket identifies the account, and whether it does is not visible",
            )
        }
        _ => Known::Known("empty".to_owned()),
    };
}

/// The product's account among those that are visible: the one of its name that the server would take for
/// it. Of several, the most specific host part that fits wins (MySQL manual, "Connection Verification").
pub(super) fn products_account(facts: &DatabaseFacts) -> Result<Account, String> {
    let user = match &facts.account.user {
        Known::Known(user) => user,
        Known::Unknown(why) => return Err(why.clone()),
    };
    let accounts = &facts.server.accounts;
    let own: Vec<_> = accounts
        .rows
        .iter()
        .filter(|own| own.user == *user)
        .collect();
    let local = facts
        .connection
        .kind
        .known()
        .is_some_and(|kind| kind != "network");
    let here: Vec<_> = own
        .iter()
        .filter(|own| local && reach(&own.host) == "local")
        .collect();
    let chosen = match (here.as_slice(), own.as_slice()) {
        ([first, ..], _) => *first,
        ([], [only]) => only,
        ([], []) => {
            return Err(accounts.missed.first().cloned().unwrap_or_else(|| {
                format!("the server has no account {user}, which the configuration names")
            }));
        }
        ([], several) => {
            return Err(format!(
                "the server has {} accounts {user}, and which of them the product is depends on its address",
                several.len()
            ));
        }
    };
    Ok(Account {
        user: chosen.user.clone(),
        host: Some(chosen.host.clone()),
    })
}
