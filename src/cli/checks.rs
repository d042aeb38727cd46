//! What may be typed after `deskguard checks` and `deskguard lint`.

use super::{ColorWhen, Look};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The format of a list of checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ChecksFormat {
    /// For a terminal
    #[default]
    Text,
    /// The reference manual in Markdown
    Markdown,
    /// The reference manual as one page
    Html,
}

/// `deskguard checks`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard checks                                 all of them
  deskguard checks files/config-private            one of them, explained
  deskguard checks --format html > checks.html     the reference manual")]
pub struct ChecksArgs {
    /// The check to explain
    pub id: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: ChecksFormat,
    /// A folder of the site's own checks, besides the built-in ones
    #[arg(long, value_name = "DIR")]
    pub checks: Option<PathBuf>,
    /// How to show things.
    #[command(flatten)]
    pub look: Look,
}

/// `deskguard lint`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  deskguard lint /etc/deskguard/checks             exit code 0 when every check is sound, else 2")]
pub struct LintArgs {
    /// The folder, laid out as area/good-state.toml
    pub dir: PathBuf,
    /// When to colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorWhen,
}
