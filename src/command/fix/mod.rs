//! `deskguard fix`: looks as an audit does, plans how to mend what failed, and prints the plan; with
//! `--apply` carries it out and audits again, with `--undo` takes a journal back.

mod apply;
mod lines;
mod undo;

use super::audit::{self, rfc3339};
use super::settings::Settings;
use super::{Failure, print, terminal};
use crate::audit::{Judged, Timing, judged};
use crate::check::{Catalogue, Severity};
use crate::cli::{CheckChoice, FixArgs, ObserveArgs, PlanFormat};
use crate::engine::Verdict;
use crate::fix::{self, About, Needs, Plan, Step};
use crate::prediction::{Prediction, planned};
use crate::report::{Exit, Gate, Planning, Report, plan_json, plan_text};
use crate::waiver;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn run(args: &FixArgs) -> Result<u8, Failure> {
    if let Some(journal) = &args.undo {
        return undo::run(args, journal);
    }
    if args.apply {
        apply::check(args)?;
    }
    let settings = Settings::read(args.config.as_deref())?;
    let choice = Choice::of(args)?;
    let audit = Audit::new(args, &settings, &choice)?;
    let (plan, prediction) = audit.plan(&choice)?;
    let titles = choice.titles();
    let planning = Planning {
        report: &audit.report,
        made: &audit.started,
        plan: &plan,
        prediction: Some(&prediction),
    };
    print(&match args.format {
        PlanFormat::Text => plan_text(&planning, &terminal::options(args.look)),
        PlanFormat::Json => plan_json(&planning),
        PlanFormat::Ansible => {
            let root = &audit.report.target.root;
            let edits = lines::lines(&plan, root, args.evidence.is_some());
            let about = format!(
                "How to mend {root}, as deskguard saw it at {}.",
                audit.started
            );
            fix::playbook(&plan, &edits, &about)
        }
        PlanFormat::Script => fix::script(&plan, &audit.about(&titles)),
    })?;
    if args.apply {
        return apply::run(args, &settings, &choice, &audit, &plan);
    }
    Ok(audit.exit(args, &settings, &choice).code)
}

/// Which checks are to be mended, among all.
struct Choice {
    catalogue: Catalogue,
    chosen: BTreeSet<String>,
    /// A root that was typed, where it was none but a check's id.
    no_root: bool,
}

impl Choice {
    fn of(args: &FixArgs) -> Result<Self, Failure> {
        let catalogue = audit::catalogue(&args.choice.all())?;
        let mut only = args.choice.only.clone();
        only.extend(args.mend.iter().cloned());
        // `deskguard fix files/no-setuid`: the first word is a check where it is no folder.
        let typed = args.observe.root.as_ref().and_then(|it| it.to_str());
        let is_check = |it: &&str| {
            !it.starts_with(['/', '.'])
                && !std::path::Path::new(it).exists()
                && audit::select(&catalogue, &[(*it).to_owned()], "CHECK").is_ok()
        };
        let check = typed.filter(is_check);
        only.extend(check.map(str::to_owned));
        let choice = CheckChoice {
            checks: args.choice.checks.clone(),
            only,
            skip: args.choice.skip.clone(),
        };
        let chosen = audit::catalogue(&choice)?.checks;
        Ok(Self {
            catalogue,
            chosen: chosen.into_iter().map(|it| it.id).collect(),
            no_root: check.is_some(),
        })
    }
}

impl Choice {
    /// Where to look.
    fn observed(&self, args: &FixArgs) -> ObserveArgs {
        let mut observe = args.observe.clone();
        if self.no_root {
            observe.root = None;
        }
        observe
    }

    /// What each check demands, by its id.
    fn titles(&self) -> BTreeMap<String, String> {
        let checks = self.catalogue.checks.iter();
        checks.map(|it| (it.id.clone(), it.title.clone())).collect()
    }
}

/// What an audit came to.
struct Audit {
    judged: Judged,
    report: Report,
    started: String,
}

impl Audit {
    /// Looks and judges by all checks.
    fn new(args: &FixArgs, settings: &Settings, choice: &Choice) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let started = rfc3339(now);
        let observe = choice.observed(args);
        let seen = audit::seen(args.evidence.as_deref(), &observe, settings)?;
        let of_facts = seen.collected.as_deref().and_then(|it| it.parse().ok());
        let timing = Timing {
            started: &started,
            duration_ms: 0,
            today: audit::day(of_facts.unwrap_or(now)),
        };
        let policy = settings.policy(args.profile)?;
        let judged = judged(&choice.catalogue, seen.facts, policy, timing);
        let mut report = judged.report(&choice.catalogue, timing);
        if !settings.config.waive.is_empty() {
            let waivers = settings.waivers(&choice.catalogue)?;
            waiver::apply(&mut report, &waivers, super::today());
        }
        Ok(Self {
            judged,
            report,
            started,
        })
    }

    /// The plan for what failed, was chosen and is not waived, and what it comes to.
    fn plan(&self, choice: &Choice) -> Result<(Plan, Prediction), Failure> {
        let waived: BTreeSet<&str> = self
            .report
            .checks
            .iter()
            .filter(|check| check.waived.is_some())
            .map(|check| check.id.as_str())
            .collect();
        let wanted = |verdict: &Verdict| {
            choice.chosen.contains(&verdict.id) && !waived.contains(verdict.id.as_str())
        };
        let needs = Needs::of(&self.judged.given.facts);
        let plan = |verdicts: &[&Verdict]| {
            let fixes: Vec<(&str, &Step)> = verdicts
                .iter()
                .flat_map(|it| it.fixes.iter().map(|step| (it.id.as_str(), step)))
                .collect();
            Plan::within(&fixes, &needs)
        };
        let judged = &self.judged;
        Ok(planned(
            &choice.catalogue,
            &judged.given,
            &judged.verdicts,
            &wanted,
            &plan,
        )?)
    }

    fn about<'a>(&'a self, titles: &'a BTreeMap<String, String>) -> About<'a> {
        About {
            root: &self.report.target.root,
            made: &self.started,
            titles,
        }
    }

    /// Whether anything is left to mend.
    fn exit(&self, args: &FixArgs, settings: &Settings, choice: &Choice) -> Exit {
        let mut report = self.report.clone();
        report.checks.retain(|it| choice.chosen.contains(&it.id));
        let gate = Gate {
            fail_on: args
                .fail_on
                .or(settings.config.fail_on)
                .unwrap_or(Severity::High),
            ..Gate::default()
        };
        gate.judge(&report)
    }
}
