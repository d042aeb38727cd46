//! PHP's functions on strings, and `json_decode`, `md5`, `base64_decode`.
//!
//! It refuses odd arguments and formats that it does not reproduce to the byte.

use super::Limits;
use super::array::Array;
use super::builtin::certain;
use super::convert::{Answer, Refusal, dies, integer, leading_number, string, unmodelled};
use super::value::{Located, Place, Value};

pub(super) fn call(
    name: &str,
    first: &Value,
    args: &[Value],
    at: &Place,
    limits: &Limits,
) -> Answer {
    let text_at = |index: usize| args.get(index).map(text).transpose();
    let second = || text_at(1)?.map_or_else(|| dies("too few arguments"), Ok);
    let bytes = |bytes: Vec<u8>| Ok(Value::Str(bytes));
    match name {
        "implode" | "join" => implode(first, args.get(1)),
        "str_replace" => replace(args),
        "sprintf" => super::format::sprintf(&text(first)?, args.get(1..).unwrap_or_default()),
        "json_decode" => super::json::decode(&text(first)?, args, at),
        "strtr" => translate(args),
        _ => {
            let subject = text(first)?;
            match name {
                "trim" => bytes(trim(&subject, text_at(1)?, true, true)),
                "ltrim" => bytes(trim(&subject, text_at(1)?, true, false)),
                "rtrim" | "chop" => bytes(trim(&subject, text_at(1)?, false, true)),
                "strtolower" => bytes(subject.to_ascii_lowercase()),
                "strtoupper" => bytes(subject.to_ascii_uppercase()),
                "ucfirst" => {
                    let mut subject = subject;
                    if let Some(first) = subject.first_mut() {
                        first.make_ascii_uppercase();
                    }
                    bytes(subject)
                }
                "strlen" => Ok(Value::Int(i64::try_from(subject.len()).unwrap_or(i64::MAX))),
                "substr" => substr(&subject, args),
                "str_repeat" => repeat(&subject, args.get(1), limits),
                "explode" => explode(&subject, &second()?, args.get(2), at),
                "strpos" if args.len() == 2 => Ok(position(&subject, &second()?)
                    .map_or(Value::Bool(false), |found| {
                        Value::Int(i64::try_from(found).unwrap_or(0))
                    })),
                "strpos" => unmodelled("strpos() from an offset"),
                "str_contains" => Ok(Value::Bool(position(&subject, &second()?).is_some())),
                "str_starts_with" => Ok(Value::Bool(subject.starts_with(&second()?))),
                "str_ends_with" => Ok(Value::Bool(subject.ends_with(&second()?))),
                "dirname" => super::path::dirname(&subject, args.get(1)),
                "basename" => bytes(super::path::basename(&subject, text_at(1)?)),
                "md5" if args.len() == 1 => bytes(md5(&subject)),
                "base64_decode" => base64(&subject),
                _ => unmodelled(format!("{name}() is not modelled")),
            }
        }
    }
}

/// An argument that PHP wants as a string.
fn text(value: &Value) -> Answer<Vec<u8>> {
    match value {
        Value::Array(_) => dies("needs a string, not an array"),
        other => string(other),
    }
}

/// An argument that PHP wants as an integer.
pub(super) fn whole(value: Option<&Value>, default: i64) -> Answer<i64> {
    match value {
        None => Ok(default),
        Some(Value::Str(text)) => match leading_number(text) {
            Some((_, true)) => integer(&Value::Str(text.clone())),
            Some(_) => unmodelled("a number with text after it"),
            None => dies("needs a number"),
        },
        Some(Value::Array(_)) => dies("needs a number, not an array"),
        Some(other) => integer(other),
    }
}

pub(super) fn trim(
    subject: &[u8],
    characters: Option<Vec<u8>>,
    left: bool,
    right: bool,
) -> Vec<u8> {
    let set = characters.map_or_else(|| b" \n\r\t\x0b\0".to_vec(), |given| ranges(&given));
    let mut rest = subject;
    if left {
        while let [first, tail @ ..] = rest
            && set.contains(first)
        {
            rest = tail;
        }
    }
    if right {
        while let [head @ .., last] = rest
            && set.contains(last)
        {
            rest = head;
        }
    }
    rest.to_vec()
}

/// `a..z` in a list of characters.
fn ranges(given: &[u8]) -> Vec<u8> {
    let mut set = Vec::new();
    let mut rest = given;
    loop {
        rest = match rest {
            [from, b'.', b'.', to, tail @ ..] if to >= from => {
                set.extend(*from..=*to);
                tail
            }
            [one, tail @ ..] => {
                set.push(*one);
                tail
            }
            [] => return set,
        };
    }
}

fn position(subject: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    subject
        .windows(needle.len())
        .position(|window| window == needle)
}

fn substr(subject: &[u8], args: &[Value]) -> Answer {
    let size = i64::try_from(subject.len()).unwrap_or(i64::MAX);
    let start = match args.get(1) {
        None => return dies("too few arguments"),
        start => whole(start, 0)?,
    };
    let start = if start < 0 {
        start.saturating_add(size).max(0)
    } else {
        start.min(size)
    };
    let end = match args.get(2) {
        None | Some(Value::Null) => size,
        length => match whole(length, 0)? {
            length if length < 0 => size.saturating_add(length),
            length => start.saturating_add(length).min(size),
        },
    };
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end.max(start)).unwrap_or(0);
    Ok(Value::Str(subject.get(range).unwrap_or_default().to_vec()))
}

