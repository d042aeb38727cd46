//! What may be typed after `deskguard collect` and `deskguard demo`.

use super::{Format, Look, ObserveArgs};
use clap::Args;
use std::path::PathBuf;

/// `deskguard collect`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard collect --output host.facts.gz         the only helpdesk in the usual places
  deskguard collect /var/www/deskpro --plain | less
  deskguard audit --evidence host.facts.gz         judge it, on any machine

Passwords, tokens and hashes are not in the file: only what was judged of them is.")]
pub struct CollectArgs {
    /// Where to look.
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// Settings of this site instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to write the facts instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Plain JSON instead of compressed
    #[arg(long)]
    pub plain: bool,
}

/// `deskguard demo`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard demo                                   see what a report looks like
  deskguard demo --keep /tmp/weak                  keep the weak helpdesk to play with")]
pub struct DemoArgs {
    /// Make it here (the folder must not exist) and leave it there
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: Format,
    /// How to show things.
    #[command(flatten)]
    pub look: Look,
}
