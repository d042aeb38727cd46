//! `$1`, `%1`, `%{NAME}`, `${map:key|default}` in what rules and conditions say (`do_expand`).

use super::super::pattern::Groups;
use super::super::record::{Asking, Record, shown};
use super::super::said::{Step, Stop};
use super::super::text::UNWRITTEN;
use super::super::variable;
use super::map;
use super::rule::Flags;
use crate::route::tree::LONGEST_VALUE;

/// The groups that a rule and its conditions matched.
#[derive(Debug, Clone, Default)]
pub(super) struct References {
    pub(super) rule: Groups,
    /// None after a condition whose expression matched no group.
    pub(super) test: Option<Groups>,
}

/// Fills the holes of a text, in one pass. With flags, groups are escaped where `B` says so.
pub(super) fn expand(
    text: &[u8],
    references: &References,
    flags: Option<&Flags>,
    asking: &Asking<'_>,
    r: &Record,
) -> Step<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first().copied()) {
            (b'\\', Some(hidden)) => {
                out.push(hidden);
                rest = after.get(1..).unwrap_or_default();
            }
            (sign @ (b'$' | b'%'), Some(b'{')) => {
                let inner = after.get(1..).unwrap_or_default();
                let Some(end) = closing(inner, b'}') else {
                    out.extend([sign, b'{']);
                    rest = inner;
                    continue;
                };
                let name = inner.get(..end).unwrap_or_default();
                rest = inner.get(end + 1..).unwrap_or_default();
                if sign == b'%' {
                    out.extend(look_up(name, asking, r)?);
                } else if let Some(colon) = closing(name, b':') {
                    let (map, key) = name.split_at(colon);
                    let key = key.get(1..).unwrap_or_default();
                    out.extend(mapped(map, key, references, flags, asking, r)?);
                } else {
                    out.extend_from_slice(b"${");
                    rest = inner;
                }
            }
            (sign @ (b'$' | b'%'), Some(digit)) if digit.is_ascii_digit() => {
                let groups = if sign == b'$' {
                    &references.rule
                } else {
                    let test = references.test.as_ref();
                    test.ok_or_else(|| Stop::new(UNWRITTEN))?
                };
                let value = groups.get(usize::from(digit - b'0'));
                match flags.filter(|flags| flags.escape_groups) {
                    Some(flags) => out.extend(escaped(value, flags)),
                    None => out.extend_from_slice(value),
                }
                rest = after.get(1..).unwrap_or_default();
            }
            _ => out.push(byte),
        }
        if out.len() > LONGEST_VALUE {
            return Err(Stop::new(format!(
                "not modelled: a value longer than {LONGEST_VALUE} bytes"
            )));
        }
    }
    Ok(out)
}

/// Where the bracket that is open closes, or the sign stands outside of inner brackets.
fn closing(text: &[u8], sign: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == sign && depth == 0 {
            return Some(at);
        }
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn look_up(name: &[u8], asking: &Asking<'_>, r: &Record) -> Step<Vec<u8>> {
    // The names of mod_rewrite are in capital letters; others are empty, but some could be TIME_….
    let name = shown(name);
    match name.split_once(':') {
        Some(("ENV" | "HTTP", _)) | None => variable::lookup(asking, r, &name),
        Some(_) => Err(Stop::new(format!("not modelled: the variable %{{{name}}}"))),
    }
}

fn mapped(
    map: &[u8],
    key: &[u8],
    references: &References,
    flags: Option<&Flags>,
    asking: &Asking<'_>,
    r: &Record,
) -> Step<Vec<u8>> {
    let (key, default) = match closing(key, b'|') {
        Some(bar) => {
            let (key, default) = key.split_at(bar);
            (key, default.get(1..).unwrap_or_default())
        }
        None => (key, &b""[..]),
    };
    let key = expand(key, references, flags, asking, r)?;
    match map::lookup(asking, &shown(map), &key)? {
        Some(value) => Ok(value),
        None => expand(default, references, flags, asking, r),
    }
}

/// As PHP's urlencode does, or only the letters that `B=` names (`escape_backref`).
fn escaped(value: &[u8], flags: &Flags) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in value {
        let plain = match &flags.escapes {
            Some(letters) => !letters.contains(&byte),
            None => byte.is_ascii_alphanumeric() || byte == b'_',
        };
        if plain {
            out.push(byte);
        } else if byte == b' ' && !flags.no_plus {
            out.push(b'+');
        } else {
            out.extend_from_slice(format!("%{byte:02x}").as_bytes());
        }
    }
    out
}
