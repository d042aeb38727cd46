//! Settings as the product takes them: the configuration file wins over the row, the row over what is
//! shipped. What may be overridden by a file that could not be read is unknown.

use super::defaults;
use super::era::Era;
use super::picture::{Picture, SecretSeen};
use super::value::Value;
use crate::facts::{Known, Resolved};
use std::collections::BTreeMap;

/// What the configuration files override.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// By the setting's name.
    pub known: BTreeMap<String, Override<Value>>,
    /// `core.app_secret`, judged where it was read.
    pub secret: Option<Override<SecretSeen>>,
    /// Why there may be others.
    pub unread: Option<String>,
}

/// One setting in a configuration file.
#[derive(Debug, Clone)]
pub struct Override<T> {
    /// Its value, or what was found of it.
    pub value: Known<T>,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
    /// How the file spells it.
    pub spelled: String,
}

/// Settings by the product's names.
pub(super) struct Bag<'a> {
    era: &'a Known<Era>,
    picture: &'a Picture,
    overrides: &'a Overrides,
}

impl<'a> Bag<'a> {
    pub(super) const fn new(
        era: &'a Known<Era>,
        picture: &'a Picture,
        overrides: &'a Overrides,
    ) -> Self {
        Self {
            era,
            picture,
            overrides,
        }
    }

    pub(super) const fn era(&self) -> &Known<Era> {
        self.era
    }

    /// A row as it stands, without defaults and overrides; `None` where there is none.
    pub(super) fn row(&self, name: &str) -> Known<Option<Vec<u8>>> {
        match &self.picture.settings {
            Known::Unknown(reason) => Known::unknown(reason),
            Known::Known(rows) => match rows.get(name) {
                None => Known::Known(None),
                Some(Known::Known(bytes)) => Known::Known(Some(bytes.clone())),
                Some(Known::Unknown(reason)) => Known::unknown(reason),
            },
        }
    }

    /// Who overrides the application's secret, where anybody does or may.
    pub(super) fn secret_override(&self) -> Option<Resolved<SecretSeen>> {
        self.set("core.app_secret", self.overrides.secret.as_ref())
    }

    /// What the configuration makes of a setting, where it says or may say anything.
    fn set<T: Clone>(&self, name: &str, set: Option<&Override<T>>) -> Option<Resolved<T>> {
        if let Some(set) = set {
            return Some(Resolved {
                value: set.value.clone(),
                setting: name.to_owned(),
                from: "override".to_owned(),
                path: set.path.clone(),
                line: set.line,
                spelled: set.spelled.clone(),
            });
        }
        let reason = self.overrides.unread.as_ref()?;
        Some(Resolved::unknown(
            name,
            format!(
                "the configuration file may override {name}, and it could not be read: {reason}"
            ),
        ))
    }

    /// The value as the product takes it.
    pub(super) fn value(&self, name: &str) -> Resolved<Value> {
        let Some(shipped) = defaults::of(name) else {
            return Resolved::unknown(name, format!("deskguard has no default for {name}"));
        };
        let era = match self.era {
            Known::Known(era) => *era,
            Known::Unknown(reason) => return Resolved::unknown(name, reason),
        };
        if !shipped.is_of(era) {
            let reason = format!("{} does not have {name}", era.described());
            return Resolved::unknown(name, reason);
        }
        if let Some(set) = self.set(name, self.overrides.known.get(name)) {
            return set;
        }
        let (value, from) = match self.row(name) {
            Known::Unknown(reason) => return Resolved::unknown(name, reason),
            // v5's loader unserialises whatever it can; v4 hands out the row as it stands.
            Known::Known(Some(bytes)) => (Value::from_row(&bytes, era >= Era::E4), "settings row"),
            Known::Known(None) if era == Era::E5 && shipped.default.is_some() => {
                let reason =
                    format!("there is no row {name}, and Horizon's own default is not public");
                return Resolved::unknown(name, reason);
            }
            Known::Known(None) => {
                let default = shipped.default.clone().unwrap_or(Value::Null);
                (default, "shipped default")
            }
        };
        Resolved {
            value: Known::Known(value),
            setting: name.to_owned(),
            from: from.to_owned(),
            path: String::new(),
            line: 0,
            spelled: String::new(),
        }
    }

    /// A switch, by PHP's truth.
    pub(super) fn flag(&self, name: &str) -> Resolved<bool> {
        self.value(name).map(|value| value.truth())
    }

