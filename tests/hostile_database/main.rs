//! Servers that lie, ask for what is none of their business, or stay silent; and MySQL's own way to log in,
//! which no server in Debian speaks. Each case ends with a clear answer in bounded time.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod answers;
mod logins;
mod random;
mod server;

use deskguard::facts::Secret;
use deskguard::mysql::{Bounds, Failure, Login, Place, Session};
use server::Server;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const PASSWORD: &str = "gK2-zzQ81-hush";

/// An address that is this machine to the kernel and another one to deskguard.
pub(crate) const ELSEWHERE: &str = "0.0.0.0";
pub(crate) const HERE: &str = "127.0.0.1";

pub(crate) fn bounds() -> Bounds {
    Bounds {
        connect: Duration::from_secs(3),
        statement: Duration::from_secs(1),
    }
}

pub(crate) fn login(change: impl FnOnce(&mut Login)) -> Arc<Login> {
    let mut login = Login {
        user: "deskpro".to_owned(),
        password: Secret::new(PASSWORD.as_bytes()),
        schema: None,
        authorities: None,
        trusts_anybody: false,
    };
    change(&mut login);
    Arc::new(login)
}

pub(crate) fn open(host: &str, server: &Server, login: &Arc<Login>) -> Result<Session, Failure> {
    let place = Place::Tcp {
        host: host.to_owned(),
        port: server.port,
    };
    let begun = Instant::now();
    let opened = Session::open(&place, login, bounds());
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    opened
}
