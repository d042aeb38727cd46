//! Who changes the database. Named in `deskguard.toml` or on the command line; else root of this machine
//! over the local socket, whom MariaDB and MySQL of the distributions let in without a password (plugins
//! `unix_socket`, `auth_socket`).

use crate::facts::{Known, Secret};
use crate::host::Host;
use crate::mend::Surprise;
use crate::mysql::{Bounds, Login, Place, Writer};
use crate::target::{ConfiguredLogin, DatabaseWish, Target, usual_database_sockets};
use std::sync::Arc;

/// An account that may change the database, and where.
pub struct Admin {
    /// The places to try, the likeliest first.
    places: Vec<Place>,
    login: Arc<Login>,
    /// The port that the right server listens on, where a socket may be another's.
    port: Option<u16>,
    /// Where the product connects to.
    pub(super) product: Option<Place>,
    /// Who the product is there.
    pub(super) own: Option<Arc<Login>>,
}

impl Admin {
    /// The account that the site names, else root over the socket where the database is on this machine.
    ///
    /// # Errors
    /// Why there is nobody.
    pub fn find(
        host: &Host,
        target: &Target,
        wish: &DatabaseWish,
        named: Option<(String, Arc<Secret>)>,
    ) -> Result<Self, String> {
        let logins = target.database_logins(host)?;
        let product = match logins.first().map(|login| &login.place) {
            Some(Known::Known(place)) => Some(place.clone()),
            _ => None,
        };
        let place = wish.place(product.as_ref())?;
        let (user, password, places, port) = match (named, &place) {
            (Some((user, password)), _) => (user, password, vec![place.clone()], None),
            (None, Place::Socket(_)) => (root(), nothing(), vec![place.clone()], None),
            (None, Place::Tcp { port, .. }) if place.is_local() => {
                let sockets = usual_database_sockets().map(Place::Socket);
                (root(), nothing(), sockets.collect(), Some(*port))
            }
            (None, Place::Tcp { .. }) => {
                return Err(format!(
                    "the database is on another machine ({place}): name an account that may change it, as [database] fix_user in deskguard.toml or as --db-admin"
                ));
            }
        };
        let login = Login {
            user,
            password: password.shown_to(Secret::new),
            schema: None,
            authorities: wish.authorities.clone(),
            trusts_anybody: wish.trusts_anybody,
        };
        Ok(Self {
            places,
            login: Arc::new(login),
            port,
            product,
            own: logins.first().and_then(|login| own(login, wish)),
        })
    }

    /// This account at this place; `product` is where the product connects to.
    #[must_use]
    pub fn at(place: Place, login: Login, product: Option<Place>) -> Self {
        Self {
            places: vec![place],
            login: Arc::new(login),
            port: None,
            product,
            own: None,
        }
    }

    /// The same, with the account that the product logs in as.
    #[must_use]
    pub fn beside(self, own: Login) -> Self {
        Self {
            own: Some(Arc::new(own)),
            ..self
        }
    }

    pub(super) fn comes_over_socket(&self) -> bool {
        self.places
            .iter()
            .all(|place| matches!(place, Place::Socket(_)))
    }

    pub(super) fn open(&self) -> Result<Writer, Surprise> {
        let mut why = "no socket of a database server was found on this machine".to_owned();
        // A server that is being started has no socket yet.
        let is_missing = |place: &&Place| match (place, self.port) {
            (Place::Socket(path), Some(_)) => !path.exists(),
            _ => false,
        };
        for place in self.places.iter().filter(|place| !is_missing(place)) {
            match Writer::open(place, &self.login, Bounds::default()) {
                Err(failure) => why = format!("{}: {failure}", self.login.user),
                Ok(mut writer) => {
                    let port = writer.port();
                    if self.port.is_none() || self.port == port {
                        return Ok(writer);
                    }
                    why = match &self.product {
                        Some(product) => {
                            format!("{place} is not the product's server at {product}")
                        }
                        None => format!("{place} is another server than the product's"),
                    };
                }
            }
        }
        Err(Surprise::new(format!("the database cannot be changed: {why}")).remedy(
            "name an account that may, as [database] fix_user in deskguard.toml or as --db-admin",
        ))
    }
}

/// The product's login, as far as the configuration tells it.
fn own(login: &ConfiguredLogin, wish: &DatabaseWish) -> Option<Arc<Login>> {
    Some(Arc::new(Login {
        user: login.user.known()?.clone(),
        password: login.password.known()?.shown_to(Secret::new),
        schema: login.schema.known().cloned(),
        authorities: wish.authorities.clone(),
        trusts_anybody: wish.trusts_anybody,
    }))
}

fn root() -> String {
    "root".to_owned()
}

fn nothing() -> Arc<Secret> {
    Arc::new(Secret::new(b""))
}
