//! One case: a fault, or something that looks like one, planted in a hardened install, and what the
//! report must say of it. Refuses to let any other check flip.

use crate::hardened::Kind;
use crate::judged::{audit, evidence, failed, said};
use crate::tree::Install;
use deskguard::policy::Profile;
use deskguard::report::Outcome;
use std::collections::BTreeSet;

/// What is planted.
pub(crate) type Plant = fn(&mut Install);

/// A fault and what must become of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) check: &'static str,
    pub(crate) outcome: Outcome,
    /// Parts of one and the same piece of evidence, or of the reason.
    shows: &'static [&'static str],
    /// What no evidence may hold.
    hides: &'static [&'static str],
    /// Checks that fail with it.
    also: &'static [&'static str],
    pub(crate) profile: Profile,
    pub(crate) plant: Plant,
}

/// The check fails, and one piece of its evidence holds every part of `shows`.
pub(crate) const fn fails(
    name: &'static str,
    kind: Kind,
    check: &'static str,
    shows: &'static [&'static str],
    plant: Plant,
) -> Case {
    Case {
        name,
        kind,
        check,
        outcome: Outcome::Fail,
        shows,
        hides: &[],
        also: &[],
        profile: Profile::Baseline,
        plant,
    }
}

/// It looks like a fault and is none: the check still passes.
pub(crate) const fn passes(
    name: &'static str,
    kind: Kind,
    check: &'static str,
    plant: Plant,
) -> Case {
    Case {
        outcome: Outcome::Pass,
        ..fails(name, kind, check, &[], plant)
    }
}

/// It cannot be told, and the reason holds every part of `shows`.
pub(crate) const fn unknown(
    name: &'static str,
    kind: Kind,
    check: &'static str,
    shows: &'static [&'static str],
    plant: Plant,
) -> Case {
    Case {
        outcome: Outcome::Unknown,
        ..fails(name, kind, check, shows, plant)
    }
}

impl Case {
    /// Checks that fail with it, because the one fault is theirs too.
    pub(crate) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// What no piece of evidence may hold.
    pub(crate) const fn hides(self, hides: &'static [&'static str]) -> Self {
        Self { hides, ..self }
    }

    /// Judged by the strict profile.
    pub(crate) const fn strict(self) -> Self {
        Self {
            profile: Profile::Strict,
            ..self
        }
    }

    /// Plants it, audits, and says what is not as it must be.
    fn complaint(&self) -> Option<String> {
        let mut install = self.kind.make();
        (self.plant)(&mut install);
        let report = audit(&install, self.profile);
        let check = said(&report, self.check);
        let lines = evidence(check);
        let reason = check.reason.clone().unwrap_or_default();
        let mut wrong = Vec::new();
        if check.outcome != self.outcome {
            wrong.push(format!("is {:?}, not {:?}", check.outcome, self.outcome));
        }
        let parts: Vec<String> = self.shows.iter().map(|part| install.spell(part)).collect();
        let shown = |text: &String| parts.iter().all(|part| text.contains(part.as_str()));
        if !parts.is_empty() && !lines.iter().chain([&reason]).any(shown) {
            wrong.push(format!("does not show {parts:?}"));
        }
        for part in self.hides.iter().map(|part| install.spell(part)) {
            if lines.iter().any(|line| line.contains(&part)) {
                wrong.push(format!("shows {part:?}"));
            }
        }
        let mut expected: BTreeSet<&str> = self.also.iter().copied().collect();
        if self.outcome == Outcome::Fail {
            expected.insert(self.check);
        }
        let failed = failed(&report);
        if failed != expected {
            let others = failed.difference(&expected);
            let others = others.map(|id| format!("{id}: {:#?}", evidence(said(&report, id))));
            let others: Vec<String> = others.collect();
            let quiet: Vec<_> = expected.difference(&failed).collect();
            wrong.push(format!("others fail: {others:?}, these do not: {quiet:?}"));
        }
        (!wrong.is_empty()).then(|| {
            let name = format!("{} ({:?}, {})", self.name, self.kind, self.check);
            format!(
                "{name}: {}; evidence {lines:#?}; reason {reason:?}\n",
                wrong.join("; ")
            )
        })
    }
}

/// Plants all of them, one after the other.
pub(crate) fn try_all(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().filter_map(Case::complaint).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
