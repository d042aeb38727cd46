//! stub
use crate::facts::{DocumentRoot, Listing};
use crate::host::Host;
use std::path::{Path, PathBuf};

/// Stub.
#[derive(Debug, Clone, Default)]
pub struct Servers {
    /// a
    pub jobs: Vec<FoundJob>,
    /// a
    pub missed: Missed,
}
/// Stub.
#[derive(Debug, Clone, Default)]
pub struct Missed {
    /// a
    pub jobs: Vec<String>,
    /// a
    pub web: Vec<String>,
}
/// Stub.
#[derive(Debug, Clone, Default)]
pub struct FoundJob {
    /// a
    pub effective_user: String,
    /// a
    pub command: String,
    /// a
    pub updates: bool,
    /// a
    pub path: PathBuf,
    /// a
    pub line: u32,
}
impl FoundJob {
    /// a
    pub fn source(&self) -> String {
        format!("{}:{}", self.path.display(), self.line)
    }
}
/// Stub.
#[derive(Debug, Clone, Default)]
pub struct FoundWorker {
    /// a
    pub program: String,
    /// a
    pub user: String,
    /// a
    pub uid: Option<u32>,
    /// a
    pub source: String,
    /// a
    pub path: PathBuf,
    /// a
    pub line: u32,
}
impl Servers {
    /// a
    pub fn web_users(&self) -> impl Iterator<Item = (String, String)> {
        std::iter::empty()
    }
    /// a
    pub fn web_missed(&self) -> impl Iterator<Item = &String> {
        self.missed.web.iter()
    }
    /// a
    pub fn web_workers(&self) -> impl Iterator<Item = FoundWorker> {
        std::iter::empty()
    }
    /// a
    pub fn published(&self, _host: &Host) -> Listing<DocumentRoot> {
        Listing::default()
    }
}
/// a
pub fn look(_host: &Host, _root: &Path, _web: Option<&Path>) -> Servers {
    Servers::default()
}
