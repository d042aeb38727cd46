//! The one place where the engine's types become the report's. Pure: the same parts give the same
//! report, and the order of the verdicts that come in does not matter.

use super::{
    CatalogueMark, Check, Evidence, FactsMark, Fix, Kind, Location, Outcome, Report, Risk, SCHEMA,
    Score, Severity, Target, Tool, identity,
};
use crate::check::{self, Catalogue};
use crate::engine::{self, Verdict};
use crate::facts::TargetFacts;
use crate::policy::Profile;
use crate::{fix, score};
use md5::{Digest as _, Md5};
use std::cmp::Reverse;
use std::fmt::Write as _;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The checks that judged.
    pub catalogue: &'a Catalogue,
    /// What they came to.
    pub verdicts: &'a [Verdict],
    /// What was audited, and what was taken for granted about it.
    pub target: &'a TargetFacts,
    /// Which facts that is from.
    pub facts: &'a FactsMark,
    /// Which set of policy defaults applied.
    pub profile: Profile,
    /// When the audit began, RFC 3339 in UTC.
    pub started: &'a str,
    /// How long it took.
    pub duration_ms: u64,
}

impl Report {
    /// Puts the parts together, worst first.
    #[must_use]
    pub fn new(parts: &Parts<'_>) -> Self {
        let mut checks: Vec<Check> = parts
            .verdicts
            .iter()
            .map(|verdict| check_of(verdict, parts))
            .collect();
        checks.sort_by(|one, other| {
            let rank = |it: &Check| (it.outcome, Reverse(it.severity));
            rank(one)
                .cmp(&rank(other))
                .then_with(|| one.id.cmp(&other.id))
        });
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                catalogue: CatalogueMark {
                    checks: parts.catalogue.checks.len(),
                    fingerprint: fingerprint(parts.catalogue),
                },
            },
            target: Target::from(parts.target),
            facts: parts.facts.clone(),
            profile: match parts.profile {
                Profile::Baseline => "baseline".to_owned(),
                Profile::Strict => "strict".to_owned(),
            },
            started: parts.started.to_owned(),
            duration_ms: parts.duration_ms,
            score: Score::from(score::Score::of_verdicts(parts.verdicts)),
            checks,
            waivers: Vec::new(),
            assumptions: parts.target.assumptions.clone(),
            baseline: None,
        }
    }
}

fn check_of(verdict: &Verdict, parts: &Parts<'_>) -> Check {
    let known = parts.catalogue.find(&verdict.id);
    let mut evidence: Vec<Evidence> = verdict.evidence.iter().map(Evidence::from).collect();
    identity::name(&parts.target.root, &mut evidence);
    Check {
        id: verdict.id.clone(),
        aliases: known.map_or_else(Vec::new, |check| check.aliases.clone()),
        title: known.map_or_else(|| verdict.id.clone(), |check| check.title.clone()),
        severity: verdict.severity.into(),
        outcome: verdict.outcome.into(),
        waived: None,
        standing: None,
        reason: verdict.reason.clone(),
        evidence,
        evidence_total: verdict.evidence_total,
        gain: score::gain(parts.verdicts, &verdict.id),
        why: known.map_or_else(String::new, |check| check.why.trim().to_owned()),
        fixes: verdict.fixes.iter().map(Fix::from).collect(),
        source: known.map_or_else(String::new, |check| check.source.clone()),
        refs: known.map_or_else(Vec::new, |check| check.refs.clone()),
    }
}

