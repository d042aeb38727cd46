//! The main job from end to end: target, probes, facts; then judgement, score and report. The first
//! half looks at the host, the second is a pure function of its arguments.

use crate::agreement;
use crate::check::Catalogue;
use crate::engine::{self, Verdict};
use crate::evidence;
use crate::facts::{FACTS_SCHEMA, Facts, Given, Today};
use crate::helpdesk::review::Review;
use crate::host::{Host, trust};
use crate::policy::Policy;
use crate::probe::{database, files, helpdesk, http, product, system, web_server};
use crate::report::{FactsMark, Parts, Report};
use crate::target::{Target, Wishes};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Looks at one install and everything around it. One probe's failure never loses the others'
/// facts: what it would have seen is unknown.
///
/// # Errors
/// That there is no install, or that a flag names nothing.
pub fn observe(host: &Host, wishes: &Wishes, deadline: Option<Instant>) -> Result<Facts, String> {
    let target = Target::find(host, wishes)?;
    Ok(look(host, wishes, &target, deadline))
}

/// The same for an install that has been found by these wishes.
#[must_use]
pub fn look(host: &Host, wishes: &Wishes, target: &Target, deadline: Option<Instant>) -> Facts {
    let mut broken = Vec::new();
    let (files, data, needs) = guarded("files", &mut broken, || {
        files::observe(host, target, deadline)
    });
    let config = guarded("product", &mut broken, || {
        target.settings.as_ref().map_or_else(
            || product::unseen(&target.no_settings()),
            |settings| product::observe(host, &target.root, settings),
        )
    });
    let server = guarded("system", &mut broken, || system::observe(host, target));
    let seen = web_server::Seen {
        files: &files,
        config: &config,
    };
    let mut web = guarded("web server", &mut broken, || {
        web_server::observe(host, target, seen)
    });
    let mut live = guarded("http", &mut broken, || {
        http::observe(host, target, &wishes.asking)
    });
    live.predicted = guarded("web server", &mut broken, || {
        web_server::predict(host, target, &live)
    });
    web.transport = guarded("web server", &mut broken, || {
        web_server::transport(host, target, &live, (&config, &web.client_address))
    });
    live.disagreements = agreement::compare(&live.predicted, &live.exchanges);
    let mut link = database::connect(host, target, &wishes.database);
    let database = guarded("database", &mut broken, || database::observe(&mut link));
    let helpdesk = guarded("helpdesk", &mut broken, || {
        let source = match &wishes.database.dump {
            Some(dump) => helpdesk::Source::Dump(dump, deadline),
            None => helpdesk::Source::Session(link.session.as_mut().map_err(|why| &*why)),
        };
        helpdesk::observe(host, target, source)
    });
    let mut facts = Facts {
        schema: FACTS_SCHEMA.to_owned(),
        target: target.facts(),
        files,
        data,
        needs,
        config,
        server,
        web,
        live,
        database,
        helpdesk,
    };
    facts.target.assumptions.extend(trust::not_root());
    facts.target.assumptions.extend(wishes.asking.assumed());
    let assumed = facts.helpdesk.assumptions.iter().chain(&facts.web.assumed);
    facts
        .target
        .assumptions
        .extend(assumed.cloned().chain(broken));
    facts
}

/// Looks at what happened in a helpdesk since a day (days since 1970-01-01 UTC).
///
/// # Errors
/// That there is no install, or that a flag names nothing.
pub fn review(host: &Host, wishes: &Wishes, since_day: i64) -> Result<Review, String> {
    let target = Target::find(host, wishes)?;
    let mut link = database::connect(host, &target, &wishes.database);
    let session = link.session.as_mut().map_err(|why| &*why);
    Ok(helpdesk::review(host, &target, session, since_day))
}

/// Runs a probe; a panic in it leaves its facts unknown and is said.
fn guarded<T: Default>(name: &str, broken: &mut Vec<String>, probe: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(probe)).unwrap_or_else(|_| {
        broken.push(format!(
            "the {name} probe broke off and its facts are unknown: this is a fault of deskguard, please report it"
        ));
        T::default()
    })
}

/// When a run began and how long it took: said in the report, of no influence on the judgement.
#[derive(Debug, Clone, Copy)]
pub struct Timing<'a> {
    /// RFC 3339, UTC.
    pub started: &'a str,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Days since 1970-01-01 UTC, for checks about age.
    pub today: i64,
}

/// Facts that were judged.
#[derive(Debug)]
pub struct Judged {
    /// The facts, with policy and day.
    pub given: Given,
    /// What each check came to, in the catalogue's order.
    pub verdicts: Vec<Verdict>,
    /// Which facts they are.
    mark: FactsMark,
}

/// Judges facts: pure.
#[must_use]
pub fn judged(catalogue: &Catalogue, facts: Facts, policy: Policy, timing: Timing<'_>) -> Judged {
    let given = Given {
        facts,
        policy,
        today: Today { day: timing.today },
    };
    let mark = FactsMark {
        schema: FACTS_SCHEMA.to_owned(),
        sha256: evidence::sha256(&given.facts),
        collected: timing.started.to_owned(),
    };
    let verdicts = engine::judge(catalogue, &given);
    Judged {
        given,
        verdicts,
        mark,
    }
}

impl Judged {
    /// The report on all checks that were judged.
    #[must_use]
    pub fn report(&self, catalogue: &Catalogue, timing: Timing<'_>) -> Report {
        Report::new(&Parts {
            catalogue,
            verdicts: &self.verdicts,
            target: &self.given.facts.target,
            facts: &self.mark,
            profile: self.given.policy.profile,
            started: timing.started,
            duration_ms: timing.duration_ms,
        })
    }
}

/// The report on facts: pure.
#[must_use]
pub fn judge(catalogue: &Catalogue, facts: Facts, policy: Policy, timing: Timing<'_>) -> Report {
    judged(catalogue, facts, policy, timing).report(catalogue, timing)
}
