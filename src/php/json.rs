//! `json_decode` into arrays, in PHP's key order.
//!
//! It refuses objects, options and anything that may not be JSON.

use super::array::{Array, Key};
use super::convert::{Answer, truth, unmodelled};
use super::value::{Located, Place, Value};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

pub(super) fn decode(text: &[u8], args: &[Value], at: &Place) -> Answer {
    let assoc = match args.get(1) {
        Some(assoc) => truth(assoc)?,
        None => false,
    };
    if args.len() > 2 || !assoc {
        return unmodelled("json_decode() into objects or with options");
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let parsed = Json { at }.deserialize(&mut reader);
    match parsed.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(_) => unmodelled("json_decode() of something that is perhaps no JSON"),
    }
}

/// Builds values from JSON in PHP's key order.
struct Json<'a> {
    at: &'a Place,
}

impl Json<'_> {
    fn held(&self, value: Value) -> Located {
        let at = self.at.clone();
        Located { value, at }
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut array = Array::default();
        while let Some(value) = seq.next_element_seed(Json { at: self.at })? {
            array.push(self.held(value));
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut array = Array::default();
        while let Some(key) = map.next_key::<Text>()? {
            let value = map.next_value_seed(Json { at: self.at })?;
            array.set(Key::from_bytes(key.0.as_bytes()), self.held(value));
        }
        Ok(Value::Array(array))
    }
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}
