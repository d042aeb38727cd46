//! The report for a comment on a merge request: worst first, long lists folded, never longer than
//! such a comment may be. What does not fit is counted in a statement; nothing is cut in the middle.

mod finding;
mod write;

pub(super) use finding::language;
pub(super) use write::{block, clip, code, paragraph, prose};

use super::summary::points;
use super::{Check, Exit, Outcome, Report};
use finding::finding;
use std::fmt::Write as _;

/// The most bytes that GitHub takes in a comment; GitLab takes more.
pub const COMMENT: usize = 65_536;
/// Kept free for the statement of what was left out.
const RESERVE: usize = 400;
/// Characters of one foreign text.
const CHARACTERS: usize = 300;

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
