//! The web server's configuration as a tree, and (later) what the server would do with a request.
//! Pure: text comes in through [`Sources`]; this room opens no file and no connection.

pub mod apache;
mod kind;
pub mod nginx;
pub(crate) mod pattern;
mod tree;

pub use kind::{Kind, kind};
pub use tree::{Directive, NoSources, Place, Problem, Source, Sources, Tree, Word};
