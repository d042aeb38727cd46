//! `deskguard audit`: flags and configuration joined, the audit carried out, the report delivered.

use super::sinks::{Sink, render};
use super::{Failure, database, own_checks, print, terminal};
use crate::audit::{Timing, judge, observe};
use crate::check::{Catalogue, Severity};
use crate::cli::{AuditArgs, CheckChoice, Format, Look, ObserveArgs};
use crate::config::{Config, DEFAULT_PATH};
use crate::facts::Facts;
use crate::host::{Host, Looker, trust};
use crate::policy::Policy;
use crate::report::Gate;
use crate::target::{Addresses, Named, Wishes};
use globset::Glob;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAX_CONFIG: usize = 1 << 20;
const SECONDS_A_DAY: i64 = 86_400;

pub(super) fn run(args: &AuditArgs) -> Result<u8, Failure> {
    let config = read_config(args.config.as_deref())?;
    let sinks = args
        .output
        .iter()
        .map(|typed| Sink::parse(typed))
        .collect::<Result<Vec<_>, _>>()?;
    let catalogue = catalogue(&args.choice)?;
    let mut policy = config.policy.clone();
    policy.profile = args.profile.unwrap_or(config.profile);
    let session = Session {
        gate: Gate {
            fail_on: args.fail_on.or(config.fail_on).unwrap_or(Severity::High),
            min_score: args.min_score,
            min_coverage: args.min_coverage,
        },
        format: args.format,
        look: args.look,
        sinks,
    };
    let wishes = wishes(&args.observe, &config)?;
    let timeout = Duration::from_secs(args.observe.timeout);
    session.deliver(&catalogue, policy, || {
        observe(
            &Host::default(),
            &wishes,
            Instant::now().checked_add(timeout),
        )
    })
}

/// How a run is judged and shown.
pub(super) struct Session {
    pub(super) gate: Gate,
    pub(super) format: Format,
    pub(super) look: Look,
    pub(super) sinks: Vec<Sink>,
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
        observe: impl FnOnce() -> Result<Facts, String>,
    ) -> Result<u8, Failure> {
        let now = jiff::Timestamp::now();
        let clock = Instant::now();
        let facts = observe()?;
        let started = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let timing = Timing {
            started: &started,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            today: now.as_second().div_euclid(SECONDS_A_DAY),
        };
        let report = judge(catalogue, facts, policy, timing);
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
}

/// `--config`, else the usual place, else nothing. Refused when others could have written it.
pub(super) fn read_config(named: Option<&Path>) -> Result<Config, Failure> {
    let path = named.unwrap_or_else(|| Path::new(DEFAULT_PATH));
    let host = Host::default();
    let Some(bytes) = host.read_file(path, MAX_CONFIG)? else {
        return match named {
            Some(path) => Err(Failure::Message(format!(
                "--config {}: there is no such file",
                path.display()
            ))),
            None => Ok(Config::default()),
        };
    };
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    trust::only_ours(&Looker::based(PathBuf::from("/")), &full)?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("{}: it is not UTF-8", path.display()))?;
    Config::parse(path, &text).map_err(|complaint| Failure::Complaints(vec![complaint]))
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
            .clone()
            .or_else(|| config.web.config.clone()),
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
        database: database::wish(args, &config.database)?,
    })
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
fn select(catalogue: &Catalogue, globs: &[String], flag: &str) -> Result<Vec<String>, Failure> {
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
