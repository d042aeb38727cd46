//! Files that deskguard wrote earlier, read back: reports and evidence, bounded in size.

use super::Failure;
use crate::evidence::{self, Saved};
use crate::host::Host;
use crate::report::{self, MAX_REPORT, Report};
use std::path::Path;

/// A saved JSON report.
///
/// # Errors
/// Why it is not read, with its name.
pub(super) fn report(path: &Path) -> Result<Report, Failure> {
    let bytes = bytes(path, MAX_REPORT)?;
    report::read(&bytes).map_err(|problem| wrong(path, &problem))
}

/// Collected facts.
///
/// # Errors
/// Why they are not read, with the file's name.
pub(super) fn facts(path: &Path) -> Result<Saved, Failure> {
    let bytes = bytes(path, evidence::MAX_FILE)?;
    evidence::read(&bytes).map_err(|problem| wrong(path, &problem))
}

fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    // A host knows absolute paths only.
    let full = std::path::absolute(path).map_err(|error| wrong(path, &error.to_string()))?;
    let read = Host::default().read_file(&full, limit)?;
    read.ok_or_else(|| wrong(path, "there is no such file"))
}

fn wrong(path: &Path, problem: &str) -> Failure {
    Failure::Message(format!("{}: {problem}", path.display()))
}
