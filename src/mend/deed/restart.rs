//! The database server is started anew, and what was written for it is taken back where it does not come
//! back with it.

use crate::fix::Server;
use crate::mend::apply::Work;
use crate::mend::restart::{self, Failed};
use crate::mend::{Surprise, server};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Carries it out; without a service a person does it.
pub(super) fn restart(work: &mut Work<'_, '_>, service: Option<&str>) -> Result<(), Surprise> {
    if service.is_none() || !work.world.host.is_here() {
        server::by_hand(work.world);
        return Ok(());
    }
    let its = |servers: &Vec<Server>| servers.contains(&Server::Database);
    let files: BTreeSet<PathBuf> = work
        .planned
        .iter()
        .filter(|(_, servers)| its(servers))
        .map(|(path, _)| path.clone())
        .collect();
    let written = work.waiting.iter().any(|(path, _)| files.contains(path));
    if !written && !files.is_empty() && restart::differs(work.world, &files)?.is_none() {
        return Ok(());
    }
    let Err(failed) = restart::restart(work.world, service, &files) else {
        return Ok(());
    };
    let mut back = Vec::new();
    work.waiting.retain(|(path, change)| {
        let is_its = files.contains(path);
        if is_its {
            back.push(change.clone());
        }
        !is_its
    });
    for change in back.iter().rev() {
        change.back(work.world)?;
    }
    let (first, way) = match failed {
        Failed::Before(surprise) => return Err(surprise),
        Failed::Gone(surprise, way) => (surprise, way),
    };
    let again = restart::start(work.world, &way, &BTreeSet::new());
    Err(Surprise::new(match again {
        Ok(()) => format!(
            "{first}; what was written for it was taken back, it was started again, and answers"
        ),
        Err(again) => {
            format!("{first}; what was written for it was taken back, and even so: {again}")
        }
    }))
}
