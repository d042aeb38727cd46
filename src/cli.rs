//! The command line: what may be typed, and nothing of what it does.

mod fix;

pub use fix::{FixArgs, PlanFormat};

use crate::check::Severity;
use crate::command::access::AccessArgs;
use crate::command::route::RouteArgs;
use crate::policy::Profile;
use crate::target::{Generation, Vantage};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// Audits a self-hosted Deskpro helpdesk: what is not hardened, why it matters, how to mend it.
#[derive(Debug, Parser)]
#[command(
    name = "deskguard",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit an install on this host: the main job
    Audit(Box<AuditArgs>),
    /// Say what a user may really do to paths, and why
    Access(AccessArgs),
    /// Say what the web server would do with a request, and which line decides
    Route(RouteArgs),
    /// List the checks, or explain one
    Checks(ChecksArgs),
    /// Check a folder of a site's own checks
    Lint(LintArgs),
    /// Make a deliberately weak helpdesk in a temporary folder and audit it for real
    Demo(DemoArgs),
    /// Write down what there is to see of an install, to be judged elsewhere
    Collect(CollectArgs),
    /// Plan how to mend what failed: what is done in which order, as text, script or playbook
    Fix(Box<FixArgs>),
    /// Compare two reports: what is new, changed, mended, and how the score moved
    Diff(DiffArgs),
    /// Accept what a check found, with a reason and for a while
    Waive(WaiveArgs),
    /// Show what happened in the helpdesk since the last review, and attest that you looked
    Review(ReviewArgs),
    /// List every statement that may be sent to a database, and why
    #[command(after_help = "\
Example:
  deskguard statements                             what a database administrator is asked to allow")]
    Statements,
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A report's format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, worst first
    #[default]
    Text,
    /// For programs, schema deskguard/report/1
    Json,
    /// For code scanning, SARIF 2.1.0
    Sarif,
    /// For CI systems, JUnit XML
    Junit,
    /// For a comment on a merge request
    Markdown,
    /// For people, one page that needs nothing else
    Html,
    /// For node_exporter's textfile collector
    Openmetrics,
    /// For a security lake, OCSF compliance findings
    Ocsf,
    /// For Nagios and Icinga, a plugin's output
    Nagios,
}

/// How to show things.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Look {
    /// When to colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorWhen,
    /// Only titles and the score
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Everything: all evidence, what passed, what does not apply
    #[arg(long, short)]
    pub verbose: bool,
}

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

/// Where to look, for every command that looks at a host.
#[derive(Debug, Clone, Args)]
pub struct ObserveArgs {
    /// The folder that the helpdesk is installed in
    #[arg(value_name = "ROOT", conflicts_with = "root_flag")]
    pub root: Option<PathBuf>,
    /// The same as a flag
    #[arg(long = "root", value_name = "DIR")]
    pub root_flag: Option<PathBuf>,
    /// The product's generation, where it cannot be told
    #[arg(long, value_enum)]
    pub generation: Option<Generation>,
    /// The account that answers web requests
    #[arg(long, value_name = "U")]
    pub web_user: Option<String>,
    /// The account that runs the scheduled task
    #[arg(long, value_name = "U")]
    pub cron_user: Option<String>,
    /// The web server's configuration file
    #[arg(long, value_name = "FILE")]
    pub web_config: Option<PathBuf>,
    /// The helpdesk's own address: it is asked over HTTP what it gives away
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Where deskguard stands when it asks: where addresses are let in that others are not, or where
    /// any stranger stands [default: inside]
    #[arg(long, value_enum)]
    pub vantage: Option<Vantage>,
    /// Put two marker files into a data directory for a moment, to see whether they are served or run
    #[arg(long, conflicts_with = "offline")]
    pub canary: bool,
    /// An outsider's address for the web server's model [default: 198.51.100.7]
    #[arg(long, value_name = "IP")]
    pub from: Option<IpAddr>,
    /// A dump of the database (.sql, .gz, .zst, or the product's backup .zip) instead of the database
    #[arg(long, value_name = "FILE")]
    pub db_dump: Option<PathBuf>,
    /// Ask for the password of the account that [database] names in deskguard.toml
    #[arg(long)]
    pub ask_db_password: bool,
    /// Connect to no server: what only they could tell is unknown
    #[arg(long)]
    pub offline: bool,
    /// Seconds after which the walk over the files breaks off, leaving the rest unknown; HTTP requests
    /// end after as long, and after 60 at most
    #[arg(long, value_name = "S", default_value_t = 300)]
    pub timeout: u64,
}

/// Which checks to judge by.
#[derive(Debug, Args)]
pub struct CheckChoice {
    /// A folder of the site's own checks, besides the built-in ones
    #[arg(long, value_name = "DIR")]
    pub checks: Option<PathBuf>,
    /// Judge only checks whose id matches; repeatable
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Leave out checks whose id matches; repeatable
    #[arg(long, value_name = "GLOB")]
    pub skip: Vec<String>,
}

impl CheckChoice {
    /// The same folder of checks, and all of them.
    #[must_use]
    pub fn all(&self) -> Self {
        Self {
            checks: self.checks.clone(),
            only: Vec::new(),
            skip: Vec::new(),
        }
    }
}

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

/// `deskguard completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard completions bash > /etc/bash_completion.d/deskguard
  deskguard completions zsh > /usr/local/share/zsh/site-functions/_deskguard
  deskguard completions fish > ~/.config/fish/completions/deskguard.fish")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `deskguard man`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard man | man -l -                         the program
  deskguard man audit | man -l -                   one of its commands
  deskguard man --output /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The command that the page is about
    pub command: Option<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub output: Option<PathBuf>,
}
