//! Waivers as a report shows them: who accepted what, until when, and what became of it. Refuses to
//! decide; the room `waiver` does that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A waiver that ends within so many days is pointed out.
pub const SOON_DAYS: i64 = 14;

/// Why a failed check does not change the exit code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waived {
    /// The reason that was given; several are joined.
    pub reason: String,
    /// The last day (UTC) on which it holds; null for no end. The earliest of several.
    pub until: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
}

impl Waived {
    /// `until 2027-03-31, by operations: the reason`
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = match &self.until {
            Some(until) => format!("until {until}"),
            None => "without end".to_owned(),
        };
        if let Some(owner) = &self.owner {
            text.push_str(&format!(", by {owner}"));
        }
        format!("{text}: {}", self.reason)
    }
}

/// One waiver and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverState {
    /// The check that it names.
    pub check: String,
    /// Why it was given.
    pub reason: String,
    /// The last day (UTC) on which it holds; null for no end.
    pub until: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The subjects that it is limited to; empty for all.
    pub subject: Vec<String>,
    /// What became of it.
    pub state: WaiverFate,
    /// The same as a sentence that says what to do.
    pub note: String,
    /// How many pieces of evidence it covers, or would cover if it still held.
    pub pieces: usize,
    /// Days until it ends, today's not counted; null where it has no end or has ended.
    pub days_left: Option<i64>,
}

impl WaiverState {
    /// Whether somebody should look at it.
    #[must_use]
    pub fn wants_attention(&self) -> bool {
        !matches!(self.state, WaiverFate::Used | WaiverFate::Undecided)
            || self.days_left.is_some_and(|days| days <= SOON_DAYS)
    }
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WaiverFate {
    /// It covers evidence of a failed check.
    Used,
    /// Its last day has passed: what it covered is a failure again.
    Expired,
    /// What it accepted has grown: it covers nothing any more.
    Void,
    /// Nothing that it names was found.
    Unused,
    /// The check could not be judged, or was left out.
    Undecided,
}

impl WaiverFate {
    /// The word as it stands in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Void => "void",
            Self::Unused => "unused",
            Self::Undecided => "undecided",
        }
    }
}
