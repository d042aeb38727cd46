//! What the web server does when it is asked over HTTP. Refuses any method but GET, and any host but
//! the one that was named. Without a URL nothing is sent and everything is unknown.

mod ask;
mod canary;
mod connect;
mod control;
mod data_asks;
mod file_asks;
mod marker;
mod old_tls;
mod page_asks;
mod pages;
mod places;
mod plain;
mod present;
mod recognise;
mod reply;
mod send;
mod site;
mod summary;
mod tls;
mod trust;
mod unseen;
mod visit;

use crate::facts::{Known, LiveFacts};
use crate::host::Host;
use crate::target::{Asking, Target};
use site::Site;
use std::time::Instant;
use trust::Trust;
use unseen::unseen;

/// Why nothing was sent, where no URL was named.
const NO_URL: &str = "no URL: give --url, or url in deskguard.toml";

/// Asks the helpdesk's own address, if there is one.
#[must_use]
pub fn observe(host: &Host, target: &Target, asking: &Asking) -> LiveFacts {
    if asking.offline {
        return unseen("--offline: nothing was sent");
    }
    let Some((url, source)) = &asking.url else {
        return unseen(NO_URL);
    };
    let site = match Site::new(url) {
        Ok(site) => site,
        Err(problem) => return unseen(&problem),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return unseen(&format!("the HTTP probe could not start: {error}")),
    };
    let visit = visit::Visit {
        host,
        target,
        asking,
        trust: Trust::load(),
        deadline: Instant::now() + asking.limit,
    };
    let mut facts = runtime.block_on(visit.pay(site));
    // A name that is still being looked up must not keep the report waiting.
    runtime.shutdown_background();
    facts.site.url = Known::Known(url.clone());
    facts.site.url_source.clone_from(source);
    summary::summarise(&mut facts);
    facts
}
