//! `deskguard access --as USER PATH…`: what a user may really do to paths, why, and what would change it.
//! Refuses to touch what it is asked about; writes only its answer.

mod paths;
mod report;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use crate::access::judge;
use crate::host::accounts::NoSuchAccount;
use crate::host::{Accounts, Host, Looker, SecurityModules};

/// What a user may really do to paths, as the kernel would decide
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  deskguard access --as www-data /var/www/deskpro/config.php
  deskguard access --as 33:33,44 /srv/file /srv/dir --format json
  find /srv -print0 | deskguard access --as www-data -")]
pub struct AccessArgs {
    /// The user: an account's name, or UID:GID[,GID...] (the first gid is the primary one)
    #[arg(long = "as", value_name = "USER")]
    pub user: String,
    /// Paths; `-` reads a list from standard input, NUL- or newline-separated
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<OsString>,
    /// How to write the answers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The formats of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, in 80 columns
    Text,
    /// For programs: a list, one object a path, in the arguments' order
    Json,
}

/// Why no answer could be given at all.
#[derive(Debug)]
pub enum AccessError {
    /// The user is not known.
    User(NoSuchAccount),
    /// The account databases could not be read.
    Accounts(io::Error),
    /// The list of paths could not be read.
    List(io::Error),
    /// The current directory is gone.
    Directory(io::Error),
    /// The answer could not be written.
    Output(io::Error),
}

impl AccessError {
    /// A closed pipe is the reader's good right.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(error) => error.fmt(f),
            Self::Accounts(error) => write!(f, "cannot read /etc/passwd and /etc/group: {error}"),
            Self::List(error) => write!(f, "cannot read the list of paths: {error}"),
            Self::Directory(error) => write!(f, "the current directory cannot be told: {error}"),
            Self::Output(error) => write!(f, "cannot write the answer: {error}"),
        }
    }
}

impl std::error::Error for AccessError {}

/// Answers for every path, in the arguments' order.
pub fn run(args: &AccessArgs, out: &mut dyn Write) -> Result<(), AccessError> {
    let accounts = match Accounts::read(Path::new("/")) {
        // Numbers need no account database.
        Err(_) if args.user.contains(':') => Accounts::default(),
        accounts => accounts.map_err(AccessError::Accounts)?,
    };
    let who = accounts.principal(&args.user).map_err(AccessError::User)?;
    let paths = paths::gather(&args.paths, &mut io::stdin().lock()).map_err(AccessError::List)?;
    let looker = looker(&paths)?;
    let answers = paths.iter().map(|path| {
        (
            path.as_slice(),
            judge(&looker.chain(path), &who, looker.sysctl()),
        )
    });
    let besides = SecurityModules::look(&Host::default()).over_all();
    match args.format {
        Format::Text => report::text(answers, &who, &besides, out),
        Format::Json => report::json(answers, &who, &besides, out),
    }
    .map_err(AccessError::Output)
}

/// Only relative paths need a current directory.
fn looker(paths: &[Vec<u8>]) -> Result<Looker, AccessError> {
    if paths.iter().all(|path| path.starts_with(b"/")) {
        return Ok(Looker::based("/".into()));
    }
    Looker::new().map_err(AccessError::Directory)
}
