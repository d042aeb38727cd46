//! The client's address behind proxies (`ngx_http_get_forwarded_addr`).

use super::state::State;
use crate::route::nginx::plan::{Beyond, RealIpHeader};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

impl State<'_> {
    /// Every X-Forwarded-For, in its order.
    pub(super) fn forwarded_for(&self) -> Vec<&[u8]> {
        self.headers_named("x-forwarded-for")
    }

    fn headers_named(&self, name: &str) -> Vec<&[u8]> {
        let all = self.request.headers.iter();
        all.filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_ascii())
            .collect()
    }

    /// The realip module's handler; it runs before the server's rewrites and again in a location,
    /// and changes the address once.
    pub(super) fn real_ip(&mut self) -> Result<(), Beyond> {
        let settings = self.settings()?;
        let real_ip = &settings.real_ip;
        let Some((_, at)) = real_ip.from.first() else {
            return Ok(());
        };
        if self.real_ip_done {
            return Ok(());
        }
        let headers = match &real_ip.header {
            RealIpHeader::XForwardedFor => self.forwarded_for(),
            // One header counts: which of several depends on its own list.
            RealIpHeader::XRealIp => self
                .headers_named("x-real-ip")
                .into_iter()
                .take(1)
                .collect(),
            RealIpHeader::Other(name) => self.headers_named(name).into_iter().take(1).collect(),
            RealIpHeader::ProxyProtocol => Vec::new(),
        };
        if headers.is_empty() {
            return Ok(());
        }
        let networks: Vec<IpNet> = real_ip.from.iter().map(|(network, _)| *network).collect();
        let found = forwarded(self.client, &headers, &networks, real_ip.recursive);
        if let Some(address) = found {
            self.real_ip_done = true;
            self.client = address;
            let from = self.request.from;
            self.say(
                at,
                format!("the client counts as {address}, since {from} may say so"),
            );
        }
        Ok(())
    }
}

/// The address that the headers give, if the first one is trusted to give one.
pub(super) fn forwarded(
    from: IpAddr,
    headers: &[&[u8]],
    trusted: &[IpNet],
    recursive: bool,
) -> Option<IpAddr> {
    let mut address = from;
    let mut found = false;
    for header in headers.iter().rev() {
        let (next, has_changed, goes_on) = one_header(address, header, trusted, recursive);
        address = next;
        found |= has_changed;
        if !recursive || !goes_on {
            break;
        }
    }
    found.then_some(address)
}

/// One header from its end; whether the address changed, and whether the header before it counts.
fn one_header(
    from: IpAddr,
    header: &[u8],
    trusted: &[IpNet],
    recursive: bool,
) -> (IpAddr, bool, bool) {
    let mut address = from;
    let mut found = false;
    let mut rest = header;
    loop {
        let plain = unmapped(address);
        if !trusted.iter().any(|network| network.contains(&plain)) {
            return (address, found, false);
        }
        let is_between = |byte: &u8| matches!(byte, b' ' | b',');
        while rest.len() > 1 && rest.last().is_some_and(is_between) {
            rest = rest.get(..rest.len() - 1).unwrap_or_default();
        }
        let start = rest.iter().rposition(is_between).map_or(0, |at| at + 1);
        let Some(next) = address_of(rest.get(start..).unwrap_or_default()) else {
            return (address, found, false);
        };
        address = next;
        found = true;
        if !recursive || start == 0 {
            return (address, found, true);
        }
        rest = rest.get(..start - 1).unwrap_or_default();
        if rest.is_empty() {
            return (address, found, true);
        }
    }
}

/// An address, with or without a port (`ngx_parse_addr_port`).
fn address_of(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok()
}

/// IPv4 in IPv6 counts as IPv4 (`ngx_cidr_match`).
pub(super) fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}
