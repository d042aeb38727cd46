//! What may be typed after `deskguard audit`.

use super::{CheckChoice, Format, Look, ObserveArgs};
use crate::check::Severity;
use crate::policy::Profile;
use clap::Args;
use std::path::PathBuf;

/// `deskguard audit`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard audit                                  the only helpdesk in the usual places
  deskguard audit /var/www/deskpro                 this one
  deskguard audit --url https://help.example.com/  also what it gives away over HTTP
  deskguard audit --format json | jq .score        for a program
  deskguard audit --output json=report.json        text on the screen, JSON in a file
  deskguard audit --output html=/srv/audit/index.html --output sarif=deskguard.sarif
  deskguard audit --only 'files/*' --fail-on critical
  deskguard audit --baseline accepted.json         only what is new or worse fails
  deskguard audit --evidence host.facts.gz         what `deskguard collect` saw elsewhere

Exit codes: 0 nothing failed at or above --fail-on; 1 something did, or a threshold was missed;
2 the command line, the configuration or a check file is wrong; 3 too little could be judged.")]
pub struct AuditArgs {
    /// Where to look.
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// Settings of this site instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Which checks to judge by.
    #[command(flatten)]
    pub choice: CheckChoice,
    /// Which defaults the policy starts from
    #[arg(long, value_enum, value_name = "P")]
    pub profile: Option<Profile>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: Format,
    /// Also write a report to a file, for example html=PATH; repeatable
    #[arg(long, value_name = "FMT=PATH")]
    pub output: Vec<String>,
    /// The lowest severity whose failure makes the exit code 1 [default: high]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// The least score (its low end) that is accepted
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_score: Option<u8>,
    /// The least coverage in percent that is accepted
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_coverage: Option<u8>,
    /// Judge what `deskguard collect` wrote instead of looking at this host
    #[arg(long, value_name = "FILE", conflicts_with = "ObserveArgs")]
    pub evidence: Option<PathBuf>,
    /// Fail only on what is new or worse than in this JSON report
    #[arg(long, value_name = "REPORT")]
    pub baseline: Option<PathBuf>,
    /// How to show things.
    #[command(flatten)]
    pub look: Look,
}
