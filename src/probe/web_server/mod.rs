//! What the web server would do, asked of its model: what it serves, runs and lists, whom it lets in
//! and believes, and whether it works by the files that were read. Sends no request.

mod blocks;
mod client_address;
mod data;
mod diagnostics;
mod guard;
mod interfaces;
mod lines;
mod loaded;
mod places;
mod predict;
mod private;
mod surface;
mod transport;
mod writable;

pub use predict::predict;
pub use transport::transport;

use crate::facts::{
    AddressTrust, ConfigFacts, FilesFacts, Interface, Known, Listing, WebFacts, WebServerFacts,
};
use crate::host::{Host, Looker};
use crate::target::{Generation, Target};
use places::Sample;
use std::path::PathBuf;
use surface::Surface;

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
    let looker = Looker::based(PathBuf::from("/"));
    let surface = Surface::new(host, &looker, target, seen.files);
    let Sample { spots, is_cut } = data::data_spots(&surface, target);
    let private = private::observe(&surface, target, seen.files, &spots);
    let interfaces = interfaces::observe(&surface, target);
    let mut client_address = client_address::observe(host, target, &seen.config.proxy_trust);
    client_address.rows.extend(forgeries(&interfaces));
    let sampled = (is_cut || private.is_cut).then(|| {
        "the tree has more directories than the web server's rules were asked about: one file of each kind in those nearest to the top stands for the rest".to_owned()
    });
    WebFacts {
        servers: servers(host, target),
        blocks: blocks::observe(host, target),
        transport: Listing::default(),
        inside: target
            .addresses
            .inside
            .iter()
            .map(ToString::to_string)
            .collect(),
        loaded: loaded::observe(host, target),
        client_address,
        data: data::observe(&surface, target, &spots),
        writable: writable::observe(&surface, target, &looker, seen.files, &spots),
        credentials: private.credentials,
        private: private.private,
        scripts: private.scripts,
        directories: private.directories,
        interfaces,
        installer: interfaces::installer(&surface, target),
        diagnostics: diagnostics::observe(&surface, target),
        installed_marker: installed_marker(host, target),
        assumed: sampled.into_iter().collect(),
    }
}

/// Rules that a made-up header passes, each line once.
fn forgeries(interfaces: &Listing<Interface>) -> Vec<AddressTrust> {
    let mut found: Vec<AddressTrust> = Vec::new();
    for row in interfaces.rows.iter().filter(|row| !row.forged.is_empty()) {
        let trust = AddressTrust {
            believer: "a rule".to_owned(),
            who: Known::Known("everyone".to_owned()),
            because: format!(
                "with the header {} an outsider gets to {}, and without it he does not",
                row.forged, row.url
            ),
            path: row.path.clone(),
            line: row.line,
        };
        let is_known =
            |known: &AddressTrust| (&known.path, known.line) == (&trust.path, trust.line);
        if !found.iter().any(is_known) {
            found.push(trust);
        }
    }
    found
}

/// v4's own mark that it is installed (`is_installed.dat` in its data directory).
fn installed_marker(host: &Host, target: &Target) -> Known<bool> {
    match (&target.generation, target.data.first()) {
        (Known::Known(Generation::V4), Some(data)) => {
            Known::from(host.exists(&data.path.join("is_installed.dat")))
        }
        (Known::Known(Generation::V4), None) => Known::unknown(target.no_settings()),
        (Known::Known(_), _) => Known::unknown("only v4 has such a mark"),
        (Known::Unknown(reason), _) => Known::unknown(reason),
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
