//! The values that PHP configuration can hold, and what is not known about them.
//!
//! Every array element keeps the place of the write that set it, because findings cite it.
//! Passwords pass through here: nothing in this file can be displayed, and `Debug` shows lengths only.

use super::array::Array;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A line of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file as it was read.
    pub file: Arc<Path>,
    /// The line, counted from 1.
    pub line: u32,
}

/// Why a value cannot be told without running PHP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// A short sentence for the person who looks after the server.
    pub why: String,
    /// The line that makes it so.
    pub at: Place,
}

impl Unknown {
    /// Why, with file and line.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} ({}:{})", self.why, self.at.file.display(), self.at.line)
    }
}

/// A PHP value as far as it can be told.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A byte string.
    Str(Vec<u8>),
    /// An ordered array.
    Array(Array),
    /// Not known, and why.
    Unknown(Unknown),
}

/// A value and the line that set it.
#[derive(Clone, Debug)]
pub struct Located {
    /// What it is.
    pub value: Value,
    /// Where it was written.
    pub at: Place,
}

impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(out, "Null"),
            Self::Bool(value) => write!(out, "Bool({value})"),
            Self::Int(value) => write!(out, "Int({value})"),
            Self::Float(value) => write!(out, "Float({value})"),
            Self::Str(bytes) => write!(out, "Str(** {} bytes)", bytes.len()),
            Self::Array(array) => array.fmt(out),
            Self::Unknown(unknown) => write!(out, "Unknown({:?})", unknown.why),
        }
    }
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Str(text.as_bytes().to_vec())
    }

    /// The bytes, when it is a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Str(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The array, when it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// How PHP names its type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "string",
            Self::Array(_) => "array",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The number of values in it, itself included; strings count by their size.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Array(array) => array.weight(),
            Self::Str(bytes) => 1 + bytes.len() as u64 / 64,
            _ => 1,
        }
    }

    /// How many arrays deep it is.
    pub(super) fn depth(&self) -> u32 {
        match self {
            Self::Array(array) => array.depth(),
            _ => 0,
        }
    }

    /// The same value and type; floats by their bits; unknown is never the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Str(a), Self::Str(b)) => a == b,
            _ => false,
        }
    }

    /// What is left when it is one of two and nobody can tell which.
    pub(super) fn join(self, other: Self, why: &Unknown) -> Self {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) => Self::Array(a.join(&b, why)),
            (Self::Unknown(a), Self::Unknown(_)) => Self::Unknown(a),
            (a, b) if a.same(&b) => a,
            _ => Self::Unknown(why.clone()),
        }
    }
}
