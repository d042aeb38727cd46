//! What the configuration says to requests that were really sent, so that both can be compared.

use super::desk::Desk;
use crate::agreement::predicted;
use crate::facts::{Listing, LiveFacts, Predicted};
use crate::host::{Host, Looker};
use crate::target::Target;
use std::path::PathBuf;

/// Asks the models the same requests.
#[must_use]
pub fn predict(host: &Host, target: &Target, live: &LiveFacts) -> Listing<Predicted> {
    let looker = Looker::based(PathBuf::from("/"));
    let mut desk = match Desk::new(host, target, &looker, live) {
        Ok(desk) => desk,
        Err(reason) => return Listing::unseen(reason),
    };
    let mut list = Listing::whole(Vec::new());
    for exchange in &live.exchanges.rows {
        match desk.answer(&exchange.url, &exchange.from) {
            Ok(answer) => list.rows.push(predicted(&exchange.url, &answer)),
            Err(reason) => list.missed.push(reason),
        }
    }
    list.missed.sort();
    list.missed.dedup();
    list
}
