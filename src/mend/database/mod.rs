//! The session that changes the database: opened when the first deed needs it, by the account that the
//! site names, or as root over the server's own socket. Refuses to take a server for the product's that
//! listens elsewhere.

pub(super) mod account;
mod login;
pub(super) mod row;
pub(super) mod variable;

pub use login::Admin;

use super::{Surprise, World};
use crate::facts::Secret;
use crate::mysql::{Bounds, Failure, Login, Place, Session, Writer};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The way to the database, and the session once there is one.
#[derive(Default)]
pub struct Database {
    admin: Option<Admin>,
    writer: Option<Writer>,
    /// Random texts by their digest: they stand in no journal.
    random: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}", self.writer)
    }
}

impl Database {
    /// One that is reached so.
    #[must_use]
    pub fn of(admin: Admin) -> Self {
        Self {
            admin: Some(admin),
            ..Self::default()
        }
    }

    /// The session.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn writer(&mut self) -> Result<&mut Writer, Surprise> {
        if self.writer.is_none() {
            let admin = self.admin.as_ref().ok_or_else(|| {
                Surprise::new("no account is known that may change the database")
                    .remedy("name one as [database] fix_user in deskguard.toml, or as --db-admin")
            })?;
            self.writer = Some(admin.open()?);
        }
        self.writer
            .as_mut()
            .ok_or_else(|| Surprise::new("the session with the database is gone"))
    }

    /// Logs in where the product does, as the product would.
    ///
    /// # Errors
    /// That it is not let in.
    pub(super) fn tries(&self, user: &str, password: &[u8], schema: &str) -> Result<(), Surprise> {
        let login = Login {
            user: user.to_owned(),
            password: Secret::new(password),
            schema: Some(schema.to_owned()),
            authorities: None,
            trusts_anybody: false,
        };
        Session::open(&self.product()?, &Arc::new(login), Bounds::default())
            .map(drop)
            .map_err(refused("the new password was tried, and does not work"))
    }

    /// Where the product connects to.
    pub(super) fn product(&self) -> Result<Place, Surprise> {
        let admin = self.admin.as_ref();
        let place = admin.and_then(|admin| admin.product.clone());
        place.ok_or_else(|| Surprise::new("where the product connects to is not known"))
    }

    /// Logs in as the product does.
    pub(super) fn lets_product_in(&self) -> Result<(), Surprise> {
        let login = self.admin.as_ref().and_then(|admin| admin.own.clone());
        let unknown = || Surprise::new("how the product logs in is not known");
        Session::open(
            &self.product()?,
            &login.ok_or_else(unknown)?,
            Bounds::default(),
        )
        .map(drop)
        .map_err(refused("the helpdesk's account"))
    }

    /// Ends the session; the next deed that needs one opens it anew.
    pub(super) fn hang_up(&mut self) {
        self.writer = None;
    }

    /// Refuses to cut off the account that the session is; `over_socket` says that one which comes over a
    /// socket is let in all the same.
    pub(super) fn spares(
        &mut self,
        user: &str,
        host: &str,
        over_socket: bool,
    ) -> Result<(), Surprise> {
        if over_socket && self.admin.as_ref().is_some_and(Admin::comes_over_socket) {
            return Ok(());
        }
        if self.writer()?.account() != format!("{user}@{host}") {
            return Ok(());
        }
        Err(Surprise::new(format!(
            "{user}@{host} is the account that deskguard itself works as, and would be cut off"
        ))
        .remedy("name another one as [database] fix_user or --db-admin, or run deskguard as root on the database's machine"))
    }

    /// Keeps a random text for the changes that write it.
    pub(super) fn keep(&mut self, text: Zeroizing<Vec<u8>>) -> String {
        let digest = super::kept::sha256(&text);
        self.random.insert(digest.clone(), text);
        digest
    }

    fn kept(&self, digest: &str) -> Result<Zeroizing<Vec<u8>>, Surprise> {
        let gone = || Surprise::new("a random text was known to one run only, and that is over");
        self.random.get(digest).cloned().ok_or_else(gone)
    }
}

/// What the server said, with the matter.
pub(super) fn refused(what: &str) -> impl Fn(Failure) -> Surprise {
    let what = what.to_owned();
    move |failure| {
        let said = Surprise::new(format!("{what}: {failure}"));
        match failure {
            Failure::Denied(_) => said.remedy("the account may not do that: name another one as [database] fix_user or --db-admin"),
            Failure::Slow(_) => said.remedy("something else holds the table: try again when the helpdesk is quiet"),
            _ => said,
        }
    }
}

impl World<'_> {
    /// The session that changes the database.
    pub(super) fn writer(&mut self) -> Result<&mut Writer, Surprise> {
        self.database.writer()
    }
}
