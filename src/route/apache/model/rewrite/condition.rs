//! Whether the condition of a rule holds (`apply_rewrite_cond`).

use super::super::expr::number;
use super::super::pattern::Groups;
use super::super::record::{Asking, Kind as Found, Record};
use super::super::said::{Step, Stop};
use super::expand::{References, expand};
use super::rule::{Kind, Relation, Test};
use crate::route::{Entry, Links};
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Whether all conditions of a rule hold; `or` binds to the next one.
pub(super) fn all_hold(
    tests: &[Test],
    references: &mut References,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<bool> {
    let mut at = 0;
    while let Some(test) = tests.get(at) {
        let holds = holds(test, references, asking, r)?;
        if test.or_next {
            if holds {
                // The rest of the chain, its last member included, is not looked at.
                while tests.get(at).is_some_and(|test| test.or_next) {
                    at += 1;
                }
            }
        } else if !holds {
            return Ok(false);
        }
        at += 1;
    }
    Ok(true)
}

fn holds(
    test: &Test,
    references: &mut References,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<bool> {
    let located = |stop: Stop| Stop::at(&test.at, stop.0.text);
    if let Kind::Expr(condition) = &test.kind {
        let (found, groups) = condition.matches(asking, r).map_err(located)?;
        if found && !test.negated {
            references.test = groups;
        }
        return Ok(found != test.negated);
    }
    let input = expand(&test.input, references, None, asking, r).map_err(located)?;
    let found = match &test.kind {
        Kind::Regex(regex) => match regex.captures(&input).map_err(located)? {
            Some(captures) => {
                if !test.negated {
                    references.test = Some(Groups::new(&input, captures));
                }
                true
            }
            None => false,
        },
        Kind::Text(relation, other) => {
            relation.holds(order(&input, other, test.caseless, *relation))
        }
        Kind::Number(relation, other) => relation.holds(number(&input).cmp(&number(other))),
        Kind::File(letter) => file(*letter, &input, asking).map_err(located)?,
        Kind::Expr(_) => false,
    };
    Ok(found != test.negated)
}

impl Relation {
    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

/// Longer texts are greater, whatever they hold; without case, the order is strcasecmp's.
fn order(a: &[u8], b: &[u8], caseless: bool, relation: Relation) -> Ordering {
    if caseless {
        return a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase());
    }
    if relation == Relation::Equal {
        return a.cmp(b);
    }
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn file(letter: u8, path: &[u8], asking: &Asking<'_>) -> Step<bool> {
    if matches!(letter, b'U' | b'F') {
        return Err(Stop::new(format!(
            "not modelled: RewriteCond -{}",
            char::from(letter)
        )));
    }
    if !path.starts_with(b"/") {
        // Relative to the directory that Apache was started in, which is the root.
        return Ok(false);
    }
    let path = Path::new(OsStr::from_bytes(path));
    let entry = asking.disk.entry(path).map_err(Stop::new)?;
    let found = Found::of(entry);
    Ok(match letter {
        b'f' => found.is_some_and(Found::is_file),
        b'd' => found.is_some_and(Found::is_directory),
        b'h' | b'L' | b'l' => is_link(path, entry, asking)?,
        _ if entry == Entry::Missing => false,
        _ => {
            return Err(Stop::new(format!(
                "not modelled: RewriteCond -{}",
                char::from(letter)
            )));
        }
    })
}

/// Whether the last name of the path is a symbolic link.
pub(in super::super) fn is_link(path: &Path, entry: Entry, asking: &Asking<'_>) -> Step<bool> {
    Ok(super::super::walk::link(path, entry, asking)? != Links::None)
}
