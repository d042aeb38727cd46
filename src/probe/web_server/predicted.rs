//! What the configuration says to requests that were sent, for the comparison with the answers.

use super::Seen;
use super::surface::Surface;
use crate::agreement;
use crate::facts::{Known, Listing, LiveFacts, Predicted};
use crate::host::{Host, Looker};
use crate::route::Request;
use crate::target::Target;
use std::net::IpAddr;
use std::path::PathBuf;

/// What the model says to every request that was sent to this host.
#[must_use]
pub fn predicted(
    host: &Host,
    target: &Target,
    seen: Seen<'_>,
    live: &LiveFacts,
) -> Listing<Predicted> {
    match &live.site.is_here {
        Known::Known(true) => {}
        Known::Known(false) => {
            return Listing::unseen(
                "the site answers at an address of another machine, whose configuration was not read",
            );
        }
        Known::Unknown(reason) => return Listing::unseen(reason.clone()),
    }
    let looker = Looker::based(PathBuf::from("/"));
    let surface = Surface::new(host, &looker, target, seen.files);
    let to: Option<IpAddr> = live.site.address.known().and_then(|it| address(it));
    let mut list = Listing {
        rows: Vec::new(),
        missed: surface.missed.clone(),
    };
    for exchange in &live.exchanges.rows {
        let request = exchange
            .from
            .parse()
            .map_err(|_| format!("{} is no address", exchange.from))
            .and_then(|from| Request::new(&exchange.url, from));
        match request {
            Ok(mut request) => {
                request.to = to.or(request.to);
                if let Some(answer) = surface.answer(&request) {
                    list.rows.push(agreement::predicted(&exchange.url, &answer));
                }
            }
            Err(reason) => list.missed.push(reason),
        }
    }
    if list.rows.is_empty() && list.missed.is_empty() {
        list.missed.push(
            "none of the configurations that were read listens where the site answers".to_owned(),
        );
    }
    list
}

/// The address of `10.0.0.1` or `10.0.0.1:443`.
fn address(text: &str) -> Option<IpAddr> {
    let socket = text.parse::<std::net::SocketAddr>().map(|it| it.ip());
    socket.or_else(|_| text.parse()).ok()
}
