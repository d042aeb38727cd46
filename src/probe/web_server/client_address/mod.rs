//! Whom the web server and the product believe when a request names the address that it comes from.
//! Who may choose that address passes every rule that goes by it.

mod apache;
mod nginx;
mod product;

use crate::facts::{AddressTrust, Known, Listing, ProxyTrust};
use crate::host::Host;
use crate::route::Place;
use crate::target::Target;
use crate::target::web_server::{Parsed, WebServer};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A network with a shorter prefix than this holds so much of the internet that to list it is to list
/// nobody in particular.
const SHORTEST: (u8, u8) = (8, 16);

pub(super) fn observe(host: &Host, target: &Target, trust: &ProxyTrust) -> Listing<AddressTrust> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: target.servers.missed.web.clone(),
    };
    for server in on_the_way(host, target) {
        match &server.parsed {
            Parsed::Nginx { tree, .. } => list.rows.extend(nginx::observe(tree, &server.config)),
            Parsed::Apache { config, .. } => match apache::observe(host, config, &server.config) {
                Ok(rows) => list.rows.extend(rows),
                Err(reason) => list.missed.push(reason),
            },
        }
    }
    list.missed.extend(target.not_served(host));
    list.rows.push(product::observe(host, target, trust));
    list
}

/// The servers that serve the install, and those that pass requests on to them, over whatever hops.
fn on_the_way<'a>(host: &Host, target: &'a Target) -> Vec<&'a WebServer> {
    let (mut found, mut others): (Vec<_>, Vec<_>) = target
        .servers
        .programs
        .iter()
        .partition(|server| server.publishes(host, &target.root));
    loop {
        let ports: BTreeSet<u16> = found.iter().flat_map(|server| server.ports()).collect();
        let (more, rest): (Vec<&WebServer>, Vec<_>) = others
            .into_iter()
            .partition(|server| server.passes_on(&ports, &target.root));
        if more.is_empty() {
            return found;
        }
        found.extend(more);
        others = rest;
    }
}

/// What is known of somebody who may name addresses.
fn row(believer: &str, who: &str, because: String, at: Option<&Place>) -> AddressTrust {
    AddressTrust {
        believer: believer.to_owned(),
        who: Known::Known(who.to_owned()),
        because,
        path: at.map_or_else(String::new, |at| at.file.to_string_lossy().into_owned()),
        line: at.map_or(0, |at| at.line),
    }
}

/// Whether a listed network is so large that it is no list of proxies.
pub(super) fn is_vast(text: &str) -> bool {
    if let Ok(net) = text.parse::<IpNet>() {
        let shortest = if net.addr().is_ipv4() {
            SHORTEST.0
        } else {
            SHORTEST.1
        };
        return net.prefix_len() < shortest;
    }
    matches!(text, "0.0.0.0" | "::" | "all")
}

/// Whether an address is this machine's own; names count where they are the usual ones.
fn is_loopback(text: &str) -> bool {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
        || bare.parse::<IpNet>().is_ok_and(|net| {
            net.contains(&IpAddr::from([127, 0, 0, 1])) || net.addr().is_loopback()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vast_and_loopback() {
        for (text, vast, loopback) in [
            ("0.0.0.0/0", true, true),
            ("128.0.0.0/1", true, false),
            ("::/0", true, false),
            ("10.0.0.0/8", false, false),
            ("127.0.0.0/8", false, true),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("[::1]", false, true),
            ("localhost", false, true),
            ("unix:", false, false),
        ] {
            assert_eq!(
                (is_vast(text), is_loopback(text)),
                (vast, loopback),
                "{text}"
            );
        }
    }
}
