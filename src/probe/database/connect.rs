//! The one connection of an audit: as the product would connect, or with the account that the site gives.
//! Others borrow it.

use crate::facts::{Known, Secret};
use crate::host::Host;
use crate::mysql::{Bounds, Failure, Login, Place, Session};
use crate::target::{ConfiguredLogin, DatabaseWish, Target};
use std::path::PathBuf;
use std::sync::Arc;

/// No file of certificates is larger, in bytes.
const MOST_CERTIFICATES: usize = 1 << 20;

/// The connection, and what the product's configuration says about it.
pub struct Link {
    /// The session, or why there is none.
    pub session: Result<Session, String>,
    /// Every server that the configuration names, or why nothing is known about them.
    pub logins: Result<Vec<ConfiguredLogin>, String>,
    /// Whether the session's account is the product's own.
    pub as_product: bool,
    /// The host that the product runs on.
    pub(super) host: Host,
    /// Whether the site names the server to ask, which may be another than the product's.
    pub(super) is_named: bool,
}

/// Connects, unless nothing is to be connected to.
#[must_use]
pub fn connect(host: &Host, target: &Target, wish: &DatabaseWish) -> Link {
    let logins = target.database_logins(host);
    let session = if wish.offline {
        Err("no server is connected to (--offline)".to_owned())
    } else if let Some(dump) = &wish.dump {
        Err(format!(
            "{} is read instead of the database, and a dump does not tell",
            dump.display()
        ))
    } else if host.is_here() {
        open(host, wish, &logins)
    } else {
        Err("the audited host is a folder, and its database is not connected to".to_owned())
    };
    Link {
        session,
        logins,
        as_product: wish.account.is_none(),
        host: host.clone(),
        is_named: wish.socket.is_some() || wish.host.is_some(),
    }
}

fn open(
    host: &Host,
    wish: &DatabaseWish,
    logins: &Result<Vec<ConfiguredLogin>, String>,
) -> Result<Session, String> {
    let product = logins.as_ref().map(|list| list.first());
    let product = product.map_err(Clone::clone)?;
    let place = place(wish, product)?;
    let (user, password) = match (&wish.account, product) {
        (Some((user, password)), _) => (user.clone(), password.shown_to(Secret::new)),
        (None, Some(product)) => (
            said(&product.user)?.clone(),
            said(&product.password)?.shown_to(Secret::new),
        ),
        (None, None) => return Err("the configuration names no database".to_owned()),
    };
    let login = Login {
        user,
        password,
        schema: product.and_then(|product| product.schema.known().cloned()),
        authorities: wish
            .authorities
            .clone()
            .or_else(|| authorities(host, product?)),
        trusts_anybody: wish.trusts_anybody,
    };
    let opened = Session::open(&place, &Arc::new(login), Bounds::default());
    opened.map_err(|failure| {
        let hint = match &failure {
            Failure::Unreachable(_) => "; --offline leaves it out",
            _ => "",
        };
        format!("{failure}{hint}")
    })
}

/// Where to: what the site says, else what the product's configuration says.
fn place(wish: &DatabaseWish, product: Option<&ConfiguredLogin>) -> Result<Place, String> {
    if wish.socket.is_some() || wish.host.is_some() {
        return wish.place(None);
    }
    let product = product.ok_or_else(|| "the configuration names no database".to_owned())?;
    said(&product.place).cloned()
}

/// Where distributions keep the authorities that everybody trusts.
const PUBLIC_AUTHORITIES: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// The certificates that the product trusts, where it names any; else those that everybody trusts.
fn authorities(host: &Host, product: &ConfiguredLogin) -> Option<Vec<u8>> {
    let named = product.tls.known().and_then(|tls| tls.authorities.clone());
    let paths = named.map_or_else(
        || PUBLIC_AUTHORITIES.iter().map(PathBuf::from).collect(),
        |path| vec![path],
    );
    paths
        .iter()
        .find_map(|path| host.read_file(path, MOST_CERTIFICATES).ok().flatten())
}

fn said<T>(fact: &Known<T>) -> Result<&T, String> {
    match fact {
        Known::Known(value) => Ok(value),
        Known::Unknown(why) => Err(why.clone()),
    }
}
