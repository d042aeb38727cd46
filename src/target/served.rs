//! What was found of web servers and schedules, as the questions that target and probes ask of it:
//! which accounts, which workers, which published directories. Refuses to look anywhere itself but
//! to resolve a directory's links.

use super::php_runtime::PhpRuntime;
use super::roles::resolve;
use super::schedule::ScheduledJob;
use super::servers::{Program, RunningWorker, Servers};
use super::web_server::{SaidBy, WebServer, WorkerUser};
use crate::access::Principal;
use crate::facts::{DocumentRoot, Listing};
use crate::host::{Accounts, Host};
use crate::route::{Directive, Fpm};
use std::path::{Path, PathBuf};

/// An account as somebody names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAccount {
    /// A name, a number, or `uid:gid`, for [`crate::host::Accounts::principal`].
    pub spec: String,
    /// The numbers, where a process showed them and no account may have them.
    pub numbers: Option<(u32, u32)>,
    /// Who says so.
    pub source: String,
    /// The file that says so; empty for a process.
    pub path: PathBuf,
    /// Its line, 0 where there is none.
    pub line: u32,
}

/// A worker that handles requests, running or configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedWorker {
    /// `nginx`, `apache` or `php-fpm`.
    pub program: &'static str,
    /// Whom it runs as.
    pub account: NamedAccount,
}

impl Servers {
    /// Every worker, those of the configuration first.
    #[must_use]
    pub fn named_workers(&self) -> Vec<NamedWorker> {
        let mut found = Vec::new();
        for server in &self.programs {
            for user in &server.users {
                found.push(NamedWorker {
                    program: server.program.name(),
                    account: configured(user, &server.config),
                });
            }
        }
        for pool in &self.pools {
            let at = pool.user_at.as_ref().unwrap_or(&pool.at);
            if let Some(user) = &pool.user {
                found.push(NamedWorker {
                    program: Program::PhpFpm.name(),
                    account: NamedAccount {
                        spec: user.trim_start_matches('#').to_owned(),
                        numbers: None,
                        source: format!("{}:{}", at.file.display(), at.line),
                        path: at.file.to_path_buf(),
                        line: at.line,
                    },
                });
            }
        }
        // Workers in containers have accounts of their own.
        for worker in self
            .workers
            .iter()
            .filter(|worker| worker.elsewhere != Some(true))
        {
            found.push(NamedWorker {
                program: worker.program.name(),
                account: running_account(worker),
            });
        }
        found
    }

    /// The account that answers this server's requests: its running workers', else the one that its
    /// configuration names.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn worker_of(&self, server: &WebServer, accounts: &Accounts) -> Result<Principal, String> {
        let pid = server.running.as_ref().map(|running| running.pid);
        let mut workers = self.workers.iter();
        let running = workers.find(|worker| Some(worker.parent) == pid);
        let named = running.map(running_account).or_else(|| {
            let user = server.users.first()?;
            Some(configured(user, &server.config))
        });
        let named = named.ok_or_else(|| {
            let config = server.config.display();
            format!("{config} does not say which account answers requests")
        })?;
        resolve(accounts, &named).ok_or_else(|| {
            format!(
                "{} names the account {}, which this host does not have",
                named.source, named.spec
            )
        })
    }

    /// The pools of PHP-FPM by PHP-FPM's own rules.
    #[must_use]
    pub fn pools_as_fpm(&self) -> Vec<Fpm> {
        self.php.iter().filter_map(PhpRuntime::fpm).collect()
    }

    /// Why there may be other web accounts and workers.
    pub fn web_missed(&self) -> impl Iterator<Item = &String> {
        self.missed.web.iter().chain(&self.missed.pools)
    }

    /// What was taken for granted about workers.
    pub fn assumed(&self) -> impl Iterator<Item = &String> {
        self.programs
            .iter()
            .flat_map(|server| &server.users)
            .filter_map(|user| match &user.said_by {
                SaidBy::Assumed(sentence) => Some(sentence),
                SaidBy::Line(_) | SaidBy::Binary(_) => None,
            })
    }

    /// What is published, links resolved.
    #[must_use]
    pub fn document_roots(&self, host: &Host) -> Listing<DocumentRoot> {
        let mut list: Listing<DocumentRoot> = Listing {
            rows: Vec::new(),
            missed: self.missed.web.clone(),
        };
        for published in self.programs.iter().flat_map(|server| &server.published) {
            let source = format!("{}:{}", published.at.file.display(), published.at.line);
            if let Some(why) = &published.unresolved {
                list.missed
                    .push(format!("{source}: what is published is not known: {why}"));
                continue;
            }
            let real = host.real_path(&published.path).ok().flatten();
            let path = real
                .unwrap_or_else(|| published.path.clone())
                .to_string_lossy()
                .into_owned();
            if !list.rows.iter().any(|known| known.path == path) {
                list.rows.push(DocumentRoot { path, source });
            }
        }
        list
    }

    /// Tasks that something starts.
    pub fn started_jobs(&self) -> impl Iterator<Item = &ScheduledJob> {
        self.jobs.iter().filter(|job| job.enabled)
    }
}

impl WebServer {
    /// Whether the server publishes something of an install, or a directory above it.
    #[must_use]
    pub fn publishes(&self, host: &Host, root: &Path) -> bool {
        self.published.iter().any(|published| {
            let real = host.real_path(&published.path).ok().flatten();
            let path = real.as_deref().unwrap_or(&published.path);
            root.starts_with(path) || path.starts_with(root)
        })
    }

    /// Whether requests may go on from here to another server of this machine.
    #[must_use]
    pub fn passes_on(&self) -> bool {
        fn any(directives: &[Directive]) -> bool {
            let names = ["proxy_pass", "ProxyPass", "ProxyPassMatch"];
            directives.iter().any(|directive| {
                names.iter().any(|name| directive.is(name)) || any(directive.inside())
            })
        }
        any(&self.parsed.tree().directives)
    }
}

impl ScheduledJob {
    /// Whom the command runs as.
    #[must_use]
    pub fn account(&self) -> NamedAccount {
        NamedAccount {
            spec: self.effective_user.trim_start_matches('#').to_owned(),
            numbers: self.uid.map(|uid| (uid, uid)),
            source: if self.line > 0 {
                format!("{}:{}", self.path, self.line)
            } else {
                self.path.clone()
            },
            path: PathBuf::from(&self.path),
            line: self.line,
        }
    }
}

fn configured(user: &WorkerUser, config: &Path) -> NamedAccount {
    let (source, path, line) = match &user.said_by {
        SaidBy::Line(at) => (
            format!("{}:{}", at.file.display(), at.line),
            at.file.to_path_buf(),
            at.line,
        ),
        SaidBy::Binary(binary) => (
            format!("compiled into {}", binary.display()),
            config.to_owned(),
            0,
        ),
        SaidBy::Assumed(_) => (
            format!("assumed for {}", config.display()),
            config.to_owned(),
            0,
        ),
    };
    NamedAccount {
        spec: user.user.trim_start_matches('#').to_owned(),
        numbers: None,
        source,
        path,
        line,
    }
}

fn running_account(worker: &RunningWorker) -> NamedAccount {
    NamedAccount {
        spec: worker.uid.to_string(),
        numbers: Some((worker.uid, worker.gid)),
        source: format!("process {}", worker.pid),
        path: PathBuf::new(),
        line: 0,
    }
}