    /// A number, by PHP's `(int)`.
    pub(super) fn integer(&self, name: &str) -> Resolved<i64> {
        let resolved = self.value(name);
        let odd = format!("{name} holds a value that is no number");
        let number = match &resolved.value {
            Known::Known(value) => value
                .integer()
                .map_or_else(|| Known::unknown(odd), Known::Known),
            Known::Unknown(reason) => Known::unknown(reason),
        };
        Resolved {
            value: number,
            setting: resolved.setting,
            from: resolved.from,
            path: resolved.path,
            line: resolved.line,
            spelled: resolved.spelled,
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Resolved<String> {
        let resolved = self.value(name);
        let odd = format!("{name} holds a value that is no text");
        let text = match &resolved.value {
            Known::Known(value) => value
                .text()
                .map_or_else(|| Known::unknown(odd), Known::Known),
            Known::Unknown(reason) => Known::unknown(reason),
        };
        Resolved {
            value: text,
            setting: resolved.setting,
            from: resolved.from,
            path: resolved.path,
            line: resolved.line,
            spelled: resolved.spelled,
        }
    }
}

impl<T> Resolved<T> {
    /// Who says so, as a sentence names it: `settings row`, `/srv/config.php:3`.
    pub(super) fn said_by(&self) -> String {
        if self.path.is_empty() {
            self.from.clone()
        } else {
            format!("{}:{}", self.path, self.line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[(&str, &str)]) -> Picture {
        let rows = rows
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Known::Known(value.as_bytes().to_vec())));
        Picture {
            settings: Known::Known(rows.collect()),
            ..Picture::default()
        }
    }

    fn set(name: &str, value: Value) -> Overrides {
        let set = Override {
            value: Known::Known(value),
            path: "/srv/dp/config.php".to_owned(),
            line: 7,
            spelled: String::new(),
        };
        Overrides {
            known: BTreeMap::from([(name.to_owned(), set)]),
            ..Overrides::default()
        }
    }

    #[test]
    fn override_then_row_then_default() {
        const NAME: &str = "agent.password_policy.min_length";
        let era = Known::Known(Era::E4);
        let none = Overrides::default();
        let empty = picture(&[]);
        let shipped = Bag::new(&era, &empty, &none).integer(NAME);
        assert_eq!(
            (shipped.value, shipped.from.as_str()),
            (Known::Known(5), "shipped default")
        );
        let rows = picture(&[(NAME, "14")]);
        let row = Bag::new(&era, &rows, &none).integer(NAME);
        assert_eq!(
            (row.value.clone(), row.said_by()),
            (Known::Known(14), "settings row".to_owned())
        );
        let overrides = set(NAME, Value::Int(6));
        let won = Bag::new(&era, &rows, &overrides).integer(NAME);
        assert_eq!(
            (won.value.clone(), won.said_by()),
            (Known::Known(6), "/srv/dp/config.php:7".to_owned())
        );
    }

    #[test]
    fn what_the_era_does_not_know_and_what_may_be_overridden_is_unknown() {
        let era = Known::Known(Era::E1);
        let rows = picture(&[("core.sessions_lifetime", "600")]);
        let none = Overrides::default();
        let bag = Bag::new(&era, &rows, &none);
        assert_eq!(
            bag.integer("core.sessions_lifetime").value,
            Known::Known(600)
        );
        assert!(
            bag.flag("core.enable_agent_rememberme")
                .value
                .known()
                .is_none()
        );
        let dark = Overrides {
            unread: Some("permission denied".to_owned()),
            ..Overrides::default()
        };
        let bag = Bag::new(&era, &rows, &dark);
        assert!(
            bag.integer("core.sessions_lifetime")
                .value
                .known()
                .is_none()
        );
    }

    #[test]
    fn horizon_has_rows_but_no_public_defaults() {
        let era = Known::Known(Era::E5);
        let none = Overrides::default();
        let rows = picture(&[("core.enable_agent_rememberme", "0")]);
        let bag = Bag::new(&era, &rows, &none);
        assert_eq!(
            bag.flag("core.enable_agent_rememberme").value,
            Known::Known(false)
        );
        assert!(
            bag.integer("core.sessions_lifetime")
                .value
                .known()
                .is_none()
        );
        assert_eq!(bag.flag("core.last_cron_run").value, Known::Known(false));
    }
}
