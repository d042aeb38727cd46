//! An answer's rows as typed values, byte for byte. What is not of the type that is asked for, or not there,
//! is an error that names the statement and the column.

use mysql_async::Value;
use std::fmt::Write as _;
use std::sync::Arc;

/// No single value is kept that is longer, in bytes.
const LONGEST: usize = 64 << 10;

/// The rows of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The rows, in the server's order.
    pub rows: Vec<Row>,
    /// Whether as many rows came as the statement reads at most, so that there may be more.
    pub full: bool,
    /// How many rows the statement made, changed or took away.
    pub affected: u64,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    statement: &'static str,
    columns: Arc<[String]>,
    cells: Vec<Value>,
}

impl Row {
    pub(super) const fn new(
        statement: &'static str,
        columns: Arc<[String]>,
        cells: Vec<Value>,
    ) -> Self {
        Self {
            statement,
            columns,
            cells,
        }
    }

    /// The value at a position, counted from 0, for statements whose columns have no name of their own.
    ///
    /// # Errors
    /// No such column, NULL, or not UTF-8.
    pub fn text_at(&self, at: usize) -> Result<String, String> {
        let name = format!("column {}", at.saturating_add(1));
        let bytes = self.bytes_of(self.cells.get(at), &name)?;
        self.utf8(bytes.ok_or_else(|| self.wrong(&name, "NULL"))?, &name)
    }

    /// A value's bytes; `None` for NULL.
    ///
    /// # Errors
    /// No such column, or too long.
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.bytes_of(self.cell(name), name)
    }

    /// A text; `None` for NULL.
    ///
    /// # Errors
    /// No such column, too long, or not UTF-8.
    pub fn maybe_text(&self, name: &str) -> Result<Option<String>, String> {
        self.bytes(name)?
            .map(|bytes| self.utf8(bytes, name))
            .transpose()
    }

    /// A text.
    ///
    /// # Errors
    /// As [`Self::maybe_text`], and NULL.
    pub fn text(&self, name: &str) -> Result<String, String> {
        self.maybe_text(name)?
            .ok_or_else(|| self.wrong(name, "NULL"))
    }

    /// A whole number; `None` for NULL.
    ///
    /// # Errors
    /// No such column, or no whole number of 64 bits.
    pub fn maybe_integer(&self, name: &str) -> Result<Option<i64>, String> {
        match self.cell(name) {
            Some(Value::Int(number)) => Ok(Some(*number)),
            Some(Value::UInt(number)) => i64::try_from(*number)
                .map(Some)
                .map_err(|_| self.wrong(name, "larger than 64 bits")),
            _ => self
                .maybe_text(name)?
                .map(|text| text.trim().parse())
                .transpose()
                .map_err(|_| self.wrong(name, "no whole number")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// As [`Self::maybe_integer`], and NULL.
    pub fn integer(&self, name: &str) -> Result<i64, String> {
        self.maybe_integer(name)?
            .ok_or_else(|| self.wrong(name, "NULL"))
    }

    /// Whether a number is not 0.
    ///
    /// # Errors
    /// As [`Self::integer`].
    pub fn flag(&self, name: &str) -> Result<bool, String> {
        Ok(self.integer(name)? != 0)
    }

    /// The column by its name; MySQL 8 writes some of them in capitals.
    fn cell(&self, name: &str) -> Option<&Value> {
        let at = self
            .columns
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))?;
        self.cells.get(at)
    }

    fn bytes_of(&self, cell: Option<&Value>, name: &str) -> Result<Option<Vec<u8>>, String> {
        match cell {
            None => Err(self.wrong(name, "missing")),
            Some(Value::NULL) => Ok(None),
            Some(Value::Bytes(bytes)) if bytes.len() > LONGEST => {
                Err(self.wrong(name, &format!("longer than {LONGEST} bytes")))
            }
            Some(Value::Bytes(bytes)) => Ok(Some(bytes.clone())),
            Some(Value::Int(number)) => Ok(Some(number.to_string().into_bytes())),
            Some(Value::UInt(number)) => Ok(Some(number.to_string().into_bytes())),
            Some(Value::Float(number)) => Ok(Some(number.to_string().into_bytes())),
            Some(Value::Double(number)) => Ok(Some(number.to_string().into_bytes())),
            Some(Value::Date(year, month, day, hour, minute, second, _)) => {
                let mut text = String::new();
                // Writing to a string cannot fail.
                let _ = write!(
                    text,
                    "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
                );
                Ok(Some(text.into_bytes()))
            }
            Some(Value::Time(..)) => Err(self.wrong(name, "a duration")),
        }
    }

    fn utf8(&self, bytes: Vec<u8>, name: &str) -> Result<String, String> {
        String::from_utf8(bytes).map_err(|_| self.wrong(name, "not UTF-8"))
    }

    fn wrong(&self, name: &str, what: &str) -> String {
        format!("in the answer to `{}`, {name} is {what}", self.statement)
    }
}
