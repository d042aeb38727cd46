//! Values that remember the line that said them, and the one way in which the model gives up.

use crate::route::{Because, Place};

/// A value and the line that said it.
#[derive(Debug, Clone)]
pub(super) struct Said<T> {
    pub(super) value: T,
    pub(super) at: Place,
}

impl<T> Said<T> {
    pub(super) fn new(value: T, at: &Place) -> Self {
        Self {
            value,
            at: at.clone(),
        }
    }
}

/// Where the model ends: the directive that stands in the way, or what could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop(pub(super) Because);

impl Stop {
    /// A directive that is not modelled.
    pub(super) fn at(at: &Place, text: impl Into<String>) -> Self {
        Self(Because {
            at: Some(at.clone()),
            text: text.into(),
        })
    }

    /// Something that has no line.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(Because {
            at: None,
            text: text.into(),
        })
    }
}

impl From<String> for Stop {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// A step of the request, unless the model ends in it.
pub(super) type Step<T> = Result<T, Stop>;

/// What a hook returns to Apache's core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// `OK`: the hook took the request.
    Ok,
    /// `DECLINED`: the next hook is asked.
    Declined,
    /// A status code ends the request.
    Status(u16),
}
