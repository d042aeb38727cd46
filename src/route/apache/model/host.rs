//! Which virtual host answers, who the client is, and which requests Apache refuses before it looks
//! at any of that (server/vhost.c, server/protocol.c, modules/metadata/mod_remoteip.c).

use super::Model;
use super::record::{Asking, Record};
use super::said::{Step, Stop};
use super::server::Server;
use super::variable::joined;
use crate::route::{Entrance, Request};
use std::net::IpAddr;

/// Virtual hosts that share an address, in their order.
#[derive(Debug)]
pub(super) struct Chain {
    /// None is every address.
    ip: Option<IpAddr>,
    /// Zero is every port.
    port: u16,
    /// Numbers of servers, and the number of the address among the server's.
    members: Vec<(usize, usize)>,
}

/// Groups virtual hosts by address (`ap_fini_vhost_config`).
pub(super) fn chains(servers: &[Server]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for (number, server) in servers.iter().enumerate().skip(1) {
        for (which, address) in server.addresses.iter().enumerate() {
            let same = |chain: &&mut Chain| chain.ip == address.ip && chain.port == address.port;
            if let Some(chain) = chains.iter_mut().find(same) {
                chain.members.push((number, which));
                continue;
            }
            let chain = Chain {
                ip: address.ip,
                port: address.port,
                members: vec![(number, which)],
            };
            // The last of several groups for any address is asked first.
            let at = if address.ip.is_none() {
                chains
                    .iter()
                    .position(|chain| chain.ip.is_none())
                    .unwrap_or(chains.len())
            } else {
                chains.len()
            };
            chains.insert(at, chain);
        }
    }
    chains
}

/// The server that answers; names decide among those of one address.
pub(super) fn choose<'m>(model: &'m Model, request: &Request, host: &[u8]) -> Step<&'m Server> {
    let chain = chain(model, request)?;
    let server = |number: usize| {
        model
            .servers
            .get(number)
            .ok_or_else(|| Stop::new("no server was read"))
    };
    let Some(chain) = chain else {
        return server(0);
    };
    let members = chain.members.iter().filter_map(|(number, which)| {
        let server = model.servers.get(*number)?;
        Some((server, server.addresses.get(*which)?))
    });
    let mut by_address = None;
    for (server, address) in members {
        if !host.is_empty() && server.has_name(host) {
            return Ok(server);
        }
        if by_address.is_none()
            && !host.is_empty()
            && host.eq_ignore_ascii_case(address.text.as_bytes())
        {
            by_address = Some(server);
        }
    }
    match (by_address, chain.members.first()) {
        (Some(found), _) => Ok(found),
        (None, Some((first, _))) => server(*first),
        (None, None) => server(0),
    }
}

/// Where a request arrives. TLS is a matter of the first virtual host of an address: its settings hold
/// for the handshake.
pub(super) fn entrance(model: &Model, request: &Request) -> Step<Entrance> {
    if let Some(because) = model.undecided.first() {
        return Err(Stop(because.clone()));
    }
    model.listens_on(request)?;
    let host = parse(request).unwrap_or_default();
    let answers = choose(model, request, &host)?;
    let number = chain(model, request)?
        .and_then(|chain| chain.members.first())
        .map_or(0, |(number, _)| *number);
    let first = model
        .servers
        .get(number)
        .ok_or_else(|| Stop::new("no server was read"))?;
    Ok(Entrance {
        tls: first.tls,
        proxy_protocol: false,
        answers: answers.at.clone(),
        first: first.at.clone(),
    })
}

/// The group of the address that the client connects to.
fn chain<'m>(model: &'m Model, request: &Request) -> Step<Option<&'m Chain>> {
    let port_fits = |chain: &&Chain| chain.port == 0 || chain.port == request.port;
    let any = || {
        model
            .chains
            .iter()
            .filter(|chain| chain.ip.is_none())
            .find(port_fits)
    };
    let Some(to) = request.to else {
        let single = model
            .chains
            .iter()
            .filter(|chain| chain.ip.is_some())
            .filter(port_fits);
        let single: Vec<&Chain> = single.collect();
        return match (single.as_slice(), any()) {
            ([], any) => Ok(any),
            ([one], None) => Ok(Some(one)),
            _ => Err(Stop::new(
                "not known: the address that the client connects to, and virtual hosts differ by it",
            )),
        };
    };
    let exact = model
        .chains
        .iter()
        .filter(|chain| chain.ip == Some(to))
        .find(port_fits);
    Ok(exact.or_else(any))
}

/// Why this host answers.
pub(super) fn why(server: &Server, host: &[u8]) -> String {
    let host = String::from_utf8_lossy(host);
    if server.has_name(host.as_bytes()) {
        format!("{} is the virtual host named {host}", server.written)
    } else {
        format!(
            "{} is the default for its address, since no name is {host}",
            server.written
        )
    }
}

