//! PHP's functions on arrays and types, as far as they depend on nothing but their arguments.
//!
//! It refuses what depends on the machine or the PHP version.

use super::Limits;
use super::array::{Array, Found};
use super::convert::{
    Answer, Refusal, dies, float, integer, key, string, truth, unmodelled, whole_number,
};
use super::merge::{merge_into, merged};
use super::operate::{equal, identical};
use super::text;
use super::value::{Located, Place, Value};

/// Every function that [`call`] knows.
pub(super) const MODELLED: &[&str] = &[
    "array_merge",
    "array_merge_recursive",
    "array_replace",
    "array_replace_recursive",
    "array_key_exists",
    "key_exists",
    "in_array",
    "count",
    "sizeof",
    "array_keys",
    "array_values",
    "is_null",
    "is_bool",
    "is_int",
    "is_integer",
    "is_long",
    "is_float",
    "is_double",
    "is_string",
    "is_array",
    "is_numeric",
    "is_scalar",
    "intval",
    "floatval",
    "doubleval",
    "strval",
    "boolval",
    "implode",
    "join",
    "explode",
    "trim",
    "ltrim",
    "rtrim",
    "chop",
    "str_replace",
    "sprintf",
    "strtolower",
    "strtoupper",
    "substr",
    "strlen",
    "str_repeat",
    "strtr",
    "strpos",
    "str_contains",
    "str_starts_with",
    "str_ends_with",
    "dirname",
    "basename",
    "md5",
    "base64_decode",
    "json_decode",
    "ucfirst",
];

/// Calls a modelled function.
pub(super) fn call(name: &str, args: &[Value], at: &Place, limits: &Limits) -> Answer {
    let first = args.first();
    let Some(first) = first else {
        return match name {
            "array_merge" | "array_merge_recursive" => Ok(Value::Array(Array::default())),
            _ => dies("too few arguments"),
        };
    };
    match name {
        "array_merge" | "array_replace" => merged(args, name == "array_merge"),
        "array_merge_recursive" | "array_replace_recursive" => {
            let mut result = Array::default();
            for arg in args {
                let array = certain(arg)?;
                merge_into(&mut result, array, name == "array_merge_recursive", at, 0)?;
            }
            Ok(Value::Array(result))
        }
        "array_key_exists" | "key_exists" => key_exists(first, args.get(1)),
        "in_array" => in_array(first, args),
        "count" | "sizeof" => match (certain(first)?, args.get(1)) {
            (array, None | Some(Value::Int(0))) => Ok(Value::Int(length(array.len()))),
            _ => unmodelled("count() of everything inside"),
        },
        "array_keys" | "array_values" if args.len() == 1 => {
            let mut result = Array::default();
            for (key, held) in certain(first)?.iter() {
                let value = if name == "array_keys" {
                    key.to_value()
                } else {
                    held.value.clone()
                };
                let at = held.at.clone();
                result.push(Located { value, at });
            }
            Ok(Value::Array(result))
        }
        "array_keys" | "array_values" => unmodelled("array_keys() with a search"),
        _ if name.starts_with("is_") => is_kind(name, first),
        "intval" => match args.get(1) {
            None | Some(Value::Int(10)) => Ok(Value::Int(integer(first)?)),
            Some(_) if !matches!(first, Value::Str(_)) => Ok(Value::Int(integer(first)?)),
            Some(_) => unmodelled("intval() with a base"),
        },
        "floatval" | "doubleval" => Ok(Value::Float(float(first)?)),
        "strval" => Ok(Value::Str(string(first)?)),
        "boolval" => Ok(Value::Bool(truth(first)?)),
        _ => text::call(name, first, args, at, limits),
    }
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An array of which every key and their order is known.
pub(super) fn certain(value: &Value) -> Answer<&Array> {
    match value {
        Value::Array(array) => match array.loose() {
            Some(unknown) => Err(Refusal::Unknown(unknown.clone())),
            None => Ok(array),
        },
        Value::Unknown(unknown) => Err(Refusal::Unknown(unknown.clone())),
        _ => dies("needs an array"),
    }
}

fn is_kind(name: &str, value: &Value) -> Answer {
    if let Value::Unknown(unknown) = value {
        return Err(Refusal::Unknown(unknown.clone()));
    }
    let number = matches!(value, Value::Int(_) | Value::Float(_));
    Ok(Value::Bool(match name {
        "is_null" => matches!(value, Value::Null),
        "is_bool" => matches!(value, Value::Bool(_)),
        "is_int" | "is_integer" | "is_long" => matches!(value, Value::Int(_)),
        "is_float" | "is_double" => matches!(value, Value::Float(_)),
        "is_string" => matches!(value, Value::Str(_)),
        "is_array" => matches!(value, Value::Array(_)),
        "is_numeric" => {
            number
                || value
                    .as_bytes()
                    .is_some_and(|text| whole_number(text).is_some())
        }
        _ => number || matches!(value, Value::Str(_) | Value::Bool(_)),
    }))
}

fn key_exists(wanted: &Value, array: Option<&Value>) -> Answer {
    let array = match array {
        Some(Value::Array(array)) => array,
        Some(Value::Unknown(unknown)) => return Err(Refusal::Unknown(unknown.clone())),
        _ => return dies("needs an array"),
    };
    match array.get(&key(wanted)?) {
        Found::Missing => Ok(Value::Bool(false)),
        Found::Unknown(unknown) => Err(Refusal::Unknown(unknown.clone())),
        Found::Here(held) => match (&held.value, array.loose()) {
            (Value::Unknown(_), Some(unknown)) => Err(Refusal::Unknown(unknown.clone())),
            _ => Ok(Value::Bool(true)),
        },
    }
}

fn in_array(wanted: &Value, args: &[Value]) -> Answer {
    let array = match args.get(1) {
        Some(value) => certain(value)?,
        None => return dies("too few arguments"),
    };
    let strict = match args.get(2) {
        Some(strict) => truth(strict)?,
        None => false,
    };
    for (_, held) in array.iter() {
        let same = if strict {
            identical(wanted, &held.value)?
        } else {
            equal(wanted, &held.value)?
        };
        if same {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
