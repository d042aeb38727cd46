//! Rows of the helpdesk's tables `settings`, `people_prefs` and `people`. A row is written over where it is there.

use super::Spelled;
use crate::sql::Deed;
use crate::sql::quote::{identifier, text};

pub(super) fn spelled(deed: &Deed) -> Result<Spelled, String> {
    Ok(match deed {
        Deed::Settings { schema, values } => {
            let table = format!("{}.settings", identifier(schema)?);
            let rows = values
                .iter()
                .map(|(name, value)| Ok(format!("({}, {})", text(name)?, text(value)?)))
                .collect::<Result<Vec<_>, String>>()?;
            if rows.is_empty() {
                return Err("there is no setting to write".to_owned());
            }
            Spelled::one(
                format!(
                    "INSERT INTO {table} (name, value) VALUES {} ON DUPLICATE KEY UPDATE value = VALUES(value)",
                    rows.join(", ")
                ),
                format!(
                    "SELECT {} - COUNT(*) FROM {table} WHERE (name, value) IN ({})",
                    rows.len(),
                    rows.join(", ")
                ),
            )
        }
        Deed::RandomSetting {
            schema,
            name,
            length,
        } => {
            let (table, name) = (format!("{}.settings", identifier(schema)?), text(name)?);
            Spelled::one(
                format!(
                    "INSERT INTO {table} (name, value) VALUES ({name}, @random) ON DUPLICATE KEY UPDATE value = VALUES(value)"
                ),
                format!(
                    "SELECT COUNT(*) = 0 FROM {table} WHERE name = {name} AND value REGEXP '^[0-9a-f]{{{length}}}$'"
                ),
            )
        }
        Deed::Preference {
            schema,
            person,
            name,
        } => {
            let table = format!("{}.people_prefs", identifier(schema)?);
            let name = text(name)?;
            Spelled::one(
                format!(
                    "INSERT INTO {table} (person_id, name, value_str) VALUES ({person}, {name}, '1') ON DUPLICATE KEY UPDATE value_str = '1'"
                ),
                format!(
                    "SELECT COUNT(*) = 0 FROM {table} WHERE person_id = {person} AND name = {name} AND value_str = '1'"
                ),
            )
        }
        Deed::NoAdmin { schema, person } => {
            let table = format!("{}.people", identifier(schema)?);
            let gone = "(is_agent = 0 OR is_deleted = 1 OR is_disabled = 1)";
            Spelled::one(
                format!("UPDATE {table} SET can_admin = 0 WHERE id = {person} AND {gone}"),
                format!("SELECT COUNT(*) FROM {table} WHERE id = {person} AND can_admin = 1"),
            )
        }
        _ => return Err("it is another statement's business".to_owned()),
    })
}
