//! A variable of the running server: how it is looked at, and how it is set until the server starts anew.

use super::Written;
use super::quote::variable;

/// Its value, a number.
///
/// # Errors
/// That the name is none.
pub fn look(name: &str) -> Result<Written, String> {
    let text = format!("SELECT @@GLOBAL.{} AS value", variable(name)?);
    Ok(Written::new("a variable of the server", text))
}

/// Sets it.
///
/// # Errors
/// That the name is none.
pub fn set(name: &str, value: u64) -> Result<Written, String> {
    let text = format!("SET GLOBAL {} = {value}", variable(name)?);
    Ok(Written::new("a variable of the server", text))
}
