//! The command line's entry: parses, carries out, turns failures into messages and exit codes.

use clap::Parser as _;
use deskguard::cli::{Cli, ColorWhen};
use deskguard::command::{self, Failure, terminal};
use deskguard::report::escape;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(explain(&failure)),
    }
}

/// Says what went wrong, on standard error.
fn explain(failure: &Failure) -> u8 {
    let mut stderr = std::io::stderr().lock();
    // Nothing can be done about a standard error that is gone.
    let _ = match failure {
        Failure::ClosedPipe => return 0,
        Failure::Message(message) => writeln!(stderr, "deskguard: {}", escape(message)),
        Failure::Complaints(complaints) => complaints.iter().try_for_each(|complaint| {
            let color = terminal::colored(ColorWhen::Auto, &std::io::stderr());
            writeln!(stderr, "{}\n", complaint.render(color))
        }),
    };
    2
}
