//! `[[waive]]` entries as they are written, and what they mean once the checks are known. Complains
//! about every wrong one with its place.

use crate::check::Catalogue;
use crate::complaint::Complaint;
use crate::waiver::{Accepted, Waiver, subject_glob};
use jiff::civil::Date;
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;
use toml::value::Datetime;

/// One `[[waive]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiveEntry {
    check: Spanned<String>,
    reason: Spanned<String>,
    until: Option<Spanned<Datetime>>,
    subject: Option<Spanned<OneOrMore>>,
    owner: Option<String>,
    accepts: Option<Spanned<Vec<String>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// The waivers of a file.
///
/// # Errors
/// Every complaint about every entry.
pub(super) fn understand(
    entries: &[WaiveEntry],
    file: &Path,
    text: &str,
    catalogue: &Catalogue,
) -> Result<Vec<Waiver>, Vec<Complaint>> {
    let mut waivers = Vec::new();
    let mut complaints = Vec::new();
    for entry in entries {
        match entry.waiver(catalogue) {
            Ok(waiver) => waivers.push(waiver),
            Err((span, message, help)) => {
                let complaint = Complaint::in_text(file, text, Some(span), &message);
                complaints.push(complaint.help(help));
            }
        }
    }
    if complaints.is_empty() {
        Ok(waivers)
    } else {
        Err(complaints)
    }
}

/// The place, what is wrong, and the remedy.
type Wrong = (std::ops::Range<usize>, String, String);

impl WaiveEntry {
    /// Why it was waived, where it accepts what another one would, and still holds.
    pub(super) fn says_the_same(&self, other: &Self, today: Date) -> Option<&str> {
        let globs = |it: &Self| it.subject.as_ref().map(|it| it.get_ref().all().to_vec());
        let accepts = |it: &Self| it.accepts.as_ref().map(|it| it.get_ref().clone());
        let same = self.check.get_ref() == other.check.get_ref()
            && globs(self).unwrap_or_default() == globs(other).unwrap_or_default()
            && accepts(self) == accepts(other);
        let last = self.until.as_ref().and_then(|it| day(it.get_ref()));
        let holds = self.until.is_none() || last.is_some_and(|last| today <= last);
        (same && holds).then_some(self.reason.get_ref())
    }

    fn waiver(&self, catalogue: &Catalogue) -> Result<Waiver, Wrong> {
        let typed = self.check.get_ref();
        let check = catalogue.find(typed).ok_or_else(|| {
            let hint = catalogue.nearest(typed).map_or_else(
                || "`deskguard checks` lists them".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            (
                self.check.span(),
                format!("no check is called {typed}"),
                hint,
            )
        })?;
        if self.reason.get_ref().trim().is_empty() {
            return Err((
                self.reason.span(),
                "a waiver needs a reason".to_owned(),
                "say why the failure is accepted, best with a ticket's number".to_owned(),
            ));
        }
        let until = self.until.as_ref().map(|it| {
            day(it.get_ref()).ok_or_else(|| {
                let help = "write the last day (UTC) on which it holds, as 2027-03-31";
                (it.span(), "`until` is no date".to_owned(), help.to_owned())
            })
        });
        let subject = self.subject.as_ref().map_or(Ok(Vec::new()), |it| {
            let globs = it.get_ref().all().iter().map(|glob| subject_glob(glob));
            globs.collect::<Result<Vec<_>, _>>().map_err(|problem| {
                let help = "a glob is a path in which * and ? stand for what differs";
                (it.span(), problem, help.to_owned())
            })
        })?;
        let accepts = self.accepts.as_ref().map(|it| {
            Accepted::parse(it.get_ref()).map_err(|problem| {
                let help = "leave `accepts` out to accept whatever is found";
                (it.span(), problem, help.to_owned())
            })
        });
        Ok(Waiver {
            check: check.id.clone(),
            reason: self.reason.get_ref().trim().to_owned(),
            until: until.transpose()?,
            subject,
            owner: self.owner.clone(),
            accepts: accepts.transpose()?,
        })
    }
}

/// A date alone: a time of day would ask for a time zone.
fn day(written: &Datetime) -> Option<Date> {
    let (Some(date), None, None) = (written.date, written.time, written.offset) else {
        return None;
    };
    let (year, month, day) = (
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    );
    Date::new(year, month, day).ok()
}
