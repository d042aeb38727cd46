//! The files that the PHP evaluator may ask for: all of the host's, or one file alone (for entry
//! scripts, whose includes are the whole product).

use super::config_place::find;
use super::generation::recognise;
use crate::host::Host;
use crate::php::{Evaluation, Limits, Sources};
use std::path::{Path, PathBuf};

/// The largest configuration file that is read, in bytes.
const MAX_CONFIG: usize = 4 << 20;

/// Read access for the evaluator.
pub struct PhpSources<'a> {
    host: &'a Host,
    only: Option<PathBuf>,
}

impl<'a> PhpSources<'a> {
    /// Every file of the host.
    pub(super) const fn all(host: &'a Host) -> Self {
        Self { host, only: None }
    }

    /// One file; includes are refused.
    pub(super) fn only(host: &'a Host, file: &Path) -> Self {
        Self {
            host,
            only: Some(file.to_owned()),
        }
    }
}

impl Sources for PhpSources<'_> {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        if self.only.as_deref().is_some_and(|only| only != path) {
            return Err("only the entry script itself is read".to_owned());
        }
        self.host.read_file(path, MAX_CONFIG)
    }

    fn exists(&self, path: &Path) -> Result<bool, String> {
        self.host.exists(path)
    }

    fn is_file(&self, path: &Path) -> Result<bool, String> {
        self.host.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> Result<bool, String> {
        self.host.is_dir(path)
    }

    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        self.host.real_path(path)
    }
}

/// Every file of the host, for the evaluator.
#[must_use]
pub const fn php_files(host: &Host) -> PhpSources<'_> {
    PhpSources::all(host)
}

/// What the product defines before it reads its configuration.
#[must_use]
pub fn php_limits(host: &Host, root: &Path) -> Limits {
    let generation = recognise(host, root).ok();
    Limits {
        constants: generation
            .map(|generation| find(host, root, generation).constants)
            .unwrap_or_default(),
        ..Limits::default()
    }
}

/// Evaluates one file alone, following no include.
#[must_use]
pub fn evaluate_alone(host: &Host, file: &Path) -> Evaluation {
    crate::php::evaluate(file, &PhpSources::only(host, file), &Limits::default())
}
