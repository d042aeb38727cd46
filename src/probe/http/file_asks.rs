//! What is asked for outside of data directories: configuration and its likely copies, source, what
//! version control and editors leave behind, dumps, directories.

use super::ask::Ask;
use super::control::Shape;
use super::marker::Marker;
use super::places::{Places, encoded};
use super::site::Site;
use crate::host::Kind;
use crate::target::Generation;
use std::path::Path;

/// No more directories and leftovers that lie on this disk are asked for.
const MOST_REAL: usize = 12;

type Row = (&'static str, &'static str, Marker);

/// Path, kind and marker of what every install may show.
const EVERYWHERE: [Row; 10] = [
    ("/.git/HEAD", "repository", Marker::Text(&["ref: refs/"])),
    ("/.git/config", "repository", Marker::Text(&["[core]"])),
    ("/.env", "config", Marker::Settings),
    (
        "/.htaccess",
        "source",
        Marker::Text(&["RewriteEngine", "<Files", "deny from", "Require "]),
    ),
    ("/dump.sql", "dump", Marker::Dump),
    ("/backup.sql", "dump", Marker::Dump),
    ("/database.sql", "dump", Marker::Dump),
    ("/deskpro.sql", "dump", Marker::Dump),
    ("/deskpro.sql.gz", "dump", Marker::Dump),
    ("/backup.zip", "dump", Marker::Dump),
];

/// What an editor's swap file or a renamed copy of v4's configuration holds.
const CONFIG_WORDS: Marker = Marker::Text(&["DP_DATABASE_", "$DP_CONFIG", "b0VIM"]);

const V4: [Row; 18] = [
    ("/config.php", "config", Marker::Php),
    ("/config.new.php", "config", Marker::Php),
    ("/config.php.bak", "config", CONFIG_WORDS),
    ("/config.php.old", "config", CONFIG_WORDS),
    ("/config.php.orig", "config", CONFIG_WORDS),
    ("/config.php.save", "config", CONFIG_WORDS),
    ("/config.php.txt", "config", CONFIG_WORDS),
    ("/config.php~", "config", CONFIG_WORDS),
    ("/.config.php.swp", "config", CONFIG_WORDS),
    ("/config.bak", "config", CONFIG_WORDS),
    ("/config.txt", "config", CONFIG_WORDS),
    ("/app/sys/load_config.php", "source", Marker::Php),
    ("/cron.php", "source", Marker::Php),
    ("/cmd.php", "source", Marker::Php),
    ("/import.php", "source", Marker::Php),
    ("/upgrade.php", "source", Marker::Php),
    ("/schedule.bat", "source", Marker::Text(&["schtasks"])),
    ("/web.config", "source", Marker::Text(&["<configuration"])),
];

/// v5's own test that nothing above `www/` is published (AcceptWebUrlStep), and what lies there.
const V5: [Row; 8] = [
    (
        "/app/run/test_ping.html",
        "source",
        Marker::Text(&["DESKPRO_PONG"]),
    ),
    (
        "/app/run/targets/test_ping.html",
        "source",
        Marker::Text(&["DESKPRO_PONG"]),
    ),
    (
        "/../app/run/targets/test_ping.html",
        "source",
        Marker::Text(&["DESKPRO_PONG"]),
    ),
    ("/config/config.database.php", "config", Marker::Php),
    ("/config/config.all.php", "config", Marker::Php),
    ("/../config/config.database.php", "config", Marker::Php),
    ("/%2e%2e/config/config.database.php", "config", Marker::Php),
    ("/bin/cron", "source", Marker::Php),
];

