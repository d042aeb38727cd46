//! What a value becomes when one element of it is written or removed, however deep.
//!
//! It refuses writes into strings, and says where PHP would stop.

use super::array::{Array, Found, Key};
use super::assign::Step;
use super::convert::{Answer, Refusal, dies, key, leading_number, unmodelled};
use super::value::{Located, Place, Unknown, Value};

pub(super) fn step_of(value: &Value) -> Step {
    match key(value) {
        Ok(key) => Step::Key(key),
        Err(Refusal::Unknown(unknown)) => Step::Unknown(unknown),
        Err(_) => Step::Bad,
    }
}

type Written = (Value, Option<Refusal>);

fn fault(old: Value, answer: Answer) -> Written {
    (old, answer.err())
}

/// The value with one element written, however deep.
pub(super) fn written(
    old: Value,
    steps: &[Step],
    value: Value,
    at: &Place,
    cost: &mut u64,
) -> Written {
    let Some((step, rest)) = steps.split_first() else {
        return (value, None);
    };
    let mut array = match old {
        Value::Null | Value::Bool(false) => Array::default(),
        Value::Array(array) => array,
        Value::Unknown(unknown) => match step {
            // Text that is no offset: it cannot be a string that is written into.
            Step::Key(Key::Str(key)) if !key.is_empty() && leading_number(key).is_none() => {
                let mut array = Array::default();
                array.open(&unknown);
                array
            }
            _ => return (Value::Unknown(unknown), None),
        },
        Value::Str(text) => return into_string(text, step, rest, at),
        other => return fault(other, dies("a scalar is used as an array")),
    };
    *cost += if array.is_shared() {
        array.len() as u64 / 4
    } else {
        0
    };
    let key = match step {
        Step::Key(key) => key.clone(),
        Step::Append => match array.next_key() {
            Some(key) => key,
            None if array.is_full() => {
                return fault(Value::Array(array), dies("no index is left for []"));
            }
            None => return (lost(&array, at), None),
        },
        Step::Unknown(unknown) => return (Value::Unknown(unknown.clone()), None),
        Step::Late(..) | Step::Bad => {
            return fault(Value::Array(array), dies("an array used as an array key"));
        }
    };
    let unset = match array.get(&key) {
        Found::Unknown(unknown) => Value::Unknown(unknown.clone()),
        _ => Value::Null,
    };
    let (child, since) = match array.take(&key) {
        Some(held) if !rest.is_empty() => (held.value, held.at),
        Some(held) => (held.value, at.clone()),
        None => (unset, at.clone()),
    };
    let (child, fault) = written(child, rest, value, at, cost);
    // PHP makes the arrays on the way even where it then stops.
    array.set(
        key,
        Located {
            value: child,
            at: since,
        },
    );
    (Value::Array(array), fault)
}

/// Where an append lands is not certain.
fn lost(array: &Array, at: &Place) -> Value {
    Value::Unknown(array.loose().cloned().unwrap_or_else(|| Unknown {
        why: "which index [] takes after a negative one depends on the PHP version".into(),
        at: at.clone(),
    }))
}

fn into_string(text: Vec<u8>, step: &Step, rest: &[Step], at: &Place) -> Written {
    let offset = match step {
        Step::Key(Key::Int(_)) => true,
        // An empty key may have been null, which PHP takes for 0 here.
        Step::Key(Key::Str(key)) => key.is_empty() || leading_number(key).is_some(),
        Step::Unknown(_) => true,
        _ => false,
    };
    if !offset || !rest.is_empty() {
        return fault(Value::Str(text), dies("a string is used as an array"));
    }
    let why = "a write into a string is not modelled".into();
    (
        Value::Unknown(Unknown {
            why,
            at: at.clone(),
        }),
        unmodelled::<()>("").err(),
    )
}

pub(super) fn removed(old: Value, steps: &[Step]) -> Written {
    let Some((step, rest)) = steps.split_first() else {
        return (old, None);
    };
    let mut array = match old {
        Value::Array(array) => array,
        Value::Null | Value::Bool(false) | Value::Unknown(_) => return (old, None),
        Value::Str(_) => return fault(old, dies("an offset of a string is unset")),
        other => return fault(other, dies("an offset of a scalar is unset")),
    };
    let key = match step {
        Step::Key(key) => key,
        Step::Unknown(unknown) => return (Value::Unknown(unknown.clone()), None),
        _ => return fault(Value::Array(array), dies("an array used as an array key")),
    };
    if rest.is_empty() {
        match array.get(key) {
            Found::Missing => {}
            _ if array.is_open() => return (lost_to(&array), None),
            _ => array.remove(key),
        }
        return (Value::Array(array), None);
    }
    let Some(mut held) = array.take(key) else {
        return (Value::Array(array), None);
    };
    let (value, fault) = removed(held.value, rest);
    held.value = value;
    array.set(key.clone(), held);
    (Value::Array(array), fault)
}

/// Removing from an array that may hold more: its missing keys cannot be told from its unknown ones.
fn lost_to(array: &Array) -> Value {
    match array.loose() {
        Some(unknown) => Value::Unknown(unknown.clone()),
        None => Value::Array(array.clone()),
    }
}
