//! What may be typed after `deskguard diff`.

use super::Look;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The format of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    #[default]
    Text,
    /// For programs, schema deskguard/diff/1
    Json,
    /// For a comment on a merge request
    Markdown,
}

/// `deskguard diff`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard diff last-month.json today.json
  deskguard diff main.json branch.json --format markdown

Both are JSON reports, as `deskguard audit --output json=FILE` writes them. The exit code is 0 when
they could be compared; to fail on what is new, use `deskguard audit --baseline OLD`.")]
pub struct DiffArgs {
    /// The earlier report
    pub old: PathBuf,
    /// The later report
    pub new: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: DiffFormat,
    /// How to show things.
    #[command(flatten)]
    pub look: Look,
}
