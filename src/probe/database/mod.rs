//! The account that the product connects with, and the database server that it connects to. Refuses to
//! write and to print a password.

mod connect;

pub use connect::{Link, connect};

use crate::facts::DatabaseFacts;
use crate::host::Host;
use crate::target::Target;

/// Observes the account and the server.
#[must_use]
pub fn observe(_host: &Host, _target: &Target, _link: &mut Link) -> DatabaseFacts {
    DatabaseFacts::default()
}
