//! Cells of a dump's rows as values. Refuses to take a cell that could not be read for an empty one.

use crate::dump::{Cell, Row};
use crate::helpdesk::{parse_moment, shown};

/// A value's bytes; NULL and a column that is not there are `None`.
pub(super) fn bytes<'a>(row: &'a Row<'_>, column: &str) -> Result<Option<&'a [u8]>, String> {
    match row.get(column) {
        None | Some(Cell::Null) => Ok(None),
        Some(Cell::Bytes(bytes)) => Ok(Some(bytes)),
        Some(Cell::Odd(why)) => Err(format!("{column}: {why}")),
    }
}

pub(super) fn text(row: &Row<'_>, column: &str) -> Result<String, String> {
    Ok(bytes(row, column)?.map(shown).unwrap_or_default())
}

pub(super) fn number(row: &Row<'_>, column: &str) -> Result<Option<u64>, String> {
    let Some(bytes) = bytes(row, column)? else {
        return Ok(None);
    };
    let number = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| format!("{column} is no number"))
}

pub(super) fn flag(row: &Row<'_>, column: &str) -> Result<bool, String> {
    Ok(number(row, column)?.unwrap_or(0) != 0)
}

pub(super) fn moment(row: &Row<'_>, column: &str) -> Result<Option<i64>, String> {
    Ok(bytes(row, column)?.and_then(parse_moment))
}
