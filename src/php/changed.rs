//! What an evaluation holds, as a flat list that two evaluations can be compared by. Values are
//! fingerprints here: equal ones are equal, and nothing can be read out of them.

use super::array::{Array, Key};
use super::value::{Place, Value};
use super::{Evaluation, IniSet, Lookup};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// One value that is no array, and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// `$DP_CONFIG['debug']['dev']`, `DP_DATABASE_HOST`, `ini_set('display_errors')`.
    pub name: String,
    /// Where it was set; no part of a comparison.
    pub at: Place,
    /// Equal for values of one type and content; unknown ones are equal to each other.
    pub value: u64,
    /// Whether the value is not known.
    pub is_unknown: bool,
}

/// Every value of the evaluation: variables, constants, ini settings, and what the file returns.
#[must_use]
pub fn leaves(evaluation: &Evaluation) -> Vec<Leaf> {
    let mut found = Vec::new();
    for (key, held) in evaluation.variables.iter() {
        add(
            &format!("${}", key_text(key)),
            &held.value,
            &held.at,
            &mut found,
        );
    }
    for (key, held) in evaluation.constants.iter() {
        add(&key_text(key), &held.value, &held.at, &mut found);
    }
    found.extend(evaluation.ini.iter().map(ini));
    if let (Some(value), Some(file)) = (&evaluation.returned, evaluation.files.first()) {
        let at = Place {
            file: file.as_path().into(),
            line: 0,
        };
        add("return", value, &at, &mut found);
    }
    found
}

/// Why it cannot be told whether the setting of this name (as in [`Leaf`]) is set.
#[must_use]
pub fn doubt(evaluation: &Evaluation, name: &str) -> Option<String> {
    let lookup = match name.strip_prefix('$') {
        Some(rest) => {
            let mut parts = rest.split("['");
            let variable = parts.next().unwrap_or_default();
            let keys: Vec<&str> = parts.map(|part| part.trim_end_matches("']")).collect();
            evaluation.get(variable, &keys)
        }
        None if name.starts_with("ini_set(") => return None,
        None => evaluation.constant(name),
    };
    match lookup {
        Lookup::Unknown(unknown) => Some(unknown.sentence()),
        _ => None,
    }
}

fn ini(set: &IniSet) -> Leaf {
    Leaf {
        name: format!("ini_set('{}')", set.key),
        at: set.at.clone(),
        value: fingerprint(&set.value),
        is_unknown: matches!(set.value, Value::Unknown(_)),
    }
}

fn add(name: &str, value: &Value, at: &Place, found: &mut Vec<Leaf>) {
    match value {
        Value::Array(array) => below(name, array, at, found),
        value => found.push(Leaf {
            name: name.to_owned(),
            at: at.clone(),
            value: fingerprint(value),
            is_unknown: matches!(value, Value::Unknown(_)),
        }),
    }
}

fn below(name: &str, array: &Array, at: &Place, found: &mut Vec<Leaf>) {
    for (key, held) in array.iter() {
        let name = format!("{name}['{}']", key_text(key));
        add(&name, &held.value, &held.at, found);
    }
    if let Some(unknown) = array.loose() {
        found.push(Leaf {
            name: format!("{name}[…]"),
            at: at.clone(),
            value: fingerprint(&Value::Unknown(unknown.clone())),
            is_unknown: true,
        });
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Int(number) => number.to_string(),
        Key::Str(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn fingerprint(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.kind().hash(&mut hasher);
    match value {
        Value::Bool(it) => it.hash(&mut hasher),
        Value::Int(it) => it.hash(&mut hasher),
        Value::Float(it) => it.to_bits().hash(&mut hasher),
        Value::Str(it) => it.hash(&mut hasher),
        Value::Null | Value::Array(_) | Value::Unknown(_) => {}
    }
    hasher.finish()
}
