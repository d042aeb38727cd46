//! Where reports go: standard output, and files that are written whole or not at all.

use super::Failure;
use crate::cli::Format;
use crate::report::{Exit, Options, Report, json, text};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file that a report is written to.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    path: PathBuf,
}

impl Sink {
    /// Understands `json=PATH`.
    ///
    /// # Errors
    /// What should have been typed.
    pub(super) fn parse(typed: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::Message(format!(
                "--output {typed}: write it as json=PATH or text=PATH"
            ))
        };
        let (format, path) = typed.split_once('=').ok_or_else(wrong)?;
        let format = match format {
            "json" => Format::Json,
            "text" => Format::Text,
            _ => return Err(wrong()),
        };
        if path.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            format,
            path: path.into(),
        })
    }

    /// Writes the report beside its place, then puts it there.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn write(
        &self,
        report: &Report,
        exit: &Exit,
        options: &Options,
    ) -> Result<(), Failure> {
        let plain = Options {
            color: false,
            ..*options
        };
        let contents = render(self.format, report, exit, &plain);
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let written = tempfile::NamedTempFile::new_in(folder.unwrap_or_else(|| Path::new(".")))
            .and_then(|mut file| file.write_all(contents.as_bytes()).map(|()| file))
            .and_then(|file| file.persist(&self.path).map_err(|error| error.error));
        written.map(drop).map_err(|error| {
            Failure::Message(format!(
                "{}: the report cannot be written: {error}",
                self.path.display()
            ))
        })
    }
}

/// The report in one format.
pub(super) fn render(format: Format, report: &Report, exit: &Exit, options: &Options) -> String {
    match format {
        Format::Text => text(report, Some(exit), options),
        Format::Json => json(report),
    }
}
