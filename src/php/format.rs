//! `sprintf`, as far as configuration uses it.
//!
//! It refuses floats, whose rounding it does not reproduce, and odd flags.

use super::convert::{Answer, dies, integer, string, unmodelled};
use super::value::Value;

/// `sprintf` with `%s %d %u %x %X %o %b %c %%`, flags, width, precision of strings and positions.
pub(super) fn sprintf(format: &[u8], args: &[Value]) -> Answer {
    let mut result = Vec::new();
    let mut rest = format.iter().copied().peekable();
    let mut next = 0;
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            result.push(byte);
            continue;
        }
        let mut spec = Vec::new();
        let letter = loop {
            match rest.next() {
                None => return dies("a format that ends too early"),
                Some(letter) if letter.is_ascii_alphabetic() || letter == b'%' => break letter,
                Some(other) => spec.push(other),
            }
        };
        if letter == b'%' {
            result.push(b'%');
            continue;
        }
        piece(&mut result, &spec, letter, args, &mut next)?;
    }
    Ok(Value::Str(result))
}

fn piece(
    result: &mut Vec<u8>,
    spec: &[u8],
    letter: u8,
    args: &[Value],
    next: &mut usize,
) -> Answer<()> {
    let spec = String::from_utf8_lossy(spec).into_owned();
    let (place, spec) = match spec.split_once('$') {
        Some((place, rest)) => (place.parse::<usize>().ok(), rest.to_owned()),
        None => (None, spec),
    };
    let (spec, precision) = match spec.split_once('.') {
        Some((spec, precision)) => (spec.to_owned(), precision.parse::<usize>().ok()),
        None => (spec, None),
    };
    let width = spec.trim_start_matches(['-', '+', '0', ' ']);
    let flags = spec.strip_suffix(width).unwrap_or_default();
    let odd =
        !width.chars().all(|digit| digit.is_ascii_digit()) || width.len() > 3 || flags.len() > 1;
    let index = match place {
        Some(place) => place.checked_sub(1),
        None => Some(*next),
    };
    let Some(arg) = index.and_then(|index| args.get(index)) else {
        return dies("too few arguments");
    };
    *next += usize::from(place.is_none());
    if odd || (precision.is_some() && letter != b's') || (flags == "+" && letter != b'd') {
        return unmodelled("a format that is not modelled");
    }
    let mut shown = match letter {
        b's' => {
            let mut shown = string(arg)?;
            shown.truncate(precision.unwrap_or(usize::MAX));
            shown
        }
        b'd' => {
            let number = integer(arg)?;
            let plus = if flags == "+" && number >= 0 { "+" } else { "" };
            format!("{plus}{number}").into_bytes()
        }
        b'u' => integer(arg)?.cast_unsigned().to_string().into_bytes(),
        b'x' => format!("{:x}", integer(arg)?).into_bytes(),
        b'X' => format!("{:X}", integer(arg)?).into_bytes(),
        b'o' => format!("{:o}", integer(arg)?).into_bytes(),
        b'b' => format!("{:b}", integer(arg)?).into_bytes(),
        b'c' if width.is_empty() => vec![u8::try_from(integer(arg)? & 0xff).unwrap_or(0)],
        _ => return unmodelled("a format that is not modelled"),
    };
    let missing = width
        .parse::<usize>()
        .unwrap_or(0)
        .saturating_sub(shown.len());
    if flags == "-" {
        shown.extend(std::iter::repeat_n(b' ', missing));
    } else if flags == "0" {
        let negative = letter == b'd' && shown.first() == Some(&b'-');
        let zeros = std::iter::repeat_n(b'0', missing);
        shown.splice(usize::from(negative)..usize::from(negative), zeros);
    } else {
        shown.splice(0..0, std::iter::repeat_n(b' ', missing));
    }
    result.extend(shown);
    Ok(())
}
