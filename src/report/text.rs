//! The report for a terminal: worst first, the score last, so that it is what remains on the
//! screen. Works from the finished report alone, so that a saved one reads the same. Refuses to
//! leave out that something was left out.

use super::finding::{TEXT, brief, finding, headline};
use super::page::{Ink, Page};
use super::summary::{exit_line, score_line, summary};
use super::unknown::{by_severity, unknown};
use super::{Check, Exit, Outcome, Report};

/// How text is shown. What a terminal is like is found out by whoever calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Columns.
    pub width: usize,
    /// Whether to use colour.
    pub color: bool,
    /// How much to show.
    pub detail: Detail,
}

/// So many lines about what could not be told of the target stand above the findings: on a host of many
/// sites there are dozens.
const MOST_NOT_KNOWN: usize = 3;

/// How much to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// One line for each failed check, and the score.
    Quiet,
    /// What a person needs to mend.
    #[default]
    Normal,
    /// Everything.
    Verbose,
}

/// The report as text; `exit` is shown where it is given.
#[must_use]
pub fn text(report: &Report, exit: Option<&Exit>, options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    if options.detail == Detail::Quiet {
        quiet(&mut page, report, exit);
        return page.finish();
    }
    let whole = options.detail == Detail::Verbose;
    header(&mut page, report, whole);
    let accepted = |check: &&Check| check.waived.is_some() || check.is_known();
    for check in having(report, Outcome::Fail).filter(|it| !accepted(it)) {
        page.gap();
        finding(&mut page, check, &report.target.root, whole);
    }
    page.gap();
    unknown(&mut page, report);
    for check in having(report, Outcome::Fail).filter(accepted) {
        page.gap();
        if whole {
            finding(&mut page, check, &report.target.root, whole);
        } else {
            brief(&mut page, check);
        }
    }
    waivers(&mut page, report, whole);
    page.gap();
    settled(&mut page, report, whole);
    assumptions(&mut page, report);
    page.gap();
    overview(&mut page, report);
    summary(&mut page, report, exit);
    page.finish()
}

pub(super) fn having(report: &Report, outcome: Outcome) -> impl Iterator<Item = &Check> {
    let same = move |check: &&Check| check.outcome == outcome;
    report.checks.iter().filter(same)
}

fn quiet(page: &mut Page, report: &Report, exit: Option<&Exit>) {
    for check in having(report, Outcome::Fail) {
        headline(page, check);
    }
    if let Some(exit) = exit.filter(|exit| exit.code != 0) {
        exit_line(page, exit);
    }
    score_line(page, report);
}

fn header(page: &mut Page, report: &Report, whole: bool) {
    let target = &report.target;
    let generation = target.generation.as_deref().unwrap_or("generation unknown");
    page.put(Ink::Plain, "Audit of ");
    page.put(Ink::Strong, &target.root);
    page.put(Ink::Plain, &format!(" ({generation})"));
    page.end();
    let accounts = |word: &str, names: &[String]| match names {
        [] => format!("{word} user unknown"),
        names => format!("{word} user {}", names.join(", ")),
    };
    let facts = [
        accounts("web", &target.web_users),
        accounts("cron", &target.cron_users),
        format!("profile {}", report.profile),
    ];
    page.parts(Ink::Faint, 2, &facts);
    let run = [
        format!("{} {}", report.tool.name, report.tool.version),
        format!("{} checks", report.checks.len()),
        format!("{} in {} ms", report.started, report.duration_ms),
    ];
    page.parts(Ink::Faint, 2, &run);
    if report.facts.collected != report.started {
        let line = format!("facts collected {}", report.facts.collected);
        page.prose(Ink::Unsure, 2, &line);
    }
    if let Some(it) = &report.baseline {
        let line = format!(
            "since the baseline of {}: {} new, {} worse, {} known",
            it.started, it.new, it.worse, it.known
        );
        page.prose(Ink::Plain, 2, &line);
    }
    let shown = if whole { usize::MAX } else { MOST_NOT_KNOWN };
    for reason in target.unknown.iter().take(shown) {
        page.prose(Ink::Unsure, 2, &format!("Not known: {reason}"));
    }
    let rest = target.unknown.len().saturating_sub(shown);
    if rest > 0 {
        let line = format!("Not known: {rest} more of this kind (--verbose lists them)");
        page.prose(Ink::Unsure, 2, &line);
    }
}

