//! A configuration made ready for questions: every level holds what it inherits, every pattern is
//! compiled, every variable has its place. Refuses nothing: what is not modelled stands where it
//! would act, and stops the request that meets it.

mod access;
mod build;
mod error_page;
mod fastcgi;
mod harmless;
mod level;
mod listen;
mod location;
mod named;
mod rewrite;
mod server;
mod server_name;
mod settings;
mod value;

pub(super) use access::{Rule, Whom};
pub use build::Start;
pub(super) use error_page::ErrorPage;
pub(super) use fastcgi::Param;
pub(super) use listen::Socket;
pub(super) use location::{Handler, Kind, Location, Tried};
pub(super) use named::{Compiled, Definition, Geo, Map};
pub(super) use rewrite::{Code, Condition, FileTest, Rewrite, Target};
pub(super) use server::Server;
pub(super) use server_name::NameKind;
pub(super) use settings::{Alias, RealIpHeader, Settings, Symlinks};
pub(super) use value::{Part, Template, Variable};

use crate::route::Place;
use std::collections::HashMap;

/// What the model does not know, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beyond {
    pub(super) at: Option<Place>,
    pub(super) text: String,
}

impl Beyond {
    pub(super) fn at(at: &Place, text: impl Into<String>) -> Self {
        Self {
            at: Some(at.clone()),
            text: text.into(),
        }
    }
}

/// The configuration of `http`.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) servers: Vec<Server>,
    /// Every location at any depth, every `if` and `limit_except` in one, and one for each server.
    pub(super) locations: Vec<Location>,
    pub(super) sockets: Vec<Socket>,
    /// What gives each variable of the configuration its value; none where only `set` does.
    pub(super) definitions: Vec<Definition>,
    pub(super) slots: HashMap<Vec<u8>, usize>,
    /// Where each `upstream` sends requests.
    pub(super) upstreams: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    pub(super) problems: Vec<String>,
}
