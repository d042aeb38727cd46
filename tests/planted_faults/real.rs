//! The same faults over servers that really run: nginx with PHP-FPM, and Apache with its PHP module,
//! over a hardened v4. The check fails by the model, and a request to the server shows that it is true.

mod apache;
mod mended;
mod nginx;
mod php_fpm;
mod taken_up;

#[path = "../real_apache/mod.rs"]
mod real_apache;
#[allow(
    dead_code,
    reason = "several tests share this room and none uses all of it"
)]
#[path = "../real_nginx/mod.rs"]
mod real_nginx;

use crate::accounts::{CRON_NAME, WEB_NAME};
use crate::hardened::days_ago;
use crate::judged::{evidence, judged_twice, said};
use crate::tree::Install;
use deskguard::audit::{Timing, observe};
use deskguard::facts::Facts;
use deskguard::host::Host;
use deskguard::policy::Policy;
use deskguard::report::{Outcome, Report};
use deskguard::target::{Addresses, Named, Wishes};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

/// What the model and the servers' own settings are asked for.
const CHECKS: &[&str] = &[
    "data/not-served",
    "data/not-executed",
    "web/writable-never-executed",
    "web/config-not-served",
    "web/source-not-served",
    "web/only-entry-points-execute",
    "web/no-directory-listing",
    "web/admin-restricted",
    "web/agent-restricted",
    "web/installer-closed",
    "web/diagnostics-closed",
    "web/client-address-trustworthy",
    "web/loaded-config-is-audited",
    "server/php-hardened",
    "server/php-supported",
];

/// One server at a time: each looks at all processes.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What came back from a request to the server.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    body: String,
}

/// A fault of the configuration, the checks that it fails, and the request that proves it.
struct Fault {
    name: &'static str,
    /// What is changed: a text, and what stands in its place.
    change: (&'static str, &'static str),
    plant: fn(&mut Install),
    fails: &'static [&'static str],
    target: &'static str,
    header: &'static str,
    proof: fn(&Answer) -> bool,
}

impl Fault {
    const fn new(
        name: &'static str,
        change: (&'static str, &'static str),
        fails: &'static [&'static str],
        target: &'static str,
        proof: fn(&Answer) -> bool,
    ) -> Self {
        Self {
            name,
            change,
            plant: |_| {},
            fails,
            target,
            header: "",
            proof,
        }
    }

    const fn planting(self, plant: fn(&mut Install)) -> Self {
        Self { plant, ..self }
    }

    const fn with(self, header: &'static str) -> Self {
        Self { header, ..self }
    }

    /// The configuration with the fault in it.
    fn text(&self, install: &Install, sound: &str) -> String {
        let (from, to) = self.change;
        assert!(sound.contains(from), "{}: no {from}", self.name);
        sound.replacen(from, &install.spell(to), 1)
    }

    /// What is not as it must be.
    fn complaint(&self, report: &Report, answer: &Answer) -> Vec<String> {
        let mut wrong = Vec::new();
        for id in CHECKS {
            let check = said(report, id);
            let expected = if self.fails.contains(id) {
                Outcome::Fail
            } else {
                Outcome::Pass
            };
            if check.outcome != expected {
                wrong.push(format!(
                    "{}: {id} is {:?}; {:?} {:#?}",
                    self.name,
                    check.outcome,
                    check.reason,
                    evidence(check)
                ));
            }
        }
        if !(self.proof)(answer) {
            wrong.push(format!(
                "{}: {} gives {} {:?}",
                self.name, self.target, answer.status, answer.body
            ));
        }
        wrong
    }
}

/// The request of a client that is no browser.
fn request(target: &str, header: &str) -> Vec<u8> {
    let header = if header.is_empty() {
        String::new()
    } else {
        format!("{header}\r\n")
    };
    format!("GET {target} HTTP/1.1\r\nHost: help.example.com\r\n{header}Connection: close\r\n\r\n")
        .into_bytes()
}

/// A stranger's address: this machine's, but not the one that pages about the server are for.
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Somebody who may see the admin and agent interfaces.
const INSIDER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Audits the install on this very machine, by this configuration; the client is a stranger.
fn audit(install: &Install, config: &Path) -> Report {
    let timing = Timing {
        started: "2026-01-01T00:00:00Z",
        duration_ms: 0,
        today: today(),
    };
    judged_twice(&observed(install, config), &Policy::default(), timing)
}

fn today() -> i64 {
    i64::try_from(days_ago(0) / 86_400).unwrap()
}

/// What there is to judge.
fn observed(install: &Install, config: &Path) -> Facts {
    let said = |user: &str, flag: &str| Some((user.to_owned(), flag.to_owned()));
    let wishes = Wishes {
        root: Some(install.given.clone()),
        web_config: Some(config.to_owned()),
        named: Named {
            web: said(WEB_NAME, "--web-user"),
            cron: said(CRON_NAME, "--cron-user"),
        },
        addresses: Addresses {
            inside: vec![
                "10.0.0.0/8".parse().unwrap(),
                "127.0.0.3/32".parse().unwrap(),
            ],
            outside: STRANGER.into(),
        },
        ..Wishes::default()
    };
    observe(&Host::default(), &wishes, None).unwrap()
}
