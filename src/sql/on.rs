//! What a privilege is given on, as a GRANT names it.

use super::quote::identifier;
use serde::{Deserialize, Serialize};

/// How much it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// `*.*`
    Global,
    /// `schema.*`; the name is a pattern.
    Schema,
    /// A table or view.
    Table,
    /// A stored procedure.
    Procedure,
    /// A stored function.
    Function,
    /// A package of MariaDB's.
    Package,
    /// Its body.
    PackageBody,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// How much.
    pub level: Level,
    /// The schema, as a pattern at its own level; empty for `*.*`.
    #[serde(default)]
    pub schema: String,
    /// The table or routine; empty where the object has none.
    #[serde(default)]
    pub name: String,
}

impl On {
    /// As a GRANT names it.
    ///
    /// # Errors
    /// Why a name cannot stand in a statement.
    pub fn spelled(&self) -> Result<String, String> {
        let kind = match self.level {
            Level::Global => return Ok("*.*".to_owned()),
            Level::Schema => return Ok(format!("{}.*", identifier(&self.schema)?)),
            Level::Table => "",
            Level::Procedure => "PROCEDURE ",
            Level::Function => "FUNCTION ",
            Level::Package => "PACKAGE ",
            Level::PackageBody => "PACKAGE BODY ",
        };
        let (schema, name) = (identifier(&self.schema)?, identifier(&self.name)?);
        Ok(format!("{kind}{schema}.{name}"))
    }
}
