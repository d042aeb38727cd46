//! The files probe: one walk over the install and its data directories answers every question about
//! owners, rights and names, for the web server's accounts, the scheduled task's, and everybody.

mod alike;
mod ancestors;
mod changes;
mod checksums;
mod context;
mod data;
mod groups;
mod moved_config;
mod names;
mod needs;
mod observer;
mod oddities;
mod outside;
mod principals;
mod publish;
mod readable;
mod rights;
mod tally;
mod walk;
mod worst;

use crate::access::{Want, may_remove, permission};
use crate::facts::{DataFacts, FilesFacts, Known, Listing, NeedsFacts};
use crate::host::{Host, Looker, entry_of, open_path};
use crate::target::{Generation, Target};
use checksums::Checksums;
use context::Context;
use observer::{Observer, Survey};
use principals::{Principals, Set};
use rustix::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tally::Tally;

/// Threads beyond the processors keep a cold disk busy.
const MAX_THREADS: usize = 8;

/// Observes the files of an install until the deadline.
#[must_use]
pub fn observe(
    host: &Host,
    target: &Target,
    deadline: Option<Instant>,
) -> (FilesFacts, DataFacts, NeedsFacts) {
    let looker = Looker::based(PathBuf::from("/"));
    let principals = watched(target);
    let (checksums, listed) = match Checksums::read(host, &target.root) {
        Ok(list) => (list, None),
        Err(reason) => (None, Some(reason)),
    };
    let data = data_roots(target);
    let inside = inside(target, &data);
    let document_roots: Vec<PathBuf> = target
        .document_roots
        .rows
        .iter()
        .map(|root| PathBuf::from(&root.path))
        .collect();
    let survey = Survey {
        principals: &principals,
        root: &target.root,
        data: &data,
        document_roots: &document_roots,
        inside: &inside,
        checksums: checksums.as_ref(),
        closed: closed(target),
    };
    let mut tally = Tally::default();
    let walked = walk_roots(target, &data);
    for root in &walked {
        tally.merge(walk_one(&survey, &looker, root, deadline));
    }
    let read_as = needs::read_as(&tally, &principals);
    let mut files = publish::files(tally, target, &survey, &looker, listed);
    if let Some(settings) = &target.settings {
        let configs = readable::paths(host, target, settings, &mut Vec::new());
        let outside = outside::changes(configs, &walked, &principals, &looker);
        files.changeable.rows.extend(outside.rows);
        files.changeable.missed.extend(outside.missed);
    }
    files.credentials = readable::credentials(host, target, &looker);
    files.ancestors = ancestors::observe(target, &looker);
    let needs = needs::observe(host, target, &looker, &files, read_as);
    (files, data::observe(host, target, &looker), needs)
}

fn watched(target: &Target) -> Principals {
    let roles = &target.roles;
    let own: Vec<u32> = roles
        .updaters
        .iter()
        .map(|who| who.uid)
        .chain(roles.owner_uid)
        .collect();
    let accounts = target
        .accounts
        .users
        .iter()
        .filter_map(|user| target.accounts.principal(&user.name).ok())
        .collect();
    Principals::new(roles.web.clone(), roles.cron.clone(), &own, accounts)
}

/// Data directories as they really are, and whether the product compiles code into them.
fn data_roots(target: &Target) -> Vec<(PathBuf, bool)> {
    let mut roots: Vec<(PathBuf, bool)> = target
        .data
        .iter()
        .filter_map(|data| Some((data.real.clone()?, data.compiled)))
        // A data directory that is the install itself would make everything data.
        .filter(|(real, _)| !target.root.starts_with(real))
        .collect();
    roots.sort();
    roots.dedup_by(|one, other| one.0 == other.0);
    roots
}

/// v4 alone ships an `.htaccess` in its data directory: it expects it in the web root.
fn closed(target: &Target) -> Option<PathBuf> {
    let data = target.data.first()?;
    (target.generation == Known::Known(Generation::V4)).then(|| data.real.clone())?
}

/// Where links may lead without leaving the helpdesk.
fn inside(target: &Target, data: &[(PathBuf, bool)]) -> Vec<PathBuf> {
    let mut roots = vec![target.root.clone()];
    roots.extend(data.iter().map(|(path, _)| path.clone()));
    roots
}

/// The install, and every data directory that lies outside of it and of each other.
fn walk_roots(target: &Target, data: &[(PathBuf, bool)]) -> Vec<PathBuf> {
    let mut roots = vec![target.root.clone()];
    for (path, _) in data {
        if !roots.iter().any(|root| path.starts_with(root)) {
            roots.push(path.clone());
        }
    }
    roots
}

fn walk_one(survey: &Survey<'_>, looker: &Looker, root: &Path, deadline: Option<Instant>) -> Tally {
    let mut tally = Tally::default();
    let Some((context, seen)) = enter(survey, looker, root, &mut tally) else {
        return tally;
    };
    tally.merge(seen);
    let threads = std::thread::available_parallelism()
        .map_or(2, |cores| (2 * cores.get()).clamp(2, MAX_THREADS));
    let observers = (0..threads).map(|_| Observer::new(survey)).collect();
    let back = walk::walk(root, context, observers, deadline);
    if back.len() < threads {
        tally.miss(
            "a part of the walk broke off: please report this".to_owned(),
            root.as_os_str().as_bytes().to_vec(),
        );
    }
    for observer in back {
        tally.merge(observer.tally);
    }
    tally
}

/// Looks at the walk's root itself: who reaches it, who could swap it or a directory above it.
fn enter(
    survey: &Survey<'_>,
    looker: &Looker,
    root: &Path,
    tally: &mut Tally,
) -> Option<(Context, Tally)> {
    let mut reach: Set = Set::MAX;
    let mut above: Set = 0;
    let mut parent: Option<crate::access::Entry> = None;
    let places: Vec<&Path> = root.ancestors().collect();
    for place in places.into_iter().rev() {
        let looked = open_path(rustix::fs::CWD, place.as_os_str().as_bytes())
            .and_then(|fd| entry_of(fd.as_fd(), looker.mounts(), Want::WRITE.and(Want::EXEC)));
        let sight = match looked {
            Ok(sight) => sight,
            Err(error) => {
                tally.miss(format!("{error}"), place.as_os_str().as_bytes().to_vec());
                return None;
            }
        };
        if let Some(directory) = &parent {
            for (bit, _, who) in survey.principals.iter() {
                let removes = may_remove(who, directory, &sight.entry, sight.mount_root);
                if reach & bit != 0 && matches!(removes, Ok(verdict) if verdict.is_granted()) {
                    above |= bit;
                }
            }
        }
        if place == root {
            let mut observer = Observer::new(survey);
            let context = observer.root(root, &sight.entry, reach, above);
            return Some((context, observer.tally));
        }
        for (bit, _, who) in survey.principals.iter() {
            if !permission(who, &sight.entry, Want::EXEC).is_granted() {
                reach &= !bit;
            }
        }
        parent = Some(sight.entry);
    }
    None
}

/// A listing from rows that were kept and the reasons why there may be more.
fn listing<T>(rows: Vec<T>, missed: impl IntoIterator<Item = String>) -> Listing<T> {
    Listing {
        rows,
        missed: missed.into_iter().collect(),
    }
}
