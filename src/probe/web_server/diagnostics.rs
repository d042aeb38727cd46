//! Pages that tell about the server to whoever gets to them: status pages of the web server and of
//! PHP-FPM, phpinfo files, and what the product itself writes of that kind.

use super::interfaces::{push, row};
use super::surface::{Heard, Surface};
use crate::facts::{Interface, Known, Listing};
use crate::host::read::MOST_ENTRIES;
use crate::route::{Decision, Directive};
use crate::target::Target;
use crate::target::web_server::Parsed;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// Names that phpinfo, database and test pages usually have.
const NAMES: &[&str] = &[
    "phpinfo.php",
    "info.php",
    "php.php",
    "i.php",
    "pi.php",
    "test.php",
    "phpinfo.html",
    "adminer.php",
    "apc.php",
    "opcache.php",
    "probe.php",
    "server-status.php",
];
/// A page of PHP-FPM's own.
const PHP_FPM: &str = "PHP-FPM's status";
/// What the product writes (v4 `data/`, v5 `var/cache/`).
const WRITTEN: &[&str] = &["cli-phpinfo.html", "cache/cli-phpinfo.html"];

pub(super) fn observe(surface: &Surface<'_>, target: &Target) -> Listing<Interface> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: surface.missed.clone(),
    };
    for (path, name) in files(surface, target) {
        for heard in surface.ask(&path, &[], "") {
            let mut row = row(name, "outside", &heard, "");
            if heard.answer.file.as_deref() != Some(path.as_path())
                && heard.answer.decision != Decision::Undetermined
            {
                // The request went to something else, the front controller mostly.
                row.reached = Known::Known(false);
            }
            push(&mut list.rows, row);
        }
    }
    for (page, name) in status_pages(target) {
        for door in surface.published() {
            let outside = target.addresses.outside;
            for heard in surface.ask_beside(&door, outside, &[], |_| vec![page.clone()]) {
                let mut row = row(name, "outside", &heard, "");
                if heard.answer.decision != Decision::Undetermined {
                    row.reached = Known::Known(is_status(name, &heard));
                }
                push(&mut list.rows, row);
            }
        }
    }
    list
}

/// Whether the answer is the page itself, and not the front controller's or nobody's.
fn is_status(name: &str, heard: &Heard) -> bool {
    let answer = &heard.answer;
    if name != PHP_FPM {
        return answer.decision == Decision::Fixed;
    }
    // PHP-FPM makes its page by the request's name, before it looks for a script (fpm_status.c).
    let page = heard.request.raw_path();
    let script = answer
        .file
        .as_deref()
        .map(|file| file.as_os_str().as_bytes());
    let asks_fpm = answer.because.iter().any(|it| it.text.contains("PHP-FPM"));
    match answer.decision {
        Decision::Executed => script.is_some_and(|script| script.ends_with(page)),
        Decision::NotFound => asks_fpm,
        _ => false,
    }
}

/// Files of that kind that are there.
fn files(surface: &Surface<'_>, target: &Target) -> Vec<(PathBuf, &'static str)> {
    let mut found = Vec::new();
    for root in &target.document_roots.rows {
        let root = PathBuf::from(&root.path);
        let entries = surface.host.list_dir(&root, MOST_ENTRIES).ok().flatten();
        for (name, _) in entries.unwrap_or_default() {
            let lower = name.to_string_lossy().to_ascii_lowercase();
            if NAMES.contains(&lower.as_str()) {
                found.push((root.join(name), "diagnostic page"));
            }
        }
    }
    for data in &target.data {
        let root = data.real.as_ref().unwrap_or(&data.path);
        for name in WRITTEN {
            let path = root.join(name);
            if surface.host.is_file(&path) == Ok(true) {
                found.push((path, "phpinfo"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The paths under which the configuration makes status pages, and PHP-FPM's.
fn status_pages(target: &Target) -> Vec<(Vec<u8>, &'static str)> {
    let mut found = Vec::new();
    for server in &target.servers.programs {
        match &server.parsed {
            Parsed::Nginx { tree, .. } => nginx(&tree.directives, &mut found),
            Parsed::Apache { config, .. } => apache(&config.tree.directives, None, &mut found),
        }
    }
    for pool in &target.servers.pools {
        for path in pool.status_path.iter().chain(&pool.ping_path) {
            found.push((path.clone().into_bytes(), PHP_FPM));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// `location /x { stub_status; }`: its path, where it is one.
fn nginx(directives: &[Directive], found: &mut Vec<(Vec<u8>, &'static str)>) {
    for directive in directives {
        let shows = directive.inside().iter().any(|inner| {
            ["stub_status", "vhost_traffic_status_display", "status"]
                .iter()
                .any(|name| inner.is(name) && inner.children.is_none())
        });
        if directive.is("location")
            && shows
            && let Some(path) = directive.args.last()
            && path.bytes().starts_with(b"/")
        {
            found.push((path.bytes().to_vec(), "nginx's status"));
        }
        nginx(directive.inside(), found);
    }
}

/// `SetHandler server-status` and its siblings in `<Location>`.
fn apache(
    directives: &[Directive],
    location: Option<&[u8]>,
    found: &mut Vec<(Vec<u8>, &'static str)>,
) {
    const HANDLERS: &[&str] = &[
        "server-status",
        "server-info",
        "ldap-status",
        "balancer-manager",
    ];
    for directive in directives {
        let first = directive.args.first();
        let is_handler = first.is_some_and(|it| HANDLERS.iter().any(|name| it.is(name)));
        if directive.is("SetHandler") && is_handler {
            found.extend(location.map(|path| (path.to_vec(), "Apache's status")));
        }
        let own = first.filter(|path| directive.is("Location") && path.bytes().starts_with(b"/"));
        let here = own.map(|path| path.bytes()).or(location);
        apache(directive.inside(), here, found);
    }
}