/// The failed checks once more in few lines, where their findings fill more than a screen.
fn overview(page: &mut Page, report: &Report) {
    const MANY: usize = 4;
    let accepted = |check: &&Check| check.waived.is_some() || check.is_known();
    let failed: Vec<&Check> = having(report, Outcome::Fail)
        .filter(|it| !accepted(it))
        .collect();
    if failed.len() < MANY {
        return;
    }
    page.prose(Ink::Strong, 2, "To mend, the worst first:");
    by_severity(page, 2, &failed);
    page.gap();
}

/// Waivers that somebody should look at; with `whole`, all of them.
fn waivers(page: &mut Page, report: &Report, whole: bool) {
    let shown = report
        .waivers
        .iter()
        .filter(|it| whole || it.wants_attention());
    for (number, state) in shown.enumerate() {
        if number == 0 {
            page.gap();
            page.prose(Ink::Strong, 2, "Waivers:");
        }
        page.put(Ink::Plain, "- ");
        let ink = if state.wants_attention() {
            Ink::Unsure
        } else {
            Ink::Faint
        };
        page.put(ink, state.state.word());
        let text = format!("{}: {} (reason: {})", state.check, state.note, state.reason);
        page.tab(12);
        page.prose(Ink::Plain, 12, &text);
    }
}

/// What needs no attention: counted, and listed only on request.
fn settled(page: &mut Page, report: &Report, whole: bool) {
    let score = &report.score;
    if !whole {
        let mut line = format!("Passed: {}", score.passed);
        if score.not_applicable > 0 {
            line.push_str(&format!(" · not applicable: {}", score.not_applicable));
        }
        if score.passed + score.not_applicable > 0 {
            line.push_str(" (--verbose lists them)");
        }
        page.prose(Ink::Plain, 2, &line);
        return;
    }
    for (word, outcome) in [
        ("Passed", Outcome::Pass),
        ("Not applicable", Outcome::NotApplicable),
    ] {
        let checks: Vec<&Check> = having(report, outcome).collect();
        page.gap();
        page.prose(Ink::Strong, 2, &format!("{word}: {}", checks.len()));
        for check in checks {
            listed(page, check);
        }
    }
}

fn listed(page: &mut Page, check: &Check) {
    page.tab(2);
    page.put(Ink::Plain, check.severity.word());
    page.tab(TEXT + 2);
    let text = check.reason.as_ref().unwrap_or(&check.title);
    page.prose(Ink::Plain, TEXT + 4, &format!("{}: {text}", check.id));
}

