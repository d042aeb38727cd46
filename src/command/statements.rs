//! `deskguard statements`: every statement that may be sent to a database, for the person who is asked for
//! an account.

use super::{Failure, print};
use crate::mysql::statements;
use std::fmt::Write as _;

pub(super) fn run() -> Result<u8, Failure> {
    let mut text = String::new();
    for statement in statements::all() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "-- {}: {}\n{};\n",
            statement.name(),
            statement.why(),
            statement.text()
        );
    }
    print(&text)?;
    Ok(0)
}
