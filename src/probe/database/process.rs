//! The server's process, where it runs on this machine: whose it is, which option file has the last word,
//! and what starts it anew. Refuses another server than the one that the product connects to.

use super::connect::Link;
use super::server::Variables;
use crate::facts::{DatabaseProcess, Known};
use crate::host::{Accounts, Host};
use crate::mysql::Place;
use crate::target::database_server::{database_drop_in, database_process};
use std::path::PathBuf;

/// Where the product connects to.
pub(super) fn place(link: &Link) -> Result<Place, String> {
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
    is_mariadb: bool,
) -> DatabaseProcess {
    let found = place.and_then(|place| Ok((database_process(host, &place)?, place)));
    let (process, place) = match found {
        Ok(found) => found,
        Err(why) => {
            return DatabaseProcess {
                drop_in_missed: why.clone(),
                service_missed: why,
                ..DatabaseProcess::default()
            };
        }
    };
    // MariaDB persists nothing.
    let persisted = match (is_mariadb, variables.get("datadir")) {
        (true, _) => Ok(None),
        (false, Known::Known(folder)) => Ok(Some(PathBuf::from(folder))),
        (false, Known::Unknown(why)) => Err(why),
    };
    let drop_in = persisted.and_then(|folder| database_drop_in(host, &process, folder.as_deref()));
    let (user, group) = names(host, process.euid);
    let mut facts = DatabaseProcess {
        user,
        group,
        needs_address: needs_address(&place),
        ..DatabaseProcess::default()
    };
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

/// A socket needs none: then the usual one. A name may be any of several.
fn needs_address(place: &Place) -> String {
    match place {
        Place::Socket(_) => "127.0.0.1".to_owned(),
        Place::Tcp { host, .. } => {
            let address = host.parse::<std::net::IpAddr>();
            address.map_or_else(|_| String::new(), |it| it.to_string())
        }
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
