//! What the web server would do, asked of its model: what it serves, runs and lists, whom it lets in
//! and believes, and whether it works by the files that were read. Sends no request.

mod client_address;
mod loaded;
mod predict;

pub use predict::predict;

use crate::facts::{ConfigFacts, FilesFacts, Listing, WebFacts, WebServerFacts};
use crate::host::Host;
use crate::target::Target;

/// What other probes saw before.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The files of the install.
    pub files: &'a FilesFacts,
    /// The product's configuration.
    pub config: &'a ConfigFacts,
}

/// Observes what the web server would do with the install.
#[must_use]
pub fn observe(host: &Host, target: &Target, seen: Seen<'_>) -> WebFacts {
    WebFacts {
        servers: servers(host, target),
        loaded: loaded::observe(host, target),
        client_address: client_address::observe(host, target, &seen.config.proxy_trust),
        ..WebFacts::default()
    }
}

fn servers(host: &Host, target: &Target) -> Listing<WebServerFacts> {
    let rows = target.servers.programs.iter().map(|server| WebServerFacts {
        program: server.program.name().to_owned(),
        path: server.config.to_string_lossy().into_owned(),
        running: server.running.is_some(),
        serves_install: server.publishes(host, &target.root),
    });
    Listing {
        rows: rows.collect(),
        missed: target.servers.missed.web.clone(),
    }
}
