//! Which lines decide how the helpdesk is spoken to: the versions of TLS, and what becomes of plain HTTP.
//! Rests on what was answered over HTTP. Refuses to send users to HTTPS where anything suggests that
//! they would not get there: those cases are a person's, and say why.

mod protocols;
mod proxy;
mod redirect;

use super::lines::Lines;
use super::predict::{is_here, listening};
use crate::facts::{AddressTrust, ConfigFacts, Listing, LiveFacts, TransportPlace};
use crate::host::{Host, Looker, WorkerDisk};
use crate::route::{Directive, Entrance, Model, Place, Request};
use crate::target::Target;
use crate::target::servers::Program;
use crate::target::web_server::{Parsed, WebServer};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Whom the product and the servers believe when a request says who forwarded it.
pub(super) type Believed<'a> = (&'a ConfigFacts, &'a Listing<AddressTrust>);

/// The places, each with what is to stand there.
#[must_use]
pub fn transport(
    host: &Host,
    target: &Target,
    live: &LiveFacts,
    believed: Believed<'_>,
) -> Listing<TransportPlace> {
    if let Err(reason) = is_here(live) {
        return Listing::unseen(reason);
    }
    let looker = Looker::based(PathBuf::from("/"));
    let mut ground = Ground {
        host,
        target,
        looker: &looker,
        live,
        lines: Lines::new(host),
        rows: Vec::new(),
    };
    if let Err(reason) = ground.protocols() {
        ground.by_hand("protocols", reason);
    }
    if let Err(reason) = ground.redirect(believed) {
        ground.by_hand("redirect", reason);
    }
    Listing::whole(ground.rows)
}

/// What is asked, and what was found.
struct Ground<'a> {
    host: &'a Host,
    target: &'a Target,
    looker: &'a Looker,
    live: &'a LiveFacts,
    lines: Lines<'a>,
    rows: Vec<TransportPlace>,
}

/// Where requests to one port come in.
struct Door<'a> {
    server: &'a WebServer,
    model: Box<dyn Model>,
    disk: WorkerDisk<'a>,
    request: Request,
    entrance: Entrance,
}

/// What is to be done at a place.
enum Mend {
    /// The line becomes this one.
    Line(fn(&str) -> Option<String>),
    /// The block gets these lines.
    Block(String),
}

impl<'a> Ground<'a> {
    /// Where a request to this URL comes in.
    fn door(&self, url: &str) -> Result<Door<'a>, String> {
        let mut request = Request::new(url, self.target.addresses.outside)?;
        let to: Option<IpAddr> = self
            .live
            .site
            .address
            .known()
            .and_then(|it| it.parse().ok());
        request.to = to.or(request.to);
        let server = listening(self.target, request.port)?;
        if matches!(&server.parsed, Parsed::Nginx { dump: Some(_), .. }) {
            return Err(format!(
                "{} is the output of nginx -T: its lines are in other files",
                server.config.display()
            ));
        }
        let servers = &self.target.servers;
        let model = server.model(self.host, &servers.pools_as_fpm());
        let who = servers.worker_of(server, &self.target.accounts);
        let disk = WorkerDisk::new(self.host, self.looker, who);
        let entrance = model.entrance(&request, &disk)?;
        Ok(Door {
            server,
            model,
            disk,
            request,
            entrance,
        })
    }

    fn add(&mut self, about: &str, program: Program, at: &Place, mend: Mend, because: String) {
        let text = self.lines.text(at);
        let (how, mended) = match (mend, &text) {
            (Mend::Line(mended), Some(text)) => ("line", mended(text)),
            (Mend::Block(lines), _) => ("block", Some(lines)),
            (Mend::Line(_), None) => ("", None),
        };
        let (Some(text), Some(mended)) = (text, mended) else {
            let reason = format!("{at}: {because}, and the line cannot be replaced whole");
            return self.by_hand(about, reason);
        };
        let row = TransportPlace {
            program: program.name().to_owned(),
            about: about.to_owned(),
            path: at.file.to_string_lossy().into_owned(),
            line: at.line,
            text,
            how: how.to_owned(),
            mended,
            because,
        };
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
    }

    fn by_hand(&mut self, about: &str, because: String) {
        self.rows.push(TransportPlace {
            program: String::new(),
            about: about.to_owned(),
            path: String::new(),
            line: 0,
            text: String::new(),
            how: String::new(),
            mended: String::new(),
            because,
        });
    }
}

impl Door<'_> {
    /// A block by the line on which it opens; Apache's server outside of all virtual hosts is its main
    /// file, and nginx knows none such.
    fn block<'t>(&'t self, at: Option<&Place>) -> Option<(Place, &'t [Directive])> {
        let tree = self.server.parsed.tree();
        match at {
            Some(at) => find(&tree.directives, at).map(|block| (at.clone(), block.inside())),
            None => {
                let file = Arc::from(self.server.config.as_path());
                Some((Place { file, line: 0 }, &tree.directives))
            }
        }
    }
}

/// The block that opens there.
fn find<'t>(directives: &'t [Directive], at: &Place) -> Option<&'t Directive> {
    directives.iter().find_map(|directive| {
        if directive.at == *at && directive.children.is_some() {
            return Some(directive);
        }
        find(directive.inside(), at)
    })
}
