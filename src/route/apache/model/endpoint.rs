//! Addresses and names of servers as written: `Listen`, `<VirtualHost>`, `ServerName` (server/listen.c,
//! server/vhost.c). Refuses names where an address stands: only the DNS knows what they lead to.

use super::server::VirtualAddress;

/// A line of `Listen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listen {
    pub(super) ip: Option<std::net::IpAddr>,
    pub(super) port: u16,
}

/// `host`, `host:port`, `https://host:port`.
pub(super) fn name_and_port(text: &str) -> (String, u16) {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    if let Some((host, port)) = text.rsplit_once(':')
        && let Ok(port) = port.parse()
        && !host.ends_with(':')
    {
        return (host.to_owned(), port);
    }
    (text.to_owned(), 0)
}

/// `80`, `127.0.0.1:80`, `[::1]:80`, `*:80`.
pub(super) fn listen(text: &str) -> Option<Listen> {
    if let Ok(port) = text.parse() {
        return Some(Listen { ip: None, port });
    }
    let (host, port) = text.rsplit_once(':')?;
    let ip = match host {
        "*" => None,
        host => Some(host.trim_matches(['[', ']']).parse().ok()?),
    };
    Some(Listen {
        ip,
        port: port.parse().ok()?,
    })
}

/// An address of `<VirtualHost>` (`get_addresses`); none for names, which ask the DNS.
pub(super) fn virtual_address(text: &str) -> Option<VirtualAddress> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (!host.contains(':') || host.ends_with(']')) => {
            (host, if port == "*" { 0 } else { port.parse().ok()? })
        }
        _ => (text, 0),
    };
    let ip = match host {
        "*" | "_default_" | "0.0.0.0" | "255.255.255.255" => None,
        host => Some(host.trim_matches(['[', ']']).parse().ok()?),
    };
    Some(VirtualAddress {
        ip,
        port,
        text: host.to_owned(),
    })
}
