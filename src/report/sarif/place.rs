//! Where a finding lies, as SARIF wants it: a URI, relative to the install's root where it is below.

use super::super::escape::escape;
use super::super::{Evidence, Report};
use super::ROOT;
use super::form::{ArtifactLocation, LogicalLocation, Physical, Place, Region};

pub(super) fn place(report: &Report, piece: &Evidence) -> Place {
    let location = piece.location.as_ref();
    let path = location.map(|it| it.path.as_str());
    let subject_is_path = piece
        .subject
        .starts_with('/')
        .then_some(piece.subject.as_str());
    let path = path.or(subject_is_path).unwrap_or_else(|| fallback(report));
    let logical = (!piece.subject.is_empty() && piece.subject != path).then(|| LogicalLocation {
        fully_qualified_name: escape(&piece.subject).into_owned(),
        kind: "resource",
    });
    Place {
        physical_location: Physical {
            artifact_location: artifact(report, path),
            region: region(location.and_then(|it| it.line)),
        },
        logical_locations: logical.into_iter().collect(),
    }
}

/// Readers want a line even for a finding about a whole file or a directory: then it is the first.
pub(super) fn region(line: Option<u32>) -> Region {
    Region {
        start_line: line.unwrap_or(1),
    }
}

/// What a finding without a place is about: the product's configuration, or the install.
pub(super) fn fallback(report: &Report) -> &str {
    report
        .target
        .config_file
        .as_deref()
        .unwrap_or(&report.target.root)
}

pub(super) fn artifact(report: &Report, path: &str) -> ArtifactLocation {
    let root = report.target.root.trim_end_matches('/');
    let below = path
        .strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'));
    match below.filter(|rest| !rest.is_empty()) {
        Some(rest) => ArtifactLocation {
            uri: encode(rest.trim_start_matches('/')),
            uri_base_id: Some(ROOT),
        },
        None => ArtifactLocation {
            uri: file_uri(path),
            uri_base_id: None,
        },
    }
}

pub(super) fn file_uri(path: &str) -> String {
    format!("file:///{}", encode(path.trim_start_matches('/')))
}

/// A path as part of a URI: everything but unreserved characters and slashes in per cent notation
/// (RFC 3986, section 2.3).
pub(super) fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
