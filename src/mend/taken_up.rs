//! Whether a server has taken up its configuration. The journal holds it before the first edit, so that
//! undoing, which goes backwards, comes to it when every file is as it was, and lets the server read
//! them. Carrying it out does nothing: reloading is a deed of its own, after the edits.

use super::change::{Change, Subject, Turn};
use super::spelled::Spelled;
use super::{Surprise, World, restart, server};
use crate::fix::Server;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a server has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenUp {
    /// Which.
    pub server: Server,
    /// The files that are edited.
    pub files: Vec<Spelled>,
    /// Of a database server, which reads them when it starts: the process that had not read them yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Unread>,
}

/// A process that works by the files as they were before the edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub started: u64,
    /// The service that starts it anew.
    pub service: Option<String>,
}

/// Which of its files it works by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edition {
    /// As they were before the edits.
    Before,
    /// As they are after them.
    After,
}

/// The mark that a server's files are about to be edited.
pub(super) fn mark(world: &World<'_>, server: Server, files: &BTreeSet<PathBuf>) -> Change {
    let process = (server == Server::Database).then(|| restart::process(world));
    let process = process.and_then(Result::ok);
    Change::TakenUp(Turn {
        at: TakenUp {
            server,
            files: files.iter().cloned().map(Spelled).collect(),
            process: process.map(|it| Unread {
                pid: it.pid,
                started: it.started,
                service: it.service.ok(),
            }),
        },
        before: Edition::Before,
        after: Edition::After,
    })
}

impl Subject for TakenUp {
    type State = Edition;

    fn see(&self, world: &mut World<'_>) -> Result<Edition, Surprise> {
        let first = if world.undoing {
            Edition::After
        } else {
            Edition::Before
        };
        let known = world.editions.get(&self.server);
        Ok(known.copied().unwrap_or(first))
    }

    fn set(&self, world: &mut World<'_>, _: &Edition, to: &Edition) -> Result<(), Surprise> {
        if world.undoing {
            self.take_up(world)?;
        }
        world.editions.insert(self.server, *to);
        Ok(())
    }

    fn names(&self) -> String {
        let name = match self.server {
            Server::Nginx => "nginx",
            Server::Apache => "Apache",
            Server::PhpFpm => "PHP-FPM",
            Server::Database => "the database server",
        };
        format!("the configuration that {name} works by")
    }

    fn tells(&self, state: &Edition) -> String {
        match state {
            Edition::Before => "the one before the edits".to_owned(),
            Edition::After => "the edited one".to_owned(),
        }
    }
}

impl TakenUp {
    /// Lets the server read its files as they are now.
    fn take_up(&self, world: &mut World<'_>) -> Result<(), Surprise> {
        let files = self.files.iter().map(|file| file.as_path().to_owned());
        let Some(unread) = self.process.as_ref().filter(|_| world.host.is_here()) else {
            return server::reload(world, self.server, &files.collect()).map_err(|it| it.surprise);
        };
        let now = restart::process(world);
        let nothing = BTreeSet::new();
        match (now, &unread.service) {
            // It was never started anew.
            (Ok(now), _) if (now.pid, now.started) == (unread.pid, unread.started) => Ok(()),
            (Ok(now), _) if now.service.is_ok() => {
                restart::restart(world, None, &nothing).map_err(restart::Failed::surprise)
            }
            // It did not come back.
            (Err(_), Some(service)) => {
                let way = restart::Way {
                    service: service.clone(),
                    old: None,
                    let_in: false,
                };
                restart::start(world, &way, &nothing)
            }
            _ => {
                server::by_hand(world);
                Ok(())
            }
        }
    }
}
