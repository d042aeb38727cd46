//! One failed check in Markdown: a few findings open, the rest folded, then why and how to mend it.

use super::super::finding::{place_of, risk_of};
use super::super::identity::stands_for;
use super::super::{Check, Evidence, Fix, Kind, Severity};
use super::CHARACTERS;
use super::write::{block, clip, code, paragraph, prose};
use std::fmt::Write as _;

/// Findings that are shown before the rest is folded.
const OPEN: usize = 5;
/// Findings of one check that are shown at all.
const PIECES: usize = 50;
/// Lines of a script that are shown.
const LINES: usize = 30;

pub(super) fn finding(check: &Check, root: &str) -> String {
    let mut out = format!("\n### {} · {}\n\n", word(check.severity), prose(&check.id));
    let _ = writeln!(out, "Wanted: {}\n", prose(&check.title));
    let (open, folded) = check.evidence.split_at(check.evidence.len().min(OPEN));
    for piece in open {
        out.push_str(&item(piece, root));
    }
    if !folded.is_empty() {
        let shown = folded.len().min(PIECES);
        let _ = writeln!(
            out,
            "\n<details><summary>{} more findings</summary>\n",
            folded.len()
        );
        for piece in folded.iter().take(shown) {
            out.push_str(&item(piece, root));
        }
        if folded.len() > shown {
            let _ = writeln!(
                out,
                "- and {} more, in the JSON report",
                folded.len() - shown
            );
        }
        out.push_str("\n</details>\n");
    }
    let counted: u64 = check.evidence.iter().map(stands_for).sum();
    let more = check.evidence_total.saturating_sub(counted);
    if more > 0 {
        let _ = writeln!(out, "- and {more} more that nobody listed");
    }
    if let Some(reason) = &check.reason {
        let _ = writeln!(out, "- {}", prose(&clip(reason, CHARACTERS)));
    }
    out.push_str("\n<details><summary>Why, and how to mend it</summary>\n\n");
    for part in check
        .why
        .split("\n\n")
        .filter(|part| !part.trim().is_empty())
    {
        let _ = writeln!(out, "{}\n", paragraph(part));
    }
    for fix in &check.fixes {
        out.push_str(&mend(fix));
    }
    out.push_str("</details>\n");
    out
}

fn item(piece: &Evidence, root: &str) -> String {
    let mut out = format!("- {}", code(&clip(piece.message.trim(), CHARACTERS)));
    let place = piece.location.as_ref().map(|place| match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    });
    let said = |text: &str| piece.message.contains(text) || text == root || text.is_empty();
    if !said(&piece.subject) && place.as_deref() != Some(piece.subject.as_str()) {
        let _ = write!(out, " · {}", code(&clip(&piece.subject, CHARACTERS)));
    }
    if let Some(place) = place.filter(|place| !said(place)) {
        let _ = write!(out, " · {}", code(&clip(&place, CHARACTERS)));
    }
    if piece.waived {
        out.push_str(" · waived");
    }
    out.push('\n');
    out
}

fn mend(fix: &Fix) -> String {
    let mut out = format!(
        "**Mend** {} ({}):\n\n",
        place_of(fix.kind),
        risk_of(fix.risk)
    );
    if fix.kind == Kind::Manual {
        let _ = writeln!(out, "{}\n", paragraph(&fix.run));
    } else {
        let lines: Vec<&str> = fix.run.trim_end().lines().collect();
        if lines.len() > LINES {
            let _ = writeln!(out, "The first {LINES} of {} lines:\n", lines.len());
        }
        let shown: Vec<&str> = lines.into_iter().take(LINES).collect();
        out.push_str(&block(language(fix.kind), 0, &shown.join("\n")));
        out.push('\n');
    }
    if let Some(check) = &fix.check {
        let _ = writeln!(out, "Check: {}\n", code(&clip(check.trim(), 500)));
    }
    out
}

/// What highlighters call the language.
pub(in super::super) const fn language(kind: Kind) -> &'static str {
    match kind {
        Kind::Shell => "sh",
        Kind::Sql => "sql",
        Kind::Nginx => "nginx",
        Kind::Apache => "apache",
        Kind::Php => "php",
        Kind::Toml => "toml",
        Kind::Manual => "",
    }
}

pub(super) const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Info => "INFO",
    }
}
