//! `[[attest]]`: somebody's word for what is recorded nowhere. Refuses a word for what can be seen, and one
//! from the future.

use crate::policy::{Attested, Review};
use serde::Deserialize;

/// `[[attest]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The check that rests on it.
    pub check: String,
    /// Who says so.
    pub by: String,
    /// On which day.
    pub on: toml::value::Datetime,
}

/// The one check that rests on somebody's word.
pub const ATTESTABLE: &str = "logs/reviewed";

impl Attestation {
    /// Adds it where it is newer than what is known.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn add_to(&self, attested: &mut Attested, today: i64) -> Result<(), String> {
        if self.check != ATTESTABLE {
            return Err(format!(
                "[[attest]] check = {:?}: only {ATTESTABLE} rests on an attestation{}",
                self.check,
                if strsim::jaro_winkler(&self.check, ATTESTABLE) > 0.8 {
                    "; is that what you meant?"
                } else {
                    ", every other check is judged by what is seen"
                }
            ));
        }
        if self.by.trim().is_empty() {
            return Err(format!(
                "[[attest]] of {ATTESTABLE}: `by` is empty; name who reviewed"
            ));
        }
        let day = self.day()?;
        if day > today {
            return Err(format!(
                "[[attest]] of {ATTESTABLE}: `on` is {}, which is still to come",
                self.on
            ));
        }
        if attested.logs_reviewed.by.is_empty() || attested.logs_reviewed.day < day {
            attested.logs_reviewed = Review {
                by: self.by.clone(),
                day,
                on: self.on.to_string(),
            };
        }
        Ok(())
    }

    /// Days since 1970-01-01.
    fn day(&self) -> Result<i64, String> {
        let wrong = || {
            format!(
                "[[attest]] of {}: `on` is {}, write a date as 2026-11-20",
                self.check, self.on
            )
        };
        let date: jiff::civil::Date = match (self.on.date, self.on.time) {
            (Some(date), None) => date.to_string().parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        let since = jiff::civil::date(1970, 1, 1)
            .until(date)
            .map_err(|_| wrong())?;
        Ok(i64::from(since.get_days()))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::policy::Profile;
    use std::path::Path;

    #[test]
    fn attestations_count_by_their_newest_and_cannot_lie_in_the_future() {
        let read = |text: &str, today| {
            Config::parse(Path::new("x"), text)
                .unwrap()
                .policy(Profile::Baseline, today)
        };
        let one = "[[attest]]\ncheck = \"logs/reviewed\"\nby = \"ann\"\non = 1970-01-03\n";
        let two = format!("{one}{}", one.replace("-03", "-02"));
        assert_eq!(read(&two, 2).unwrap().attested.logs_reviewed.day, 2);
        assert!(read(one, 1).unwrap_err().contains("still to come"));
        let near = one.replace("reviewed", "review");
        assert!(
            read(&near, 9)
                .unwrap_err()
                .contains("is that what you meant?")
        );
        let clock = one.replace("1970-01-03", "10:00:00");
        assert!(read(&clock, 9).unwrap_err().contains("write a date"));
        assert!(read("", 9).unwrap().attested.logs_reviewed.by.is_empty());
    }
}
