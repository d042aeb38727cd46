//! PHP 8's binary operators on known values: arithmetic, bits, concatenation and comparison.
//!
//! It refuses operands that are unknown, and says where PHP itself would throw.

use super::array::{Array, Found};
use super::convert::{Answer, Number, Refusal, dies, integer, number, string, truth, whole_number};
use super::value::Value;
use php_ast::BinaryOp;
use std::cmp::Ordering;

/// Applies an operator that evaluates both its sides.
pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value) -> Answer {
    match op {
        BinaryOp::Add => add(left, right),
        BinaryOp::Sub => arithmetic("-", left, right, i64::checked_sub, |a, b| a - b),
        BinaryOp::Mul => arithmetic("*", left, right, i64::checked_mul, |a, b| a * b),
        BinaryOp::Div => divide(left, right),
        BinaryOp::Mod => modulo(left, right),
        BinaryOp::Pow => power(left, right),
        BinaryOp::Concat => concat(left, right),
        BinaryOp::BitwiseAnd => bits(left, right, |a, b| a & b, |a, b| a & b),
        BinaryOp::BitwiseOr => bits(left, right, |a, b| a | b, |a, b| a | b),
        BinaryOp::BitwiseXor => bits(left, right, |a, b| a ^ b, |a, b| a ^ b),
        BinaryOp::ShiftLeft => shift(left, right, |a, n| a.checked_shl(n).unwrap_or(0)),
        BinaryOp::ShiftRight => shift(left, right, |a, n| a >> n.min(63)),
        BinaryOp::LogicalXor => Ok(Value::Bool(truth(left)? != truth(right)?)),
        BinaryOp::Equal => Ok(Value::Bool(equal(left, right)?)),
        BinaryOp::NotEqual => Ok(Value::Bool(!equal(left, right)?)),
        BinaryOp::Identical => Ok(Value::Bool(identical(left, right)?)),
        BinaryOp::NotIdentical => Ok(Value::Bool(!identical(left, right)?)),
        BinaryOp::Less => Ok(Value::Bool(compare(left, right)? < 0)),
        BinaryOp::LessOrEqual => Ok(Value::Bool(compare(left, right)? <= 0)),
        BinaryOp::Greater => Ok(Value::Bool(compare(right, left)? < 0)),
        BinaryOp::GreaterOrEqual => Ok(Value::Bool(compare(right, left)? <= 0)),
        BinaryOp::Spaceship => Ok(Value::Int(compare(left, right)?)),
        _ => Err(Refusal::Unmodelled(
            "an operator that is not modelled".into(),
        )),
    }
}

fn add(left: &Value, right: &Value) -> Answer {
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => Ok(Value::Array(union(a, b))),
        (Value::Array(a), Value::Unknown(unknown)) => {
            let mut array = a.clone();
            array.open(unknown);
            Ok(Value::Array(array))
        }
        _ => arithmetic("+", left, right, i64::checked_add, |a, b| a + b),
    }
}

/// `$a + $b` on arrays: what the left holds stays.
pub(super) fn union(left: &Array, right: &Array) -> Array {
    let mut result = left.clone();
    for (key, held) in right.iter() {
        match left.get(key) {
            Found::Missing => result.set(key.clone(), held.clone()),
            Found::Here(mine) => {
                let unsure = left
                    .loose()
                    .filter(|_| matches!(mine.value, Value::Unknown(_)));
                if let Some(unknown) = unsure {
                    result.loosen(&unknown.clone());
                }
            }
            Found::Unknown(unknown) => {
                let mut held = held.clone();
                held.value = Value::Unknown(unknown.clone());
                result.set(key.clone(), held);
            }
        }
    }
    if let Some(unknown) = right.loose() {
        if right.is_open() {
            result.open(unknown);
        } else {
            result.loosen(unknown);
        }
    }
    result
}

fn arithmetic(
    sign: &str,
    left: &Value,
    right: &Value,
    whole: fn(i64, i64) -> Option<i64>,
    floating: fn(f64, f64) -> f64,
) -> Answer {
    let (a, b) = both(left, right, sign)?;
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && let Some(result) = whole(a, b)
    {
        return Ok(Value::Int(result));
    }
    Ok(Value::Float(floating(a.float(), b.float())))
}

/// Both operands as numbers; an array on either side dies whatever the other is.
fn both(left: &Value, right: &Value, sign: &str) -> Answer<(Number, Number)> {
    if let (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) = (left, right) {
        return Err(Refusal::Unknown(unknown.clone()));
    }
    if let (Value::Array(_), _) | (_, Value::Array(_)) = (left, right) {
        return dies(format!("an array, with {sign}"));
    }
    Ok((number(left, sign)?, number(right, sign)?))
}

fn divide(left: &Value, right: &Value) -> Answer {
    let (a, b) = both(left, right, "/")?;
    if b.float() == 0.0 {
        return dies("division by zero");
    }
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && a.checked_rem(b) == Some(0)
        && let Some(result) = a.checked_div(b)
    {
        return Ok(Value::Int(result));
    }
    Ok(Value::Float(a.float() / b.float()))
}

fn modulo(left: &Value, right: &Value) -> Answer {
    both(left, right, "%")?;
    match (integer(left)?, integer(right)?) {
        (_, 0) => dies("modulo by zero"),
        (a, b) => Ok(Value::Int(a.checked_rem(b).unwrap_or(0))),
    }
}

