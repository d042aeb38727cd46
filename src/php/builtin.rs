//! PHP's own constants and its functions on arrays and types, as far as they depend on nothing but their arguments.
//!
//! It refuses what depends on the machine or the PHP version.

use super::Limits;
use super::array::{Array, Found, Key};
use super::convert::{
    Answer, Refusal, dies, float, integer, key, string, truth, unmodelled, whole_number,
};
use super::operate::{equal, identical};
use super::text;
use super::value::{Located, Place, Unknown, Value};

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

/// What is known of a constant of PHP itself.
pub(super) enum Constant {
    Known(Value),
    /// It exists, its value depends on the machine.
    Exists,
    Perhaps,
    None,
}

pub(super) fn constant(name: &str) -> Constant {
    let number = |number: i64| Constant::Known(Value::Int(number));
    match name {
        "PHP_EOL" => Constant::Known(Value::text("\n")),
        "DIRECTORY_SEPARATOR" => Constant::Known(Value::text("/")),
        "PATH_SEPARATOR" => Constant::Known(Value::text(":")),
        "PHP_INT_MAX" => number(i64::MAX),
        "PHP_INT_MIN" => number(i64::MIN),
        "PHP_INT_SIZE" => number(8),
        "NAN" => Constant::Known(Value::Float(f64::NAN)),
        "INF" => Constant::Known(Value::Float(f64::INFINITY)),
        "M_PI" => Constant::Known(Value::Float(std::f64::consts::PI)),
        "E_ERROR" => number(1),
        "E_WARNING" => number(2),
        "E_PARSE" => number(4),
        "E_NOTICE" => number(8),
        "E_CORE_ERROR" => number(16),
        "E_CORE_WARNING" => number(32),
        "E_COMPILE_ERROR" => number(64),
        "E_COMPILE_WARNING" => number(128),
        "E_USER_ERROR" => number(256),
        "E_USER_WARNING" => number(512),
        "E_USER_NOTICE" => number(1024),
        "E_STRICT" => number(2048),
        "E_RECOVERABLE_ERROR" => number(4096),
        "E_DEPRECATED" => number(8192),
        "E_USER_DEPRECATED" => number(16384),
        "LOCK_SH" | "COUNT_RECURSIVE" | "SORT_NUMERIC" => number(1),
        "LOCK_EX" | "SORT_STRING" => number(2),
        "COUNT_NORMAL" | "SORT_REGULAR" => number(0),
        "JSON_THROW_ON_ERROR" => number(4_194_304),
        "E_ALL" => Constant::Exists,
        _ if name.starts_with("PHP_") => machine(name),
        _ if [
            "MYSQLI_", "CURL", "LDAP_", "OPENSSL_", "FILTER_", "INTL_", "LOG_", "STD",
        ]
        .iter()
        .any(|p| name.starts_with(p)) =>
        {
            Constant::Perhaps
        }
        _ => Constant::None,
    }
}

fn machine(name: &str) -> Constant {
    match name {
        "PHP_VERSION"
        | "PHP_OS"
        | "PHP_OS_FAMILY"
        | "PHP_SAPI"
        | "PHP_VERSION_ID"
        | "PHP_MAJOR_VERSION"
        | "PHP_MINOR_VERSION"
        | "PHP_RELEASE_VERSION"
        | "PHP_BINARY"
        | "PHP_BINDIR"
        | "PHP_PREFIX"
        | "PHP_MAXPATHLEN"
        | "PHP_EXTRA_VERSION"
        | "PHP_DEBUG"
        | "PHP_ZTS"
        | "PHP_LIBDIR"
        | "PHP_DATADIR" => Constant::Exists,
        _ => Constant::Perhaps,
    }
}

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

/// `array_merge` and `array_replace`; after something unknown only later keys are certain.
fn merged(args: &[Value], renumber: bool) -> Answer {
    let mut result = Array::default();
    for arg in args {
        match arg {
            Value::Array(array) => add(&mut result, array, renumber),
            Value::Unknown(unknown) => reopen(&mut result, unknown),
            _ => return dies("needs arrays"),
        }
    }
    Ok(Value::Array(result))
}

