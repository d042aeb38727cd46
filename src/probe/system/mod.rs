//! What runs for the helpdesk, as facts: workers, scheduled tasks, the build on disk, PHP,
//! and what listens.

mod build;
mod listeners;
mod php;

use crate::facts::{Job, Known, Listing, ServerFacts, Worker};
use crate::host::Host;
use crate::target::schedule::Scheduler;
use crate::target::{NamedAccount, NamedWorker, Target};

/// Observes the host's side of the helpdesk.
#[must_use]
pub fn observe(host: &Host, target: &Target) -> ServerFacts {
    let jobs = jobs(target);
    let php = php::observe(host, target);
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
        php: php.versions,
        php_settings: php.settings,
        session_lines: php.session_lines,
        listeners: listeners::observe(host),
    }
}

fn nobody(account: &NamedAccount) -> String {
    format!(
        "{} names the account {}, which /etc/passwd does not have",
        account.source, account.spec
    )
}

fn workers(target: &Target) -> Listing<Worker> {
    let servers = &target.servers;
    let mut list = Listing {
        rows: Vec::new(),
        missed: servers
            .web_missed()
            .chain(&servers.missed.processes)
            .cloned()
            .collect(),
    };
    for NamedWorker { program, account } in servers.named_workers() {
        match target.resolve(&account) {
            Some(who) => list.rows.push(Worker {
                program: program.to_owned(),
                user: who.name,
                uid: who.uid,
                source: account.source,
                path: account.path.to_string_lossy().into_owned(),
                line: account.line,
            }),
            None => list.missed.push(nobody(&account)),
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
    for found in target.servers.started_jobs() {
        let account = found.account();
        let Some(who) = target.resolve(&account) else {
            list.missed.push(nobody(&account));
            continue;
        };
        let web = &target.roles.web;
        list.rows.push(Job {
            is_web_user: if web.iter().any(|other| other.uid == who.uid) {
                Known::Known(true)
            } else if let Some(reason) = target.roles.web_unknown.first() {
                Known::unknown(reason.clone())
            } else {
                Known::Known(false)
            },
            user: who.name,
            uid: who.uid,
            command: found.command.clone(),
            updates: found.updates,
            crontab: found.scheduler == Scheduler::Cron && found.line > 0 && found.notes.is_empty(),
            path: found.path.clone(),
            line: found.line,
        });
    }
    list
}
