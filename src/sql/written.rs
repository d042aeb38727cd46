//! One statement that a writing session may send: made in this room only, so that nothing is written that
//! was not built from typed parts.

/// A statement, and the values of its `?`.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    name: &'static str,
    text: String,
    values: Vec<Option<Vec<u8>>>,
}

impl Written {
    pub(super) const fn new(name: &'static str, text: String) -> Self {
        Self {
            name,
            text,
            values: Vec::new(),
        }
    }

    pub(super) fn with(mut self, value: Option<&[u8]>) -> Self {
        self.values.push(value.map(<[u8]>::to_vec));
        self
    }

    /// What it is for, as messages cite it: the text may hold what identifies an account.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text as it is sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values of its `?`, in order; none is NULL.
    #[must_use]
    pub fn values(&self) -> &[Option<Vec<u8>>] {
        &self.values
    }
}
