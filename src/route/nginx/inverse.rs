//! The other way round: by which requests a file or directory might be reached.

use super::plan::{Alias, Kind, Location, Part, Plan, Server, Settings};
use crate::route::{Request, Scheme};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One request for each server, each name and each root or alias above the path.
pub(super) fn requests_for(plan: &Plan, path: &Path) -> Vec<Request> {
    let mut requests = Vec::new();
    for (index, server) in plan.servers.iter().enumerate() {
        let mut targets = BTreeSet::new();
        for location in locations(plan, server) {
            if let Some(target) = target(location, path) {
                targets.insert(target);
            }
        }
        for (scheme, to, port) in doors(plan, index) {
            for target in &targets {
                requests.push(Request {
                    scheme,
                    host: host(server, to),
                    port,
                    to,
                    target: target.clone(),
                    from: IpAddr::V4(Ipv4Addr::LOCALHOST),
                    headers: Vec::new(),
                });
            }
        }
    }
    requests
}

/// Every directory that some level publishes, and that does not depend on the request.
pub(super) fn published(plan: &Plan) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    for server in &plan.servers {
        for location in locations(plan, server) {
            if let Some(path) = constant(&location.settings) {
                found.insert(path.to_owned());
            }
        }
    }
    found.into_iter().collect()
}

/// The levels of a server: itself, its locations however deep, their conditions.
fn locations<'a>(plan: &'a Plan, server: &Server) -> Vec<&'a Location> {
    let mut found = Vec::new();
    let mut open = vec![server.location];
    open.extend(server.named.iter().map(|(_, index)| *index));
    while let Some(index) = open.pop() {
        let Some(location) = plan.locations.get(index) else {
            continue;
        };
        open.extend(location.statics.iter().map(|(_, index)| *index));
        open.extend(&location.patterns);
        open.extend(location.limit_except);
        for code in &location.codes {
            if let super::plan::Code::If {
                location: Some(index),
                ..
            } = code
            {
                open.push(*index);
            }
        }
        found.push(location);
    }
    found
}

fn constant(settings: &Settings) -> Option<&Path> {
    let root = settings.root.path.constant()?;
    Some(Path::new(std::ffi::OsStr::from_bytes(root)))
}

/// The target by which a location's root or alias comes to the path.
fn target(location: &Location, path: &Path) -> Option<Vec<u8>> {
    let alias = location.settings.root.alias;
    if alias == Alias::Whole {
        return from_pattern(location, path);
    }
    let root = constant(&location.settings)?;
    let below = path.strip_prefix(root).ok()?.as_os_str().as_bytes();
    let mut uri = match alias {
        Alias::Prefix(length) => location.name.get(..length)?.to_vec(),
        _ => b"/".to_vec(),
    };
    if alias != Alias::Root && !root.as_os_str().as_bytes().ends_with(b"/") && !below.is_empty() {
        uri.push(b'/');
    }
    uri.extend_from_slice(below);
    Some(escaped(&uri))
}

/// `location ~ ^/files/(.*)$ { alias /srv/files/$1; }`: as far as the pattern is a plain text around
/// its one group, the group can be filled in.
fn from_pattern(location: &Location, path: &Path) -> Option<Vec<u8>> {
    let Kind::Regex(pattern) = &location.kind else {
        return None;
    };
    let regex = &pattern.as_ref().as_ref().ok()?.regex;
    let [Part::Literal(start), Part::Capture(1), end @ ..] =
        location.settings.root.path.parts.as_slice()
    else {
        return None;
    };
    let end: &[u8] = match end {
        [] => b"",
        [Part::Literal(end)] => end,
        _ => return None,
    };
    let inside = path.as_os_str().as_bytes().strip_prefix(start.as_slice())?;
    let inside = inside.strip_suffix(end)?;
    let written = regex.written();
    let written = written.strip_prefix('^').unwrap_or(written);
    let written = written.strip_suffix('$').unwrap_or(written);
    let (before, group) = written.split_once('(')?;
    let (_, after) = group.rsplit_once(')')?;
    let mut uri = before.replace('\\', "").into_bytes();
    uri.extend_from_slice(inside);
    uri.extend(after.replace('\\', "").into_bytes());
    let found = regex.captures(&uri).ok()??;
    (found.bytes(1, &uri) == Some(inside)).then(|| escaped(&uri))
}

/// A path as a target: all but plain letters is escaped.
fn escaped(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for byte in path {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(*byte);
        } else {
            out.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    out
}

/// The sockets of a server: scheme, address where it is one, port.
fn doors(plan: &Plan, server: usize) -> Vec<(Scheme, Option<IpAddr>, u16)> {
    let mut found = Vec::new();
    for socket in plan.sockets.iter().filter(|s| s.servers.contains(&server)) {
        let scheme = if socket.ssl {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let to = (!socket.address.is_unspecified()).then_some(socket.address);
        let door = (scheme, to, socket.port);
        if !found.contains(&door) {
            found.push(door);
        }
    }
    found
}

/// A host that the server takes; one of its names that is no pattern, else its address.
fn host(server: &Server, to: Option<IpAddr>) -> String {
    let plain = server.names.iter().find_map(|name| {
        let text = name.text.as_str();
        let is_plain = !text.is_empty() && !text.starts_with('~') && !text.contains('$');
        is_plain.then(|| {
            let text = text.strip_prefix('.').unwrap_or(text);
            text.replace('*', "any")
        })
    });
    plain
        .or_else(|| to.map(|address| address.to_string()))
        .unwrap_or_else(|| "localhost".to_owned())
}
