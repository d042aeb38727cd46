//! `deskguard audit`: flags and configuration joined, the audit carried out, the report delivered.

use super::settings::{self, Settings};
use super::sinks::{Sink, render};
use super::{Failure, database, own_checks, print, saved, terminal};
use crate::audit::{Timing, judge, look};
use crate::check::{Catalogue, Severity};
use crate::cli::{AuditArgs, CheckChoice, Format, Look, ObserveArgs};
use crate::config::Config;
use crate::facts::Facts;
use crate::host::Host;
use crate::policy::Policy;
use crate::report::{Gate, Report, nagios_refusal, since};
use crate::target::{Addresses, Asking, Named, Target, Wishes};
use crate::waiver::{self, Waiver};
use globset::Glob;
use jiff::Timestamp;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SECONDS_A_DAY: i64 = 86_400;

pub(super) fn run(args: &AuditArgs) -> Result<u8, Failure> {
    let done = audit(args);
    match (args.format, done) {
        // Monitoring shows what a plugin prints, and nothing of its standard error.
        (Format::Nagios, Err(failure)) => {
            print(&nagios_refusal(&failure.to_string()))?;
            Err(failure)
        }
        (_, done) => done,
    }
}

fn audit(args: &AuditArgs) -> Result<u8, Failure> {
    let settings = Settings::read(args.config.as_deref())?;
    // Finding the install and compiling the conditions take a processor each.
    std::thread::scope(|scope| {
        let found = args
            .evidence
            .is_none()
            .then(|| scope.spawn(|| find(args, &settings)));
        let found = || found.map(|it| it.join().unwrap_or_else(|it| resume_unwind(it)));
        audit_found(args, &settings, found)
    })
}

/// An install, and the wishes by which it was found.
type Found = Result<(Wishes, Target), Failure>;

fn find(args: &AuditArgs, settings: &Settings) -> Found {
    found_by(&args.observe, settings)
}

fn found_by(observe: &ObserveArgs, settings: &Settings) -> Found {
    let wishes = wishes(observe, &settings.config)?;
    let target = Target::find(&Host::default(), &wishes)?;
    Ok((wishes, target))
}

fn audit_found(
    args: &AuditArgs,
    settings: &Settings,
    found: impl FnOnce() -> Option<Found>,
) -> Result<u8, Failure> {
    let catalogue = catalogue(&args.choice)?;
    let waivers = if settings.config.waive.is_empty() {
        Vec::new()
    } else {
        // A waiver may be for a check that this run leaves out: it must exist all the same.
        settings.waivers(&self::catalogue(&args.choice.all())?)?
    };
    let baseline = args.baseline.as_deref().map(baseline).transpose()?;
    let policy = settings.policy(args.profile)?;
    let session = Session {
        gate: Gate {
            fail_on: args
                .fail_on
                .or(settings.config.fail_on)
                .unwrap_or(Severity::High),
            min_score: args.min_score,
            min_coverage: args.min_coverage,
        },
        format: args.format,
        look: args.look,
        sinks: Sink::parse_all(&args.output)?,
        waivers,
        baseline,
    };
    session.deliver(&catalogue, policy, || {
        observed(args.evidence.as_deref(), &args.observe, settings, found())
    })
}

/// From the host, or from what was collected of one.
fn observed(
    evidence: Option<&Path>,
    observe: &ObserveArgs,
    settings: &Settings,
    found: Option<Found>,
) -> Result<Seen, Failure> {
    let seen = match (evidence, found) {
        (Some(path), _) => {
            let saved = saved::facts(path)?;
            let sentence = format!(
                "The facts are those that were collected at {}; ages are counted to that day.",
                saved.collected
            );
            let mut facts = saved.facts;
            facts.target.assumptions.push(sentence);
            Seen {
                facts,
                collected: Some(saved.collected),
                sha256: Some(saved.sha256),
            }
        }
        (None, found) => {
            let (wishes, target) = found.unwrap_or_else(|| found_by(observe, settings))?;
            let timeout = Duration::from_secs(observe.timeout);
            let deadline = Instant::now().checked_add(timeout);
            Seen::from(look(&Host::default(), &wishes, &target, deadline))
        }
    };
    settings.outside_of(&seen.facts.target.root)?;
    Ok(seen)
}

/// What is to be judged: of the host, or of what was collected of one.
///
/// # Errors
/// Why nothing could be observed.
pub(super) fn seen(
    evidence: Option<&Path>,
    observe: &ObserveArgs,
    settings: &Settings,
) -> Result<Seen, Failure> {
    observed(evidence, observe, settings, None)
}

fn baseline(path: &Path) -> Result<Report, Failure> {
    let report = saved::report(path)?;
    // It decides what passes, as settings do.
    settings::only_ours(path)?;
    Ok(report)
}

/// Facts, and where they are from.
pub(super) struct Seen {
    pub(super) facts: Facts,
    /// When they were collected; none for just now.
    pub(super) collected: Option<String>,
    /// The checksum of the file that they are from.
    sha256: Option<String>,
}

impl From<Facts> for Seen {
    fn from(facts: Facts) -> Self {
        Self {
            facts,
            collected: None,
            sha256: None,
        }
    }
}

/// How a run is judged and shown.
#[derive(Default)]
pub(super) struct Session {
    pub(super) gate: Gate,
    pub(super) format: Format,
    pub(super) look: Look,
    pub(super) sinks: Vec<Sink>,
    pub(super) waivers: Vec<Waiver>,
    pub(super) baseline: Option<Report>,
}

