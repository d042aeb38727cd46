//! The web server's configuration as a tree, and what the server would do with a request.
//! Pure: text and disk come in through [`Sources`] and [`Disk`]; this room opens no file and no
//! connection.

mod answer;
pub mod apache;
mod disk;
mod kind;
pub mod nginx;
pub(crate) mod pattern;
mod php;
pub mod regex;
mod request;
mod tree;

pub use answer::{Answer, Because, Decision, Entrance};
pub use disk::{Disk, Entry, Imagined, Links};
pub use kind::{Kind, kind};
pub use php::{Fpm, Ran};
pub use request::{Request, Scheme};
pub use tree::{Directive, NoSources, Place, Problem, Source, Sources, Tree, Word};

use std::path::{Path, PathBuf};

/// A server that was understood, ready to be asked.
pub trait Model {
    /// What the server would do with the request.
    fn answer(&self, request: &Request, disk: &dyn Disk) -> Answer;

    /// Requests by which a file or directory might be reached: one for each virtual host and each
    /// `root`, `alias`, `DocumentRoot` or `Alias` that the path lies below, whatever they decide.
    fn requests_for(&self, path: &Path) -> Vec<Request>;

    /// Where the request arrives, whatever becomes of it there.
    ///
    /// # Errors
    /// Why that cannot be told.
    fn entrance(&self, request: &Request, disk: &dyn Disk) -> Result<Entrance, String>;

    /// Every directory that the configuration publishes, for whatever virtual host.
    fn published(&self) -> Vec<PathBuf>;

    /// What stands in the way of a whole model: files that could not be read, unknown names.
    fn problems(&self) -> Vec<String>;
}
