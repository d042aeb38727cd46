//! The commands, one file each: arguments in, text or JSON out. Refuses to decide anything the rooms
//! below do. Each returns the exit code, or why it could not do its work.

pub mod access;
mod append;
mod audit;
mod checks;
mod collect;
mod database;
mod demo;
mod diff;
mod fix;
mod generated;
mod lint;
mod own_checks;
mod replace;
mod review;
pub mod route;
mod saved;
mod settings;
mod sinks;
mod statements;
pub mod terminal;
mod waive;

use crate::cli::{Cli, Command};
use crate::complaint::Complaint;
use std::io::{BufWriter, Write};

/// Why a command could not do its work: exit code 2.
#[derive(Debug)]
pub enum Failure {
    /// One sentence.
    Message(String),
    /// Complaints about files that a person wrote.
    Complaints(Vec<Complaint>),
    /// The reader of our output is gone, which is its good right.
    ClosedPipe,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message(message) => f.write_str(message),
            Self::Complaints(complaints) => {
                let all: Vec<String> = complaints.iter().map(|it| it.render(false)).collect();
                f.write_str(&all.join("\n\n"))
            }
            Self::ClosedPipe => f.write_str("the reader is gone"),
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<Vec<Complaint>> for Failure {
    fn from(complaints: Vec<Complaint>) -> Self {
        Self::Complaints(complaints)
    }
}

/// Carries out what was typed.
///
/// # Errors
/// Why it could not be done.
pub fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Audit(args) => audit::run(&args),
        Command::Access(args) => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            match access::run(&args, &mut out) {
                Ok(()) => Ok(0),
                Err(error) if error.is_closed_pipe() => Err(Failure::ClosedPipe),
                Err(error) => Err(Failure::Message(error.to_string())),
            }
        }
        Command::Route(args) => route::run(&args),
        Command::Checks(args) => checks::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Collect(args) => collect::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Waive(args) => waive::run(&args),
        Command::Review(args) => review::run(&args),
        Command::Statements => statements::run(),
        Command::Completions(args) => generated::completions(&args),
        Command::Man(args) => generated::man(&args),
    }
}

/// Prints to standard output.
///
/// # Errors
/// That the reader is gone, or why it cannot be written.
fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same for what need not be text.
///
/// # Errors
/// That the reader is gone, or why it cannot be written.
fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| {
            if error.kind() == std::io::ErrorKind::BrokenPipe {
                Failure::ClosedPipe
            } else {
                Failure::Message(format!("the output cannot be written: {error}"))
            }
        })
}

/// Today in UTC.
fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
}
