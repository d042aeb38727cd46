//! A session that writes, for `fix --apply` and `--undo` only. It comes to the server by the same gate as
//! the one that reads: no local file is handed over, and no password sent in clear. Refuses every statement
//! that the room `sql` did not build.

use super::answer::Answer;
use super::failure::Failure;
use super::place::{Login, Place};
use super::session::{Bounds, Ready, Session};
use super::statements;
use crate::sql::Written;
use mysql_async::Value;
use std::sync::Arc;

/// No answer has more rows.
const MOST_ROWS: usize = 20_000;

/// Fills it with what nobody can guess, by the generator that TLS uses.
///
/// # Errors
/// That the system gives no randomness.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), String> {
    let provider = rustls::crypto::ring::default_provider();
    let filled = provider.secure_random.fill(bytes);
    filled.map_err(|_| "the system gives no random numbers".to_owned())
}

/// A session that writes. It reads as well, what only an administrator sees.
pub struct Writer(Session);

impl std::fmt::Debug for Writer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "a session of {}", self.0.account)
    }
}

impl Writer {
    /// Connects and logs in.
    ///
    /// # Errors
    /// Why there is no session.
    pub fn open(place: &Place, login: &Arc<Login>, bounds: Bounds) -> Result<Self, Failure> {
        let mut session = Session::connect(place, login, bounds)?;
        session.settle()?;
        // Quoting and comparing mean the same everywhere.
        session.ask(&statements::PLAIN_MODE, &[])?;
        if !session.is_mariadb() {
            // Before 8.0.17 there is no such switch, and hashes are shown as they are.
            let _ = session.ask(&statements::HASHES_AS_HEX, &[]);
        }
        Ok(Self(session))
    }

    /// The account as the server names it, `user@host`.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.0.account
    }

    /// Whether the server is a MariaDB.
    #[must_use]
    pub fn is_mariadb(&self) -> bool {
        self.0.is_mariadb()
    }

    /// The port that the server listens on; none where it does not tell.
    pub fn port(&mut self) -> Option<u16> {
        let answer = self.0.ask(&statements::PORT, &[]).ok()?;
        let port = answer.rows.first()?.integer("port").ok()?;
        u16::try_from(port).ok()
    }

    /// Sends a statement and reads its answer.
    ///
    /// # Errors
    /// As [`Session::ask`].
    pub fn send(&mut self, written: &Written) -> Result<Answer, Failure> {
        let values = written.values().iter().map(|value| match value {
            Some(bytes) => Value::Bytes(bytes.clone()),
            None => Value::NULL,
        });
        self.0.send(&Ready {
            name: written.name(),
            text: written.text().to_owned(),
            values: values.collect(),
            rows: MOST_ROWS,
        })
    }
}
