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

/// A value bound to a `?` of a statement. It never becomes part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
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
