//! Pages that somebody outside has no business on: the admin and agent interfaces under every route
//! that leads there, the installer, diagnostics.

use super::ask::Ask;
use super::control::Shape;
use super::marker::Marker;
use super::places::Places;
use super::site::Site;
use crate::route::Scheme;
use crate::target::Generation;

/// The port of the container's status pages.
const STATUS_PORT: u16 = 10_001;

/// Interface, and the name that `dp-ping` gives it.
const V4: [(&str, &str, &str); 5] = [
    ("admin", "/admin", "admin"),
    ("admin", "/billing", "billing"),
    ("admin", "/reports", "reports"),
    ("agent", "/agent", "agent"),
    ("agent", "/api", "api"),
];
const V5: [(&str, &str, &str); 6] = [
    ("admin", "/admin", "admin"),
    ("admin", "/reports", "reports"),
    ("agent", "/agent", "agent"),
    ("agent", "/new-agent", "agent"),
    ("agent", "/scripts/agent", "agent"),
    ("agent", "/api", "api"),
];
const CONTAINER: [(&str, &str, &str); 6] = [
    ("admin", "/app", "admin"),
    ("admin", "/admin", "admin"),
    ("admin", "/admin-api", "admin"),
    ("admin", "/reports", "reports"),
    ("agent", "/app", "agent"),
    ("agent", "/agent-api", "agent"),
];

/// The admin and agent interfaces: `dp-ping` and the first page, with and without `index.php`.
pub(super) fn interfaces(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    let routes: &[(&str, &str, &str)] = match places.generation {
        Some(Generation::V4) | None => &V4,
        Some(Generation::V5) => &V5,
        Some(Generation::Container) => &CONTAINER,
    };
    let mut asks = Vec::new();
    for (interface, route, name) in routes {
        for through in ["", "/index.php"] {
            let ping = if through.is_empty() {
                Shape::Route
            } else {
                Shape::PathInfo
            };
            let what = format!("the {interface} interface by {through}{route}");
            asks.push(Ask {
                what: what.clone(),
                kind: interface,
                request: site.at(&format!("{through}{route}/dp-ping")),
                shape: ping,
                marker: Marker::Ping(name),
                disk: None,
            });
            asks.push(Ask {
                what,
                kind: interface,
                request: site.at(&format!("{through}{route}/")),
                shape: if through.is_empty() {
                    Shape::Directory
                } else {
                    Shape::PathInfo
                },
                marker: Marker::Login,
                disk: None,
            });
        }
    }
    asks
}

/// The installer's first page. v5's has no route from the web. Refuses to ask for v4's `config-editor`
/// step, which writes what a request holds into config.php.
pub(super) fn installer(site: &Site) -> Vec<Ask> {
    let paths = ["/index.php/install/", "/install/"];
    let asks = paths.iter().map(|path| Ask {
        what: format!("the installer at {path}"),
        kind: "installer",
        request: site.at(path),
        shape: if path.starts_with("/index.php") {
            Shape::PathInfo
        } else {
            Shape::Directory
        },
        marker: Marker::Installer,
        disk: None,
    });
    asks.collect()
}

/// Pages that tell a stranger how the host is built.
pub(super) fn diagnostics(site: &Site, places: &Places<'_>) -> Vec<Ask> {
    const STATUS: Marker = Marker::Text(&[
        "Active connections:",
        "Apache Server Status for",
        "Apache Server Information",
        "process manager:",
    ]);
    let everywhere = [
        ("/phpinfo.php", Marker::PhpInfo),
        ("/info.php", Marker::PhpInfo),
        ("/test.php", Marker::PhpInfo),
    ];
    let host_wide = [
        "/server-status",
        "/server-info",
        "/nginx_status",
        "/status",
        "/fpm-status",
    ];
    let own: &[(&str, Marker)] = match places.generation {
        Some(Generation::V4) | None => &[
            ("/index.php?_sys=phpinfo", Marker::PhpInfo),
            ("/index.php?_sys=check", Marker::AnyText),
            ("/index.php?_sys=errorlog", Marker::AnyText),
        ],
        Some(Generation::V5 | Generation::Container) => &[
            ("/__serverinfo/phpinfo", Marker::PhpInfo),
            ("/__serverinfo/php_version", Marker::PhpVersion),
            ("/index.php?__serverinfo=php_version", Marker::PhpVersion),
            ("/index.php?__serverinfo=phpinfo", Marker::PhpInfo),
        ],
    };
    let ask = |what: &str, request, marker| Ask {
        shape: if what.contains('?') {
            Shape::Query
        } else if what.ends_with(".php") {
            Shape::Script
        } else {
            Shape::File
        },
        what: what.to_owned(),
        kind: "diagnostics",
        request,
        marker,
        disk: None,
    };
    let mut asks: Vec<Ask> = everywhere
        .iter()
        .chain(own)
        .map(|(path, marker)| ask(path, site.at(path), marker.clone()))
        .collect();
    asks.extend(host_wide.map(|path| ask(path, site.absolute(path), STATUS)));
    if places.generation == Some(Generation::Container) {
        for path in ["/nginx/status", "/fpm/dp_default/status", "/metrics"] {
            let request = site.over(Scheme::Http, STATUS_PORT, path);
            asks.push(ask(&format!("port {STATUS_PORT}{path}"), request, STATUS));
        }
    }
    asks
}
