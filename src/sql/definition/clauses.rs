//! What `SHOW CREATE USER` says behind the account's name, taken apart into its clauses. Manuals: "CREATE
//! USER" of both servers.

/// The clauses, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Clauses {
    pub(super) identified: String,
    pub(super) require: String,
    pub(super) locked: bool,
    pub(super) rest: String,
}

impl Clauses {
    /// Reads a line; none where it is not of that kind.
    pub(super) fn read(line: &str) -> Option<Self> {
        let words = words(line)?;
        let rest = words.strip_prefix(&["CREATE", "USER"])?;
        // The name is one word: `user`@`host`.
        let (_, rest) = rest.split_first()?;
        let mut found = Self::default();
        let mut clauses: Vec<Vec<&str>> = Vec::new();
        for (at, word) in rest.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| rest.get(at));
            let begins = match word.to_ascii_uppercase().as_str() {
                "IDENTIFIED" | "REQUIRE" | "ACCOUNT" => true,
                // IDENTIFIED WITH plugin (MySQL), IDENTIFIED BY PASSWORD hash (MariaDB).
                "WITH" => before.is_none_or(|it| !it.eq_ignore_ascii_case("IDENTIFIED")),
                "PASSWORD" => before.is_none_or(|it| !it.eq_ignore_ascii_case("BY")),
                _ => false,
            };
            match clauses.last_mut() {
                Some(clause) if !begins => clause.push(word),
                _ => clauses.push(vec![word]),
            }
        }
        for clause in clauses {
            let text = clause.join(" ");
            match clause.first()?.to_ascii_uppercase().as_str() {
                "IDENTIFIED" => found.identified = text,
                "REQUIRE" if text.eq_ignore_ascii_case("REQUIRE NONE") => {}
                "REQUIRE" => found.require = text,
                "ACCOUNT" => found.locked = text.eq_ignore_ascii_case("ACCOUNT LOCK"),
                _ if found.rest.is_empty() => found.rest = text,
                _ => found.rest = format!("{} {text}", found.rest),
            }
        }
        Some(found)
    }
}

/// Words, what is quoted kept whole; none where a quote is never closed.
fn words(line: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut begin = None;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('\'' | '"') if c == '\\' => escaped = true,
            // A doubled quote closes and opens again.
            Some(open) => {
                if c == open {
                    quote = None;
                }
            }
            None if c.is_whitespace() => {
                if let Some(begin) = begin.take() {
                    found.push(line.get(begin..at)?);
                }
            }
            None => {
                begin.get_or_insert(at);
                if matches!(c, '`' | '\'' | '"') {
                    quote = Some(c);
                }
            }
        }
    }
    if let Some(begin) = begin {
        found.push(line.get(begin..)?);
    }
    quote.is_none().then_some(found)
}