fn power(left: &Value, right: &Value) -> Answer {
    match both(left, right, "**")? {
        (Number::Int(base), Number::Int(exponent)) if exponent >= 0 => {
            let exact = u32::try_from(exponent)
                .ok()
                .and_then(|n| base.checked_pow(n));
            match exact {
                Some(result) => Ok(Value::Int(result)),
                None => Err(Refusal::Unmodelled("a power beyond 64 bits".into())),
            }
        }
        (a, b) => Ok(Value::Float(a.float().powf(b.float()))),
    }
}

fn concat(left: &Value, right: &Value) -> Answer {
    let mut bytes = string(left)?;
    bytes.extend(string(right)?);
    Ok(Value::Str(bytes))
}

fn bits(left: &Value, right: &Value, on: fn(i64, i64) -> i64, by: fn(u8, u8) -> u8) -> Answer {
    if let (Value::Str(a), Value::Str(b)) = (left, right) {
        let mut bytes: Vec<u8> = a.iter().zip(b).map(|(a, b)| by(*a, *b)).collect();
        if by(0, 1) == 1 && by(1, 1) == 1 {
            let longer = if a.len() > b.len() { a } else { b };
            bytes.extend(longer.iter().skip(bytes.len()));
        }
        return Ok(Value::Str(bytes));
    }
    both(left, right, "a bit operator")?;
    Ok(Value::Int(on(integer(left)?, integer(right)?)))
}

fn shift(left: &Value, right: &Value, by: fn(i64, u32) -> i64) -> Answer {
    both(left, right, "a shift")?;
    match integer(right)? {
        negative if negative < 0 => dies("a shift by a negative number"),
        count => Ok(Value::Int(by(
            integer(left)?,
            u32::try_from(count).unwrap_or(64),
        ))),
    }
}

/// `===`
pub(super) fn identical(left: &Value, right: &Value) -> Answer<bool> {
    match (left, right) {
        (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => {
            Err(Refusal::Unknown(unknown.clone()))
        }
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Array(a), Value::Array(b)) => {
            certain(a)?;
            certain(b)?;
            if !a
                .iter()
                .map(|(key, _)| key)
                .eq(b.iter().map(|(key, _)| key))
            {
                return Ok(false);
            }
            for ((_, a), (_, b)) in a.iter().zip(b.iter()) {
                if !identical(&a.value, &b.value)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(left.same(right)),
    }
}

fn certain(array: &Array) -> Answer<()> {
    match array.loose() {
        Some(unknown) => Err(Refusal::Unknown(unknown.clone())),
        None => Ok(()),
    }
}

/// `==`
pub(super) fn equal(left: &Value, right: &Value) -> Answer<bool> {
    Ok(compare(left, right)? == 0)
}

/// `<=>`; arrays that cannot be compared give 1, as in PHP.
pub(super) fn compare(left: &Value, right: &Value) -> Answer<i64> {
    use Value::{Array as List, Bool, Float, Int, Null, Str};
    Ok(match (left, right) {
        (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => {
            return Err(Refusal::Unknown(unknown.clone()));
        }
        (Bool(_) | Null, _) if !matches!((left, right), (Null, Str(_))) => {
            order(truth(left)?.cmp(&truth(right)?))
        }
        (_, Bool(_) | Null) if !matches!((left, right), (Str(_), Null)) => {
            order(truth(left)?.cmp(&truth(right)?))
        }
        (Null, Str(b)) => order([].as_slice().cmp(b)),
        (Str(a), Null) => order(a.as_slice().cmp(&[])),
        (Int(a), Int(b)) => order(a.cmp(b)),
        (Str(a), Str(b)) => strings(a, b),
        (List(a), List(b)) => return arrays(a, b),
        (List(_), _) => 1,
        (_, List(_)) => -1,
        (Str(text), Int(_) | Float(_)) => with_number(text, right, false)?,
        (Int(_) | Float(_), Str(text)) => with_number(text, left, true)?,
        _ => floats(number(left, "")?.float(), number(right, "")?.float()),
    })
}

fn order(ordering: Ordering) -> i64 {
    ordering as i64
}

fn floats(a: f64, b: f64) -> i64 {
    if a == b {
        return 0;
    }
    if a < b { -1 } else { 1 }
}

fn numbers(a: Number, b: Number) -> i64 {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => order(a.cmp(&b)),
        _ => floats(a.float(), b.float()),
    }
}

fn strings(a: &[u8], b: &[u8]) -> i64 {
    match (whole_number(a), whole_number(b)) {
        (Some(x), Some(y)) => {
            let huge = |n: Number| matches!(n, Number::Float(f) if f.abs() >= 9.2e18);
            if huge(x) && huge(y) && x.float() == y.float() {
                return order(a.cmp(b));
            }
            numbers(x, y)
        }
        _ => order(a.cmp(b)),
    }
}

/// A string against a number; `flipped` when the number is on the left.
fn with_number(text: &[u8], number: &Value, flipped: bool) -> Answer<i64> {
    let number_value = super::convert::number(number, "")?;
    if number_value.float().is_nan() {
        return Ok(1);
    }
    let result = match whole_number(text) {
        Some(parsed) if flipped => return Ok(numbers(number_value, parsed)),
        Some(parsed) => return Ok(numbers(parsed, number_value)),
        None => order(text.cmp(string(number)?.as_slice())),
    };
    Ok(if flipped { -result } else { result })
}

fn arrays(a: &Array, b: &Array) -> Answer<i64> {
    certain(a)?;
    certain(b)?;
    if a.len() != b.len() {
        return Ok(order(a.len().cmp(&b.len())));
    }
    for (key, mine) in a.iter() {
        let Found::Here(theirs) = b.get(key) else {
            return Ok(1);
        };
        match compare(&mine.value, &theirs.value)? {
            0 => {}
            other => return Ok(other),
        }
    }
    Ok(0)
}
