//! Carries out the deeds of a plan and takes them back. Everything is done as changes that are written
//! to a journal before they are made; refuses whatever is not as it was looked at, and changes nothing
//! after the first surprise.
//!
//! Who owns part of the tree must not be able to aim it elsewhere: entries are opened by descriptor, no
//! link of anybody but root is followed, and a file with a second name is not touched.

mod account;
mod acl;
mod apply;
mod change;
mod content;
mod database;
mod deed;
mod guise;
mod journal;
mod kept;
mod link;
mod made;
mod mode;
mod moved;
mod owner;
mod past;
mod place;
mod program;
mod restart;
mod server;
mod spelled;
mod surprise;
mod taken_up;
mod transport;
mod undo;
mod walk;

pub use apply::{Applied, apply};
pub use change::Change;
pub use database::{Admin, Database};
pub use journal::Heading;
pub use past::heading;
pub use surprise::{Surprise, Why};
pub use undo::{Undone, undo};

use crate::fix::{Action, Server};
use crate::host::Host;
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is changed, and what it takes to change it.
#[derive(Debug)]
pub struct World<'a> {
    /// The host whose files they are.
    pub host: &'a Host,
    /// The way to the database.
    pub database: Database,
    /// The install.
    pub install: PathBuf,
    /// Now: RFC 3339, UTC.
    pub started: String,
    /// Whether undoing leaves alone what has changed since and goes on, instead of stopping there.
    pub leave_changed: bool,
    /// Contents beside the journal, while one is open.
    kept: Option<Kept>,
    /// Whether changes are taken back.
    undoing: bool,
    /// What undoing put back as another inode than it was: such an entry, and what is below it, is known
    /// by its path.
    restored: BTreeSet<PathBuf>,
    /// Which configuration each server works by, as far as it was touched.
    editions: BTreeMap<Server, taken_up::Edition>,
    /// What a person should know, until it is told.
    says: Vec<String>,
    /// A word for names that are made beside others, and a number.
    beside: (String, std::cell::Cell<u64>),
}

/// What happens, as it happens.
#[derive(Debug)]
pub enum Told<'t> {
    /// A deed begins: its number from 1, how many there are, and what it is.
    Deed(usize, usize, &'t Action),
    /// A change was made, or taken back.
    Changed(&'t Change),
    /// The entry of a change is not there any more, so that there is nothing to change.
    Gone(&'t Change),
    /// Undoing left alone what has changed since, as was asked for, and this is why.
    Left(&'t Change, &'t Surprise),
    /// Something that a person should know, a sentence.
    Says(&'t str),
}

impl<'a> World<'a> {
    /// The world as it is, and the time, which nobody here asks a clock for.
    #[must_use]
    pub fn new(host: &'a Host, install: PathBuf, started: &str) -> Self {
        Self {
            host,
            database: Database::default(),
            install,
            started: started.to_owned(),
            leave_changed: false,
            kept: None,
            undoing: false,
            restored: BTreeSet::new(),
            editions: BTreeMap::new(),
            says: Vec::new(),
            beside: (String::new(), std::cell::Cell::new(0)),
        }
    }

    fn kept(&self) -> Result<&Kept, Surprise> {
        let none = || Surprise::new("no journal is open, so that nothing can be kept");
        self.kept.as_ref().ok_or_else(none)
    }

    /// Whether undoing put this entry, or a directory above it, back as another inode than it was.
    fn is_restored(&self, path: &Path) -> bool {
        let mut above = path.ancestors();
        !self.restored.is_empty() && above.any(|it| self.restored.contains(it))
    }

    /// A name that nobody else has in mind, for what is written beside a file. It starts with a dot, so
    /// that no server's `include *` reads it.
    fn beside(&self) -> String {
        let (word, number) = &self.beside;
        number.set(number.get() + 1);
        format!(".deskguard-{word}-{}", number.get())
    }
}
