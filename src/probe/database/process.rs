//! The server's process, where it runs on this machine: whose it is, which option file has the last word,
//! and what starts it anew. Refuses another server than the one that the product connects to.

use super::connect::Link;
use super::reach::reach;
use super::server::Variables;
use crate::facts::{DatabaseFacts, DatabaseProcess, Known};
use crate::host::{Accounts, Host};
use crate::mysql::Place;
use crate::target::database_server::{database_drop_in, database_process};
use std::path::PathBuf;

/// Where the product connects to.
pub(super) fn place(link: &Link) -> Result<Place, String> {
    if link.is_named {
        return Err("the server that was asked is the one that the site names, and may be another than the helpdesk's".to_owned());
    }
    match link.logins.as_ref().map(|logins| logins.as_slice()) {
        Ok([only]) => match &only.place {
            Known::Known(place) => Ok(place.clone()),
            Known::Unknown(why) => Err(why.clone()),
        },
        Ok(_) => Err("the configuration names several servers, or none".to_owned()),
        Err(why) => Err(why.clone()),
    }
}

/// What is known of it; each thing that is not says why.
pub(super) fn observe(
    host: &Host,
    place: Result<Place, String>,
    variables: &Variables,
    known: &DatabaseFacts,
) -> DatabaseProcess {
    let found = place.and_then(|place| Ok((database_process(host, &place)?, place)));
    let (process, place) = match found {
        Ok(found) => found,
        Err(why) => {
            return DatabaseProcess {
                drop_in_missed: why.clone(),
                service_missed: why.clone(),
                enough_missed: why,
                ..DatabaseProcess::default()
            };
        }
    };
    // MariaDB persists nothing.
    let is_mariadb = known
        .server
        .flavour
        .known()
        .is_some_and(|it| it == "MariaDB");
    let persisted = match (is_mariadb, variables.get("datadir")) {
        (true, _) => Ok(None),
        (false, Known::Known(folder)) => Ok(Some(PathBuf::from(folder))),
        (false, Known::Unknown(why)) => Err(why),
    };
    let drop_in = persisted.and_then(|folder| database_drop_in(host, &process, folder.as_deref()));
    let (user, group) = names(host, process.euid);
    let port = variables.get("port");
    let mut facts = DatabaseProcess {
        port: port.known().and_then(|it| it.parse().ok()).unwrap_or(0),
        user,
        group,
        ..DatabaseProcess::default()
    };
    match enough(&place, known) {
        Ok(address) => facts.enough = address,
        Err(why) => facts.enough_missed = why,
    }
    let drop_in = drop_in.and_then(|path| match facts.group.is_empty() {
        true => Err("the account that the server runs as has no name".to_owned()),
        false => Ok(path),
    });
    match drop_in {
        Ok(path) => facts.drop_in = path.to_string_lossy().into_owned(),
        Err(why) => facts.drop_in_missed = why,
    }
    match process.service {
        Ok(service) => facts.service = service,
        Err(why) => facts.service_missed = why,
    }
    facts
}

/// A loopback address that serves everybody who is known to come. A socket needs none: then the usual one.
fn enough(place: &Place, known: &DatabaseFacts) -> Result<String, String> {
    let address = match place {
        Place::Socket(_) => "127.0.0.1".to_owned(),
        Place::Tcp { host, .. } => {
            let address = host.parse::<std::net::IpAddr>();
            let address = address.map_err(|_| format!("{host} may be any of several addresses"))?;
            address.to_string()
        }
    };
    let own = known.account.matched.known();
    let mut accounts = known.server.accounts.rows.iter();
    let elsewhere = accounts.find(|it| {
        !it.locked && reach(&it.host) != "local" && own.is_none_or(|own| *own != it.account)
    });
    match elsewhere {
        Some(other) => Err(format!("{} may come from other machines", other.account)),
        None => Ok(address),
    }
}

/// An account's name, and that of its group.
fn names(host: &Host, uid: u32) -> (String, String) {
    let accounts = Accounts::read(&host.root).unwrap_or_default();
    let Some(user) = accounts.users.iter().find(|user| user.uid == uid) else {
        return Default::default();
    };
    let group = accounts.groups.iter().find(|group| group.gid == user.gid);
    let group = group.map(|group| group.name.clone()).unwrap_or_default();
    (user.name.clone(), group)
}
