//! What may be typed after `deskguard review`.

use super::ObserveArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The format of a review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For people
    #[default]
    Text,
    /// For programs, schema deskguard/review/1
    Json,
}

/// `deskguard review`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard review                                 since the review that was attested last
  deskguard review --since 2026-11-01 --format json
  deskguard review --attest 'Ann, operations'      and say that you looked

It reads the helpdesk's database and its error logs. What was attested counts for the check
logs/reviewed until it is older than the policy's max_review_age_days.")]
pub struct ReviewArgs {
    /// Where to look.
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// Settings of this site instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// From this day on, as 2026-11-01 [default: the last attested review]
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Append an [[attest]] to the settings: this person has looked
    #[arg(long, value_name = "NAME")]
    pub attest: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: ReviewFormat,
}
