//! PHP 8's conversions between types: truth, numbers, strings and array keys.
//!
//! It refuses to convert what is unknown and says so; nothing here guesses.

use super::array::{Array, Key};
use super::value::{Located, Place, Unknown, Value};

/// Why an operation has no value.
#[derive(Debug)]
pub(super) enum Refusal {
    /// PHP throws an error here.
    Dies(String),
    /// PHP has a value, this room does not.
    Unmodelled(String),
    /// An operand is unknown.
    Unknown(Unknown),
}

/// A value, or why there is none.
pub(super) type Answer<T = Value> = Result<T, Refusal>;

/// A number as PHP's operators see it.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(super) fn value(self) -> Value {
        match self {
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
        }
    }

    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

pub(super) fn dies<T>(message: impl Into<String>) -> Answer<T> {
    Err(Refusal::Dies(message.into()))
}

pub(super) fn unmodelled<T>(message: impl Into<String>) -> Answer<T> {
    Err(Refusal::Unmodelled(message.into()))
}

pub(super) fn truth(value: &Value) -> Answer<bool> {
    Ok(match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Int(value) => *value != 0,
        Value::Float(value) => *value != 0.0,
        Value::Str(bytes) => !matches!(bytes.as_slice(), b"" | b"0"),
        Value::Array(array) => return holds_anything(array),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
    })
}

fn holds_anything(array: &Array) -> Answer<bool> {
    let certain = |(_, held): (&Key, &Located)| !matches!(held.value, Value::Unknown(_));
    match array.loose() {
        Some(_) if array.iter().any(certain) => Ok(true),
        Some(unknown) => Err(Refusal::Unknown(unknown.clone())),
        None => Ok(!array.is_empty()),
    }
}

pub(super) fn string(value: &Value) -> Answer<Vec<u8>> {
    Ok(match value {
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::Bool(true) => b"1".to_vec(),
        Value::Int(number) => number.to_string().into_bytes(),
        Value::Float(number) => float_text(*number).into_bytes(),
        Value::Str(bytes) => bytes.clone(),
        Value::Array(_) => b"Array".to_vec(),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
    })
}

/// A float as `echo` writes it with the usual `precision=14`.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NAN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "INF" } else { "-INF" }.into();
    }
    let scientific = format!("{number:.13e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    let (first, rest) = digits.split_at(1);
    if !(-4..14).contains(&exponent) {
        let rest = if rest.is_empty() { "0" } else { rest };
        let plus = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}.{rest}E{plus}{}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(1);
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (whole, fraction) = digits.split_at(whole);
    format!("{sign}{whole}.{fraction}")
}

/// The number a string begins with, and whether the string is that number and nothing else.
pub(super) fn leading_number(bytes: &[u8]) -> Option<(Number, bool)> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = bytes.iter().take_while(|byte| blank(byte)).count();
    let body = bytes.get(start..)?;
    let digits = |from: usize| {
        let rest = body.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(matches!(body.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut floating = false;
    if body.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction > 0 {
            floating = true;
            end += 1 + fraction;
        }
    }
    if !floating && whole == 0 {
        return None;
    }
    if matches!(body.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(body.get(end + 1), Some(b'+' | b'-')));
        let power = digits(end + 1 + signed);
        if power > 0 {
            floating = true;
            end += 1 + signed + power;
        }
    }
    let text = std::str::from_utf8(body.get(..end)?).ok()?;
    let tail = body.get(end..)?;
    let number = match text.parse::<i64>() {
        Ok(number) if !floating => Number::Int(number),
        _ => Number::Float(text.parse().ok()?),
    };
    Some((number, tail.iter().all(blank)))
}

/// The number when the whole string is one, as `==` and `is_numeric` ask.
pub(super) fn whole_number(bytes: &[u8]) -> Option<Number> {
    leading_number(bytes)
        .filter(|(_, whole)| *whole)
        .map(|(number, _)| number)
}

/// What an arithmetic operator makes of its operand.
pub(super) fn number(value: &Value, operator: &str) -> Answer<Number> {
    Ok(match value {
        Value::Null | Value::Bool(false) => Number::Int(0),
        Value::Bool(true) => Number::Int(1),
        Value::Int(number) => Number::Int(*number),
        Value::Float(number) => Number::Float(*number),
        Value::Str(bytes) => match leading_number(bytes) {
            Some((number, _)) => number,
            None => return dies(format!("a string that is no number, with {operator}")),
        },
        Value::Array(_) => return dies(format!("an array, with {operator}")),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
    })
}

/// `(int)` and what `%` and the bit operators make of their operands.
pub(super) fn integer(value: &Value) -> Answer<i64> {
    Ok(match value {
        Value::Null | Value::Bool(false) => 0,
        Value::Bool(true) => 1,
        Value::Int(number) => *number,
        Value::Float(number) => wrapped(*number),
        Value::Str(bytes) => match leading_number(bytes) {
            Some((Number::Int(number), _)) => number,
            Some((Number::Float(number), _)) if number.is_finite() => number as i64,
            _ => 0,
        },
        Value::Array(_) => i64::from(truth(value)?),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
    })
}

/// A float as a 64-bit integer, wrapping around as PHP does.
pub(super) fn wrapped(number: f64) -> i64 {
    const TWO_64: f64 = 18_446_744_073_709_551_616.0;
    if !number.is_finite() {
        return 0;
    }
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        return number as i64;
    }
    let rest = number.trunc() % TWO_64;
    let rest = if rest < 0.0 { rest + TWO_64 } else { rest };
    (rest as u64).cast_signed()
}

pub(super) fn float(value: &Value) -> Answer<f64> {
    Ok(match value {
        Value::Float(number) => *number,
        Value::Str(bytes) => leading_number(bytes).map_or(0.0, |(number, _)| number.float()),
        other => integer(other)? as f64,
    })
}

/// The key a value makes in `$array[value]`.
pub(super) fn key(value: &Value) -> Answer<Key> {
    Ok(match value {
        Value::Null => Key::Str(Vec::new()),
        Value::Bool(value) => Key::Int(i64::from(*value)),
        Value::Int(number) => Key::Int(*number),
        Value::Float(number) => Key::Int(wrapped(*number)),
        Value::Str(bytes) => Key::from_bytes(bytes),
        Value::Array(_) => return dies("an array used as an array key"),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
    })
}

/// `(array)`
pub(super) fn array(value: Value, at: &Place) -> Answer<Array> {
    Ok(match value {
        Value::Array(array) => array,
        Value::Null => Array::default(),
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown)),
        value => {
            let mut array = Array::default();
            let at = at.clone();
            array.push(Located { value, at });
            array
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_php_echoes_them() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (1.0, "1"),
            (-0.0, "-0"),
            (1e14, "1.0E+14"),
            (99999999999999.0, "99999999999999"),
            (1e15, "1.0E+15"),
            (0.0001, "0.0001"),
            (0.00001, "1.0E-5"),
            (-1.5e-10, "-1.5E-10"),
        ];
        for (number, text) in cases {
            assert_eq!(float_text(number), text);
        }
    }
}
