//! What may be sent: a text that was written down beforehand, and values bound to it. Refuses everything
//! else by its type: no other room can make a [`Statement`].

/// One statement that deskguard may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    name: &'static str,
    text: &'static str,
    why: &'static str,
    rows: usize,
}

impl Statement {
    /// A statement of the list in `statements`. `rows` is the most rows that are read of its answer; a
    /// `SELECT` over tables says a `LIMIT` of its own that is no higher.
    pub(super) const fn new(
        name: &'static str,
        rows: usize,
        why: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            name,
            text,
            why,
            rows,
        }
    }

    /// Its name, as messages cite it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text as it is sent.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The text with an account in the place of `{account}`. Names in backticks know no escape but the
    /// doubled backtick, whatever the server's `sql_mode`.
    ///
    /// # Errors
    /// That a name cannot stand in a statement.
    pub(super) fn with_account(&self, user: &str, host: Option<&str>) -> Result<String, String> {
        let quoted = |name: &str| {
            if name.chars().any(char::is_control) {
                return Err(format!(
                    "`{}`: the account's name holds control characters",
                    self.name
                ));
            }
            Ok(format!("`{}`", name.replace('`', "``")))
        };
        let account = match host {
            Some(host) => format!("{}@{}", quoted(user)?, quoted(host)?),
            None => quoted(user)?,
        };
        Ok(self.text.replace("{account}", &account))
    }

    /// What it is asked for.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }

    /// The most rows that are read of its answer.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }
}

/// A value of a statement: bound to a `?`, so that it never becomes part of the text; or an account, for
/// which the servers know no `?`, quoted by [`Statement::with_account`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// The account that stands for `{account}`; a role of MariaDB has no host.
    Account(String, Option<String>),
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Parameter {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Parameter {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out() {
        let show = Statement::new("x", 1, "why", "SHOW GRANTS FOR {account}");
        assert_eq!(
            show.with_account("a`; DROP TABLE x; -- \\", Some("%"))
                .unwrap(),
            "SHOW GRANTS FOR `a``; DROP TABLE x; -- \\`@`%`"
        );
        assert_eq!(show.with_account("r", None).unwrap(), "SHOW GRANTS FOR `r`");
        assert!(show.with_account("a\0b", None).is_err());
    }
}
