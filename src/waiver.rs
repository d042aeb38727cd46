//! Waivers: failures that somebody accepted, with a reason and for a while. A pure function of
//! report, waivers and day. They change the exit code and never the score; one that has ended, or
//! whose evidence has grown, waives nothing; none is dropped without a word.

mod accept;
mod written;

pub use accept::Accepted;
pub use written::{Written, written};

use crate::report::{Check, Evidence, Outcome, Report, Waived, WaiverFate, WaiverState};
use globset::{Glob, GlobMatcher};
use jiff::civil::Date;

/// One waiver, understood.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The check's id, or a former one.
    pub check: String,
    /// Why the failure is accepted.
    pub reason: String,
    /// The last day in UTC on which it holds: it ends when that day ends.
    pub until: Option<Date>,
    /// Globs over subjects and places, as shown or relative to the root; none means all.
    pub subject: Vec<GlobMatcher>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What was seen when it was written; nothing means whatever is found.
    pub accepts: Option<Accepted>,
}

/// A glob over subjects. `*` crosses directories, so that `…/cache/*` means everything below.
///
/// # Errors
/// What is wrong with it.
pub fn subject_glob(text: &str) -> Result<GlobMatcher, String> {
    Glob::new(text)
        .map(|glob| glob.compile_matcher())
        .map_err(|error| error.to_string())
}

/// Marks what is waived, and tells what became of every waiver.
pub fn apply(report: &mut Report, waivers: &[Waiver], today: Date) {
    let root = report.target.root.clone();
    for waiver in waivers {
        let check = report.checks.iter_mut().find(|check| waiver.names(check));
        let state = waiver.meet(check, &root, today);
        report.waivers.push(state);
    }
    for check in &mut report.checks {
        let whole = !check.evidence.is_empty() && check.evidence.iter().all(|it| it.waived);
        if check.outcome == Outcome::Fail && whole {
            let used = report.waivers.iter().filter(|state| {
                state.state == WaiverFate::Used
                    && (state.check == check.id || check.aliases.contains(&state.check))
            });
            check.waived = join(used);
        }
    }
}

impl Waiver {
    fn names(&self, check: &Check) -> bool {
        check.id == self.check || check.aliases.contains(&self.check)
    }

    /// Whether it is about this piece of evidence.
    #[must_use]
    pub fn covers(&self, root: &str, evidence: &Evidence) -> bool {
        let place = evidence.location.as_ref().map(|place| place.path.as_str());
        self.subject.is_empty()
            || [Some(evidence.subject.as_str()), place]
                .into_iter()
                .flatten()
                .flat_map(|text| [text, relative(root, text)])
                .any(|text| self.subject.iter().any(|glob| glob.is_match(text)))
    }

    fn meet(&self, check: Option<&mut Check>, root: &str, today: Date) -> WaiverState {
        let outcome = check.as_ref().map(|check| check.outcome);
        let mut covered: Vec<&mut Evidence> = match check {
            Some(check) if check.outcome == Outcome::Fail => check
                .evidence
                .iter_mut()
                .filter(|piece| self.covers(root, piece))
                .collect(),
            _ => Vec::new(),
        };
        let grown = self
            .accepts
            .as_ref()
            .and_then(|accepted| accepted.complaint(covered.iter().map(|piece| &**piece)));
        let (state, note) = self.fate(outcome, covered.len(), grown, today);
        if state == WaiverFate::Used {
            for piece in &mut covered {
                piece.waived = true;
            }
        }
        WaiverState {
            check: self.check.clone(),
            reason: self.reason.clone(),
            until: self.until.map(|day| day.to_string()),
            owner: self.owner.clone(),
            subject: self
                .subject
                .iter()
                .map(|it| it.glob().to_string())
                .collect(),
            state,
            note,
            pieces: covered.len(),
            days_left: self.days_left(today).filter(|days| *days >= 0),
        }
    }

    /// Negative after its end.
    fn days_left(&self, today: Date) -> Option<i64> {
        let until = self.until?;
        Some(i64::from(today.until(until).ok()?.get_days()))
    }

    fn fate(
        &self,
        outcome: Option<Outcome>,
        covered: usize,
        grown: Option<String>,
        today: Date,
    ) -> (WaiverFate, String) {
        use WaiverFate::{Expired, Undecided, Unused, Used, Void};
        let again = match covered {
            0 => "nothing that it covers is found any more: take it out",
            _ => "what it covers is a failure again: mend it, or give it a new date",
        };
        match (outcome, self.until.filter(|until| *until < today)) {
            (_, Some(until)) => (Expired, format!("it ended with {until}; {again}")),
            (None, None) => (Undecided, "its check was left out of this run".to_owned()),
            (Some(Outcome::Unknown), None) => {
                (Undecided, "its check could not be judged".to_owned())
            }
            (Some(Outcome::Pass), None) => (Unused, "the check passes: take it out".to_owned()),
            (Some(Outcome::NotApplicable), None) => (
                Unused,
                "the check does not apply here: take it out".to_owned(),
            ),
            (Some(Outcome::Fail), None) if covered == 0 => (
                Unused,
                "nothing that was found has such a subject: correct it, or take it out".to_owned(),
            ),
            (Some(Outcome::Fail), None) => match grown {
                Some(why) => (
                    Void,
                    format!(
                        "{why}; mend that, or accept it anew with `deskguard waive {}`",
                        self.check
                    ),
                ),
                None => (Used, self.ending(covered, today)),
            },
        }
    }

    fn ending(&self, covered: usize, today: Date) -> String {
        let pieces = if covered == 1 {
            "it covers 1 finding".to_owned()
        } else {
            format!("it covers {covered} findings")
        };
        match (self.until, self.days_left(today)) {
            (Some(_), Some(0)) => format!("{pieces} and ends today"),
            (Some(until), Some(1)) => format!("{pieces} and ends in 1 day, with {until}"),
            (Some(until), Some(days)) => format!("{pieces} and ends in {days} days, with {until}"),
            _ => format!("{pieces} and has no end"),
        }
    }
}

fn relative<'a>(root: &str, text: &'a str) -> &'a str {
    text.strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(text)
}

/// One or several waivers that cover a check together.
fn join<'a>(states: impl Iterator<Item = &'a WaiverState>) -> Option<Waived> {
    let states: Vec<&WaiverState> = states.collect();
    let mut reasons: Vec<&str> = states.iter().map(|it| it.reason.as_str()).collect();
    let mut owners: Vec<&str> = states.iter().filter_map(|it| it.owner.as_deref()).collect();
    for list in [&mut reasons, &mut owners] {
        list.sort_unstable();
        list.dedup();
    }
    (!states.is_empty()).then(|| Waived {
        reason: reasons.join("; "),
        until: states.iter().filter_map(|it| it.until.clone()).min(),
        owner: (!owners.is_empty()).then(|| owners.join(", ")),
    })
}

#[cfg(test)]
mod tests;
