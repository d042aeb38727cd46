//! What may be typed after `deskguard waive`.

use super::{CheckChoice, ObserveArgs};
use crate::policy::Profile;
use clap::Args;
use std::path::PathBuf;

/// `deskguard waive`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard waive web/hsts-set --reason 'TLS ends at the appliance, OPS-12' --until 2027-03-31
  deskguard waive files/no-world-writable --subject 'attachments/*' --reason 'NFS, OPS-14' --owner ops
  deskguard waive web/hsts-set --reason 'OPS-12' --report report.json --dry-run

It accepts what is found now. When more is found, the waiver is void and the check fails again. The
last day counts in full, in UTC.")]
pub struct WaiveArgs {
    /// The check whose failure is accepted
    pub id: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day (UTC) on which it holds, as 2027-03-31
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Only findings whose subject or place matches; repeatable
    #[arg(long, value_name = "GLOB")]
    pub subject: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Accept what this JSON report found instead of auditing now
    #[arg(long, value_name = "REPORT", conflicts_with = "ObserveArgs")]
    pub report: Option<PathBuf>,
    /// Print the lines and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The settings to append to instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Which defaults the policy starts from
    #[arg(long, value_enum, value_name = "P")]
    pub profile: Option<Profile>,
    /// Which checks to judge by.
    #[command(flatten)]
    pub choice: CheckChoice,
    /// Where to look.
    #[command(flatten)]
    pub observe: ObserveArgs,
}