fn assumptions(page: &mut Page, report: &Report) {
    if report.assumptions.is_empty() {
        return;
    }
    page.gap();
    page.prose(
        Ink::Strong,
        2,
        "Assumed; say otherwise by a flag where it is wrong:",
    );
    for sentence in &report.assumptions {
        page.put(Ink::Plain, "- ");
        page.prose(Ink::Plain, 2, sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Gate, samples};
    use unicode_width::UnicodeWidthStr as _;

    fn show(report: &Report, width: usize, color: bool, detail: Detail) -> String {
        let exit = Gate::default().judge(report);
        let options = Options {
            width,
            color,
            detail,
        };
        text(report, Some(&exit), &options)
    }

    /// With `--nocapture` the samples can be read as the person who is on call would.
    #[test]
    fn the_score_line_is_last_and_nothing_foreign_is_obeyed() {
        for (name, report) in samples::all() {
            for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
                let text = show(&report, 80, false, detail);
                println!("===== {name} =====\n{text}");
                let at = text.rfind("\nScore ").map_or(0, |at| at + 1);
                assert!(text[at..].lines().count() <= 2, "{name}: {text}");
                let scores = text.lines().filter(|line| line.starts_with("Score "));
                assert_eq!(scores.count(), 1, "{name}: {text}");
                for c in ['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}', '\r', '\u{7}'] {
                    assert!(!text.contains(c), "{name} lets {c:?} through");
                }
                assert!(text.lines().all(|it| it.trim_end() == it), "{name}: {text}");
                assert!(!text.contains("\n\n\n"), "{name}: {text}");
            }
        }
    }

    /// A host of many sites has dozens of lines that hide what they publish.
    #[test]
    fn what_is_not_known_of_the_target_does_not_push_the_findings_down() {
        let mut report = samples::a_few();
        report.target.unknown = (0..9).map(|it| format!("document roots: {it}")).collect();
        let text = show(&report, 80, false, Detail::Normal);
        assert_eq!(text.matches("Not known: ").count(), 4, "{text}");
        assert!(
            text.contains("Not known: 6 more of this kind (--verbose lists them)"),
            "{text}"
        );
        let text = show(&report, 80, false, Detail::Verbose);
        assert_eq!(text.matches("Not known: document roots: ").count(), 9);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        for (name, report) in samples::all() {
            let mut plain = show(&report, 80, true, Detail::Normal);
            for code in ["0", "1", "2", "31", "32", "33", "34", "35", "36", "1;31"] {
                plain = plain.replace(&format!("\u{1b}[{code}m"), "");
            }
            assert_eq!(plain, show(&report, 80, false, Detail::Normal), "{name}");
        }
    }

    #[test]
    fn prose_keeps_to_the_width_and_commands_stay_whole() {
        let report = samples::a_few();
        for width in [60, 80, 160] {
            let text = show(&report, width, false, Detail::Normal);
            for line in text.lines().filter(|line| line.width() > width) {
                let verbatim = report
                    .checks
                    .iter()
                    .flat_map(|check| &check.fixes)
                    .any(|fix| {
                        let whole = |it: &str| it.lines().any(|command| line.ends_with(command));
                        whole(&fix.run) || fix.check.as_deref().is_some_and(whole)
                    });
                assert!(verbatim, "{width}: {line}");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let report = samples::long_lists();
        let text = show(&report, 80, false, Detail::Normal);
        assert!(text.contains("and 13407 more"), "{text}");
        assert!(text.contains("the first 10 of 240 lines"), "{text}");
        assert!(
            text.contains("there may be more: permission denied"),
            "{text}"
        );
        let whole = show(&report, 80, false, Detail::Verbose);
        assert!(whole.contains("module-239") && whole.contains("and 13172 more"));
    }

    #[test]
    fn a_closed_door_is_named_once() {
        let text = show(&samples::all_unknown(), 80, false, Detail::Normal);
        assert_eq!(text.matches("permission denied").count(), 1, "{text}");
        assert!(text.contains("8 checks could not be judged"), "{text}");
    }

    #[test]
    fn quiet_is_titles_and_the_end() {
        let text = show(&samples::a_few(), 80, false, Detail::Quiet);
        assert_eq!(
            text,
            "HIGH      config/config-private failed: The configuration can be read by the\n          \
             helpdesk alone\n\
             MEDIUM    web/hsts-set failed: Browsers are told to use HTTPS alone\n\
             Exit 1: 1 failed check is high or worse\n\
             Score 64..69 of 100 · coverage 85 % · 1 high, 1 medium failed · 1 unknown\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_width_gets_through_unescaped(
            foreign in ".*",
            width in 0_usize..200,
            whole in proptest::bool::ANY,
        ) {
            let mut report = samples::a_few();
            report.target.root.clone_from(&foreign);
            report.target.unknown.push(foreign.clone());
            report.assumptions.push(foreign.clone());
            for check in &mut report.checks {
                check.reason = Some(foreign.clone());
                for evidence in &mut check.evidence {
                    evidence.subject.clone_from(&foreign);
                    evidence.message = format!("{foreign}\u{1b}[2J{foreign}");
                }
            }
            let detail = if whole { Detail::Verbose } else { Detail::Normal };
            let text = show(&report, width, false, detail);
            let dangerous = |c: char| c != '\n' && crate::report::escape::is_hazard(c);
            proptest::prop_assert!(!text.contains(dangerous), "{text:?}");
        }
    }
}
