//! The way of a fault there and back: planted, failed, mended by its own fixes on the running server,
//! passed, undone, failed again. The product's pages answer all along, and no byte is left different.

use super::{Answer, Fault, INSIDER, STRANGER, observed, today};
use crate::judged::catalogue;
use crate::tree::Install;
use deskguard::engine::{self, Outcome, Verdict};
use deskguard::facts::{Given, Today};
use deskguard::fix::Plan;
use deskguard::host::Host;
use deskguard::mend::{Told, World, apply, undo};
use deskguard::policy::Policy;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// What the helpdesk's visitors ask for, an attachment among it.
const NEEDED: &[&str] = &[
    "/",
    "/index.php/portal",
    "/tickets/new",
    "/file.php/1/report.zip",
    "/dp.php",
    "/get_messages.php",
    "/web/site.css",
    "/robots.txt",
];

/// Faults on one running server.
pub(super) struct Round<'a> {
    pub(super) faults: Vec<&'a Fault>,
    pub(super) install: &'a Install,
    /// The web server's configuration.
    pub(super) config: PathBuf,
    /// The file that the fix edits.
    pub(super) edits: PathBuf,
    pub(super) ask: &'a dyn Fn(Ipv4Addr, &str, &str) -> Answer,
}

impl Round<'_> {
    /// What goes wrong on the way.
    pub(super) fn trip(&self) -> Vec<String> {
        let name: Vec<&str> = self.faults.iter().map(|it| it.name).collect();
        let name = name.join(", ");
        let mut wrong = Vec::new();
        let mut says = |text: String| wrong.push(format!("{name}: {text}"));
        let bytes = std::fs::read(&self.edits).unwrap();
        let needed = self.needed();
        let before = self.verdicts();
        for id in self.fails() {
            if of(&before, id).outcome != Outcome::Fail {
                says(format!("{id} does not fail"));
            }
        }
        let host = Host::default();
        let given = PathBuf::from(&self.install.given);
        let started = "2026-11-24T00:00:00Z";
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().canonicalize().unwrap().join("journal");
        let mut heard = Vec::new();
        let mut told = |it: Told<'_>| {
            if let Told::Says(text) = it {
                heard.push(text.to_owned());
            }
        };
        let plan = self.plan(&before);
        let mut world = World::new(&host, given.clone(), started);
        if let Err(surprise) = apply(&mut world, &plan, &journal, &mut told) {
            says(format!("apply: {surprise}"));
        }
        let twice = folder.path().canonicalize().unwrap().join("twice");
        let edits = plan
            .actions()
            .filter(|it| deskguard::fix::edit::edits(it).is_some());
        // Several edits move each other's lines: a plan is for the file as it was audited.
        if edits.count() == 1 {
            match apply(&mut world, &plan, &twice, &mut |_| {}) {
                Ok(applied) if applied.changes == 0 => {}
                other => says(format!("a second time: {other:?}")),
            }
        }
        let old = String::from_utf8(bytes.clone()).unwrap();
        let edited = std::fs::read_to_string(&self.edits).unwrap();
        let new = edited
            .lines()
            .filter(|line| !old.lines().any(|it| it == *line));
        let edited = new.collect::<Vec<_>>().join("\n");
        let after = self.verdicts();
        for verdict in &after {
            let id = &verdict.id;
            let was = of(&before, id).outcome;
            let is_mended = verdict.outcome == Outcome::Pass;
            let is_worse = verdict.outcome == Outcome::Fail && was != Outcome::Fail;
            if is_worse || self.fails().contains(&id.as_str()) && !is_mended {
                let shown: Vec<_> = verdict.evidence.iter().map(|it| &it.message).collect();
                says(format!(
                    "{id} is {:?} after the fix: {shown:?} {:?}\n{edited}",
                    verdict.outcome, verdict.reason
                ));
            }
        }
        for fault in &self.faults {
            let answer = (self.ask)(STRANGER, fault.target, fault.header);
            if (fault.proof)(&answer) {
                says(format!(
                    "{} is still open: {answer:?}\n{edited}",
                    fault.target
                ));
            }
            // Who may come in still does.
            if fault.target.contains("admin") && fault.header.is_empty() {
                let inside = (self.ask)(INSIDER, fault.target, "");
                if !(fault.proof)(&inside) {
                    says(format!("the inside is locked out: {inside:?}\n{edited}"));
                }
            }
        }
        if self.needed() != needed {
            says(format!("was {needed:?}, is {:?}\n{edited}", self.needed()));
        }
        let mut world = World::new(&host, given, started);
        if let Err(surprise) = undo(&mut world, &journal, &mut told) {
            says(format!("undo: {surprise}"));
        }
        if std::fs::read(&self.edits).unwrap() != bytes {
            says("undo leaves other bytes".to_owned());
        }
        let again = self.verdicts();
        for id in self.fails() {
            if of(&again, id).outcome != Outcome::Fail {
                says(format!("{id} does not fail after undo"));
            }
        }
        for fault in &self.faults {
            let answer = (self.ask)(STRANGER, fault.target, fault.header);
            if !(fault.proof)(&answer) {
                says(format!(
                    "undo does not open {} again: {answer:?}",
                    fault.target
                ));
            }
        }
        println!("{name}: {} | {}", self.fails().join(" "), heard.join(" "));
        wrong
    }

    /// The fixes of what the fault fails.
    fn plan(&self, verdicts: &[Verdict]) -> Plan {
        let fails = self.fails().into_iter().map(|id| of(verdicts, id));
        let fixes = fails.flat_map(|it| it.fixes.iter().map(|step| (it.id.as_str(), step)));
        Plan::of(fixes.filter(|(_, step)| !step.actions.is_empty()))
    }

    /// The checks that fail.
    fn fails(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = self
            .faults
            .iter()
            .flat_map(|it| it.fails)
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let given = Given {
            facts: observed(self.install, &self.config),
            policy: Policy::default(),
            today: Today { day: today() },
        };
        engine::judge(catalogue(), &given)
    }

    /// The answers to what visitors ask for; bodies too, unless the fault shows in every one of them.
    fn needed(&self) -> Vec<(&'static str, Answer)> {
        let asked = NEEDED.iter();
        asked
            .map(|target| {
                let mut answer = (self.ask)(STRANGER, target, "");
                if self.faults.iter().any(|fault| fault.target == "/") {
                    answer.body.clear();
                }
                (*target, answer)
            })
            .collect()
    }
}

fn of<'a>(verdicts: &'a [Verdict], id: &str) -> &'a Verdict {
    let found = verdicts.iter().find(|verdict| verdict.id == id);
    found.unwrap_or_else(|| panic!("no check is called {id}"))
}
