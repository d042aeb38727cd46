//! What the configuration publishes, and by which URLs. Refuses regular expressions: what they
//! publish is named by the directory that stands before the first group.

use super::Model;
use super::record::shown;
use super::server::Server;
use super::uri;
use crate::route::{Request, Scheme};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// An outsider's address, from the block that is kept for examples.
const OUTSIDER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// Every directory that some URL leads into.
pub(super) fn published(model: &Model) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for server in answering(model) {
        found.push(server.root.value.clone());
        for alias in &server.aliases {
            let real = shown(&alias.real);
            let plain = real.split(['$', '&']).next().unwrap_or_default();
            let plain = match alias.regex {
                Some(_) => plain.rsplit_once('/').map_or("/", |(before, _)| before),
                None => plain,
            };
            found.push(super::walk::canonical_path(Path::new(plain)));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The servers that can answer: the outer one only where no virtual host takes everything.
fn answering(model: &Model) -> impl Iterator<Item = &Server> {
    let all = model.servers.iter();
    let whole = model.servers.iter().skip(1).any(|server| {
        server
            .addresses
            .iter()
            .any(|address| address.ip.is_none() && address.port == 0)
    });
    all.skip(usize::from(whole && model.servers.len() > 1))
}

/// Requests by which a path might be reached.
pub(super) fn requests_for(model: &Model, path: &Path) -> Vec<Request> {
    let mut found = Vec::new();
    for server in answering(model) {
        let mut urls = Vec::new();
        if let Ok(rest) = path.strip_prefix(&server.root.value) {
            urls.push([b"/", rest.as_os_str().as_bytes()].concat());
        }
        for alias in server.aliases.iter().filter(|alias| alias.regex.is_none()) {
            let real =
                super::walk::canonical_path(Path::new(std::ffi::OsStr::from_bytes(&alias.real)));
            if let Ok(rest) = path.strip_prefix(&real) {
                let slash: &[u8] = if alias.fake.ends_with(b"/") || rest.as_os_str().is_empty() {
                    b""
                } else {
                    b"/"
                };
                urls.push([alias.fake.as_slice(), slash, rest.as_os_str().as_bytes()].concat());
            }
        }
        for (scheme, port, to) in places(model, server) {
            for url in &urls {
                let request = request(server, scheme, port, to, url);
                if !found.contains(&request) {
                    found.push(request);
                }
            }
        }
    }
    found
}

/// Where a server can be reached.
fn places(model: &Model, server: &Server) -> Vec<(Scheme, u16, Option<IpAddr>)> {
    let scheme = if server.tls {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let ports: Vec<u16> = model.listens.iter().map(|listen| listen.port).collect();
    let mut found = Vec::new();
    for address in &server.addresses {
        if address.port != 0 {
            found.push((scheme, address.port, address.ip));
            continue;
        }
        found.extend(ports.iter().map(|port| (scheme, *port, address.ip)));
    }
    if server.addresses.is_empty() {
        found.extend(ports.iter().map(|port| (scheme, *port, None)));
    }
    if found.is_empty() {
        found.push((scheme, scheme.port(), None));
    }
    found
}

fn request(server: &Server, scheme: Scheme, port: u16, to: Option<IpAddr>, url: &[u8]) -> Request {
    let named = server.name.as_ref().map(|name| name.value.0.clone());
    let alias = server
        .aliases_of_name
        .iter()
        .find(|alias| !alias.contains(['*', '?']))
        .cloned();
    let host = named.or(alias).or_else(|| to.map(|to| to.to_string()));
    Request {
        scheme,
        host: host.unwrap_or_else(|| "localhost".to_owned()),
        port,
        to,
        target: escaped(url),
        from: OUTSIDER,
        headers: Vec::new(),
    }
}

/// Escapes what a request line may not hold.
fn escaped(path: &[u8]) -> Vec<u8> {
    let out = uri::escape(path);
    out.iter()
        .flat_map(|byte| {
            if *byte == b'?' {
                b"%3f".to_vec()
            } else {
                vec![*byte]
            }
        })
        .collect()
}
