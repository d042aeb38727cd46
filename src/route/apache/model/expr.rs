//! Conditions of `<If>`, `Require expr`, `RewriteCond expr` (server/util_expr_parse.y): and, or, not,
//! comparisons, regular expressions, addresses, files. Refuses what it does not know when it is asked.

use super::address::Subnet;
use super::pattern::{self, Expression, Groups};
use super::record::{Asking, Record, shown};
use super::said::{Step, Stop};
use super::text::{Part, Text};
use crate::route::Entry;
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A condition that was understood, or why it was not.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Constant(bool),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Unary(u8, Text),
    Compare(Text, Comparison, Text),
    Match(Text, Expression, bool),
    In(Text, Vec<Text>),
    /// Not modelled.
    Strange(String),
}

/// How two words are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Text(Operator),
    Number(Operator),
    Address,
    Wild { caseless: bool, path: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Operator {
    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

impl Condition {
    /// Reads a condition. What is well formed but not modelled becomes [`Condition::Strange`].
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let mut reader = super::expr_reader::Reader::new(text);
        let strange = || Self::Strange(format!("not modelled: the expression {}", shown(text)));
        match reader.whole() {
            Some(condition) => Ok(condition),
            None => Ok(strange()),
        }
    }

    /// Whether the condition asks for the user, so that without one it may change.
    pub(super) fn asks_for_user(&self) -> bool {
        match self {
            Self::Not(inner) => inner.asks_for_user(),
            Self::And(a, b) | Self::Or(a, b) => a.asks_for_user() || b.asks_for_user(),
            Self::Unary(_, text) | Self::Match(text, _, _) => text.asks_for_user(),
            Self::Compare(a, _, b) => a.asks_for_user() || b.asks_for_user(),
            Self::In(text, list) => text.asks_for_user() || list.iter().any(Text::asks_for_user),
            Self::Constant(_) | Self::Strange(_) => false,
        }
    }

    /// Whether the condition holds.
    pub(super) fn holds(&self, asking: &Asking<'_>, r: &mut Record) -> Step<bool> {
        let holds = self.part(asking, r);
        r.groups = Some(Groups::default());
        holds
    }

    /// Whether the condition holds, and the groups that it leaves to the line that asked it
    /// (`ap_expr_exec_re`): none where no expression with groups was tried.
    pub(super) fn matches(
        &self,
        asking: &Asking<'_>,
        r: &mut Record,
    ) -> Step<(bool, Option<Groups>)> {
        r.groups = None;
        let holds = self.part(asking, r);
        let groups = r.groups.replace(Groups::default());
        Ok((holds?, groups))
    }

    fn part(&self, asking: &Asking<'_>, r: &mut Record) -> Step<bool> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Not(inner) => Ok(!inner.part(asking, r)?),
            Self::And(a, b) => Ok(a.part(asking, r)? && b.part(asking, r)?),
            Self::Or(a, b) => Ok(a.part(asking, r)? || b.part(asking, r)?),
            Self::Unary(operator, text) => {
                let value = text.fill(asking, r)?;
                unary(*operator, &value, asking)
            }
            Self::Compare(a, how, b) => {
                let (a, b) = (a.fill(asking, r)?, b.fill(asking, r)?);
                compare(&a, *how, &b)
            }
            Self::Match(text, regex, negated) => {
                let value = text.fill(asking, r)?;
                let found = regex.captures(&value)?;
                let matched = found.is_some();
                if regex.has_groups() {
                    r.groups = Some(
                        found.map_or_else(Groups::default, |found| Groups::new(&value, found)),
                    );
                }
                Ok(matched != *negated)
            }
            Self::In(text, list) => {
                let value = text.fill(asking, r)?;
                for word in list {
                    if word.fill(asking, r)? == value {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Strange(message) => Err(Stop::new(message.clone())),
        }
    }
}

fn unary(operator: u8, value: &[u8], asking: &Asking<'_>) -> Step<bool> {
    let entry = || {
        asking
            .disk
            .entry(Path::new(OsStr::from_bytes(value)))
            .map_err(Stop::new)
    };
    Ok(match operator {
        b'n' => !value.is_empty(),
        b'z' => value.is_empty(),
        b'T' => {
            !(value.is_empty()
                || value == b"0"
                || [&b"off"[..], b"false", b"no"]
                    .iter()
                    .any(|no| value.eq_ignore_ascii_case(no)))
        }
        b'R' => return address(asking.client, value),
        b'd' => matches!(entry()?, Entry::Directory { .. }),
        b'e' => matches!(
            entry()?,
            Entry::Directory { .. } | Entry::File { .. } | Entry::Other
        ),
        b'f' => matches!(entry()?, Entry::File { .. }),
        _ => {
            return Err(Stop::new(format!(
                "not modelled: the test -{}",
                char::from(operator)
            )));
        }
    })
}

fn address(client: IpAddr, word: &[u8]) -> Step<bool> {
    let subnet = Subnet::read(&shown(word))
        .ok_or_else(|| Stop::new("not modelled: a test against what is no address"))?;
    Ok(subnet.holds(client))
}

fn compare(a: &[u8], how: Comparison, b: &[u8]) -> Step<bool> {
    Ok(match how {
        Comparison::Text(operator) => operator.holds(a.cmp(b)),
        Comparison::Number(operator) => operator.holds(number(a).cmp(&number(b))),
        Comparison::Wild {
            caseless: true,
            path,
        } => pattern::fnmatch(&b.to_ascii_lowercase(), &a.to_ascii_lowercase(), path),
        Comparison::Wild { path, .. } => pattern::fnmatch(b, a, path),
        Comparison::Address => match shown(a).parse() {
            Ok(client) => return address(client, b),
            Err(_) => false,
        },
    })
}

/// A number as atoi reads it.
pub(super) fn number(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let value = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_i64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'))
        });
    if negative { -value } else { value }
}

/// Joins the parts of one word.
pub(super) fn word(parts: Vec<Part>) -> Text {
    Text::of(parts)
}
