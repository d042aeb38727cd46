//! `listen`: which servers share an address, and which of them is the default.

use super::server_name::Names;
use crate::route::{Directive, Place};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and port, and the servers that listen there.
#[derive(Debug)]
pub(in crate::route::nginx) struct Socket {
    pub(in crate::route::nginx) address: IpAddr,
    pub(in crate::route::nginx) port: u16,
    pub(in crate::route::nginx) ssl: bool,
    /// Where `proxy_protocol` stands.
    pub(in crate::route::nginx) proxy_protocol: Option<Place>,
    /// Whether `[::]` takes IPv4 too.
    pub(in crate::route::nginx) both_families: bool,
    pub(in crate::route::nginx) servers: Vec<usize>,
    pub(in crate::route::nginx) default: usize,
    /// The line that makes it the default.
    pub(in crate::route::nginx) default_at: Place,
    pub(in crate::route::nginx) is_flagged: bool,
    pub(in crate::route::nginx) names: Names,
}

/// One `listen` of one server.
pub(super) struct Listen {
    pub(super) addresses: Vec<(IpAddr, u16)>,
    pub(super) at: Place,
    is_default: bool,
    ssl: bool,
    proxy_protocol: bool,
    both_families: bool,
}

impl Listen {
    /// Reads a `listen`; nothing where no TCP connection can arrive.
    ///
    /// # Errors
    /// What is not understood.
    pub(super) fn read(directive: &Directive) -> Result<Option<Self>, String> {
        let mut words = directive.args.iter().map(|word| word.text());
        let text = words.next().unwrap_or_default().into_owned();
        let mut listen = Self {
            addresses: Vec::new(),
            at: directive.at.clone(),
            is_default: false,
            ssl: false,
            proxy_protocol: false,
            both_families: false,
        };
        let mut quic = false;
        for word in words {
            match &*word {
                "default_server" | "default" => listen.is_default = true,
                "ssl" => listen.ssl = true,
                "proxy_protocol" => listen.proxy_protocol = true,
                "ipv6only=off" => listen.both_families = true,
                "quic" => quic = true,
                _ => {}
            }
        }
        if text.starts_with("unix:") || quic {
            return Ok(None);
        }
        listen.addresses = addresses(&text)
            .ok_or_else(|| format!("{}: listen {text} is not understood", directive.at))?;
        Ok(Some(listen))
    }

    /// A server without any `listen`.
    pub(super) fn implied(at: &Place, port: u16) -> Self {
        Self {
            addresses: vec![(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)],
            at: at.clone(),
            is_default: false,
            ssl: false,
            proxy_protocol: false,
            both_families: false,
        }
    }

    /// Adds a server to the sockets that it listens on.
    pub(super) fn add(&self, server: usize, sockets: &mut Vec<Socket>) {
        for (address, port) in &self.addresses {
            let known = sockets
                .iter_mut()
                .find(|socket| (socket.address, socket.port) == (*address, *port));
            let Some(socket) = known else {
                sockets.push(Socket {
                    address: *address,
                    port: *port,
                    ssl: self.ssl,
                    proxy_protocol: self.proxy_protocol.then(|| self.at.clone()),
                    both_families: self.both_families,
                    servers: vec![server],
                    default: server,
                    default_at: self.at.clone(),
                    is_flagged: self.is_default,
                    names: Names::default(),
                });
                continue;
            };
            if !socket.servers.contains(&server) {
                socket.servers.push(server);
            }
            socket.ssl |= self.ssl;
            socket.both_families |= self.both_families;
            if self.proxy_protocol {
                socket.proxy_protocol.get_or_insert_with(|| self.at.clone());
            }
            if self.is_default && !socket.is_flagged {
                socket.is_flagged = true;
                socket.default = server;
                socket.default_at = self.at.clone();
            }
        }
    }
}

fn addresses(text: &str) -> Option<Vec<(IpAddr, u16)>> {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    if let Some(ports) = ports(text) {
        return Some(ports.map(|port| (any, port)).collect());
    }
    let (host, rest) = match text.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']')?;
            (IpAddr::V6(host.parse::<Ipv6Addr>().ok()?), rest)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, rest) = text.split_at_checked(end)?;
            let host = match host {
                "*" => any,
                "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
                host => IpAddr::V4(host.parse().ok()?),
            };
            (host, rest)
        }
    };
    match rest.strip_prefix(':') {
        Some(text) => Some(ports(text)?.map(|port| (host, port)).collect()),
        None if rest.is_empty() => Some(vec![(host, 80)]),
        None => None,
    }
}

/// A port, or a range of them.
fn ports(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.parse().ok()?..=last.parse().ok()?)
}
