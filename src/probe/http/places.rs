//! Which URLs might lead to a file of the install, by the directories that the web server publishes.
//! Reads the starts of files, so that an answer can be compared with the file itself.

use super::marker::MOST_COMPARED;
use super::site::Site;
use crate::host::{Host, Kind};
use crate::route::Request;
use crate::target::{Generation, Target};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// No more names of a directory are looked at.
const MOST_NAMES: usize = 4096;

/// The install's files as URLs.
pub(super) struct Places<'a> {
    host: &'a Host,
    /// The install's root.
    pub(super) root: &'a Path,
    /// Which generation, where it is known.
    pub(super) generation: Option<Generation>,
    /// The directory that the helpdesk's first page lies in.
    pub(super) product: PathBuf,
    /// Published directories above the install.
    above: Vec<PathBuf>,
}

impl<'a> Places<'a> {
    pub(super) fn new(host: &'a Host, target: &'a Target) -> Self {
        let generation = target.generation.known().copied();
        let product = generation.map_or_else(
            || target.root.clone(),
            |generation| generation.shipped_document_root(&target.root),
        );
        let published = target.document_roots.rows.iter();
        let above = published
            .map(|row| PathBuf::from(&row.path))
            .filter(|path| *path != product && product.starts_with(path))
            .collect();
        Self {
            host,
            root: &target.root,
            generation,
            product,
            above,
        }
    }

    /// The requests that may lead to this path; none where nothing published lies above it.
    pub(super) fn requests(&self, site: &Site, path: &Path) -> Vec<Request> {
        let mut found = Vec::new();
        if let Ok(below) = path.strip_prefix(&self.product) {
            found.push(site.at(&encoded(below)));
        }
        for above in &self.above {
            if let Ok(below) = path.strip_prefix(above) {
                found.push(site.absolute(&encoded(below)));
            }
        }
        let mut seen: Vec<Request> = Vec::new();
        found.retain(|request| {
            let new = !seen.contains(request);
            seen.push(request.clone());
            new
        });
        found
    }

    /// The start of a file on this machine, with its path.
    pub(super) fn start(&self, path: &Path) -> Option<(String, Vec<u8>)> {
        let bytes = self.host.read_start(path, MOST_COMPARED).ok()??;
        (!bytes.is_empty()).then(|| (path.to_string_lossy().into_owned(), bytes))
    }

    /// The names in a directory of this machine; empty where they cannot be read.
    pub(super) fn names(&self, directory: &Path) -> Vec<(OsString, Kind)> {
        self.host
            .list_dir(directory, MOST_NAMES)
            .ok()
            .flatten()
            .unwrap_or_default()
    }
}

/// A path below a published directory as a URL's path (RFC 3986 section 2.3: what needs no escape).
pub(super) fn encoded(below: &Path) -> String {
    let mut path = String::from("/");
    for byte in below.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            path.push(char::from(*byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(encoded(Path::new("a b/ä?.log")), "/a%20b/%C3%A4%3F.log");
        assert_eq!(encoded(Path::new("")), "/");
    }
}
