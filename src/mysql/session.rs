//! One connection: opened once, asked statement by statement, given up at the first sign that it cannot be
//! relied on. Its calls block, on a runtime of its own; every wait has an end.

use super::answer::{Answer, Row};
use super::connect;
use super::failure::Failure;
use super::gate::Notes;
use super::place::{Login, Place};
use super::statement::{Parameter, Statement};
use super::statements;
use super::transport::Transport;
use mysql_async::prelude::{Protocol, Query, WithParams};
use mysql_async::{Conn, Params, QueryResult, Value};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// The largest packet that is sent or taken, in bytes.
pub(super) const LARGEST_PACKET: usize = 1 << 20;
/// The values of one answer hold no more than this together, in bytes.
const LARGEST_ANSWER: usize = 32 << 20;

/// How long a session may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From the first byte to being logged in.
    pub connect: Duration,
    /// One statement with its answer. The server is told to stop after 20 seconds at the latest.
    pub statement: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            statement: Duration::from_secs(25),
        }
    }
}

/// A read-only session.
pub struct Session {
    runtime: Runtime,
    /// `None` once it is given up, with the reason beside it.
    connection: Option<Conn>,
    given_up: String,
    bounds: Bounds,
    /// The account as the server names it, `user@host`.
    pub account: String,
    /// Who logged in from where, as the server sees it.
    pub login: String,
    /// The server's version as it says.
    pub version: String,
    /// What it says about its origin.
    pub flavour: String,
    /// How the bytes travel.
    pub transport: Transport,
    notes: Notes,
}

impl Session {
    /// Connects, logs in and makes the session read-only.
    ///
    /// # Errors
    /// Why there is no session.
    pub fn open(place: &Place, login: &Arc<Login>, bounds: Bounds) -> Result<Self, Failure> {
        let mut session = Self::connect(place, login, bounds)?;
        session.ask(&statements::READ_ONLY, &[])?;
        session.settle()?;
        Ok(session)
    }

    /// Connects and logs in, and no more: what comes of it may write.
    pub(super) fn connect(
        place: &Place,
        login: &Arc<Login>,
        bounds: Bounds,
    ) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Unreachable(error.to_string()))?;
        let connected = run(
            &runtime,
            bounds.connect,
            "the login",
            connect::connect(place, login),
        );
        let (connection, notes) = match connected {
            Ok(connected) => connected,
            Err(failure) => {
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
                return Err(name_place(failure, place));
            }
        };
        Ok(Self {
            runtime,
            connection: Some(connection),
            given_up: String::new(),
            bounds,
            account: String::new(),
            login: String::new(),
            version: String::new(),
            flavour: String::new(),
            transport: notes.transport(),
            notes,
        })
    }

    /// Whether the server is a MariaDB.
    #[must_use]
    pub fn is_mariadb(&self) -> bool {
        self.version.to_ascii_lowercase().contains("mariadb")
            || self.flavour.to_ascii_lowercase().contains("mariadb")
    }

    /// Asks who we are and bounds the session.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        let identity = self.ask(&statements::IDENTITY, &[])?;
        let row = identity
            .rows
            .first()
            .ok_or_else(|| Failure::Lie("no identity came".to_owned()))?;
        let text = |name| row.text(name).map_err(Failure::Lie);
        let (account, login) = (text("account")?, text("login")?);
        let (version, flavour) = (text("version")?, text("flavour")?);
        (self.account, self.login) = (account, login);
        (self.version, self.flavour) = (version, flavour);
        let limit = if self.is_mariadb() {
            &statements::TIME_LIMIT_MARIADB
        } else {
            &statements::TIME_LIMIT_MYSQL
        };
        // A server or proxy that knows no such bound is still bounded from here.
        for bound in [limit, &statements::LOCK_WAIT] {
            match self.ask(bound, &[]) {
                Ok(_) | Err(Failure::Missing(_) | Failure::Denied(_) | Failure::Server { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Sends a statement and reads its answer.
    ///
    /// # Errors
    /// Why there is no answer that counts. After [`Failure::Unreachable`], [`Failure::Unsafe`] and
    /// [`Failure::Lie`], and once nothing came in time, the session is over, and every later call says why.
    pub fn ask(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
    ) -> Result<Answer, Failure> {
        self.send(&bound(statement, parameters)?)
    }

    /// Sends what was made ready.
    pub(super) fn send(&mut self, ready: &Ready) -> Result<Answer, Failure> {
        let Some(mut connection) = self.connection.take() else {
            return Err(Failure::Unreachable(self.given_up.clone()));
        };
        let what = format!("the answer to `{}`", ready.name);
        let answer = run(&self.runtime, self.bounds.statement, &what, async {
            let answer = answer(&mut connection, ready).await;
            Ok((connection, answer))
        });
        match answer {
            Ok((connection, answer)) => {
                let answer = answer.map_err(|failure| self.notes.shut().unwrap_or(failure));
                let over = matches!(
                    answer,
                    Err(Failure::Unreachable(_) | Failure::Unsafe(_) | Failure::Lie(_))
                );
                match &answer {
                    Err(failure) if over => self.given_up = failure.to_string(),
                    _ => self.connection = Some(connection),
                }
                answer
            }
            Err(failure) => {
                let failure = self.notes.shut().unwrap_or(failure);
                self.given_up = failure.to_string();
                Err(failure)
            }
        }
    }
}

/// Waits for `work`, no longer than `limit`; a panic of the driver over a hostile packet is an answer that
/// counts for nothing.
fn run<T>(
    runtime: &Runtime,
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let waited = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { tokio::time::timeout(limit, work).await })
    }));
    match waited {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Failure::Slow(format!(
            "{what} did not come within {} s, and the connection was given up",
            limit.as_secs_f32()
        ))),
        Err(_) => Err(Failure::Lie(format!(
            "{what} could not be understood by the driver"
        ))),
    }
}