fn repeat(subject: &[u8], times: Option<&Value>, limits: &Limits) -> Answer {
    let times = match times {
        None => return dies("too few arguments"),
        times => whole(times, 0)?,
    };
    let Ok(times) = usize::try_from(times) else {
        return dies("a negative number of times");
    };
    if subject.len().saturating_mul(times) > limits.string_bytes {
        return unmodelled("a string too long to follow");
    }
    Ok(Value::Str(subject.repeat(times)))
}

fn implode(first: &Value, second: Option<&Value>) -> Answer {
    let (glue, list) = match (first, second) {
        (Value::Array(_), None | Some(Value::Null)) => (Vec::new(), first),
        (Value::Unknown(unknown), _) => return Err(Refusal::Unknown(unknown.clone())),
        (_, Some(Value::Array(_) | Value::Unknown(_))) => (text(first)?, second.unwrap_or(first)),
        (Value::Array(_), Some(_)) => return dies("needs the array second"),
        _ => return dies("needs an array"),
    };
    let mut result = Vec::new();
    for (position, (_, held)) in certain(list)?.iter().enumerate() {
        if position > 0 {
            result.extend(&glue);
        }
        result.extend(string(&held.value)?);
    }
    Ok(Value::Str(result))
}

fn explode(separator: &[u8], subject: &[u8], limit: Option<&Value>, at: &Place) -> Answer {
    if separator.is_empty() {
        return dies("an empty separator");
    }
    let limit = whole(limit, i64::MAX)?;
    let mut parts = vec![subject];
    while let Some(rest) = parts.last().copied()
        && (limit < 0 || parts.len() < usize::try_from(limit.max(1)).unwrap_or(usize::MAX))
        && let Some(found) = position(rest, separator)
        && let (Some(head), Some(tail)) = (rest.get(..found), rest.get(found + separator.len()..))
    {
        parts.pop();
        parts.extend([head, tail]);
    }
    if limit < 0 {
        let kept = parts
            .len()
            .saturating_sub(usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX));
        parts.truncate(kept);
    }
    let mut result = Array::default();
    for part in parts {
        let at = at.clone();
        result.push(Located {
            value: Value::Str(part.to_vec()),
            at,
        });
    }
    Ok(Value::Array(result))
}

fn replaced(subject: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    if from.is_empty() {
        return subject.to_vec();
    }
    let mut result = Vec::new();
    let mut rest = subject;
    while let Some(found) = position(rest, from) {
        result.extend(rest.iter().take(found));
        result.extend(to);
        rest = rest.get(found + from.len()..).unwrap_or_default();
    }
    result.extend(rest);
    result
}

fn replace(args: &[Value]) -> Answer {
    let [search, with, subject] = args else {
        return if args.len() < 3 {
            dies("too few arguments")
        } else {
            unmodelled("str_replace() that counts")
        };
    };
    if let (_, _, Value::Array(_)) = (search, with, subject) {
        return unmodelled("str_replace() on an array");
    }
    let mut subject = text(subject)?;
    match (search, with) {
        (Value::Array(_), Value::Unknown(unknown)) | (Value::Unknown(unknown), _) => {
            Err(Refusal::Unknown(unknown.clone()))
        }
        (Value::Array(_), with) => {
            let mut replacements = match with {
                Value::Array(_) => certain(with)?
                    .iter()
                    .map(|(_, held)| string(&held.value))
                    .collect::<Answer<Vec<_>>>()?,
                _ => Vec::new(),
            }
            .into_iter();
            for (_, held) in certain(search)?.iter() {
                let to = match with {
                    Value::Array(_) => replacements.next().unwrap_or_default(),
                    other => string(other)?,
                };
                subject = replaced(&subject, &string(&held.value)?, &to);
            }
            Ok(Value::Str(subject))
        }
        (_, Value::Array(_)) => dies("an array to replace one string with"),
        _ => Ok(Value::Str(replaced(&subject, &text(search)?, &text(with)?))),
    }
}

fn translate(args: &[Value]) -> Answer {
    let [subject, from, to] = args else {
        return unmodelled("strtr() with an array");
    };
    let (subject, from, to) = (text(subject)?, text(from)?, text(to)?);
    let swap = |byte: &u8| {
        let pairs = from.iter().zip(&to);
        pairs.rev_find(*byte).unwrap_or(*byte)
    };
    Ok(Value::Str(subject.iter().map(swap).collect()))
}

/// The last pair wins, as in PHP's table.
trait LastPair {
    fn rev_find(self, byte: u8) -> Option<u8>;
}

impl<'a, I: Iterator<Item = (&'a u8, &'a u8)>> LastPair for I {
    fn rev_find(self, byte: u8) -> Option<u8> {
        self.filter(|(from, _)| **from == byte)
            .last()
            .map(|(_, to)| *to)
    }
}

fn md5(subject: &[u8]) -> Vec<u8> {
    use md5::{Digest, Md5};
    let digest = Md5::digest(subject);
    digest
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .collect()
}

fn base64(subject: &[u8]) -> Answer {
    let mut result = Vec::new();
    let body = trim(subject, Some(b"=".to_vec()), false, true);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in &body {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return unmodelled("base64 with other characters in it"),
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            result.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    if body.len() % 4 == 1 {
        return unmodelled("base64 of an odd length");
    }
    Ok(Value::Str(result))
}
