//! A row of the helpdesk's tables `settings` and `people_prefs`. It is changed only where it still is what it
//! was. Refuses to tell values of settings that are secrets.

use super::refused;
use crate::mend::change::{Change, Subject, Turn};
use crate::mend::spelled::{hex, unhex};
use crate::mend::{Surprise, World, kept};
use crate::sql::{Cells, RowOf};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// NULL.
    Null,
    /// A text.
    Text(String),
    /// Bytes that are no text, in hexadecimal.
    Hex(String),
    /// A random text that is not kept: its digest.
    Sha256(String),
}

impl Cell {
    fn of(bytes: Option<&[u8]>) -> Self {
        match bytes.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
            None => Self::Null,
            Some((Ok(text), _)) => Self::Text(text.to_owned()),
            Some((Err(_), bytes)) => Self::Hex(hex(bytes)),
        }
    }

    fn bytes(&self, world: &World<'_>) -> Result<Option<Vec<u8>>, Surprise> {
        Ok(match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Hex(digits) => Some(
                unhex(digits).ok_or_else(|| Surprise::new("the journal's digits are broken"))?,
            ),
            Self::Sha256(digest) => Some(world.database.kept(digest)?.to_vec()),
        })
    }

    fn is(&self, state: &Self) -> bool {
        match (self, state) {
            (Self::Text(text), Self::Sha256(digest)) => kept::sha256(text.as_bytes()) == *digest,
            _ => self == state,
        }
    }
}

/// A row, or that there is none.
pub(in crate::mend) type Row = Option<Vec<Cell>>;

/// The change that gives a row's first column this value. A row that is missing is made, with NULL in its
/// other columns.
pub(in crate::mend) fn change(
    world: &mut World<'_>,
    at: RowOf,
    value: Cell,
) -> Result<Change, Surprise> {
    let before = at.see(world)?;
    let mut cells = before
        .clone()
        .unwrap_or_else(|| vec![Cell::Null; at.columns().len()]);
    if let Some(first) = cells.first_mut() {
        *first = value;
    }
    let mut after = Some(cells);
    if at.is(&before, &after) {
        after.clone_from(&before);
    }
    Ok(Change::Row(Turn { at, before, after }))
}

/// Hexadecimal digits that nobody can guess.
pub(in crate::mend) fn random(length: usize) -> Result<Zeroizing<Vec<u8>>, Surprise> {
    let mut bytes = Zeroizing::new(vec![0_u8; length.div_ceil(2)]);
    crate::mysql::fill_random(&mut bytes).map_err(Surprise::new)?;
    let mut text = Zeroizing::new(hex(&bytes).into_bytes());
    text.truncate(length);
    Ok(text)
}

fn raw(at: &RowOf, world: &mut World<'_>) -> Result<Option<Cells>, Surprise> {
    let look = at.look().map_err(Surprise::new)?;
    let answer = world.writer()?.send(&look).map_err(refused(&at.names()))?;
    let rows = answer.rows.iter().map(|row| {
        let cells = at.columns().iter().map(|column| row.bytes(column));
        cells.collect::<Result<Cells, String>>()
    });
    let mut rows: Vec<Cells> = rows.collect::<Result<_, _>>().map_err(Surprise::new)?;
    match rows.len() {
        0 | 1 => Ok(rows.pop()),
        _ => Err(Surprise::new(format!("there are two of {}", at.names()))),
    }
}

impl Subject for RowOf {
    type State = Row;

    fn see(&self, world: &mut World<'_>) -> Result<Row, Surprise> {
        let cells = raw(self, world)?;
        Ok(cells.map(|cells| cells.iter().map(|cell| Cell::of(cell.as_deref())).collect()))
    }

    fn set(&self, world: &mut World<'_>, from: &Row, to: &Row) -> Result<(), Surprise> {
        let now = raw(self, world)?;
        let to: Option<Cells> = match to {
            None => None,
            Some(cells) => Some(
                cells
                    .iter()
                    .map(|cell| cell.bytes(world))
                    .collect::<Result<_, _>>()?,
            ),
        };
        let seen = now
            .as_ref()
            .map(|cells| cells.iter().map(|cell| Cell::of(cell.as_deref())).collect());
        if !self.is(&seen, from) {
            return Err(Surprise::new(format!("{} changes meanwhile", self.names())));
        }
        let turn = self
            .turn(now.as_ref(), to.as_ref())
            .map_err(Surprise::new)?;
        let Some(written) = turn else { return Ok(()) };
        let answer = world.writer()?.send(&written);
        match answer.map_err(refused(&self.names()))?.affected {
            1 => Ok(()),
            _ => Err(Surprise::new(format!("{} changes meanwhile", self.names()))),
        }
    }

    fn names(&self) -> String {
        match self {
            Self::Settings { schema, name } => format!("the setting {name} in {schema}"),
            Self::People { schema, person } => format!("the rights of person {person} in {schema}"),
            Self::Preferences {
                schema,
                person,
                name,
            } => {
                format!("the preference {name} of person {person} in {schema}")
            }
        }
    }

    fn tells(&self, state: &Row) -> String {
        let hidden = match self {
            Self::Settings { name, .. } => ["secret", "password", "key", "token", "license"]
                .iter()
                .any(|word| name.contains(word)),
            Self::Preferences { .. } | Self::People { .. } => false,
        };
        match state.as_ref().map(|cells| cells.first()) {
            None => "not there".to_owned(),
            Some(Some(Cell::Text(text))) if !hidden => {
                let short: String = text.chars().take(60).collect();
                format!("`{short}`")
            }
            Some(Some(Cell::Null)) => "NULL".to_owned(),
            Some(_) => "a value that is not shown".to_owned(),
        }
    }

    fn is(&self, seen: &Row, state: &Row) -> bool {
        match (seen, state) {
            (Some(seen), Some(state)) => {
                seen.len() == state.len()
                    && seen.iter().zip(state).all(|(seen, state)| seen.is(state))
            }
            (seen, state) => seen.is_none() && state.is_none(),
        }
    }
}
