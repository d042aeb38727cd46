//! One `server` block.

use super::listen::Listen;
use super::location::{Kind, Reader};
use super::server_name::Name;
use super::{Code, Plan, Settings, Start};
use crate::route::{Directive, Place};

/// One `server` block.
#[derive(Debug)]
pub(in crate::route::nginx) struct Server {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) names: Vec<Name>,
    /// The server as a location: where no location of its own fits.
    pub(in crate::route::nginx) location: usize,
    pub(in crate::route::nginx) named: Vec<(Vec<u8>, usize)>,
    pub(in crate::route::nginx) codes: Vec<Code>,
    pub(in crate::route::nginx) merge_slashes: bool,
    pub(in crate::route::nginx) underscores_in_headers: bool,
    pub(in crate::route::nginx) ignore_invalid_headers: bool,
    /// Where `ssl_verify_client on` stands.
    pub(in crate::route::nginx) wants_certificate: Option<Place>,
    /// Where `ssl_reject_handshake on` stands.
    pub(in crate::route::nginx) rejects_handshake: Option<Place>,
}

/// The switches of `http` that a server inherits.
#[derive(Clone, Copy)]
pub(super) struct Switches {
    pub(super) merge_slashes: bool,
    pub(super) underscores_in_headers: bool,
    pub(super) ignore_invalid_headers: bool,
    ssl: bool,
}

impl Switches {
    pub(super) const DEFAULT: Self = Self {
        merge_slashes: true,
        underscores_in_headers: false,
        ignore_invalid_headers: true,
        ssl: false,
    };

    pub(super) fn read(mut self, directives: &[Directive]) -> Self {
        for directive in directives {
            let on = directive.args.first().is_some_and(|word| word.is("on"));
            match directive.name.bytes() {
                b"merge_slashes" => self.merge_slashes = on,
                b"underscores_in_headers" => self.underscores_in_headers = on,
                b"ignore_invalid_headers" => self.ignore_invalid_headers = on,
                // nginx before 1.25.1 knows it: every `listen` of the server speaks TLS.
                b"ssl" => self.ssl = on,
                _ => {}
            }
        }
        self
    }
}

impl Server {
    /// Reads a server and all its locations.
    pub(super) fn read(
        block: &Directive,
        outside: &Settings,
        switches: Switches,
        start: &Start,
        plan: &mut Plan,
    ) {
        let switches = switches.read(block.inside());
        let mut names = Vec::new();
        for directive in block.all("server_name") {
            for word in &directive.args {
                names.push(Name::new(word, &directive.at, plan));
            }
        }
        let mut reader = Reader {
            plan,
            prefix: &start.prefix,
            named: Vec::new(),
        };
        let settings = reader.settings(block, Some(0), outside);
        let location = reader.push(block, Kind::Server, Vec::new(), settings);
        reader.handler(block, location);
        let codes = reader.server_codes(block);
        reader.children(block, location);
        let named = reader.named;
        let index = plan.servers.len();
        listens(block, index, switches, start, plan);
        let on = |name: &str| {
            let directive = block.all(name).next()?;
            let is_on = directive.args.first().is_some_and(|word| word.is("on"));
            is_on.then(|| directive.at.clone())
        };
        plan.servers.push(Self {
            at: block.at.clone(),
            names,
            location,
            named,
            codes,
            merge_slashes: switches.merge_slashes,
            underscores_in_headers: switches.underscores_in_headers,
            ignore_invalid_headers: switches.ignore_invalid_headers,
            wants_certificate: on("ssl_verify_client"),
            rejects_handshake: on("ssl_reject_handshake"),
        });
    }
}

fn listens(block: &Directive, server: usize, switches: Switches, start: &Start, plan: &mut Plan) {
    let mut listens = Vec::new();
    let mut none = true;
    for directive in block.all("listen") {
        none = false;
        match Listen::read(directive) {
            Ok(Some(listen)) => listens.push(listen),
            Ok(None) => {}
            Err(problem) => plan.problems.push(problem),
        }
    }
    if none {
        listens.push(Listen::implied(&block.at, start.port));
    }
    let mut addresses = Vec::new();
    for listen in listens {
        listen.add(server, &mut plan.sockets);
        addresses.extend(listen.addresses);
    }
    if switches.ssl {
        for socket in &mut plan.sockets {
            socket.ssl |= addresses.contains(&(socket.address, socket.port));
        }
    }
}
