//! The command line's entry. Refuses nothing itself: each command has its own room.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use deskguard::command::access::{self, AccessArgs};

/// Audits a self-hosted helpdesk
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Access(AccessArgs),
}

fn main() -> ExitCode {
    let Command::Access(args) = Cli::parse().command;
    match access::run(&args, &mut BufWriter::new(io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "deskguard: {error}");
            ExitCode::from(2)
        }
    }
}
