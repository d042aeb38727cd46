//! What the product ships for the settings that deskguard asks for, by era: one data file.

use super::era::Era;
use super::value::Value;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What is shipped for one setting.
#[derive(Debug, Clone)]
pub(super) struct Shipped {
    since: Era,
    until: Era,
    /// The default; `None` where there is none.
    pub(super) default: Option<Value>,
}

impl Shipped {
    /// Whether a product of this era reads the setting.
    pub(super) fn is_of(&self, era: Era) -> bool {
        (self.since..=self.until).contains(&era)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    setting: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    since: Word,
    until: Option<Word>,
    default: Option<toml::Value>,
}

#[derive(Deserialize, Clone, Copy)]
enum Word {
    E1,
    E2,
    E3,
    E4,
}

impl Word {
    const fn era(self) -> Era {
        match self {
            Self::E1 => Era::E1,
            Self::E2 => Era::E2,
            Self::E3 => Era::E3,
            Self::E4 => Era::E4,
        }
    }
}

/// What is shipped for a setting; `None` where deskguard does not ask for it.
pub(super) fn of(name: &str) -> Option<&'static Shipped> {
    table().get(name)
}

/// Every setting that deskguard asks for, in the order of their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    table().keys().map(String::as_str)
}

fn table() -> &'static BTreeMap<String, Shipped> {
    static TABLE: OnceLock<BTreeMap<String, Shipped>> = OnceLock::new();
    // A file that does not parse leaves an empty table, with which every test of a setting fails.
    TABLE.get_or_init(|| read(include_str!("defaults.toml")).unwrap_or_default())
}

fn read(text: &str) -> Result<BTreeMap<String, Shipped>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.setting
        .into_iter()
        .map(|line| {
            let default = line.default.map(|value| match value {
                toml::Value::Boolean(flag) => Ok(Value::Bool(flag)),
                toml::Value::Integer(number) => Ok(Value::Int(number)),
                toml::Value::String(text) => Ok(Value::Bytes(text.into_bytes())),
                other => Err(format!("{}: {other} is no default", line.name)),
            });
            let shipped = Shipped {
                since: line.since.era(),
                until: line.until.map_or(Era::E5, Word::era),
                default: default.transpose()?,
            };
            Ok((line.name, shipped))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_names_no_secret() {
        let table = read(include_str!("defaults.toml")).unwrap();
        assert!(table.len() > 35, "{}", table.len());
        for secret in ["core.app_secret", "core.license", "core.install_token"] {
            assert!(!table.contains_key(secret));
        }
        let limit = table.get("agent.login_rate_limit.attempts").unwrap();
        assert!(limit.is_of(Era::E3) && !limit.is_of(Era::E4) && !limit.is_of(Era::E2));
    }
}