/// The host of the request in small letters and without its port; none where it is malformed
/// (`fix_hostname`).
pub(super) fn parse(request: &Request) -> Option<Vec<u8>> {
    let header = request.host_header();
    let header = header.trim_ascii();
    if header.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(header).ok()?.to_ascii_lowercase();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        port_of(port.strip_prefix(':'), port.is_empty())?;
        return Some(format!("[{address}]").into_bytes());
    }
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text.as_str(), None),
    };
    port_of(port, port.is_none())?;
    is_strict(name).then(|| name.strip_suffix('.').unwrap_or(name).as_bytes().to_vec())
}

fn port_of(port: Option<&str>, missing: bool) -> Option<()> {
    if missing {
        return Some(());
    }
    let port = port?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (digits && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(())
}

/// `HttpProtocolOptions Strict` (`strict_hostname_check`).
fn is_strict(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) || name.contains("..") {
        return false;
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = bare.split('.').collect();
    if bare
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        let zero = |label: &&str| label.len() > 1 && label.starts_with('0');
        return labels.len() == 4 && !labels.iter().any(zero) && !bare.starts_with('.');
    }
    labels.len() < 2
        || labels
            .last()
            .is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The status of a request that is refused as such.
pub(super) fn refused(asking: &Asking<'_>, bad_host: bool) -> Option<u16> {
    let request = asking.request;
    let line = request.target.len() + "GET  HTTP/1.1".len();
    if line > asking.server.longest_line.unwrap_or(8190) {
        return Some(414);
    }
    let hosts = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .count();
    if bad_host || hosts > 1 || !request.target.iter().copied().all(is_uri_byte) {
        return Some(400);
    }
    if asking.server.tls && request.scheme == crate::route::Scheme::Http {
        return Some(400);
    }
    None
}

/// Bytes that Apache takes in a request line: it refuses control characters and fragments.
const fn is_uri_byte(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && byte != b'#'
}

/// Ports and addresses as the rest asks for them.
impl Asking<'_> {
    /// The port for URLs: the one of the `Host` header, else of ServerName, else the scheme's
    /// (`ap_get_server_port`). A subrequest has a URL of its own, and no port in it.
    pub(super) fn port(&self, r: &Record) -> u16 {
        let header = self.request.host_header();
        let text = String::from_utf8_lossy(&header);
        let after = text.rsplit(']').next().unwrap_or_default();
        let said = after
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .filter(|_| r.depth == 0);
        let own = self.server.name.as_ref().map_or(0, |name| name.value.1);
        let scheme = if self.server.tls {
            crate::route::Scheme::Https
        } else {
            crate::route::Scheme::Http
        };
        match (self.server.canonical_name, said) {
            (Some(true), _) | (_, None) if own > 0 => own,
            (Some(true), _) | (_, None) => scheme.port(),
            (_, Some(port)) => port,
        }
    }
}

/// Who asks, as mod_remoteip leaves it.
pub(super) struct Client {
    pub(super) address: IpAddr,
    /// The header that named the address, and what is left of it: Apache takes out what it used.
    pub(super) used: Option<(String, Option<Vec<u8>>)>,
}

/// The client's address, where a trusted proxy names it (mod_remoteip.c, `remoteip_modify_request`).
pub(super) fn client(server: &Server, request: &Request) -> Client {
    let remote = &server.remote_ip;
    let mut client = Client {
        address: request.from,
        used: None,
    };
    let Some(header) = &remote.header else {
        return client;
    };
    let mut rest = joined(request, &header.value);
    let mut internal = false;
    while let Some(names) = rest {
        let trusted = remote
            .proxies
            .iter()
            .find(|(subnet, _)| subnet.holds(client.address));
        match trusted {
            Some((_, inside)) => internal = *inside,
            None if remote.proxies.is_empty() => {}
            None => break,
        }
        let comma = names.iter().rposition(|byte| *byte == b',');
        let name = names.get(comma.map_or(0, |comma| comma + 1)..);
        let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
        let Ok(next) = name.trim().parse::<IpAddr>() else {
            break;
        };
        if !internal && is_private(next) {
            break;
        }
        rest = comma.and_then(|comma| names.get(..comma).map(<[u8]>::to_vec));
        client = Client {
            address: next,
            used: Some((header.value.clone(), rest.clone())),
        };
    }
    client
}

/// Addresses that a proxy outside may not name.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_private() || address.is_loopback() || address.is_link_local()
        }
        IpAddr::V6(address) => address
            .octets()
            .first()
            .is_none_or(|first| first & 0xe0 != 0x20),
    }
}
