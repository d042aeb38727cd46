//! A variable of the running database server. Refuses what is no number.

use super::refused;
use crate::mend::change::{Change, Subject, Turn};
use crate::mend::{Surprise, World};
use crate::sql::variables;
use serde::{Deserialize, Serialize};

/// A variable by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableOf {
    /// Its name.
    pub name: String,
}

/// The change that gives it a value.
pub(in crate::mend) fn change(
    world: &mut World<'_>,
    name: &str,
    after: u64,
) -> Result<Change, Surprise> {
    let at = VariableOf {
        name: name.to_owned(),
    };
    let before = at.see(world)?;
    Ok(Change::Variable(Turn { at, before, after }))
}

impl Subject for VariableOf {
    type State = u64;

    fn see(&self, world: &mut World<'_>) -> Result<u64, Surprise> {
        let look = variables::look(&self.name).map_err(Surprise::new)?;
        let answer = world
            .writer()?
            .send(&look)
            .map_err(refused(&self.names()))?;
        let value = answer.rows.first().map(|row| row.integer("value"));
        let value = value.transpose().map_err(Surprise::new)?;
        value
            .and_then(|value| u64::try_from(value).ok())
            .ok_or_else(|| Surprise::new(format!("{} is no number", self.names())))
    }

    fn set(&self, world: &mut World<'_>, _from: &u64, to: &u64) -> Result<(), Surprise> {
        let written = variables::set(&self.name, *to).map_err(Surprise::new)?;
        let sent = world.writer()?.send(&written);
        sent.map(drop).map_err(refused(&self.names()))
    }

    fn names(&self) -> String {
        format!("the database server's variable {}", self.name)
    }

    fn tells(&self, state: &u64) -> String {
        state.to_string()
    }
}