/// What is sent: a text, the values of its `?`, and how much is read of its answer.
pub(super) struct Ready {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) values: Vec<Value>,
    pub(super) rows: usize,
}

fn bound(statement: &Statement, parameters: &[Parameter]) -> Result<Ready, Failure> {
    let mut text = statement.text().to_owned();
    let mut values = Vec::new();
    for parameter in parameters {
        match parameter {
            Parameter::Integer(number) => values.push(Value::Int(*number)),
            Parameter::Text(bound) => values.push(Value::Bytes(bound.clone().into_bytes())),
            Parameter::Account(user, host) => {
                text = statement
                    .with_account(user, host.as_deref())
                    .map_err(Failure::Missing)?;
            }
        }
    }
    Ok(Ready {
        name: statement.name(),
        text,
        values,
        rows: statement.rows(),
    })
}

async fn answer(connection: &mut Conn, ready: &Ready) -> Result<Answer, Failure> {
    let text = ready.text.as_str();
    if ready.values.is_empty() {
        let result = text.run(&mut *connection).await.map_err(failure)?;
        rows(result, ready).await
    } else {
        let bound = text.with(Params::Positional(ready.values.clone()));
        let result = bound.run(&mut *connection).await.map_err(failure)?;
        rows(result, ready).await
    }
}

async fn rows<P: Protocol>(
    mut result: QueryResult<'_, '_, P>,
    ready: &Ready,
) -> Result<Answer, Failure> {
    let columns: Arc<[String]> = result
        .columns_ref()
        .iter()
        .map(|column| String::from_utf8_lossy(column.name_ref()).into_owned())
        .collect();
    let mut rows = Vec::new();
    let mut bytes = 0_usize;
    while let Some(row) = result.next().await.map_err(failure)? {
        if rows.len() == ready.rows {
            return Err(Failure::Lie(format!(
                "`{}` was answered with more than {} rows",
                ready.name, ready.rows
            )));
        }
        let cells = row.unwrap();
        bytes = bytes.saturating_add(cells.iter().map(size).sum());
        if bytes > LARGEST_ANSWER {
            return Err(Failure::Lie(format!(
                "`{}` was answered with more than {} MiB",
                ready.name,
                LARGEST_ANSWER >> 20
            )));
        }
        rows.push(Row::new(ready.name, Arc::clone(&columns), cells));
    }
    Ok(Answer {
        full: rows.len() == ready.rows,
        affected: result.affected_rows(),
        rows,
    })
}

fn size(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.len(),
        _ => size_of::<Value>(),
    }
}

/// The driver's error in our words.
pub(super) fn failure(error: mysql_async::Error) -> Failure {
    use mysql_async::{DriverError, Error};
    match error {
        // ER_ACCESS_DENIED, ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED, ER_ACCOUNT_HAS_BEEN_LOCKED,
        // ER_MUST_CHANGE_PASSWORD_LOGIN, ER_ACCESS_DENIED_NO_PASSWORD
        Error::Server(said)
            if matches!(said.code, 1045 | 1130 | 1129 | 3118 | 4151 | 1862 | 1698) =>
        {
            Failure::LoginRefused(said.message)
        }
        Error::Server(said) => Failure::of_server(said.code, said.message),
        Error::Driver(DriverError::UnknownAuthPlugin { name }) => Failure::LoginRefused(format!(
            "it asks for the authentication plugin {name}, which is not known here"
        )),
        // The driver's own connection ends at the gate, which says why it was shut.
        Error::Io(_) => Failure::Lie("it does not keep to the protocol".to_owned()),
        other => Failure::Lie(other.to_string()),
    }
}

fn name_place(failure: Failure, place: &Place) -> Failure {
    match failure {
        Failure::Unreachable(what) => Failure::Unreachable(format!("{place}: {what}")),
        other => other,
    }
}
