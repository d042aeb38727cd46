//! One setting as the product takes it, and who says so: the configuration file, the settings table,
//! or what the product ships.

use crate::facts::Known;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One setting as the product takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved<T> {
    /// Its value.
    pub value: Known<T>,
    /// Its name.
    pub setting: String,
    /// Who says so: `shipped default`, `settings row`, or `override`.
    pub from: String,
    /// The configuration file that overrides it, else empty.
    pub path: String,
    /// The line there, else 0.
    pub line: u32,
    /// How that file spells it, else empty.
    #[serde(default)]
    pub spelled: String,
}

impl<T> Default for Resolved<T> {
    fn default() -> Self {
        Self::unknown("", "nobody looked")
    }
}

impl<T> Resolved<T> {
    /// A setting that cannot be told.
    pub fn unknown(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            value: Known::unknown(reason),
            setting: setting.into(),
            from: String::new(),
            path: String::new(),
            line: 0,
            spelled: String::new(),
        }
    }

    /// The same setting with its value taken further.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Resolved<U> {
        Resolved {
            value: self.value.map(f),
            setting: self.setting,
            from: self.from,
            path: self.path,
            line: self.line,
            spelled: self.spelled,
        }
    }
}
