//! The dump's statements as `mysqldump`, `mariadb-dump` and the product's own backups write them:
//! `CREATE TABLE` for the columns, `INSERT` and `REPLACE` for the rows, at the start of a line. What lies
//! between a change of the delimiter and its end (triggers, procedures) is not data and is leapt over.

use super::feed::Feed;
use super::literal::{Cell, Stored, read};
use std::collections::HashMap;
use std::io::{self, Read};

/// No line of comment, and no name, is longer.
const MOST_LINE: usize = 4096;
/// MySQL's own limit on columns, and on values in a row.
const MOST_COLUMNS: usize = 4096;
/// No dump has more tables.
const MOST_TABLES: usize = 20_000;
/// No row's kept values are larger together, in bytes.
const MOST_ROW: usize = 16 << 20;

/// Who listens.
pub trait Sink {
    /// What follows belongs to this schema.
    fn schema(&mut self, name: &str);
    /// A table and its columns, before its rows.
    fn table(&mut self, table: &str, columns: &[String]);
    /// Whether the rows of a table are asked for.
    fn wants(&mut self, table: &str) -> bool;
    /// A row.
    fn row(&mut self, table: &str, row: &Row<'_>);
    /// Rows of a table that are asked for and could not be understood.
    fn odd(&mut self, table: &str, why: &str);
}

/// A row's values by the names of their columns.
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Stored],
    store: &'a [u8],
}

impl Row<'_> {
    /// The value of a column; `None` where the table has no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<Cell<'_>> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(match self.cells.get(at)? {
            Stored::Null => Cell::Null,
            Stored::Odd(why) => Cell::Odd(why),
            Stored::Bytes(from, to) => self.store.get(*from..*to).map_or(Cell::Null, Cell::Bytes),
        })
    }
}

/// What the dump says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Whether it begins as `mysqldump` and `mariadb-dump` begin.
    pub has_heading: bool,
    /// Whether its last line says that it is complete.
    pub completed: bool,
    /// The moment that this line names, as it is written; empty where it names none.
    pub moment: String,
    /// Whether the last statement was not ended.
    pub broken_off: bool,
}

/// Reads a dump to its end.
///
/// # Errors
/// What the reader reports.
pub fn scan(reader: &mut dyn Read, sink: &mut dyn Sink) -> io::Result<Ending> {
    let mut scanner = Scanner {
        feed: Feed::new(reader),
        sink,
        columns: HashMap::new(),
        ending: Ending::default(),
    };
    while scanner.statement()? {}
    Ok(scanner.ending)
}

struct Scanner<'a> {
    feed: Feed<'a>,
    sink: &'a mut dyn Sink,
    columns: HashMap<String, Vec<String>>,
    ending: Ending,
}

