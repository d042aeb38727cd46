//! Where reports go: standard output, and files that are written whole or not at all. A place that
//! is a link, a directory or a device is refused before anything is looked at.

use super::{Failure, replace};
use crate::cli::Format;
use crate::report::{
    Exit, Options, Report, html, json, junit, markdown, nagios, ocsf, openmetrics, sarif, text,
};
use clap::ValueEnum as _;
use std::path::PathBuf;

/// A file that a report is written to.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    path: PathBuf,
}

impl Sink {
    /// Understands `json=PATH` for each of them.
    ///
    /// # Errors
    /// What should have been typed, or why nothing can be written there.
    pub(super) fn parse_all(typed: &[String]) -> Result<Vec<Self>, Failure> {
        let mut sinks: Vec<Self> = Vec::new();
        for typed in typed {
            let sink = Self::parse(typed)?;
            replace::check(&sink.path).map_err(|problem| sink.failure(&problem))?;
            if sinks.iter().any(|other| other.path == sink.path) {
                return Err(Failure::Message(format!(
                    "--output {typed}: another --output writes the same file"
                )));
            }
            sinks.push(sink);
        }
        Ok(sinks)
    }

    fn parse(typed: &str) -> Result<Self, Failure> {
        let wrong = || {
            let names: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|it| Some(it.to_possible_value()?.get_name().to_owned()))
                .collect();
            Failure::Message(format!(
                "--output {typed}: write it as FORMAT=PATH, where the format is one of {}",
                names.join(", ")
            ))
        };
        let (format, path) = typed.split_once('=').ok_or_else(wrong)?;
        if path.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            format: Format::from_str(format, false).map_err(|_| wrong())?,
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
        replace::write(&self.path, contents.as_bytes()).map_err(|problem| self.failure(&problem))
    }

    fn failure(&self, problem: &str) -> Failure {
        Failure::Message(format!(
            "{}: the report cannot be written: {problem}",
            self.path.display()
        ))
    }
}

/// The report in one format.
pub(super) fn render(format: Format, report: &Report, exit: &Exit, options: &Options) -> String {
    match format {
        Format::Text => text(report, Some(exit), options),
        Format::Json => json(report),
        Format::Sarif => sarif(report),
        Format::Junit => junit(report),
        Format::Markdown => markdown(report, Some(exit)),
        Format::Html => html(report, exit),
        Format::Openmetrics => openmetrics(report),
        Format::Ocsf => ocsf(report),
        Format::Nagios => nagios(report, exit),
    }
}