impl Session {
    /// Observes, judges, writes and prints.
    ///
    /// # Errors
    /// Why nothing could be observed, or the report not written.
    pub(super) fn deliver(
        &self,
        catalogue: &Catalogue,
        policy: Policy,
        observe: impl FnOnce() -> Result<Seen, Failure>,
    ) -> Result<u8, Failure> {
        let now = Timestamp::now();
        let clock = Instant::now();
        let seen = observe()?;
        let duration = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = self.report(catalogue, policy, seen, now, duration);
        let exit = self.gate.judge(&report);
        let options = terminal::options(self.look);
        let written: Vec<_> = self
            .sinks
            .iter()
            .map(|sink| sink.write(&report, &exit, &options))
            .collect();
        // A file that cannot be written must not cost the report.
        print(&render(self.format, &report, &exit, &options))?;
        written.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(exit.code)
    }

    fn report(
        &self,
        catalogue: &Catalogue,
        policy: Policy,
        seen: Seen,
        now: Timestamp,
        duration_ms: u64,
    ) -> Report {
        let started = rfc3339(now);
        let of_facts = seen.collected.as_deref().and_then(|it| it.parse().ok());
        let timing = Timing {
            started: &started,
            duration_ms,
            today: day(of_facts.unwrap_or(now)),
        };
        let mut report = judge(catalogue, seen.facts, policy, timing);
        if let (Some(collected), Some(sha256)) = (seen.collected, seen.sha256) {
            report.facts.collected = collected;
            report.facts.sha256 = sha256;
        }
        waiver::apply(&mut report, &self.waivers, super::today());
        if let Some(baseline) = &self.baseline {
            since(&mut report, baseline);
        }
        report
    }
}

/// Judges facts that were observed just now.
pub(super) fn judge_now(catalogue: &Catalogue, facts: Facts, policy: Policy) -> Report {
    let session = Session::default();
    session.report(catalogue, policy, Seen::from(facts), Timestamp::now(), 0)
}

pub(super) fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Days since 1970-01-01 in UTC.
pub(super) fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(SECONDS_A_DAY)
}

pub(super) fn wishes(args: &ObserveArgs, config: &Config) -> Result<Wishes, Failure> {
    let named = |flag: &Option<String>, name: &str, set: &Option<String>, key: &str| {
        let from_flag = flag.clone().map(|user| (user, name.to_owned()));
        from_flag.or_else(|| set.clone().map(|user| (user, key.to_owned())))
    };
    Ok(Wishes {
        root: args
            .root
            .clone()
            .or_else(|| args.root_flag.clone())
            .or_else(|| config.root.clone()),
        generation: args.generation.or(config.generation),
        web_config: args
            .web_config
            .as_deref()
            .or(config.web.config.as_deref())
            .map(from_here)
            .transpose()?,
        addresses: Addresses {
            inside: config.web.inside.clone(),
            outside: args.from.unwrap_or(config.web.outside),
        },
        named: Named {
            web: named(&args.web_user, "--web-user", &config.web.user, "[web] user"),
            cron: named(
                &args.cron_user,
                "--cron-user",
                &config.cron.user,
                "[cron] user",
            ),
        },
        asking: asking(args, config)?,
        database: database::wish(args, &config.database)?,
    })
}

/// A path as it was typed begins in the current folder; the host's own begin in its `/`.
pub(super) fn from_here(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What may be asked over HTTP. A URL that is none is a mistake, not an unknown.
fn asking(args: &ObserveArgs, config: &Config) -> Result<Asking, String> {
    let flag = args.url.clone().map(|url| (url, "--url".to_owned()));
    let set = config
        .url
        .clone()
        .map(|url| (url, "url in deskguard.toml".to_owned()));
    let url = flag.or(set);
    let asking = Asking {
        url,
        vantage: args.vantage.or(config.vantage),
        offline: args.offline,
        canary: args.canary,
        limit: Duration::from_secs(args.timeout).min(Asking::default().limit),
    };
    asking.check()?;
    Ok(asking)
}

/// The checks that are to be judged.
pub(super) fn catalogue(args: &CheckChoice) -> Result<Catalogue, Failure> {
    let own = args.checks.as_deref().map(own_checks::read).transpose()?;
    let mut catalogue = Catalogue::read(own.unwrap_or_default())?;
    let only = select(&catalogue, &args.only, "--only")?;
    let skip = select(&catalogue, &args.skip, "--skip")?;
    catalogue.checks.retain(|check| {
        (args.only.is_empty() || only.contains(&check.id)) && !skip.contains(&check.id)
    });
    if catalogue.checks.is_empty() {
        return Err(Failure::Message(
            "--only and --skip leave no check to judge".to_owned(),
        ));
    }
    Ok(catalogue)
}

/// The ids that the globs match; one that matches nothing is a mistake.
pub(super) fn select(
    catalogue: &Catalogue,
    globs: &[String],
    flag: &str,
) -> Result<Vec<String>, Failure> {
    let mut selected = Vec::new();
    for typed in globs {
        let matcher = Glob::new(typed)
            .map_err(|error| format!("{flag} {typed}: {error}"))?
            .compile_matcher();
        let before = selected.len();
        let matching = catalogue
            .checks
            .iter()
            .filter(|check| matcher.is_match(&check.id));
        selected.extend(matching.map(|check| check.id.clone()));
        if selected.len() == before {
            let hint = catalogue.nearest(typed).map_or_else(
                || "`deskguard checks` lists them".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            return Err(Failure::Message(format!(
                "{flag} {typed}: no check has such an id; {hint}"
            )));
        }
    }
    Ok(selected)
}
