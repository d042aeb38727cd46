//! The data directories: where they lie with regard to what is published, and whether those who
//! must write them can.

use super::changes::mechanism;
use super::publish::text;
use crate::access::{Answer, Principal, Verdict, judge};
use crate::facts::{DataDirectory, DataFacts, Known, Listing, Need, TaskDirectory};
use crate::host::{Host, Looker};
use crate::target::{DataDir, Target};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

pub(super) fn observe(host: &Host, target: &Target, looker: &Looker) -> DataFacts {
    let mut directories = Listing {
        rows: Vec::new(),
        missed: target.data_unknown.clone(),
    };
    let own = target.data.iter().filter(|data| !data.derived);
    directories
        .rows
        .extend(own.map(|data| directory(host, target, data)));
    let roles = &target.roles;
    DataFacts {
        directories,
        web_needs: needs(target, looker, &roles.web, &roles.web_unknown, false),
        cron_needs: needs(target, looker, &roles.cron, &roles.cron_unknown, true),
        task_directories: Listing {
            rows: target.data.iter().map(|data| written(host, data)).collect(),
            missed: target.data_unknown.clone(),
        },
    }
}

fn written(host: &Host, data: &DataDir) -> TaskDirectory {
    let real = data.real.as_deref().unwrap_or(&data.path);
    TaskDirectory {
        path: text(real.as_os_str().as_bytes()),
        purpose: data.purpose.to_owned(),
        exists: Known::from(host.is_dir(&data.path)),
    }
}

fn directory(host: &Host, target: &Target, data: &DataDir) -> DataDirectory {
    let real = data.real.as_deref().unwrap_or(&data.path);
    DataDirectory {
        directory: text(data.path.as_os_str().as_bytes()),
        real_directory: text(real.as_os_str().as_bytes()),
        purpose: data.purpose.to_owned(),
        setting: data.setting.clone(),
        configured: data.configured,
        default_is_safe: data.default_is_safe,
        absolute: data.absolute,
        exists: Known::from(host.is_dir(&data.path)),
        inside: inside(target, real),
        path: text(data.config.0.as_os_str().as_bytes()),
        line: data.config.1,
    }
}

/// The document root that holds the directory; empty where none does and all of them are known.
fn inside(target: &Target, real: &Path) -> Known<String> {
    let roots = &target.document_roots;
    let holder = roots.rows.iter().find(|root| real.starts_with(&root.path));
    match (holder, roots.missed.first()) {
        (Some(root), _) => Known::Known(root.path.clone()),
        (None, Some(reason)) => Known::unknown(reason.clone()),
        (None, None) => Known::Known(String::new()),
    }
}

/// What a security module may still refuse is not known to be allowed.
fn writable(target: &Target, who: &Principal, answer: &Answer) -> Known<bool> {
    let held_in = target.roles.held_in.iter().find(|(uid, _)| *uid == who.uid);
    match (answer.allowed, held_in) {
        (None, _) => Known::unknown(answer.because.clone()),
        (Some(true), Some((_, why))) => Known::unknown(why.clone()),
        (Some(allowed), _) => Known::Known(allowed),
    }
}

fn granted(answer: &Answer) -> &'static str {
    let by = answer.link.as_ref().and_then(|link| link.mechanism);
    match (answer.allowed, by) {
        (Some(true), Some(by)) => mechanism(Verdict::Granted(by)),
        _ => "",
    }
}

/// Of these accounts, those that must write a directory: dumps are the updater's, where another account
/// runs the rest of the scheduled task (the guide's own split).
pub(super) fn writers<'a>(
    target: &'a Target,
    data: &DataDir,
    who: &'a [Principal],
) -> &'a [Principal] {
    match target.roles.updaters.as_slice() {
        [] => who,
        updaters if !data.written_by_all => updaters,
        _ => who,
    }
}

fn needs(
    target: &Target,
    looker: &Looker,
    who: &[Principal],
    unknown: &[String],
    all: bool,
) -> Listing<Need> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: target.data_unknown.clone(),
    };
    list.missed.extend(unknown.iter().cloned());
    for data in target.data.iter().filter(|data| all || data.written_by_all) {
        let chain = looker.chain(data.path.as_os_str().as_bytes());
        for who in writers(target, data, who) {
            let answers = judge(&chain, who, looker.sysctl());
            // The product makes a directory that is missing, where it can.
            let answer = if answers.exists == Some(false) {
                answers.replace
            } else {
                answers.create
            };
            list.rows.push(Need {
                path: text(chain.end_path().unwrap_or(data.path.as_os_str().as_bytes())),
                purpose: data.purpose.to_owned(),
                user: who.name.clone(),
                exists: answers
                    .exists
                    .map_or_else(|| Known::unknown(answer.because.clone()), Known::Known),
                writable: writable(target, who, &answer),
                decided_by: answer
                    .link
                    .as_ref()
                    .map_or_else(String::new, |link| text(&link.path)),
                mechanism: granted(&answer).to_owned(),
                because: answer.because,
            });
        }
    }
    list
}
