//! Quoting of one value for one language. Refuses what no quoting makes safe to read or to run:
//! control characters, bidirectional overrides, and names that are not valid UTF-8.

use crate::check::StepKind;
use crate::sql::quote;

/// The value, quoted.
///
/// # Errors
/// Why the value cannot stand in such a step.
pub fn quote(kind: StepKind, value: &str) -> Result<String, String> {
    if let Some(bad) = value.chars().find(|c| quote::is_unsafe(*c)) {
        return Err(format!(
            "a value holds the character U+{:04X}, which is not safe in a script",
            u32::from(bad)
        ));
    }
    Ok(match kind {
        StepKind::Shell => shlex::try_quote(value)
            .map_err(|error| error.to_string())?
            .into_owned(),
        StepKind::Sql => quote::text(value)?,
        StepKind::Php => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
        StepKind::Nginx | StepKind::Apache => {
            if value.contains('$') || value.contains("%{") {
                return Err("a value holds `$` or `%{`, which the server would expand".to_owned());
            }
            format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        }
        StepKind::Toml => toml::Value::String(value.to_owned()).to_string(),
        StepKind::Manual => value.to_owned(),
    })
}

/// A text as an expression of PHP's.
///
/// # Errors
/// Why it cannot stand in a file.
pub fn php_text(value: &str) -> Result<String, String> {
    quote(StepKind::Php, value)
}

/// The text that an expression of PHP's is, where that is one literal: what `php_text` writes, and double
/// quotes around what needs no escape (PHP manual, «Strings»).
pub(super) fn php_value(expression: &str) -> Option<String> {
    let text = expression.trim();
    if let Some(inner) = text.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        return (!inner.contains(['\\', '$', '"'])).then(|| inner.to_owned());
    }
    let mut rest = text.strip_prefix('\'')?.chars();
    let mut value = String::with_capacity(text.len());
    loop {
        match rest.next()? {
            '\'' => return rest.as_str().is_empty().then_some(value),
            '\\' if rest.as_str().starts_with(['\\', '\'']) => value.extend(rest.next()),
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_read_as_it_is_written() {
        for value in ["", "/srv/it's", "a\\", "\\'", "c:\\x y", "$x\""] {
            assert_eq!(php_value(&php_text(value).unwrap()).as_deref(), Some(value));
        }
        for (expression, value) in [
            (" \"/srv/a\" ", Some("/srv/a")),
            ("'a\\n'", Some("a\\n")),
            ("\"$x\"", None),
            ("'a' . 'b'", None),
            ("'a", None),
            ("'a\\'", None),
            ("__DIR__", None),
        ] {
            assert_eq!(php_value(expression).as_deref(), value, "{expression}");
        }
    }

    #[test]
    fn values_cannot_break_out() {
        for (kind, value, expected) in [
            (StepKind::Shell, "/a b;rm -rf /", "'/a b;rm -rf /'"),
            (StepKind::Shell, "$(x)'y", "'$(x)'\"'y\""),
            (StepKind::Sql, "it's \\", "'it''s \\\\'"),
            (StepKind::Php, "c:\\x'", "'c:\\\\x\\''"),
            (StepKind::Nginx, "/a \"b\"", "\"/a \\\"b\\\"\""),
            (StepKind::Toml, "a\"b", "'a\"b'"),
        ] {
            assert_eq!(quote(kind, value).unwrap(), expected);
        }
        for bad in ["a\nb", "\u{1b}[2J", "a\u{202e}b", "\u{fffd}"] {
            assert!(quote(StepKind::Shell, bad).is_err());
        }
        assert!(quote(StepKind::Nginx, "/$document_root").is_err());
    }
}
