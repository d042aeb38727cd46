//! What the configuration says to requests that were really sent, so that both can be compared. Refuses
//! to answer for another machine's server, and where it is not certain which server was asked.

use crate::agreement::predicted;
use crate::facts::{Exchange, Known, Listing, LiveFacts, Predicted};
use crate::host::{Host, Looker, WorkerDisk};
use crate::route::{Model, Request};
use crate::target::Target;
use crate::target::web_server::WebServer;
use std::net::IpAddr;
use std::path::PathBuf;

/// Asks the models the same requests.
#[must_use]
pub fn predict(host: &Host, target: &Target, live: &LiveFacts) -> Listing<Predicted> {
    if let Err(reason) = is_here(live) {
        return Listing::unseen(reason);
    }
    let looker = Looker::based(PathBuf::from("/"));
    let mut desk = Desk {
        host,
        target,
        looker: &looker,
        to: live.site.address.known().and_then(|it| it.parse().ok()),
        ready: Vec::new(),
    };
    let mut list = Listing::whole(Vec::new());
    for exchange in &live.exchanges.rows {
        match desk.answer(exchange) {
            Ok(row) => list.rows.push(row),
            Err(reason) => list.missed.push(reason),
        }
    }
    list.missed.sort();
    list.missed.dedup();
    list
}

/// That the URL leads to this very machine.
///
/// # Errors
/// That it leads elsewhere, or why that is not known.
pub(super) fn is_here(live: &LiveFacts) -> Result<(), String> {
    match &live.site.is_here {
        Known::Known(true) => Ok(()),
        Known::Known(false) => {
            let address = live.site.address.known().map_or("", String::as_str);
            Err(format!(
                "the URL leads to another machine ({address}), whose configuration is not this one's"
            ))
        }
        Known::Unknown(reason) => Err(reason.clone()),
    }
}

/// Servers by their ports, each modelled when the first request comes to it.
struct Desk<'a> {
    host: &'a Host,
    target: &'a Target,
    looker: &'a Looker,
    to: Option<IpAddr>,
    ready: Vec<(u16, Result<Ready<'a>, String>)>,
}

struct Ready<'a> {
    model: Box<dyn Model>,
    disk: WorkerDisk<'a>,
}

impl Desk<'_> {
    fn answer(&mut self, exchange: &Exchange) -> Result<Predicted, String> {
        let from: IpAddr = exchange
            .from
            .parse()
            .map_err(|_| format!("{} is no address", exchange.from))?;
        let mut request = Request::new(&exchange.url, from)?;
        request.to = self.to.or(request.to);
        let known = self
            .ready
            .iter()
            .position(|(port, _)| *port == request.port);
        let index = known.unwrap_or_else(|| {
            self.ready.push((request.port, self.make(request.port)));
            self.ready.len() - 1
        });
        let ready = self.ready.get(index).map(|(_, ready)| ready);
        match ready {
            Some(Ok(ready)) => Ok(predicted(
                &exchange.url,
                &ready.model.answer(&request, &ready.disk),
            )),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("no web server was found".to_owned()),
        }
    }
}

impl<'a> Desk<'a> {
    fn make(&self, port: u16) -> Result<Ready<'a>, String> {
        let server = listening(self.target, port)?;
        let servers = &self.target.servers;
        let model = server.model(self.host, &servers.pools_as_fpm());
        let who = servers.worker_of(server, &self.target.accounts);
        Ok(Ready {
            model,
            disk: WorkerDisk::new(self.host, self.looker, who),
        })
    }
}

/// The one server that listens on the port; a running one before one that only has a configuration.
///
/// # Errors
/// That there is none, or that there are several.
pub(super) fn listening(target: &Target, port: u16) -> Result<&WebServer, String> {
    let all = target.servers.programs.iter();
    let mut listening: Vec<&WebServer> = all
        .filter(|server| server.ports().contains(&port))
        .collect();
    if listening.iter().any(|server| server.running.is_some()) {
        listening.retain(|server| server.running.is_some());
    }
    match listening.as_slice() {
        [one] => Ok(one),
        [] => Err(format!(
            "no web server configuration that was read listens on port {port}; name it with --web-config"
        )),
        _ => Err(format!(
            "several web server configurations listen on port {port}; name one with --web-config"
        )),
    }
}
