//! A deed as statements that a person can read and run, and the question whether it is still to be done, by
//! which a script runs them once only. Every name and value is quoted here. Refuses names that cannot be
//! written safely.

mod account;
mod privilege;
mod settings;
#[cfg(test)]
mod tests;

pub(super) use account::account;

use super::Deed;
use super::quote::variable;

/// A deed in the server's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelled {
    /// The statements, each without its `;`. Where the deed needs a random text, `@random` stands for it:
    /// whoever runs them sets it before.
    pub statements: Vec<String>,
    /// A SELECT of one number: 0 where nothing is left to do. It asks tables that an administrator sees.
    pub pending: Option<String>,
}

impl Spelled {
    /// The statements of a deed.
    ///
    /// # Errors
    /// Why a name or value cannot stand in a statement.
    pub fn of(deed: &Deed) -> Result<Self, String> {
        match deed {
            Deed::Settings { .. }
            | Deed::RandomSetting { .. }
            | Deed::Preference { .. }
            | Deed::NoAdmin { .. } => settings::spelled(deed),
            Deed::Grant { .. }
            | Deed::Revoke { .. }
            | Deed::RevokeRole { .. }
            | Deed::RevokeProxy { .. } => privilege::spelled(deed),
            Deed::Variable { name, value } => {
                let name = variable(name)?;
                Ok(Self::one(
                    format!("SET GLOBAL {name} = {value}"),
                    format!("SELECT @@GLOBAL.{name} <> {value}"),
                ))
            }
            _ => account::spelled(deed),
        }
    }

    fn one(statement: String, pending: String) -> Self {
        Self {
            statements: vec![statement],
            pending: Some(pending),
        }
    }

    /// The statements as lines, each with its `;`.
    #[must_use]
    pub fn lines(&self) -> String {
        let lines = self.statements.iter().map(|line| format!("{line};"));
        lines.collect::<Vec<_>>().join("\n")
    }
}