impl Scanner<'_> {
    /// One line, or one statement; false at the end.
    fn statement(&mut self) -> io::Result<bool> {
        match self.feed.peek()? {
            None => return Ok(false),
            Some(b'-') => self.comment()?,
            Some(byte) if byte.is_ascii_alphabetic() => {
                let word = self.word()?;
                match word.as_str() {
                    "INSERT" | "REPLACE" => self.insert()?,
                    "CREATE" => self.create()?,
                    "USE" => {
                        let name = self.identifier()?;
                        self.columns.clear();
                        self.sink.schema(&name);
                        self.feed.leap(b"\n")?;
                    }
                    "DELIMITER" => self.foreign()?,
                    _ => {
                        self.feed.leap(b"\n")?;
                    }
                }
            }
            Some(_) => {
                self.feed.leap(b"\n")?;
            }
        }
        Ok(true)
    }

    fn comment(&mut self) -> io::Result<()> {
        let line = self.feed.line(MOST_LINE)?;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.starts_with("-- MySQL dump") || text.starts_with("-- MariaDB dump") {
            self.ending.has_heading = true;
        }
        if let Some(rest) = text.strip_prefix("-- Dump completed") {
            self.ending.completed = true;
            rest.trim_start_matches(" on")
                .trim()
                .clone_into(&mut self.ending.moment);
        }
        Ok(())
    }

    /// Everything up to the line that gives the delimiter back.
    fn foreign(&mut self) -> io::Result<()> {
        let delimiter = self.feed.line(MOST_LINE)?;
        if delimiter.trim_ascii() == b";" {
            return Ok(());
        }
        while self.feed.peek()?.is_some() {
            let line = self.feed.line(MOST_LINE)?;
            let rest = line.strip_prefix(b"DELIMITER");
            if rest.is_some_and(|rest| rest.trim_ascii() == b";") {
                return Ok(());
            }
        }
        self.ending.broken_off = true;
        Ok(())
    }

    /// `CREATE TABLE`: one column a line, as the server itself writes it; the rest of the table is of no
    /// use here.
    fn create(&mut self) -> io::Result<()> {
        if self.word()? != "TABLE" {
            self.feed.leap(b"\n")?;
            return Ok(());
        }
        let mut table = self.identifier()?;
        if table == "IF" {
            // IF NOT EXISTS
            self.word()?;
            self.word()?;
            table = self.identifier()?;
        }
        self.feed.leap(b"\n")?;
        let mut columns = Vec::new();
        while self
            .feed
            .peek()?
            .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
        {
            self.feed.skip_blanks()?;
            if self.feed.peek()? == Some(b'`') && columns.len() < MOST_COLUMNS {
                columns.push(self.identifier()?);
            }
            self.feed.leap(b"\n")?;
        }
        self.sink.table(&table, &columns);
        if self.columns.len() < MOST_TABLES {
            self.columns.insert(table, columns);
        }
        Ok(())
    }

    fn insert(&mut self) -> io::Result<()> {
        let mut word = self.word()?;
        while matches!(
            word.as_str(),
            "IGNORE" | "DELAYED" | "LOW_PRIORITY" | "HIGH_PRIORITY"
        ) {
            word = self.word()?;
        }
        if word != "INTO" {
            return self.leap_statement();
        }
        let table = self.identifier()?;
        if !self.sink.wants(&table) {
            return self.leap_statement();
        }
        self.feed.skip_blanks()?;
        let columns = if self.feed.peek()? == Some(b'(') {
            self.feed.next()?;
            self.column_list()?
        } else {
            self.columns.get(&table).cloned().unwrap_or_default()
        };
        let values = self.word()?;
        if !matches!(values.as_str(), "VALUES" | "VALUE") || columns.is_empty() {
            self.sink.odd(&table, "the dump does not name its columns");
            return self.leap_statement();
        }
        self.rows(&table, &columns)
    }

    fn column_list(&mut self) -> io::Result<Vec<String>> {
        let mut columns = Vec::new();
        loop {
            columns.push(self.identifier()?);
            self.feed.skip_blanks()?;
            match self.feed.next()? {
                Some(b',') if columns.len() < MOST_COLUMNS => {}
                Some(b')') => return Ok(columns),
                _ => return Ok(Vec::new()),
            }
        }
    }

    fn rows(&mut self, table: &str, columns: &[String]) -> io::Result<()> {
        let mut cells = Vec::with_capacity(columns.len());
        let mut store = Vec::new();
        loop {
            self.feed.skip_blanks()?;
            if self.feed.next()? != Some(b'(') {
                return self.give_up(table);
            }
            cells.clear();
            store.clear();
            loop {
                self.feed.skip_blanks()?;
                if cells.len() > columns.len() || store.len() > MOST_ROW {
                    return self.give_up(table);
                }
                cells.push(read(&mut self.feed, &mut store)?);
                self.feed.skip_blanks()?;
                match self.feed.next()? {
                    Some(b',') => {}
                    Some(b')') => break,
                    _ => return self.give_up(table),
                }
            }
            if cells.len() == columns.len() {
                let row = Row {
                    columns,
                    cells: &cells,
                    store: &store,
                };
                self.sink.row(table, &row);
            } else {
                self.sink.odd(
                    table,
                    "a row has not as many values as the table has columns",
                );
            }
            self.feed.skip_blanks()?;
            match self.feed.next()? {
                Some(b',') => {}
                Some(b';') => {
                    self.feed.leap(b"\n")?;
                    return Ok(());
                }
                _ => return self.give_up(table),
            }
        }
    }

    fn give_up(&mut self, table: &str) -> io::Result<()> {
        self.sink
            .odd(table, "a row is not written as the dump programs write it");
        self.leap_statement()
    }

    /// To the semicolon that ends the statement, strings leapt over.
    fn leap_statement(&mut self) -> io::Result<()> {
        loop {
            match self.feed.leap(b"'\";")? {
                None => {
                    self.ending.broken_off = true;
                    return Ok(());
                }
                Some(b';') => {
                    self.feed.leap(b"\n")?;
                    return Ok(());
                }
                Some(quote) => loop {
                    match self.feed.leap(&[quote, b'\\'])? {
                        Some(b'\\') => {
                            self.feed.next()?;
                        }
                        Some(_) => break,
                        None => {
                            self.ending.broken_off = true;
                            return Ok(());
                        }
                    }
                },
            }
        }
    }

    /// A word in capitals, leading blanks left out.
    fn word(&mut self) -> io::Result<String> {
        self.feed.skip_blanks()?;
        let mut word = String::new();
        while let Some(byte) = self.feed.peek()? {
            if !(byte.is_ascii_alphanumeric() || byte == b'_') || word.len() > 64 {
                break;
            }
            self.feed.next()?;
            word.push(char::from(byte.to_ascii_uppercase()));
        }
        Ok(word)
    }

    /// A name, quoted or not; of `schema`.`table` the last part.
    fn identifier(&mut self) -> io::Result<String> {
        self.feed.skip_blanks()?;
        let mut name = Vec::new();
        if self.feed.peek()? == Some(b'`') {
            self.feed.next()?;
            while let Some(byte) = self.feed.next()? {
                if byte == b'`' && self.feed.peek()? != Some(b'`') {
                    break;
                }
                if byte == b'`' {
                    self.feed.next()?;
                }
                if name.len() < MOST_LINE {
                    name.push(byte);
                }
            }
        } else {
            while let Some(byte) = self.feed.peek()? {
                if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
                    || name.len() > MOST_LINE
                {
                    break;
                }
                self.feed.next()?;
                name.push(byte);
            }
        }
        if self.feed.peek()? == Some(b'.') && !name.is_empty() {
            self.feed.next()?;
            return self.identifier();
        }
        Ok(String::from_utf8_lossy(&name).into_owned())
    }
}

#[cfg(test)]
mod tests;
