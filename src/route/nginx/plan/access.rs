//! `allow` and `deny`, and networks as nginx reads them (`ngx_ptocidr`).

use crate::route::{Directive, Place};
use ipnet::IpNet;
use std::net::IpAddr;

/// One line of `allow` or `deny`.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct Rule {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) allows: bool,
    pub(in crate::route::nginx) whom: Whom,
    /// As it was written.
    pub(in crate::route::nginx) text: String,
}

/// Whom a rule means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::route::nginx) enum Whom {
    Everyone,
    /// Those behind a Unix socket, of whom no request of ours is one.
    UnixSocket,
    Network(IpNet),
    /// Not understood.
    Unknown,
}

impl Rule {
    pub(super) fn new(directive: &Directive) -> Self {
        let text = directive.args.first().map(|word| word.text().into_owned());
        let text = text.unwrap_or_default();
        let whom = match text.as_str() {
            "all" => Whom::Everyone,
            "unix:" => Whom::UnixSocket,
            text => network(text).map_or(Whom::Unknown, Whom::Network),
        };
        Self {
            at: directive.at.clone(),
            allows: directive.is("allow"),
            whom,
            text,
        }
    }
}

/// An address or a network; bits below the mask are dropped.
pub(super) fn network(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.into());
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Some(network.trunc());
    }
    let (address, mask) = text.split_once('/')?;
    let network = IpNet::with_netmask(address.parse().ok()?, mask.parse().ok()?);
    Some(network.ok()?.trunc())
}
