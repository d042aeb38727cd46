//! Quoting of one value for one language. Refuses what no quoting makes safe to read or to run:
//! control characters, bidirectional overrides, and names that are not valid UTF-8.

use crate::check::StepKind;

/// The value, quoted.
///
/// # Errors
/// Why the value cannot stand in such a step.
pub fn quote(kind: StepKind, value: &str) -> Result<String, String> {
    if let Some(bad) = value.chars().find(|c| is_unsafe(*c)) {
        return Err(format!(
            "a value holds the character U+{:04X}, which is not safe in a script",
            u32::from(bad)
        ));
    }
    Ok(match kind {
        StepKind::Shell => shlex::try_quote(value)
            .map_err(|error| error.to_string())?
            .into_owned(),
        StepKind::Sql => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
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

/// The name of a schema, table or column in SQL. Inside backticks the only escape is the doubled backtick.
///
/// # Errors
/// Why the name cannot stand in a step.
pub(super) fn identifier(name: &str) -> Result<String, String> {
    quote(StepKind::Sql, name)?;
    Ok(format!("`{}`", name.replace('`', "``")))
}

/// Privileges as GRANT and REVOKE list them.
///
/// # Errors
/// What is no privilege's name, or that there is none.
pub(super) fn privileges(names: &[String]) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == ' ';
    match names
        .iter()
        .find(|name| name.is_empty() || !name.chars().all(plain))
    {
        Some(name) => Err(format!("`{name}` is no name of a privilege")),
        None if names.is_empty() => Err("there is no privilege to name".to_owned()),
        None => Ok(names.join(", ")),
    }
}

/// Characters that a terminal or a reader would not take as they stand; U+FFFD marks a name whose
/// bytes are not UTF-8, so that the text is not the name.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || c == '\u{FFFD}'
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

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
