//! A waiver as the lines of `deskguard.toml` that `deskguard waive` adds. Every text is a TOML
//! string with its special characters escaped, so that a reason cannot become a key.

use super::Accepted;
use jiff::civil::Date;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The check's id.
    pub check: &'a str,
    /// Why the failure is accepted.
    pub reason: &'a str,
    /// The last day in UTC on which it holds.
    pub until: Option<Date>,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// Globs over subjects.
    pub subject: &'a [String],
    /// What it accepts.
    pub accepts: &'a Accepted,
}

/// The lines, with a newline at the end.
#[must_use]
pub fn written(waiver: &Written<'_>) -> String {
    let text = |text: &str| toml::Value::from(text).to_string();
    let mut lines = format!(
        "[[waive]]\ncheck   = {}\nreason  = {}\n",
        text(waiver.check),
        text(waiver.reason)
    );
    if let Some(until) = waiver.until {
        lines.push_str(&format!("until   = {until}\n"));
    }
    if let Some(owner) = waiver.owner {
        lines.push_str(&format!("owner   = {}\n", text(owner)));
    }
    if !waiver.subject.is_empty() {
        let globs: Vec<String> = waiver.subject.iter().map(|glob| text(glob)).collect();
        lines.push_str(&format!("subject = [{}]\n", globs.join(", ")));
    }
    let entries: Vec<String> = waiver.accepts.entries().iter().map(|it| text(it)).collect();
    let (open, between, close) = match entries.len() {
        0..=3 => ("[", ", ", "]"),
        _ => ("[\n  ", ",\n  ", ",\n]"),
    };
    lines.push_str(&format!(
        "accepts = {open}{}{close}\n",
        entries.join(between)
    ));
    lines
}
