//! `array_merge` and its siblings, and `...` in array literals.
//!
//! After something unknown only later keys are certain.

use super::array::{Array, Found, Key};
use super::builtin::certain;
use super::convert::{Answer, dies, unmodelled};
use super::value::{Located, Place, Unknown, Value};

/// `array_merge` and `array_replace`; after something unknown only later keys are certain.
pub(super) fn merged(args: &[Value], renumber: bool) -> Answer {
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

pub(super) fn merge_into(
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
