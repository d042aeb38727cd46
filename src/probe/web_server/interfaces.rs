//! Who gets to the admin and agent interfaces, the installer, and pages that tell about the server:
//! asked under every route that reaches them, from outside, from inside, and with made-up headers.

use super::guard;
use super::surface::{Heard, Surface, deciding, spelled};
use crate::facts::{Interface, Known, Listing};
use crate::route::Decision;
use crate::target::{Generation, Target};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Interface and the path below the front controller (v4 `KernelBooter::bootWeb`, v5
/// `HttpKernelBootTask`, the container's nginx maps).
type Route = (&'static str, &'static str);

const V4: &[Route] = &[
    ("admin", "/admin"),
    ("admin", "/admin/"),
    ("admin", "/billing/"),
    ("admin", "/reports/"),
    ("agent", "/agent"),
    ("agent", "/agent/"),
    ("agent", "/api/"),
];
const V5: &[Route] = &[
    ("admin", "/admin"),
    ("admin", "/admin/"),
    ("admin", "/cloud/"),
    ("admin", "/reports/"),
    ("agent", "/agent"),
    ("agent", "/agent/"),
    ("agent", "/new-agent/"),
    ("agent", "/scripts/agent/"),
];
const CONTAINER: &[Route] = &[
    ("admin", "/admin"),
    ("admin", "/admin/"),
    ("admin", "/app"),
    ("admin", "/app/"),
    ("admin", "/admin-api/"),
    ("admin", "/reports/"),
    ("agent", "/agent"),
    ("agent", "/agent/"),
    ("agent", "/agent-api/"),
];
const INSTALLER: &[Route] = &[("installer", "/install"), ("installer", "/install/")];

/// Headers by which clients name an address to those who believe them.
const FORGED: &[&str] = &[
    "X-Forwarded-For",
    "X-Real-IP",
    "Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
];

/// Who gets to admin and agent; and rows for rules that a made-up header passes.
pub(super) fn observe(surface: &Surface<'_>, target: &Target) -> Listing<Interface> {
    let routes = match target.generation {
        Known::Known(Generation::V4) => V4,
        Known::Known(Generation::V5) => V5,
        Known::Known(Generation::Container) => CONTAINER,
        Known::Unknown(_) => &[],
    };
    let mut list = listing(surface, target);
    if routes.is_empty() {
        list.missed.push(target.no_settings());
    }
    let outside = target.addresses.outside;
    for route in routes {
        let mut refused = Vec::new();
        for heard in asked(surface, target, *route, outside, &[]) {
            let row = row(route.0, "outside", &heard, "");
            if row.reached == Known::Known(false) {
                refused.push(row.url.clone());
            }
            push(&mut list.rows, row);
        }
        if !refused.is_empty() {
            for row in forged(surface, target, *route, &refused) {
                push(&mut list.rows, row);
            }
        }
        if let Some(inside) = inside(target) {
            for heard in asked(surface, target, *route, inside, &[]) {
                push(&mut list.rows, row(route.0, "inside", &heard, ""));
            }
        }
    }
    if list.rows.is_empty() && list.missed.is_empty() {
        list.missed.push(format!(
            "no URL was found that leads to {}",
            front(target).display()
        ));
    }
    list
}

pub(super) fn installer(surface: &Surface<'_>, target: &Target) -> Listing<Interface> {
    let mut list = listing(surface, target);
    if target.generation == Known::Known(Generation::V4) {
        for route in INSTALLER {
            for heard in asked(surface, target, *route, target.addresses.outside, &[]) {
                push(&mut list.rows, row(route.0, "outside", &heard, ""));
            }
        }
    }
    list
}

fn listing(surface: &Surface<'_>, target: &Target) -> Listing<Interface> {
    let mut missed = surface.missed.clone();
    if let Known::Unknown(reason) = &target.generation {
        missed.push(reason.clone());
    }
    Listing {
        rows: Vec::new(),
        missed,
    }
}

/// The requests that got through with a header that the client made up, and did not without.
fn forged(
    surface: &Surface<'_>,
    target: &Target,
    route: Route,
    refused: &[String],
) -> Vec<Interface> {
    let mut address = inside(target).unwrap_or(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
    let mut found = Vec::new();
    for _ in 0..2 {
        for header in FORGED {
            let headers = [((*header).to_owned(), address.to_string().into_bytes())];
            let text = format!("{header}: {address}");
            let outside = target.addresses.outside;
            for heard in asked(surface, target, route, outside, &headers) {
                let row = row(route.0, "outside", &heard, &text);
                if row.reached == Known::Known(true) && refused.contains(&row.url) {
                    found.push(row);
                }
            }
        }
        address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    }
    found
}

/// An address of the networks that may come in.
fn inside(target: &Target) -> Option<IpAddr> {
    let net = target.addresses.inside.first()?;
    Some(net.hosts().next().unwrap_or_else(|| net.addr()))
}

/// The script that answers everything.
pub(super) fn front(target: &Target) -> PathBuf {
    let root = match &target.generation {
        Known::Known(generation) => generation.shipped_document_root(&target.root),
        Known::Unknown(_) => target.root.clone(),
    };
    root.join("index.php")
}

/// A route below the front controller's URL, with the script named and without.
fn asked(
    surface: &Surface<'_>,
    target: &Target,
    route: Route,
    from: IpAddr,
    headers: &[(String, Vec<u8>)],
) -> Vec<Heard> {
    surface.ask_beside(&front(target), from, headers, |script| {
        let base = script.strip_suffix(b"/index.php").unwrap_or_default();
        vec![
            [base, route.1.as_bytes()].concat(),
            [script, route.1.as_bytes()].concat(),
        ]
    })
}

/// Whether the request gets to something that answers: PHP, another server, or a page of its own.
pub(super) fn row(name: &str, side: &str, heard: &Heard, forged: &str) -> Interface {
    let (at, because) = deciding(&heard.answer);
    let reached = match heard.answer.decision {
        Decision::Undetermined => Known::unknown(at.as_ref().map_or_else(
            || because.clone(),
            |(file, line)| format!("{file}:{line}: {because}"),
        )),
        Decision::Executed | Decision::Proxied | Decision::Static => Known::Known(true),
        _ => Known::Known(false),
    };
    Interface {
        name: name.to_owned(),
        url: heard.request.url(),
        from: heard.request.from.to_string(),
        side: side.to_owned(),
        forged: forged.to_owned(),
        reached,
        guard: guard::exact(&heard.request.url()).unwrap_or_default(),
        answer: spelled(&heard.answer),
        path: at.as_ref().map_or_else(String::new, |at| at.0.clone()),
        line: at.map_or(0, |at| at.1),
        because,
    }
}

/// Each row once.
pub(super) fn push(rows: &mut Vec<Interface>, row: Interface) {
    if !rows.contains(&row) {
        rows.push(row);
    }
}
