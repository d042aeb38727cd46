//! The models of the servers that really answered, each made when the first request comes to its port.
//! Refuses to answer for another machine's server, and where it is not certain which server was asked.

use crate::facts::{Known, LiveFacts};
use crate::host::{Host, Looker, WorkerDisk};
use crate::route::{Answer, Model, Place, Request, Scheme};
use crate::target::Target;
use crate::target::web_server::WebServer;
use std::net::IpAddr;

/// Servers by their ports.
pub(super) struct Desk<'a> {
    host: &'a Host,
    target: &'a Target,
    looker: &'a Looker,
    to: Option<IpAddr>,
    ready: Vec<(u16, Result<Ready<'a>, String>)>,
}

struct Ready<'a> {
    server: &'a WebServer,
    model: Box<dyn Model>,
    disk: WorkerDisk<'a>,
}

impl<'a> Desk<'a> {
    /// Nothing is modelled yet.
    ///
    /// # Errors
    /// That the answers are not this machine's, or that nobody knows.
    pub(super) fn new(
        host: &'a Host,
        target: &'a Target,
        looker: &'a Looker,
        live: &LiveFacts,
    ) -> Result<Self, String> {
        is_here(live)?;
        Ok(Self {
            host,
            target,
            looker,
            to: live.site.address.known().and_then(|it| it.parse().ok()),
            ready: Vec::new(),
        })
    }

    /// What the model says to a request from this address.
    pub(super) fn answer(&mut self, url: &str, from: &str) -> Result<Answer, String> {
        let from: IpAddr = from.parse().map_err(|_| format!("{from} is no address"))?;
        let request = self.request(url, from)?;
        let ready = self.ready(&request)?;
        Ok(ready.model.answer(&request, &ready.disk))
    }

    /// The server that takes a request, and the line of its block or virtual host; no line for Apache's
    /// main server.
    pub(super) fn server_at(
        &mut self,
        url: &str,
    ) -> Result<(&'a WebServer, Option<Place>), String> {
        let from = self.to.ok_or("the address that answered is not known")?;
        let request = self.request(url, from)?;
        let ready = self.ready(&request)?;
        let entrance = ready.model.entrance(&request, &ready.disk)?;
        if entrance.proxy_protocol || entrance.tls != (request.scheme == Scheme::Https) {
            return Err(format!("{url} is answered by something in front of it"));
        }
        let at = entrance.answers;
        Ok((ready.server, at))
    }

    fn request(&self, url: &str, from: IpAddr) -> Result<Request, String> {
        let mut request = Request::new(url, from)?;
        request.to = self.to.or(request.to);
        Ok(request)
    }

    fn ready(&mut self, request: &Request) -> Result<&Ready<'a>, String> {
        let port = request.port;
        let known = self.ready.iter().position(|(known, _)| *known == port);
        let index = known.unwrap_or_else(|| {
            self.ready.push((port, self.make(port)));
            self.ready.len() - 1
        });
        match self.ready.get(index).map(|(_, ready)| ready) {
            Some(Ok(ready)) => Ok(ready),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("no web server was found".to_owned()),
        }
    }

    fn make(&self, port: u16) -> Result<Ready<'a>, String> {
        let server = listening(self.target, port)?;
        let servers = &self.target.servers;
        let model = server.model(self.host, &servers.pools_as_fpm());
        let who = servers.worker_of(server, &self.target.accounts);
        Ok(Ready {
            server,
            model,
            disk: WorkerDisk::new(self.host, self.looker, who),
        })
    }
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
