//! What a backslash means (pcre2pattern, "Backslash"). Refuses Unicode properties, `\C`, `\K`, `\X`.

use super::bracket::Set;

/// An escape sequence.
pub(super) enum Escape {
    /// One byte.
    Byte(u8),
    /// One of several.
    Set(Box<Set>),
    /// `\A` and `\G`: the start of the text.
    Start,
    /// `\z`.
    End,
    /// `\Z`: the end, or before a newline that ends the text.
    EndOfLine,
    /// `\b`, or `\B` if true.
    Boundary(bool),
    /// `\1`, `\k<name>` and the like.
    Group(Reference),
    /// `\R`.
    Newline,
    /// `\Q`: letters up to `\E`.
    Quote,
    /// `\E` without `\Q` means nothing.
    Nothing,
}

/// Which group is meant.
pub(super) enum Reference {
    Number(usize),
    /// So many groups back.
    Relative(usize),
    Name(Vec<u8>),
}

/// Reads what follows a backslash; also how many bytes it took.
pub(super) fn escape(rest: &[u8], in_class: bool) -> Result<(Escape, usize), String> {
    let Some(&byte) = rest.first() else {
        return Err("\\ at end of pattern".to_owned());
    };
    let digit = |b: u8| b.is_ascii_digit();
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let space = |b: u8| matches!(b, b'\t'..=b'\r' | b' ');
    let horizontal = |b: u8| matches!(b, b'\t' | b' ' | 0xa0);
    let vertical = |b: u8| matches!(b, b'\n'..=b'\r' | 0x85);
    let one = match byte {
        b'a' => Escape::Byte(0x07),
        b'e' => Escape::Byte(0x1b),
        b'f' => Escape::Byte(0x0c),
        b'n' => Escape::Byte(b'\n'),
        b'r' => Escape::Byte(b'\r'),
        b't' => Escape::Byte(b'\t'),
        b'd' => set(&digit),
        b'D' => set(&|b| !digit(b)),
        b'w' => set(&word),
        b'W' => set(&|b| !word(b)),
        b's' => set(&space),
        b'S' => set(&|b| !space(b)),
        b'h' => set(&horizontal),
        b'H' => set(&|b| !horizontal(b)),
        b'v' => set(&vertical),
        b'V' => set(&|b| !vertical(b)),
        b'E' if !in_class => Escape::Nothing,
        b'b' if in_class => Escape::Byte(0x08),
        b'0' => return Ok(octal(rest, 3)),
        b'1'..=b'7' if in_class => return Ok(octal(rest, 3)),
        b'x' => return hexadecimal(rest),
        b'o' => return braced_octal(rest),
        b'c' => return control(rest),
        byte if !byte.is_ascii_alphanumeric() => Escape::Byte(byte),
        _ if in_class => return Err(unknown(byte)),
        b'A' | b'G' => Escape::Start,
        b'z' => Escape::End,
        b'Z' => Escape::EndOfLine,
        b'b' => Escape::Boundary(false),
        b'B' => Escape::Boundary(true),
        b'N' if rest.get(1) != Some(&b'{') => set(&|b| b != b'\n'),
        b'R' => Escape::Newline,
        b'Q' => Escape::Quote,
        b'1'..=b'9' => return number(rest),
        b'g' | b'k' => return reference(rest),
        _ => return Err(unknown(byte)),
    };
    Ok((one, 1))
}

fn set(member: &dyn Fn(u8) -> bool) -> Escape {
    Escape::Set(Box::new(Set::of(member)))
}

fn unknown(byte: u8) -> String {
    format!("not modelled: \\{}", byte.escape_ascii())
}

fn octal(rest: &[u8], most: usize) -> (Escape, usize) {
    let digits = rest.iter().take(most);
    let digits: Vec<u8> = digits
        .take_while(|b| matches!(b, b'0'..=b'7'))
        .copied()
        .collect();
    let value = digits
        .iter()
        .fold(0_u16, |sum, digit| sum * 8 + u16::from(digit - b'0'));
    let [_, byte] = value.to_be_bytes();
    (Escape::Byte(byte), digits.len())
}

