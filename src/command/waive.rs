//! `deskguard waive ID`: accepts what a check found, with a reason, and writes that down together
//! with the fingerprints of the evidence. The waiver is appended to the settings, which are read back
//! before they are put in place.

use super::append::append;
use super::audit::{self, wishes};
use super::settings::Settings;
use super::{Failure, print, saved};
use crate::audit::observe;
use crate::check::Catalogue;
use crate::cli::WaiveArgs;
use crate::config::DEFAULT_PATH;
use crate::host::Host;
use crate::report::{Check, Evidence, Outcome, Report, escape, stands_for};
use crate::waiver::{Accepted, Waiver, Written, subject_glob, written};
use jiff::civil::Date;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) fn run(args: &WaiveArgs) -> Result<u8, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::Message(
            "--reason: a waiver needs a reason".to_owned(),
        ));
    }
    let until = args.until.as_deref().map(day).transpose()?;
    let settings = Settings::to_append(args.config.as_deref())?;
    let catalogue = audit::catalogue(&args.choice)?;
    let check = catalogue
        .find(&args.id)
        .ok_or_else(|| super::checks::no_such(&catalogue, &args.id))?;
    let report = match &args.report {
        Some(path) => saved::report(path)?,
        None => look(args, &settings, &catalogue)?,
    };
    let accepts = accepted(args, &report, &check.id)?;
    let lines = written(&Written {
        check: &check.id,
        reason: args.reason.trim(),
        until,
        owner: args.owner.as_deref(),
        subject: &args.subject,
        accepts: &accepts,
    });
    if args.dry_run {
        print(&lines)?;
        return Ok(0);
    }
    let named = args.config.as_deref().or(settings.file.as_deref());
    let named = named.unwrap_or_else(|| Path::new(DEFAULT_PATH));
    let today = super::today();
    if let Some(reason) = settings.config.waived_already(named, &lines, today) {
        print(&format!(
            "Nothing was appended: {} waives this already ({}). To change the reason or the day, edit it there.\n",
            named.display(),
            escape(reason)
        ))?;
        return Ok(0);
    }
    let file = append(
        named,
        &settings.text,
        &lines,
        ("waive", |config| config.waive.len()),
    )?;
    print(&format!("{lines}Appended to {}.\n", file.display()))?;
    Ok(0)
}

fn day(typed: &str) -> Result<Date, String> {
    let day: Date = typed.parse().map_err(|_| {
        format!("--until {typed}: write the last day (UTC) on which it holds, as 2027-03-31")
    })?;
    let today = super::today();
    if day < today {
        return Err(format!(
            "--until {typed}: this day has passed (today is {today} in UTC)"
        ));
    }
    Ok(day)
}

/// An audit of the host, as it is now.
fn look(args: &WaiveArgs, settings: &Settings, catalogue: &Catalogue) -> Result<Report, Failure> {
    let wishes = wishes(&args.observe, &settings.config)?;
    let deadline = Instant::now().checked_add(Duration::from_secs(args.observe.timeout));
    let facts = observe(&Host::default(), &wishes, deadline)?;
    settings.outside_of(&facts.target.root)?;
    let policy = settings.policy(args.profile)?;
    Ok(audit::judge_now(catalogue, facts, policy))
}

fn accepted(args: &WaiveArgs, report: &Report, id: &str) -> Result<Accepted, Failure> {
    let named = |it: &&Check| it.id == id || it.aliases.iter().any(|alias| alias == id);
    let check = report
        .checks
        .iter()
        .find(named)
        .ok_or_else(|| format!("{id} is not in the report"))?;
    if check.outcome != Outcome::Fail {
        let what = match check.outcome {
            Outcome::Unknown => "could not be judged; make it judgeable first",
            _ => "does not fail; there is nothing to waive",
        };
        return Err(Failure::Message(format!("{id} {what}")));
    }
    let globs = args
        .subject
        .iter()
        .map(|glob| subject_glob(glob).map_err(|problem| format!("--subject {glob}: {problem}")));
    let waiver = Waiver {
        check: id.to_owned(),
        reason: String::new(),
        until: None,
        subject: globs.collect::<Result<_, _>>()?,
        owner: None,
        accepts: None,
    };
    let pieces: Vec<&Evidence> = check
        .evidence
        .iter()
        .filter(|piece| waiver.covers(&report.target.root, piece))
        .collect();
    if pieces.is_empty() {
        let subjects: Vec<&str> = check
            .evidence
            .iter()
            .take(3)
            .map(|it| it.subject.as_str())
            .collect();
        return Err(Failure::Message(format!(
            "--subject matches nothing that {id} found; it found for example {}",
            subjects.join(", ")
        )));
    }
    let stands_for: u64 = check.evidence.iter().map(stands_for).sum();
    if check.evidence_total > stands_for {
        return Err(Failure::Message(format!(
            "{id} found more than its report lists, so that not everything can be accepted"
        )));
    }
    Ok(Accepted::of(pieces))
}
