//! Values and names inside of SQL. Refuses what no quoting makes safe to read or to run: control
//! characters, bidirectional overrides, names that are not valid UTF-8.

/// A text. It is the same whatever the server's `sql_mode`, or, with backslashes under
/// `NO_BACKSLASH_ESCAPES`, another text; it never ends early.
///
/// # Errors
/// Why it cannot stand in a statement.
pub fn text(value: &str) -> Result<String, String> {
    match value.chars().find(|c| is_unsafe(*c)) {
        Some(bad) => Err(format!(
            "a value holds the character U+{:04X}, which is not safe in a script",
            u32::from(bad)
        )),
        None => Ok(format!(
            "'{}'",
            value.replace('\\', "\\\\").replace('\'', "''")
        )),
    }
}

/// The name of a schema, table or column. Inside backticks the only escape is the doubled backtick.
///
/// # Errors
/// Why the name cannot stand in a step.
pub fn identifier(name: &str) -> Result<String, String> {
    text(name)?;
    Ok(format!("`{}`", name.replace('`', "``")))
}

/// Privileges as GRANT and REVOKE list them.
///
/// # Errors
/// What is no privilege's name, or that there is none.
pub fn privileges(names: &[String]) -> Result<String, String> {
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

/// The name of a server's variable, which takes no quotes.
///
/// # Errors
/// That it is none.
pub fn variable(name: &str) -> Result<&str, String> {
    let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(usual) {
        return Err(format!("`{name}` is no name of a variable"));
    }
    Ok(name)
}

/// Characters that a terminal or a reader would not take as they stand; U+FFFD marks a name whose
/// bytes are not UTF-8, so that the text is not the name.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || c == '\u{FFFD}'
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}
