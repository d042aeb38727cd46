//! A value that may be judged but never shown: it has no way to be formatted, serialised or
//! cloned, and is wiped when dropped.

use zeroize::Zeroizing;

/// Texts that the vendor's own templates, images and guides hold.
const SHIPPED: &[&str] = &[
    "YOUR_DATABASE_PASS",
    "YOUR_DATABASE_PASSWORD",
    "mysqlpasswordchangeme",
    "deskpro",
    "changeme",
    "password",
    "APP_SECRET",
];

/// How the placeholder files of the vendor's compose example begin.
const EDIT_ME: &str = "Edit this file to contain";

/// A password, token, hash or salt. Only verdicts about it may travel.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the value out of sight.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        Self(Zeroizing::new(value.to_vec()))
    }

    /// Shows the value to `look`, for the one place that must send it. What `look` gives back must not
    /// hold it.
    pub(crate) fn shown_to<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        look(&self.0)
    }

    /// Whether nothing was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the value is one of these publicly known ones.
    #[must_use]
    pub fn is_one_of(&self, public: &[&str]) -> bool {
        public
            .iter()
            .any(|known| known.as_bytes() == self.0.as_slice())
    }

    /// Whether the value begins with this publicly known text.
    #[must_use]
    pub fn starts_with(&self, public: &str) -> bool {
        self.0.starts_with(public.as_bytes())
    }

    /// Whether the value is what the vendor's own templates, images and guides hold.
    #[must_use]
    pub fn is_shipped(&self) -> bool {
        self.is_one_of(SHIPPED) || self.starts_with(EDIT_ME)
    }
}
