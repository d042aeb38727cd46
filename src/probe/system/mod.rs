//! What runs for the helpdesk, as facts: workers, scheduled tasks, the build on disk, PHP,
//! and what listens.

mod build;
mod listeners;
mod php;
mod scratch;
mod workers;

use crate::facts::{Job, Known, Listing, ServerFacts};
use crate::host::Host;
use crate::target::schedule::Scheduler;
use crate::target::{NamedAccount, Target};

/// Observes the host's side of the helpdesk.
#[must_use]
pub fn observe(host: &Host, target: &Target) -> ServerFacts {
    let jobs = jobs(target);
    let (php, php_settings) = php::observe(host, target);
    let (workers, scratch) = workers::observe(host, target);
    ServerFacts {
        workers,
        scratch,
        scheduled: if !jobs.rows.is_empty() {
            Known::Known(true)
        } else if let Some(reason) = jobs.missed.first() {
            Known::unknown(reason.clone())
        } else {
            Known::Known(false)
        },
        jobs,
        product: build::observe(host, target),
        php,
        php_settings,
        listeners: listeners::observe(host),
    }
}

fn nobody(account: &NamedAccount) -> String {
    format!(
        "{} names the account {}, which /etc/passwd does not have",
        account.source, account.spec
    )
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
