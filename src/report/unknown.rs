//! What could not be judged, grouped by reason, since one closed door hides many checks. Refuses to
//! drop a check or its reason: what nobody could see may be the worst of all.

use super::finding::TEXT;
use super::page::{Ink, Page};
use super::text::having;
use super::{Check, Outcome, Report};

/// The section, or nothing where everything was judged.
pub(super) fn unknown(page: &mut Page, report: &Report) {
    let mut groups: Vec<(&str, Vec<&Check>)> = Vec::new();
    for check in having(report, Outcome::Unknown) {
        let reason = check.reason.as_deref().unwrap_or("no reason is known");
        match groups.iter_mut().find(|(it, _)| *it == reason) {
            Some((_, alike)) => alike.push(check),
            None => groups.push((reason, vec![check])),
        }
    }
    if groups.is_empty() {
        return;
    }
    page.put(Ink::Unsure, "UNKNOWN");
    page.tab(TEXT);
    let number = report.score.unknown;
    let title = match number {
        1 => "1 check could not be judged; it may have failed".to_owned(),
        _ => format!("{number} checks could not be judged; any of them may have failed"),
    };
    page.prose(Ink::Strong, TEXT, &title);
    for (reason, alike) in groups {
        page.tab(TEXT);
        page.prose(Ink::Plain, TEXT + 2, reason);
        by_severity(page, TEXT + 2, &alike);
    }
}

/// The ids from a column on, one line for each severity where they fit.
pub(super) fn by_severity(page: &mut Page, column: usize, checks: &[&Check]) {
    for alike in checks.chunk_by(|one, other| one.severity == other.severity) {
        let Some(first) = alike.first() else { continue };
        page.tab(column);
        page.put(Ink::Bad(first.severity), first.severity.word());
        page.tab(column + 10);
        let ids: Vec<&str> = alike.iter().map(|check| check.id.as_str()).collect();
        page.prose(Ink::Plain, column + 10, &ids.join(", "));
    }
}
