//! The command line: what may be typed, and nothing of what it does.

mod audit;
mod checks;
mod collect;
mod diff;
mod fix;
mod review;
mod shell;
mod waive;

pub use audit::AuditArgs;
pub use checks::{ChecksArgs, ChecksFormat, LintArgs};
pub use collect::{CollectArgs, DemoArgs};
pub use diff::{DiffArgs, DiffFormat};
pub use fix::{FixArgs, PlanFormat};
pub use review::{ReviewArgs, ReviewFormat};
pub use shell::{CompletionsArgs, ManArgs};
pub use waive::WaiveArgs;

use crate::command::access::AccessArgs;
use crate::command::route::RouteArgs;
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
