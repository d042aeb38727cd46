//! What may be typed after `deskguard fix`.

use super::{CheckChoice, Look, ObserveArgs};
use crate::check::Severity;
use crate::policy::Profile;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The format of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// To be read and run: a script of POSIX shell, with a dry run
    Script,
    /// For programs, schema deskguard/plan/1
    Json,
    /// An Ansible playbook
    Ansible,
}

/// `deskguard fix`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard fix                                    the plan for the only helpdesk in the usual places
  deskguard fix /var/www/deskpro                   for this one
  deskguard fix /var/www/deskpro files/no-setuid   for this check alone
  deskguard fix --skip 'database/*'                for all but these
  deskguard fix --evidence host.facts.gz           from what `deskguard collect` saw elsewhere
  deskguard fix --format script > mend.sh          read it, then sh mend.sh --dry-run, then sh mend.sh
  deskguard fix --apply                            carry the plan out, after one question
  deskguard fix --undo /var/lib/deskguard/journals/20261124-101500

It looks as `deskguard audit` does. Without --apply and --undo it changes nothing. What is waived is
left alone.

Exit codes: 0 nothing that these checks demand is left to mend at or above --fail-on (after --undo:
all was taken back); 1 something is, or carrying out stopped on the way; 2 the command line, the
configuration or a check file is wrong, or nobody agreed; 3 too little could be judged.")]
pub struct FixArgs {
    /// Where to look.
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// Mend only these checks, by id or glob; the same as --only
    #[arg(value_name = "CHECK")]
    pub mend: Vec<String>,
    /// Settings of this site instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Which checks to mend.
    #[command(flatten)]
    pub choice: CheckChoice,
    /// Which defaults the policy starts from
    #[arg(long, value_enum, value_name = "P")]
    pub profile: Option<Profile>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "F")]
    pub format: PlanFormat,
    /// The lowest severity whose failure makes the exit code 1 [default: high]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// Plan from what `deskguard collect` wrote instead of looking at this host
    #[arg(long, value_name = "FILE", conflicts_with = "ObserveArgs")]
    pub evidence: Option<PathBuf>,
    /// Carry the plan out, as root: ask once, keep what was before in a journal, stop at the first
    /// surprise, audit again
    #[arg(long, conflicts_with = "evidence")]
    pub apply: bool,
    /// Do not ask
    #[arg(long, requires = "apply")]
    pub yes: bool,
    /// The journal's directory, which is made [default: /var/lib/deskguard/journals/TIME]
    #[arg(long, value_name = "DIR", requires = "apply")]
    pub journal: Option<PathBuf>,
    /// The account that may change the database, whose password is asked for [default: fix_user in
    /// deskguard.toml, else root over the server's own socket]
    #[arg(long, value_name = "U")]
    pub db_admin: Option<String>,
    /// Take back what a journal holds, last change first; what has changed since is refused
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["apply", "evidence", "ObserveArgs", "CheckChoice", "mend"])]
    pub undo: Option<PathBuf>,
    /// With --undo: leave alone what has changed since, and go on
    #[arg(long, requires = "undo")]
    pub leave_changed: bool,
    /// How to show things.
    #[command(flatten)]
    pub look: Look,
}
