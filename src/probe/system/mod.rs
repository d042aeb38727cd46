//! What runs for the helpdesk, as facts: workers, scheduled tasks, and the build on disk.

mod build;

use crate::facts::{Job, Known, Listing, ServerFacts, Worker};
use crate::host::Host;
use crate::target::Target;

/// Observes the host's side of the helpdesk.
#[must_use]
pub fn observe(host: &Host, target: &Target) -> ServerFacts {
    let jobs = jobs(target);
    ServerFacts {
        workers: workers(target),
        scheduled: if !jobs.rows.is_empty() {
            Known::Known(true)
        } else if let Some(reason) = jobs.missed.first() {
            Known::unknown(reason.clone())
        } else {
            Known::Known(false)
        },
        jobs,
        product: build::observe(host, target),
    }
}

fn uid_of(target: &Target, user: &str) -> Option<u32> {
    target.accounts.principal(user).ok().map(|who| who.uid)
}

fn workers(target: &Target) -> Listing<Worker> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: target.servers.web_missed().cloned().collect(),
    };
    for found in target.servers.web_workers() {
        let uid = found.uid.or_else(|| uid_of(target, &found.user));
        match uid {
            Some(uid) => list.rows.push(Worker {
                program: found.program,
                user: found.user,
                uid,
                source: found.source,
                path: found.path.to_string_lossy().into_owned(),
                line: found.line,
            }),
            None => list.missed.push(format!(
                "{} names the account {}, which /etc/passwd does not have",
                found.source, found.user
            )),
        }
    }
    if list.rows.is_empty() && list.missed.is_empty() {
        list.missed
            .push("neither a running web server nor a configuration of one was found".to_owned());
    }
    list
}

fn jobs(target: &Target) -> Listing<Job> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: target.servers.missed.jobs.clone(),
    };
    for found in &target.servers.jobs {
        let Some(uid) = uid_of(target, &found.effective_user) else {
            list.missed.push(format!(
                "{} names the account {}, which /etc/passwd does not have",
                found.source(),
                found.effective_user
            ));
            continue;
        };
        let web = &target.roles.web;
        list.rows.push(Job {
            user: found.effective_user.clone(),
            uid,
            command: found.command.clone(),
            updates: found.updates,
            is_web_user: if web.iter().any(|who| who.uid == uid) {
                Known::Known(true)
            } else if let Some(reason) = target.roles.web_unknown.first() {
                Known::unknown(reason.clone())
            } else {
                Known::Known(false)
            },
            path: found.path.to_string_lossy().into_owned(),
            line: found.line,
        });
    }
    list
}
