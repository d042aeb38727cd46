//! What is asked for in data directories: the vendor guide's own test, the product's own marker, logs,
//! backups, real files, and one of them under every spelling that fools a rule.

use super::ask::Ask;
use super::control::Shape;
use super::marker::Marker;
use super::places::Places;
use super::site::Site;
use crate::host::Kind;
use crate::route::Request;
use crate::target::{Generation, Target};
use std::path::{Path, PathBuf};

/// The marker that the product's own installer looks for (InstallController, `DESKPRO_READABLE_FILE`).
const READABLE: Marker = Marker::Text(&["DESKPRO_READABLE_FILE"]);
/// No more real files of one directory are asked for.
const MOST_REAL: usize = 2;

/// The product's own names below a data directory, what they are, and how they are told.
fn known(generation: Option<Generation>) -> Vec<(&'static str, &'static str, Marker)> {
    match generation {
        Some(Generation::V4) | None => vec![
            ("index.html", "data", READABLE),
            ("cli-phpinfo.html", "data", Marker::PhpInfo),
            ("logs/error.log", "log", Marker::AnyText),
            ("logs/server-phperr-web.log", "log", Marker::AnyText),
            ("is_installed.dat", "data", Marker::AnyText),
        ],
        Some(Generation::V5 | Generation::Container) => vec![
            ("cache/cli-phpinfo.html", "data", Marker::PhpInfo),
            ("logs/error.log", "log", Marker::AnyText),
            ("cache/server_info_auth.txt", "data", Marker::AnyText),
        ],
    }
}

/// Everything that is asked for.
pub(super) fn asks(site: &Site, places: &Places<'_>, target: &Target) -> Vec<Ask> {
    let mut asks = Vec::new();
    for (directory, request) in directories(site, places, target) {
        let base = String::from_utf8_lossy(&request.target).into_owned();
        let base = base.trim_end_matches('/').to_owned();
        asks.push(Ask {
            what: "the data directory itself".to_owned(),
            kind: "data",
            request: site.absolute(&format!("{base}/")),
            shape: Shape::Directory,
            marker: READABLE,
            disk: None,
        });
        let mut files = Vec::new();
        for (name, kind, marker) in known(places.generation) {
            files.push(file(site, places, &directory, &base, (name, kind, marker)));
        }
        let holds_attachments = base.ends_with("/attachments") || base.ends_with("/files");
        let real = if holds_attachments {
            Vec::new()
        } else {
            real_files(places, &directory)
        };
        for name in real {
            let row = (name.as_str(), kind_of(&name), Marker::AnyText);
            files.push(file(site, places, &directory, &base, row));
        }
        // The file that proves most: one that lies on this disk, else the product's own marker.
        let best = files
            .iter()
            .find(|ask| ask.disk.is_some())
            .or(files.first());
        let spelled: Vec<Ask> = best
            .into_iter()
            .flat_map(|best| spellings(site, &base, best))
            .collect();
        asks.extend(files);
        asks.extend(spelled);
    }
    asks
}

/// Data directories by the URLs that may lead there.
fn directories(site: &Site, places: &Places<'_>, target: &Target) -> Vec<(PathBuf, Request)> {
    let mut found: Vec<(PathBuf, Request)> = Vec::new();
    let mut add = |directory: &Path, request: Request| {
        if !found.iter().any(|(_, known)| *known == request) {
            found.push((directory.to_owned(), request));
        }
    };
    for directory in target.data.iter().filter(|directory| !directory.derived) {
        let path = directory.real.as_ref().unwrap_or(&directory.path);
        for request in places.requests(site, path) {
            add(path, request);
        }
    }
    // The guide's own test and the shipped names, wherever the data lies now.
    let shipped: &[&str] = match places.generation {
        Some(Generation::V4) | None => &["data"],
        Some(Generation::V5 | Generation::Container) => &["var", "attachments", "backups"],
    };
    for name in shipped {
        add(&places.root.join(name), site.at(&format!("/{name}")));
    }
    found
}

fn file(
    site: &Site,
    places: &Places<'_>,
    directory: &Path,
    base: &str,
    (name, kind, marker): (&str, &'static str, Marker),
) -> Ask {
    let shape = if name.ends_with(".php") {
        Shape::Script
    } else {
        Shape::File
    };
    let path = super::places::encoded(Path::new(name));
    Ask {
        what: format!("{name} in the data directory"),
        kind,
        request: site.absolute(&format!("{base}{path}")),
        shape,
        marker,
        disk: places.start(&directory.join(name)),
    }
}

fn kind_of(name: &str) -> &'static str {
    match name.split('/').next() {
        Some("logs") => "log",
        Some("backups") => "backup",
        _ => "data",
    }
}

/// A few files that really lie there: a rule for `.html` alone must not look like one for all. Never
/// attachments: their names hold the code that opens them, which must not travel into a report.
fn real_files(places: &Places<'_>, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for below in ["logs", "backups", ""] {
        let names = places.names(&directory.join(below));
        let files = names.iter().filter(|(name, kind)| {
            *kind == Kind::File && name.to_str().is_some_and(|name| !name.starts_with('.'))
        });
        for (name, _) in files.take(MOST_REAL) {
            let name = name.to_string_lossy();
            found.push(format!("{below}/{name}").trim_start_matches('/').to_owned());
        }
    }
    let known = known(places.generation);
    found.retain(|name| !known.iter().any(|(other, ..)| other == name));
    found
}

/// The same file by URLs that a careless rule does not match.
fn spellings(site: &Site, base: &str, best: &Ask) -> Vec<Ask> {
    let whole = String::from_utf8_lossy(&best.request.target).into_owned();
    let Some(below) = whole.strip_prefix(base) else {
        return Vec::new();
    };
    let (above, name) = base.rsplit_once('/').unwrap_or(("", base));
    let first = name.bytes().next().unwrap_or(b'd');
    let rest = name.get(1..).unwrap_or_default();
    let spelled = [
        (
            "an escaped letter",
            format!("{above}/%{first:02x}{rest}{below}"),
        ),
        (
            "an escaped slash",
            format!("{above}/{name}%2f{}", below.trim_start_matches('/')),
        ),
        (
            "upper case",
            format!("{above}/{}{below}", name.to_uppercase()),
        ),
        (
            "a doubled slash in front",
            format!("{above}//{name}{below}"),
        ),
        ("a doubled slash behind", format!("{above}/{name}/{below}")),
        ("a dot in front", format!("{above}/./{name}{below}")),
        (
            "an escaped dot in front",
            format!("{above}/%2e/{name}{below}"),
        ),
        ("a way down and up", format!("{above}/x/../{name}{below}")),
        (
            "an escaped way down and up",
            format!("{above}/x/%2e%2e/{name}{below}"),
        ),
        (
            "a way through index.php",
            format!("{above}/index.php/../{name}{below}"),
        ),
        ("a slash at the end", format!("{above}/{name}{below}/")),
        ("a query", format!("{above}/{name}{below}?x=.css")),
    ];
    let spelled = spelled.into_iter().map(|(how, path)| Ask {
        what: format!("{}, with {how}", best.what),
        request: site.absolute(&path),
        ..best.clone()
    });
    spelled.collect()
}
