//! Rows of the helpdesk's tables `settings`, `people_prefs` and `people`: how one is looked at, and how it is changed
//! only where it still is what it was. Columns: the product's schema, `settings.name` and
//! `people_prefs.(person_id, name)` are the keys.

use super::Written;
use super::quote::identifier;
use serde::{Deserialize, Serialize};

/// One row by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "table", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RowOf {
    /// A row of `settings`.
    Settings {
        /// The helpdesk's schema.
        schema: String,
        /// The setting.
        name: String,
    },
    /// A row of `people`, as far as it says who is an admin. It is never made and never goes.
    People {
        /// The helpdesk's schema.
        schema: String,
        /// The person's number.
        person: u64,
    },
    /// A row of `people_prefs`.
    Preferences {
        /// The helpdesk's schema.
        schema: String,
        /// The person's number.
        person: u64,
        /// The preference.
        name: String,
    },
}

/// The columns beside the key, in the order of [`RowOf::columns`]; NULL is none.
pub type Cells = Vec<Option<Vec<u8>>>;

impl RowOf {
    /// The columns beside the key. The first one is what a fix sets.
    #[must_use]
    pub const fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Settings { .. } => &["value"],
            Self::People { .. } => &["can_admin", "is_agent", "is_deleted", "is_disabled"],
            Self::Preferences { .. } => &["value_str", "value_array", "date_expire"],
        }
    }

    fn table(&self) -> Result<String, String> {
        Ok(match self {
            Self::Settings { schema, .. } => format!("{}.settings", identifier(schema)?),
            Self::People { schema, .. } => format!("{}.people", identifier(schema)?),
            Self::Preferences { schema, .. } => format!("{}.people_prefs", identifier(schema)?),
        })
    }

    const fn key(&self) -> &'static str {
        match self {
            Self::Settings { .. } => "name = ?",
            Self::People { .. } => "id = ?",
            Self::Preferences { .. } => "person_id = ? AND name = ?",
        }
    }

    fn keyed(&self, written: Written) -> Written {
        match self {
            Self::Settings { name, .. } => written.with(Some(name.as_bytes())),
            Self::People { person, .. } => written.with(Some(person.to_string().as_bytes())),
            Self::Preferences { person, name, .. } => written
                .with(Some(person.to_string().as_bytes()))
                .with(Some(name.as_bytes())),
        }
    }

    /// Looks at it.
    ///
    /// # Errors
    /// Why the schema's name cannot stand in a statement.
    pub fn look(&self) -> Result<Written, String> {
        let text = format!(
            "SELECT {} FROM {} WHERE {} LIMIT 2",
            self.columns().join(", "),
            self.table()?,
            self.key()
        );
        Ok(self.keyed(Written::new("a row of the helpdesk's settings", text)))
    }

    /// Makes it `to` where it is `from`; it changes one row then, and none where it is something else.
    /// Making a row fails where one is there.
    ///
    /// # Errors
    /// Why the schema's name cannot stand in a statement.
    pub fn turn(
        &self,
        from: Option<&Cells>,
        to: Option<&Cells>,
    ) -> Result<Option<Written>, String> {
        let (table, key) = (self.table()?, self.key());
        let still = || {
            let each = self.columns().iter();
            each.map(|column| format!(" AND {column} <=> ?"))
                .collect::<String>()
        };
        let all = |written: Written, cells: &Cells| {
            cells
                .iter()
                .fold(written, |written, cell| written.with(cell.as_deref()))
        };
        Ok(match (from, to) {
            (None, None) => None,
            (None, _) | (_, None) if matches!(self, Self::People { .. }) => {
                return Err("a person is neither made nor taken away".to_owned());
            }
            (None, Some(to)) => {
                let keys = match self {
                    Self::Settings { .. } => "name",
                    Self::People { .. } => "id",
                    Self::Preferences { .. } => "person_id, name",
                };
                let columns = self.columns();
                let marks = vec!["?"; columns.len() + keys.split(',').count()].join(", ");
                let text = format!(
                    "INSERT INTO {table} ({keys}, {}) VALUES ({marks})",
                    columns.join(", ")
                );
                let written = Written::new("a new row of the helpdesk's settings", text);
                Some(all(self.keyed(written), to))
            }
            (Some(from), None) => {
                let text = format!("DELETE FROM {table} WHERE {key}{}", still());
                let written = Written::new("a row of the helpdesk's settings goes", text);
                Some(all(self.keyed(written), from))
            }
            (Some(from), Some(to)) => {
                let sets: Vec<String> = self
                    .columns()
                    .iter()
                    .map(|column| format!("{column} = ?"))
                    .collect();
                let text = format!(
                    "UPDATE {table} SET {} WHERE {key}{}",
                    sets.join(", "),
                    still()
                );
                let written = all(Written::new("a row of the helpdesk's settings", text), to);
                Some(all(self.keyed(written), from))
            }
        })
    }
}
