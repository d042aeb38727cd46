//! The report for a comment on a merge request: worst first, long lists folded, never longer than
//! such a comment may be. What does not fit is counted in a statement; nothing is cut in the middle.

mod write;

pub(super) use write::{block, clip, code, paragraph, prose};

use super::finding::{place_of, risk_of};
use super::identity::stands_for;
use super::summary::points;
use super::{Check, Evidence, Exit, Fix, Kind, Outcome, Report, Severity};
use std::fmt::Write as _;

/// The most bytes that GitHub takes in a comment; GitLab takes more.
pub const COMMENT: usize = 65_536;
/// Kept free for the statement of what was left out.
const RESERVE: usize = 400;
/// Findings that are shown before the rest is folded.
const OPEN: usize = 5;
/// Findings of one check that are shown at all.
const PIECES: usize = 50;
/// Characters of one foreign text.
const CHARACTERS: usize = 300;
/// Lines of a script that are shown.
const LINES: usize = 30;

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report, exit: Option<&Exit>) -> String {
    let mut out = head(report, exit);
    let mut left = Left::default();
    let failed = |waived: bool| {
        let wanted =
            move |it: &&Check| it.outcome == Outcome::Fail && it.waived.is_some() == waived;
        report.checks.iter().filter(wanted)
    };
    for check in failed(false) {
        left.put(&mut out, &finding(check, &report.target.root), &check.id);
    }
    let rest = [
        ("unknown", unknown(report)),
        ("waived", waived(failed(true))),
        ("waivers", waivers(report)),
        ("passed", settled(report)),
        ("assumed", assumed(report)),
    ];
    for (name, section) in rest {
        if !section.is_empty() {
            left.put(&mut out, &section, name);
        }
    }
    left.say(&mut out);
    out
}

/// What did not fit.
#[derive(Default)]
struct Left {
    names: Vec<String>,
}

impl Left {
    fn put(&mut self, out: &mut String, section: &str, name: &str) {
        if out.len() + section.len() + RESERVE <= COMMENT {
            out.push_str(section);
        } else {
            self.names.push(name.to_owned());
        }
    }

    fn say(&self, out: &mut String) {
        if self.names.is_empty() {
            return;
        }
        let shown: Vec<&str> = self.names.iter().take(3).map(String::as_str).collect();
        let more = self.names.len() - shown.len();
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = write!(
            out,
            "\n> **Cut to the length of a comment.** Left out: {}{more}. The JSON and HTML reports hold everything.\n",
            clip(&shown.join(", "), 200)
        );
    }
}

fn head(report: &Report, exit: Option<&Exit>) -> String {
    let score = &report.score;
    let mut out = format!(
        "## deskguard: score {} of 100, coverage {} %\n\n",
        points(score),
        score.coverage
    );
    if let Some(exit) = exit {
        let word = match exit.code {
            0 => "Accepted",
            1 => "Refused",
            _ => "Too little known",
        };
        let _ = writeln!(
            out,
            "**{word}** (exit code {}): {}.\n",
            exit.code,
            prose(&exit.reason)
        );
    }
    let _ = writeln!(
        out,
        "{} failed · {} unknown · {} passed · {} not applicable\n",
        score.failed, score.unknown, score.passed, score.not_applicable
    );
    let generation = report
        .target
        .generation
        .as_deref()
        .unwrap_or("unknown generation");
    let _ = writeln!(
        out,
        "{} ({}), profile {}, {} by deskguard {}",
        code(&clip(&report.target.root, CHARACTERS)),
        prose(generation),
        prose(&report.profile),
        prose(&report.started),
        prose(&report.tool.version)
    );
    if let Some(baseline) = &report.baseline {
        let _ = writeln!(
            out,
            "\nSince the baseline of {}: {} new, {} worse, {} known.",
            prose(&baseline.started),
            baseline.new,
            baseline.worse,
            baseline.known
        );
    }
    out
}

fn finding(check: &Check, root: &str) -> String {
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
pub(super) const fn language(kind: Kind) -> &'static str {
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

fn unknown(report: &Report) -> String {
    let checks: Vec<&Check> = of(report, Outcome::Unknown);
    if checks.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n### UNKNOWN · {} could not be judged; any may have failed\n\n",
        checks.len()
    );
    for check in checks {
        let reason = check.reason.as_deref().unwrap_or("no reason is known");
        let _ = writeln!(
            out,
            "- {} ({}): {}",
            prose(&check.id),
            check.severity.word(),
            prose(&clip(reason, CHARACTERS))
        );
    }
    out
}

