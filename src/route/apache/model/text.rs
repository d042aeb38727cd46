//! Texts with variables, as `SetHandler`, `Redirect` and conditions hold them: `%{NAME}`, `$1`
//! (server/util_expr_scan.l). Refuses functions whose result it would only guess.

use super::record::{Asking, Record};
use super::said::{Step, Stop};
use super::variable;

/// Why `$1` and `%1` are unknown where the condition before them matched no group: Apache hands out
/// memory that it has not written to, or crashes (mod_rewrite.c, `apply_rewrite_cond`).
pub(super) const UNWRITTEN: &str = "not known: a group is asked for, and the condition before it \
    is an expression that matched none, so that Apache reads memory nobody wrote to and may crash";

/// A text and its holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(Vec<u8>),
    /// `%{NAME}` or `%{function:argument}`.
    Variable(String),
    /// `$1`.
    Group(usize),
    /// `function(word)`.
    Call(String, Text),
}

impl Text {
    /// A text without holes.
    pub(super) fn literal(bytes: &[u8]) -> Self {
        Self(vec![Part::Literal(bytes.to_vec())])
    }

    pub(super) fn of(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// Reads a whole text.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            match (byte, after.first().copied()) {
                (b'%', Some(b'{')) => {
                    let inner = after.get(1..).unwrap_or_default();
                    let end = inner
                        .iter()
                        .position(|b| *b == b'}')
                        .ok_or("%{ is not closed")?;
                    let name = String::from_utf8_lossy(inner.get(..end).unwrap_or_default());
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                    parts.push(Part::Variable(name.into_owned()));
                    rest = inner.get(end + 1..).unwrap_or_default();
                }
                (b'$', Some(digit)) if digit.is_ascii_digit() => {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                    parts.push(Part::Group(usize::from(digit - b'0')));
                    rest = after.get(1..).unwrap_or_default();
                }
                (b'\\', Some(hidden)) => {
                    literal.push(hidden);
                    rest = after.get(1..).unwrap_or_default();
                }
                _ => {
                    literal.push(byte);
                    rest = after;
                }
            }
        }
        parts.push(Part::Literal(literal));
        parts.retain(|part| !matches!(part, Part::Literal(bytes) if bytes.is_empty()));
        Ok(Self(parts))
    }

    /// The text with its holes filled.
    pub(super) fn fill(&self, asking: &Asking<'_>, r: &Record) -> Step<Vec<u8>> {
        let mut out = Vec::new();
        for part in &self.0 {
            match part {
                Part::Literal(bytes) => out.extend_from_slice(bytes),
                Part::Group(group) => {
                    let groups = r.groups.as_ref().ok_or_else(|| Stop::new(UNWRITTEN))?;
                    out.extend_from_slice(groups.get(*group));
                }
                Part::Variable(name) => out.extend(variable::lookup(asking, r, name)?),
                Part::Call(name, argument) => {
                    let argument = argument.fill(asking, r)?;
                    out.extend(variable::call(asking, r, name, &argument)?);
                }
            }
        }
        Ok(out)
    }

    /// Whether the text asks who the client has logged in as.
    pub(super) fn asks_for_user(&self) -> bool {
        self.0.iter().any(|part| match part {
            Part::Variable(name) => name.eq_ignore_ascii_case("REMOTE_USER"),
            Part::Call(_, inner) => inner.asks_for_user(),
            _ => false,
        })
    }
}

impl From<Stop> for String {
    fn from(stop: Stop) -> Self {
        stop.0.text
    }
}