/// Anything written so far may have been overwritten.
fn reopen(result: &mut Array, why: &Unknown) {
    *result = Array::default();
    result.open(why);
}

fn add(result: &mut Array, array: &Array, renumber: bool) {
    if let (true, Some(unknown)) = (array.is_open(), array.loose()) {
        reopen(result, unknown);
    }
    for (key, held) in array.iter() {
        match key {
            Key::Int(_) if renumber => match (result.next_key(), array.loose()) {
                (Some(_), None) => result.push(held.clone()),
                (_, Some(unknown)) => result.open(unknown),
                (None, None) => {
                    let why = result.loose().cloned().unwrap_or_else(|| Unknown {
                        why: "which index follows a negative one depends on the PHP version".into(),
                        at: held.at.clone(),
                    });
                    result.open(&why);
                }
            },
            key => result.set(key.clone(), held.clone()),
        }
    }
    if let (false, Some(unknown)) = (array.is_open(), array.loose()) {
        result.loosen(unknown);
    }
}

/// `[...$array]`
pub(super) fn spread(result: &mut Array, value: &Value) -> Answer<()> {
    match value {
        Value::Array(array) => {
            if array.loose().is_none() && result.loose().is_none() && result.next_key().is_none() {
                let has_index = array.iter().any(|(key, _)| matches!(key, Key::Int(_)));
                if has_index && result.is_full() {
                    return dies("no index is left");
                }
            }
            add(result, array, true);
            Ok(())
        }
        Value::Unknown(unknown) => {
            reopen(result, unknown);
            Ok(())
        }
        _ => dies("only arrays can be unpacked"),
    }
}

fn merge_into(
    result: &mut Array,
    array: &Array,
    merge: bool,
    at: &Place,
    depth: u32,
) -> Answer<()> {
    if depth > 100 {
        return unmodelled("arrays nested too deep to merge");
    }
    for (key, held) in array.iter() {
        if merge && matches!(key, Key::Int(_)) {
            if result.next_key().is_none() {
                return unmodelled("an index that depends on the PHP version");
            }
            result.push(held.clone());
            continue;
        }
        let mine = match result.get(key) {
            Found::Here(mine) => mine.clone(),
            _ => {
                result.set(key.clone(), held.clone());
                continue;
            }
        };
        let value = match (&mine.value, &held.value) {
            (Value::Array(_), Value::Array(theirs)) => {
                nested(&mine.value, theirs, merge, at, depth)?
            }
            (Value::Unknown(unknown), Value::Array(_)) => Value::Unknown(unknown.clone()),
            (_, theirs) if !merge => theirs.clone(),
            (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => {
                Value::Unknown(unknown.clone())
            }
            (mine, theirs) => {
                let list = super::convert::array(theirs.clone(), &held.at)?;
                let mut base = super::convert::array(mine.clone(), at)?;
                if matches!(mine, Value::Null) {
                    base.push(Located {
                        value: Value::Null,
                        at: at.clone(),
                    });
                }
                let mut list = list;
                if matches!(theirs, Value::Null) {
                    list.push(Located {
                        value: Value::Null,
                        at: held.at.clone(),
                    });
                }
                nested(&Value::Array(base), &list, merge, at, depth)?
            }
        };
        result.set(
            key.clone(),
            Located {
                value,
                at: held.at.clone(),
            },
        );
    }
    Ok(())
}

fn nested(mine: &Value, theirs: &Array, merge: bool, at: &Place, depth: u32) -> Answer {
    let mut base = certain(mine)?.clone();
    if let Some(unknown) = theirs.loose() {
        return Ok(Value::Unknown(unknown.clone()));
    }
    merge_into(&mut base, theirs, merge, at, depth + 1)?;
    Ok(Value::Array(base))
}
