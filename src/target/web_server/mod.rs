//! Web servers as their configurations describe them: worker accounts and published directories.
//! Refuses to ask the servers themselves: nothing is executed, `nginx -V` is read out of the binary.

mod apache;
mod compiled;
mod environment;
mod find;
mod listens;
mod masters;
mod model;
mod nginx;
mod running;
mod scratch;

use super::servers::Program;
use crate::host::{Host, Processes};
use crate::route::apache::Config;
use crate::route::nginx::Dump;
use crate::route::{Place, Tree};
use find::Candidate;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use find::is_apache;
pub(super) use masters::masters;
pub(super) use running::running;
pub use running::{ReadAt, Running};

/// A web server by its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebServer {
    /// `Nginx` or `Apache`.
    pub program: Program,
    /// The file that it starts from.
    pub config: PathBuf,
    /// How the file was found, for assumptions: `process 812`, `--web-config`, `its usual place`.
    pub found_by: String,
    /// The running server that uses the file, where one does.
    pub running: Option<Running>,
    /// The accounts of its workers.
    pub users: Vec<WorkerUser>,
    /// The directories that it publishes, in the order of the configuration.
    pub published: Vec<Published>,
    /// The directories in which its workers keep what they work on, or why those are not known: nginx
    /// gives them to the workers' account, but not what is in them.
    pub scratch: Result<Vec<PathBuf>, String>,
    /// Every configuration file that was read.
    pub files: Vec<PathBuf>,
    /// The configuration itself.
    pub parsed: Parsed,
}

/// A configuration, and what it is to be read with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// nginx's.
    Nginx {
        /// Its directives.
        tree: Arc<Tree>,
        /// What relative paths are relative to.
        prefix: PathBuf,
        /// Why the prefix is a guess.
        guessed: Option<String>,
        /// The whole text, where it is the output of `nginx -T`.
        dump: Option<Arc<Dump>>,
    },
    /// Apache's.
    Apache {
        /// Its directives and variables.
        config: Arc<Config>,
        /// The names that the command line defines with `-D`.
        defines: Vec<String>,
        /// The server's version, where its program is known.
        version: Option<(u32, u32, u32)>,
    },
}

impl Parsed {
    /// The directives.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        match self {
            Self::Nginx { tree, .. } => tree,
            Self::Apache { config, .. } => &config.tree,
        }
    }
}

/// An account that handles requests, by the name that the configuration gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerUser {
    /// The account; Apache also writes numbers, as `#33`.
    pub user: String,
    /// The group; nginx takes the one of the user's name where none is said.
    pub group: Option<String>,
    /// Who says so.
    pub said_by: SaidBy,
}

/// How sure an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidBy {
    /// A line of the configuration.
    Line(Place),
    /// The options that this binary was compiled with.
    Binary(PathBuf),
    /// Nobody; a sentence that says what was taken for granted.
    Assumed(String),
}

/// A directory that a web server publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The directory as the configuration means it; links are not resolved.
    pub path: PathBuf,
    /// Why `path` is not the real directory, or not the only one: a variable, a capture, a prefix
    /// that is not known.
    pub unresolved: Option<String>,
    /// `root`, `alias`, `DocumentRoot` and so on; empty for what is compiled in.
    pub directive: String,
    /// The names of the virtual hosts that use it.
    pub server_names: Vec<String>,
    /// The line that says so.
    pub at: Place,
}

/// All web servers that could be found, and why there may be more.
pub(super) fn look(
    host: &Host,
    processes: &Processes,
    given: Option<&Path>,
) -> (Vec<WebServer>, Vec<String>) {
    let mut missed = Vec::new();
    let candidates = match given {
        Some(config) => find::given(host, processes, config, &mut missed),
        None => find::candidates(host, processes, &mut missed),
    };
    let servers = candidates
        .iter()
        .filter_map(|candidate| server(host, processes, candidate, &mut missed))
        .collect();
    (servers, missed)
}

fn server(
    host: &Host,
    processes: &Processes,
    candidate: &Candidate,
    missed: &mut Vec<String>,
) -> Option<WebServer> {
    let config = &candidate.config;
    let text = match host.read_file(config, crate::host::glob::LARGEST_CONFIG) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let (by, config) = (&candidate.found_by, config.display());
            missed.push(format!("{config}, named by {by}, does not exist"));
            return None;
        }
        Err(reason) => {
            missed.push(reason);
            return None;
        }
    };
    let described = match candidate.program {
        Program::Apache => apache::describe(host, candidate, &text),
        _ => nginx::describe(host, candidate, &text),
    };
    let tree = described.parsed.tree();
    missed.extend(tree.problems.iter().map(ToString::to_string));
    let files = tree.files.iter().map(|file| file.to_path_buf()).collect();
    missed.extend(described.missed);
    Some(WebServer {
        program: candidate.program,
        config: config.clone(),
        found_by: candidate.found_by.clone(),
        running: candidate.master.map(|pid| {
            running(
                host,
                processes,
                pid,
                candidate.program,
                &described.pid_files,
            )
        }),
        users: described.users,
        published: described.published,
        scratch: described.scratch,
        files,
        parsed: described.parsed,
    })
}

/// What a configuration says.
struct Described {
    users: Vec<WorkerUser>,
    published: Vec<Published>,
    parsed: Parsed,
    scratch: Result<Vec<PathBuf>, String>,
    /// Where Apache's pid file may be.
    pid_files: Vec<PathBuf>,
    missed: Vec<String>,
}
