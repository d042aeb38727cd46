//! Values of settings with PHP's own truth and numbers. What a value may mean to PHP and cannot be
//! told here stays untold.

use super::serialised;

/// A value, wherever it came from.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// An array; keys are not kept.
    List(Vec<Self>),
}

impl Value {
    /// A row of `settings` as v5's loader takes it: unserialised where that works.
    #[must_use]
    pub fn from_row(bytes: &[u8], unserialises: bool) -> Self {
        if unserialises && let Some(value) = serialised::parse(bytes) {
            return value;
        }
        Self::Bytes(bytes.to_vec())
    }

    /// Whether PHP takes it for true.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Bytes(bytes) => !bytes.is_empty() && bytes != b"0",
            Self::List(items) => !items.is_empty(),
        }
    }

    /// What PHP's `(int)` makes of it; `None` for arrays, and for numbers out of range.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Null => Some(0),
            Self::Bool(flag) => Some(i64::from(*flag)),
            Self::Int(number) => Some(*number),
            Self::Float(number) => whole(*number),
            Self::Bytes(bytes) => leading_integer(bytes),
            Self::List(_) => None,
        }
    }

    /// The texts of a list: an array, or JSON text that holds one. `None` where it is neither.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Null => Some(Vec::new()),
            Self::List(items) => items
                .iter()
                .map(|item| match item {
                    Self::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
                    _ => None,
                })
                .collect(),
            Self::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => Some(Vec::new()),
            Self::Bytes(bytes) => match serde_json::from_slice(bytes).ok()? {
                serde_json::Value::Null => Some(Vec::new()),
                serde_json::Value::Array(items) => items
                    .into_iter()
                    .map(|item| item.as_str().map(str::to_owned))
                    .collect(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(flag) => Some(if *flag { "1" } else { "" }.to_owned()),
            Self::Int(number) => Some(number.to_string()),
            Self::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
            Self::Float(_) | Self::List(_) => None,
        }
    }
}

/// A float without its fraction.
fn whole(number: f64) -> Option<i64> {
    // Beyond this a float skips integers, and PHP's own cast depends on its build.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.abs() <= EXACT)
        .then_some(number.trunc())
        .and_then(|number| format!("{number:.0}").parse().ok())
}

/// The number at the start of a text: spaces, a sign, digits; 0 where there is none. A text that PHP
/// reads as a float (`1e3`, `5.7`) is taken as one.
fn leading_integer(bytes: &[u8]) -> Option<i64> {
    let text: String = bytes
        .iter()
        .take(64)
        .map(|byte| char::from(*byte))
        .collect();
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let numeric: String = {
        let mut end = 0;
        let mut seen = (false, false);
        for (at, c) in text.char_indices() {
            let fits = match c {
                '0'..='9' => true,
                '+' | '-' => {
                    at == 0
                        || text
                            .get(..at)
                            .is_some_and(|head| head.ends_with(['e', 'E']))
                }
                '.' => !std::mem::replace(&mut seen.0, true) && !seen.1,
                'e' | 'E' => at > 0 && !std::mem::replace(&mut seen.1, true),
                _ => false,
            };
            if !fits {
                break;
            }
            end = at + c.len_utf8();
        }
        text.get(..end).unwrap_or_default().to_owned()
    };
    let trimmed = numeric.trim_end_matches(['e', 'E', '+', '-']);
    if trimmed.is_empty() {
        return Some(0);
    }
    if let Ok(number) = trimmed.parse::<i64>() {
        return Some(number);
    }
    trimmed.parse::<f64>().ok().and_then(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Value {
        Value::Bytes(text.as_bytes().to_vec())
    }

    /// Compared with `php -r 'var_dump((bool)$x, (int)$x);'`.
    #[test]
    fn truth_and_numbers_are_phps() {
        for (text, truth, number) in [
            ("", false, 0),
            ("0", false, 0),
            ("0.0", true, 0),
            ("00", true, 0),
            (" 0", true, 0),
            ("false", true, 0),
            ("1", true, 1),
            (" 12abc", true, 12),
            ("-3", true, -3),
            ("1e3", true, 1000),
            ("5.9", true, 5),
            ("1e", true, 1),
            ("3600 seconds", true, 3600),
            ("\u{e4}", true, 0),
        ] {
            assert_eq!(bytes(text).truth(), truth, "{text}");
            assert_eq!(bytes(text).integer(), Some(number), "{text}");
        }
        assert_eq!(bytes("99999999999999999999").integer(), None);
    }

    #[test]
    fn lists_are_arrays_or_json() {
        assert_eq!(bytes("[]").texts(), Some(Vec::new()));
        assert_eq!(bytes(r#"["::/0"]"#).texts(), Some(vec!["::/0".to_owned()]));
        for odd in [
            "[1]",
            "{\"a\":\"b\"}",
            "10.0.0.1",
            "[\"a\"",
            &"[".repeat(100_000),
        ] {
            assert_eq!(bytes(odd).texts(), None);
        }
    }

    #[test]
    fn only_v5_unserialises_rows() {
        assert!(!Value::from_row(b"b:0;", true).truth());
        assert!(Value::from_row(b"b:0;", false).truth());
        assert_eq!(Value::from_row(b"i:7;", true).integer(), Some(7));
    }
}