fn hexadecimal(rest: &[u8]) -> Result<(Escape, usize), String> {
    let read = |digits: &[u8]| {
        let text = std::str::from_utf8(digits).unwrap_or_default();
        u8::from_str_radix(text, 16)
    };
    if rest.get(1) == Some(&b'{') {
        let end = rest.iter().position(|b| *b == b'}').unwrap_or(0);
        let digits = rest.get(2..end).unwrap_or_default();
        let is_plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
        return match read(digits) {
            Ok(byte) if is_plain => Ok((Escape::Byte(byte), end + 1)),
            _ => Err("not modelled: \\x{…} that is no byte".to_owned()),
        };
    }
    let digits = rest
        .iter()
        .skip(1)
        .take(2)
        .take_while(|b| b.is_ascii_hexdigit());
    let length = digits.count();
    let byte = read(rest.get(1..1 + length).unwrap_or_default()).unwrap_or(0);
    Ok((Escape::Byte(byte), 1 + length))
}

fn braced_octal(rest: &[u8]) -> Result<(Escape, usize), String> {
    let end = rest.iter().position(|b| *b == b'}').unwrap_or(0);
    let digits = rest.get(2..end).unwrap_or_default();
    let text = std::str::from_utf8(digits).unwrap_or_default();
    match u8::from_str_radix(text, 8) {
        Ok(byte) if rest.get(1) == Some(&b'{') && digits.iter().all(u8::is_ascii_digit) => {
            Ok((Escape::Byte(byte), end + 1))
        }
        _ => Err("not modelled: \\o that is no byte".to_owned()),
    }
}

fn control(rest: &[u8]) -> Result<(Escape, usize), String> {
    match rest.get(1) {
        Some(byte @ b' '..=b'~') => Ok((Escape::Byte(byte.to_ascii_uppercase() ^ 0x40), 2)),
        _ => Err("\\c must be followed by a printable ASCII character".to_owned()),
    }
}

fn number(rest: &[u8]) -> Result<(Escape, usize), String> {
    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    match (rest.first(), length) {
        (Some(digit), 1) => Ok((Escape::Group(Reference::Number((digit - b'0').into())), 1)),
        // Whether these are groups or octal depends on how many groups there are.
        _ => Err("not modelled: \\ with more than one digit".to_owned()),
    }
}

/// `\g1`, `\g{1}`, `\g{-1}`, `\g{name}`, `\k<name>`, `\k'name'`, `\k{name}`.
fn reference(rest: &[u8]) -> Result<(Escape, usize), String> {
    let not_modelled = || "not modelled: this form of \\g or \\k".to_owned();
    let is_k = rest.first() == Some(&b'k');
    let close = match rest.get(1) {
        Some(b'{') => b'}',
        Some(b'<') if is_k => b'>',
        Some(b'\'') if is_k => b'\'',
        Some(digit) if !is_k && digit.is_ascii_digit() => {
            let (found, length) = number(rest.get(1..).unwrap_or_default())?;
            return Ok((found, length + 1));
        }
        _ => return Err(not_modelled()),
    };
    let inside = rest.get(2..).unwrap_or_default();
    let end = inside
        .iter()
        .position(|b| *b == close)
        .ok_or_else(not_modelled)?;
    let name = inside.get(..end).unwrap_or_default();
    let text = std::str::from_utf8(name).map_err(|_| not_modelled())?;
    let found = match (text.strip_prefix('-'), text.parse::<usize>()) {
        (Some(back), _) if !is_k => Reference::Relative(back.parse().map_err(|_| not_modelled())?),
        (None, Ok(number)) if !is_k && number > 0 => Reference::Number(number),
        _ if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            Reference::Name(name.to_vec())
        }
        _ => return Err(not_modelled()),
    };
    Ok((Escape::Group(found), end + 3))
}