fn waived<'a>(checks: impl Iterator<Item = &'a Check>) -> String {
    let mut out = String::new();
    for check in checks {
        let Some(waived) = &check.waived else {
            continue;
        };
        let _ = writeln!(
            out,
            "- {} ({}, {} findings) {}",
            prose(&check.id),
            check.severity.word(),
            check.evidence.len(),
            prose(&clip(&waived.sentence(), CHARACTERS))
        );
    }
    if out.is_empty() {
        return out;
    }
    format!("\n### Waived: failed, and accepted for now\n\n{out}")
}

/// Waivers that somebody should look at.
fn waivers(report: &Report) -> String {
    let mut out = String::new();
    for state in report.waivers.iter().filter(|it| it.wants_attention()) {
        let _ = writeln!(
            out,
            "- {} ({}): {}",
            prose(&state.check),
            state.state.word(),
            prose(&state.note)
        );
    }
    if out.is_empty() {
        return out;
    }
    format!("\n### Waivers that want attention\n\n{out}")
}

fn settled(report: &Report) -> String {
    let mut out = String::new();
    for (title, outcome) in [
        ("passed", Outcome::Pass),
        ("not applicable", Outcome::NotApplicable),
    ] {
        let checks = of(report, outcome);
        if checks.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n<details><summary>{} {title}</summary>\n",
            checks.len()
        );
        for check in checks {
            let _ = writeln!(out, "- {}: {}", prose(&check.id), prose(&check.title));
        }
        out.push_str("\n</details>\n");
    }
    out
}

fn assumed(report: &Report) -> String {
    if report.assumptions.is_empty() {
        return String::new();
    }
    let mut out = "\n<details><summary>Assumed</summary>\n\n".to_owned();
    for sentence in &report.assumptions {
        let _ = writeln!(out, "- {}", prose(&clip(sentence, CHARACTERS)));
    }
    out.push_str("\n</details>\n");
    out
}

fn of(report: &Report, outcome: Outcome) -> Vec<&Check> {
    let same = |it: &&Check| it.outcome == outcome;
    report.checks.iter().filter(same).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Gate, samples};

    fn show(report: &Report) -> String {
        markdown(report, Some(&Gate::default().judge(report)))
    }

    #[test]
    fn it_fits_a_comment_and_says_what_it_cut() {
        for (name, report) in samples::all() {
            let text = show(&report);
            assert!(text.len() <= COMMENT, "{name}: {}", text.len());
            assert!(!text.contains("Cut to the length"), "{name}");
            let details = (
                text.matches("<details>").count(),
                text.matches("</details>").count(),
            );
            assert_eq!(details.0, details.1, "{name}");
        }
        let mut large = samples::all_wrong();
        for check in &mut large.checks {
            let piece = check.evidence[0].clone();
            check.evidence = vec![piece; 2000];
            check.why = "word ".repeat(4000);
        }
        let text = show(&large);
        assert!(text.len() <= COMMENT, "{}", text.len());
        assert!(
            text.contains("**Cut to the length of a comment.** Left out: "),
            "{text}"
        );
    }

    #[test]
    fn names_stay_text() {
        let mut report = samples::a_few();
        for check in &mut report.checks {
            for piece in &mut check.evidence {
                piece.message =
                    "</details><img src=x onerror=alert(1)> ``` @everyone [a](b)".to_owned();
                piece.subject = "`\n# heading".to_owned();
            }
            check.title = "<script>@here".to_owned();
        }
        let text = show(&report);
        assert!(
            !text.contains("<script>") && !text.contains("\n# heading"),
            "{text}"
        );
        assert!(
            text.contains("````</details><img src=x onerror=alert(1)> ``` @everyone [a](b)````"),
            "{text}"
        );
    }

    #[test]
    fn the_worst_stands_before_the_rest() {
        let text = show(&samples::a_few());
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(at("### HIGH") < at("### MEDIUM"));
        assert!(at("### MEDIUM") < at("### UNKNOWN"));
        assert!(at("### UNKNOWN") < at("passed</summary>"));
    }
}