/// Files.
pub(super) fn files(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    let own: &[Row] = match places.generation {
        Some(Generation::V4) | None => &V4,
        Some(Generation::V5 | Generation::Container) => &V5,
    };
    // v5's own names lie above what it publishes; v4's root is what it publishes.
    let own = own.iter().map(|row| (row, places.root));
    let everywhere = EVERYWHERE.iter().map(|row| (row, places.product.as_path()));
    let mut asks: Vec<Ask> = own
        .chain(everywhere)
        .map(|((path, kind, marker), lies_in)| {
            let name = path
                .trim_start_matches("/../")
                .trim_start_matches("/%2e%2e/");
            Ask {
                what: path.trim_start_matches('/').to_owned(),
                kind,
                request: site.at(path),
                shape: shape(path),
                marker: marker.clone(),
                disk: places.start(&lies_in.join(name.trim_start_matches('/'))),
            }
        })
        .collect();
    asks.extend(leftovers(site, places));
    asks.extend(above_the_root(site, places));
    asks
}

fn shape(path: &str) -> Shape {
    let name = path.rsplit('/').next().unwrap_or_default();
    if path.contains("/.") && !path.contains("/../") {
        Shape::Dot
    } else if name.ends_with(".php") {
        Shape::Script
    } else {
        Shape::File
    }
}

/// Copies and dumps that lie in the published directory on this disk.
fn leftovers(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    const ENDINGS: [&str; 16] = [
        ".bak", ".old", ".orig", ".save", ".swp", "~", ".sql", ".gz", ".zip", ".tar", ".tgz",
        ".bz2", ".7z", ".log", ".txt", ".inc",
    ];
    let mut asks = Vec::new();
    for (name, kind) in places.names(&places.product) {
        let Some(name) = name.to_str() else { continue };
        let path = format!("/{name}");
        let fixed = V4
            .iter()
            .chain(&EVERYWHERE)
            .any(|(known, ..)| *known == path);
        let about_config = name.to_ascii_lowercase().contains("config");
        let ends = ENDINGS.iter().any(|ending| name.ends_with(ending));
        if kind != Kind::File || fixed || !(ends || (about_config && !name.ends_with(".php"))) {
            continue;
        }
        // What the release ships for everybody to read.
        if ["robots.txt", "README.txt"].contains(&name) {
            continue;
        }
        let disk = places.start(&places.product.join(name));
        asks.push(Ask {
            what: name.to_owned(),
            kind: if about_config { "config" } else { "dump" },
            request: site.at(&encoded(Path::new(name))),
            shape: shape(&path),
            marker: if about_config {
                CONFIG_WORDS
            } else {
                Marker::Dump
            },
            disk,
        });
        if asks.len() == MOST_REAL {
            break;
        }
    }
    asks
}

/// A published directory above the install gives everything away that is meant to lie outside.
fn above_the_root(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    const INSIDE: [(&str, &str, Marker); 3] = [
        ("config/config.database.php", "config", Marker::Php),
        (
            "app/run/targets/test_ping.html",
            "source",
            Marker::Text(&["DESKPRO_PONG"]),
        ),
        ("INSTANCE_DATA/deskpro-config.php", "config", Marker::Php),
    ];
    let mut asks = Vec::new();
    for (below, kind, marker) in INSIDE {
        let path = places.root.join(below);
        let Some(disk) = places.start(&path) else {
            continue;
        };
        for request in places.requests(site, &path) {
            asks.push(Ask {
                what: below.to_owned(),
                kind,
                request,
                shape: shape(below),
                marker: marker.clone(),
                disk: Some(disk.clone()),
            });
        }
    }
    asks
}

/// Directories whose names should not be listed.
pub(super) fn directories(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    let mut paths: Vec<String> = match places.generation {
        Some(Generation::V4) | None => ["/", "/app/", "/data/", "/plugins/", "/web/"],
        Some(Generation::V5 | Generation::Container) => {
            ["/", "/assets/", "/var/", "/config/", "/backups/"]
        }
    }
    .map(str::to_owned)
    .to_vec();
    for (name, kind) in places.names(&places.product) {
        let path = format!("{}/", encoded(Path::new(&name)));
        if kind == Kind::Directory && !paths.contains(&path) && paths.len() < MOST_REAL {
            paths.push(path);
        }
    }
    let asks = paths.into_iter().map(|path| Ask {
        what: format!("the names in {path}"),
        kind: "directory",
        request: site.at(&path),
        shape: Shape::Directory,
        marker: Marker::Listing,
        disk: None,
    });
    asks.collect()
}