/// A mark of what decides: ids, severities and conditions. MD5 serves as a short name here, not as
/// a protection.
fn fingerprint(catalogue: &Catalogue) -> String {
    let mut hash = Md5::new();
    for check in &catalogue.checks {
        hash.update(check.id.as_bytes());
        hash.update([0]);
        hash.update(check.severity.word().as_bytes());
        let conditions = [
            check.when.as_ref(),
            check.each.as_ref(),
            Some(&check.pass),
            check.require.as_ref(),
        ];
        for condition in conditions {
            hash.update([0]);
            hash.update(condition.map_or("", |it| it.source.as_str()).as_bytes());
        }
        hash.update([1]);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl From<score::Score> for Score {
    fn from(it: score::Score) -> Self {
        Self {
            low: it.low,
            high: it.high,
            coverage: it.coverage,
            low_capped_by: it.low_capped_by.map(Severity::from),
            high_capped_by: it.high_capped_by.map(Severity::from),
            passed: it.passed,
            failed: it.failed,
            unknown: it.unknown,
            not_applicable: it.not_applicable,
            formula: it.formula,
        }
    }
}

impl From<&engine::Evidence> for Evidence {
    fn from(it: &engine::Evidence) -> Self {
        Self {
            subject: it.subject.clone(),
            message: it.message.clone(),
            location: it.location.as_ref().map(|place| Location {
                path: place.path.clone(),
                line: place.line,
            }),
            data: it.data.clone(),
            fingerprint: String::new(),
            waived: false,
        }
    }
}

impl From<&fix::Step> for Fix {
    fn from(it: &fix::Step) -> Self {
        Self {
            kind: it.kind.into(),
            risk: it.risk.into(),
            run: it.run.clone(),
            check: it.check.clone(),
        }
    }
}

impl From<check::Severity> for Severity {
    fn from(it: check::Severity) -> Self {
        match it {
            check::Severity::Info => Self::Info,
            check::Severity::Low => Self::Low,
            check::Severity::Medium => Self::Medium,
            check::Severity::High => Self::High,
            check::Severity::Critical => Self::Critical,
        }
    }
}

impl From<engine::Outcome> for Outcome {
    fn from(it: engine::Outcome) -> Self {
        match it {
            engine::Outcome::Pass => Self::Pass,
            engine::Outcome::Fail => Self::Fail,
            engine::Outcome::Unknown => Self::Unknown,
            engine::Outcome::NotApplicable => Self::NotApplicable,
        }
    }
}

impl From<Severity> for check::Severity {
    fn from(it: Severity) -> Self {
        match it {
            Severity::Info => Self::Info,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<Outcome> for engine::Outcome {
    fn from(it: Outcome) -> Self {
        match it {
            Outcome::Pass => Self::Pass,
            Outcome::Fail => Self::Fail,
            Outcome::Unknown => Self::Unknown,
            Outcome::NotApplicable => Self::NotApplicable,
        }
    }
}

impl From<check::StepKind> for Kind {
    fn from(it: check::StepKind) -> Self {
        match it {
            check::StepKind::Shell => Self::Shell,
            check::StepKind::Sql => Self::Sql,
            check::StepKind::Nginx => Self::Nginx,
            check::StepKind::Apache => Self::Apache,
            check::StepKind::Php => Self::Php,
            check::StepKind::Toml => Self::Toml,
            check::StepKind::Manual => Self::Manual,
        }
    }
}

impl From<check::Risk> for Risk {
    fn from(it: check::Risk) -> Self {
        match it {
            check::Risk::None => Self::None,
            check::Risk::Reload => Self::Reload,
            check::Risk::Outage => Self::Outage,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::{Outcome, Report, json, samples};
    use std::cmp::Reverse;

    #[test]
    fn the_worst_comes_first() {
        for (name, report) in samples::all() {
            let rank = |it: &super::Check| (it.outcome, Reverse(it.severity), it.id.clone());
            assert!(report.checks.is_sorted_by_key(rank), "{name}");
        }
        let few = samples::a_few();
        let outcomes: Vec<Outcome> = few.checks.iter().map(|check| check.outcome).collect();
        assert_eq!(outcomes.first(), Some(&Outcome::Fail));
        assert_eq!(outcomes.last(), Some(&Outcome::NotApplicable));
    }

    #[test]
    fn the_order_of_verdicts_changes_no_byte() {
        let mut verdicts = samples::settled(|check| match check.severity.word() {
            "high" => crate::engine::Outcome::Fail,
            "low" => crate::engine::Outcome::Unknown,
            _ => crate::engine::Outcome::Pass,
        });
        let one = json(&samples::report(&verdicts));
        verdicts.reverse();
        assert_eq!(one, json(&samples::report(&verdicts)));
    }

    #[test]
    fn the_fingerprint_follows_conditions_not_wording() {
        let mut catalogue = samples::catalogue();
        let before = super::fingerprint(&catalogue);
        catalogue.checks[0].why = "other words".to_owned();
        assert_eq!(super::fingerprint(&catalogue), before);
        catalogue.checks[0].pass.source.push_str(" && true");
        assert_ne!(super::fingerprint(&catalogue), before);
        assert_eq!(before.len(), 32);
    }

    #[test]
    fn a_gain_is_what_the_score_would_gain() {
        let report: Report = samples::a_few();
        let gains: Vec<u8> = report.checks.iter().map(|check| check.gain).collect();
        assert_eq!(gains, [5, 5, 5, 0, 0, 0, 0, 0]);
    }
}
