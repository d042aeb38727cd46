//! From the connection to the server block: socket, TLS, request line, host.

use super::host::validated;
use super::state::{MOST_CHANGES, State};
use super::uri::{Bad, Uri};
use super::{End, Step};
use crate::route::nginx::plan::{Beyond, NameKind, Plan, Socket};
use crate::route::{Decision, Disk, Entrance, Fpm, Request, Scheme};
use std::net::IpAddr;

impl<'a> State<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        fpm: &'a [Fpm],
        request: &'a Request,
        disk: &'a dyn Disk,
    ) -> Self {
        Self {
            plan,
            fpm,
            request,
            disk,
            server: 0,
            location: 0,
            handler: None,
            uri: Vec::new(),
            args: Vec::new(),
            unparsed: Vec::new(),
            host: Vec::new(),
            client: request.from,
            local_port: request.port,
            changes_left: MOST_CHANGES,
            uri_changed: false,
            valid_location: true,
            internal: false,
            in_error_page: false,
            err_status: 0,
            add_uri_to_alias: false,
            redirect: None,
            escapes: false,
            real_ip_done: false,
            captures: Vec::new(),
            slots: vec![None; plan.definitions.len()],
            because: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn arrive(&mut self) -> Result<Step, Beyond> {
        let socket = self.socket()?;
        if let Some(at) = &socket.proxy_protocol {
            return Err(Beyond::at(
                at,
                "listen with proxy_protocol expects a proxy in between, which says who the client is",
            ));
        }
        self.choose(socket.default)?;
        if self.request.scheme == Scheme::Https
            && let Some(step) = self.handshake(socket)?
        {
            return Ok(step);
        }
        // The request line is read with the settings of the server known so far.
        let merge_slashes = self.server()?.merge_slashes;
        let uri = match Uri::read(&self.request.target, merge_slashes) {
            Ok(uri) => uri,
            Err(Bad::Request(why)) => {
                self.note(why);
                return Ok(Step::status(400));
            }
            Err(Bad::Releases(why)) => {
                return Err(Beyond {
                    at: None,
                    text: why.to_owned(),
                });
            }
        };
        self.uri = uri.path;
        self.args = uri.args;
        self.unparsed = uri.unparsed;
        self.escapes = uri.escapes;
        // The host of an absolute target chooses the server before the headers are read.
        let absolute = uri.host.is_some();
        if let Some(host) = uri.host
            && let Some(step) = self.named(socket, &host)?
        {
            return Ok(step);
        }
        let header = self.request.host_header();
        if absolute {
            if validated(&header).is_none() {
                self.note("the Host header is not valid");
                return Ok(Step::status(400));
            }
        } else if let Some(step) = self.named(socket, &header)? {
            return Ok(step);
        }
        if let Some(step) = self.tls_rules(socket)? {
            return Ok(step);
        }
        self.real_ip()?;
        Ok(Step::ServerRewrite)
    }

    pub(super) fn entrance(&mut self) -> Result<Entrance, Beyond> {
        let socket = self.socket()?;
        self.choose(socket.default)?;
        let first = self.server()?.at.clone();
        let header = self.request.host_header();
        if self.named(socket, &header)?.is_some() {
            return Err(Beyond {
                at: None,
                text: "the host is not valid".to_owned(),
            });
        }
        Ok(Entrance {
            tls: socket.ssl,
            proxy_protocol: socket.proxy_protocol.is_some(),
            answers: Some(self.server()?.at.clone()),
            first: Some(first),
        })
    }

    /// Takes a host, if it is valid, and the server that it means.
    fn named(&mut self, socket: &'a Socket, host: &[u8]) -> Result<Option<Step>, Beyond> {
        let Some(host) = validated(host) else {
            self.note("the host is not valid");
            return Ok(Some(Step::status(400)));
        };
        self.host = host;
        self.virtual_server(socket)?;
        Ok(None)
    }

    /// The socket that takes the connection: the address itself, else any address.
    fn socket(&mut self) -> Result<&'a Socket, Beyond> {
        let port = self.request.port;
        let on_port: Vec<&Socket> = self
            .plan
            .sockets
            .iter()
            .filter(|socket| socket.port == port)
            .collect();
        if on_port.is_empty() {
            return Err(Beyond {
                at: None,
                text: format!("no server listens on port {port}"),
            });
        }
        let family = self.request.to.unwrap_or(self.request.from);
        let wildcard = || {
            let mut any = on_port.iter().filter(|socket| {
                socket.address.is_unspecified() && (socket.address.is_ipv4() == family.is_ipv4())
            });
            any.next().or_else(|| {
                on_port.iter().find(|socket| {
                    socket.address.is_unspecified() && socket.both_families && family.is_ipv4()
                })
            })
        };
        let exact = |to: IpAddr| on_port.iter().find(|socket| socket.address == to);
        let found = match (self.request.to, on_port.as_slice()) {
            (Some(to), _) => exact(to).or_else(wildcard),
            (None, [only]) => Some(only),
            (None, all) if all.iter().all(|socket| socket.address.is_unspecified()) => wildcard(),
            (None, _) => {
                return Err(Beyond {
                    at: None,
                    text: format!(
                        "several addresses listen on port {port}, and which one {} means is not known",
                        self.request.host
                    ),
                });
            }
        };
        found.copied().ok_or_else(|| Beyond {
            at: None,
            text: format!("no server listens on port {port} of that address"),
        })
    }

    fn choose(&mut self, server: usize) -> Result<(), Beyond> {
        self.server = server;
        self.location = self.server()?.location;
        Ok(())
    }

    /// TLS: the name that the client indicates chooses the server too.
    fn handshake(&mut self, socket: &'a Socket) -> Result<Option<Step>, Beyond> {
        if !socket.ssl {
            self.say(
                &socket.default_at,
                "this listen has no ssl: nginx answers a TLS handshake with 400",
            );
            return Ok(Some(Step::Done(End {
                decision: Decision::Denied,
                status: Some(400),
                file: None,
                to: None,
            })));
        }
        let bare = self
            .request
            .host
            .trim_start_matches('[')
            .trim_end_matches(']');
        if bare.parse::<IpAddr>().is_err()
            && let Some(name) = validated(self.request.host.as_bytes())
            && let Some((server, _)) = self.server_for(socket, &name)?
        {
            self.choose(server)?;
        }
        if let Some(at) = &self.server()?.rejects_handshake {
            self.say(
                at,
                "ssl_reject_handshake: the connection ends before any request",
            );
            return Ok(Some(Step::Done(End {
                decision: Decision::Denied,
                status: Some(444),
                file: None,
                to: None,
            })));
        }
        Ok(None)
    }

    fn tls_rules(&mut self, socket: &Socket) -> Result<Option<Step>, Beyond> {
        if socket.ssl && self.request.scheme == Scheme::Http {
            self.say(
                &socket.default_at,
                "a plain HTTP request reached a port that speaks TLS",
            );
            return Ok(Some(Step::status(497)));
        }
        if socket.ssl
            && let Some(at) = &self.server()?.wants_certificate
        {
            self.say(at, "ssl_verify_client: the client shows no certificate");
            return Ok(Some(Step::status(496)));
        }
        Ok(None)
    }

    /// `ngx_http_set_virtual_server`.
    fn virtual_server(&mut self, socket: &'a Socket) -> Result<(), Beyond> {
        let host = self.host.clone();
        let shown = String::from_utf8_lossy(&host).into_owned();
        let port = socket.port;
        match self.server_for(socket, &host)? {
            Some((server, at)) => {
                self.choose(server)?;
                let found = self.server()?;
                if let Some(name) = found.names.get(at) {
                    let text = format!("server_name {} takes {shown} on port {port}", name.text);
                    self.say(&name.at, text);
                }
            }
            None => {
                // Without a server of that name even the one that TLS chose gives way.
                self.choose(socket.default)?;
                let found = self.server()?;
                let text = if socket.servers.len() == 1 {
                    format!("the only server on port {port}")
                } else if socket.is_flagged {
                    format!("no server is called {shown}: default_server on port {port}")
                } else {
                    format!("no server is called {shown}: the first server on port {port}")
                };
                let at = if socket.is_flagged {
                    &socket.default_at
                } else {
                    &found.at
                };
                self.say(at, text);
            }
        }
        Ok(())
    }

    /// `ngx_http_find_virtual_server`: the server and its name for a host.
    fn server_for(
        &mut self,
        socket: &'a Socket,
        host: &[u8],
    ) -> Result<Option<(usize, usize)>, Beyond> {
        if let Some((server, at)) = socket.names.find(host) {
            return Ok(Some((server, at)));
        }
        if let Some((server, at)) = socket.names.hostname
            && let Some(name) = self.plan.servers.get(server).and_then(|s| s.names.get(at))
        {
            return Err(Beyond::at(
                &name.at,
                "server_name $hostname is the machine's own name",
            ));
        }
        for (server, at) in &socket.names.patterns {
            let name = self
                .plan
                .servers
                .get(*server)
                .and_then(|s| s.names.get(*at));
            if let Some(name) = name
                && let NameKind::Pattern(pattern) = &name.kind
                && self.matches(pattern, host, &name.at)?
            {
                return Ok(Some((*server, *at)));
            }
        }
        Ok(None)
    }
}
