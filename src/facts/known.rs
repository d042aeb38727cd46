//! A fact, or the reason why it could not be had; and lists that say whether they are whole.
//! Refuses a third state: a thing that is missing is a known fact (`null`), a thing that could not
//! be looked at is unknown.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The key that marks an unknown fact in JSON: `{"$unknown": "why"}`.
pub const UNKNOWN_KEY: &str = "$unknown";

/// What was observed, or why it could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// Observed.
    Known(T),
    /// Not observed; the reason is a sentence for the reader of the report.
    Unknown(String),
}

impl<T> Known<T> {
    /// An unknown fact with its reason.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown(reason.into())
    }

    /// The observed value, if there is one.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Another fact made of this one; unknown stays unknown.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Known(value) => Known::Known(f(value)),
            Self::Unknown(reason) => Known::Unknown(reason),
        }
    }
}

impl<T> From<Result<T, String>> for Known<T> {
    fn from(result: Result<T, String>) -> Self {
        result.map_or_else(Self::Unknown, Self::Known)
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self::Unknown("nobody looked".to_owned())
    }
}

#[derive(Serialize)]
struct Mark {
    #[serde(rename = "$unknown")]
    reason: String,
}

/// By hand, since a derived one would take the list `["x"]` for a mark with the reason `x`.
impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Only;

        impl<'de> Visitor<'de> for Only {
            type Value = Mark;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object with the one key {UNKNOWN_KEY}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Mark, A::Error> {
                let wrong = || A::Error::custom("this is no mark of an unknown fact");
                match map.next_entry::<String, String>()? {
                    Some((key, reason)) if key == UNKNOWN_KEY => {
                        let more = map.next_key::<String>()?;
                        more.map_or(Ok(Mark { reason }), |_| Err(wrong()))
                    }
                    _ => Err(wrong()),
                }
            }
        }

        deserializer.deserialize_map(Only)
    }
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(reason) => Mark {
                reason: reason.clone(),
            }
            .serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Mark(Mark),
            Value(T),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Mark(mark) => Self::Unknown(mark.reason),
            Either::Value(value) => Self::Known(value),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Known<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Known_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({
            "anyOf": [
                value,
                {
                    "type": "object",
                    "properties": { UNKNOWN_KEY: { "type": "string" } },
                    "required": [UNKNOWN_KEY],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// Rows that were found, and whether there may be more. A judgement over a listing passes only
/// when nothing is `missed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing<T> {
    /// What was found, in an order that does not depend on the machine's mood.
    pub rows: Vec<T>,
    /// Why there may be rows that nobody saw; empty means the list is whole.
    #[serde(default)]
    pub missed: Vec<String>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self::unseen("nobody looked")
    }
}

impl<T> Listing<T> {
    /// A list of which nothing is known.
    pub fn unseen(reason: impl Into<String>) -> Self {
        Self {
            rows: Vec::new(),
            missed: vec![reason.into()],
        }
    }

    /// A whole list.
    pub const fn whole(rows: Vec<T>) -> Self {
        Self {
            rows,
            missed: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_survives_json_and_is_not_taken_for_a_value() {
        let fact: Known<Vec<String>> = Known::unknown("permission denied on /x");
        let json = serde_json::to_string(&fact).unwrap();
        assert_eq!(json, r#"{"$unknown":"permission denied on /x"}"#);
        assert_eq!(
            serde_json::from_str::<Known<Vec<String>>>(&json).unwrap(),
            fact
        );
        let one = Known::Known(vec!["games".to_owned()]);
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(
            serde_json::from_str::<Known<Vec<String>>>(&json).unwrap(),
            one
        );
        let missing: Known<Option<u32>> = serde_json::from_str("null").unwrap();
        assert_eq!(missing, Known::Known(None));
    }
}
