//! The last lines of a report, which remain on the screen: what the score is, why it is capped, how
//! the program ends. Refuses to show a score without the coverage beside it.

use super::page::{Ink, Page};
use super::{Check, Exit, Outcome, Report, Score, Severity};

/// Cells of the drawn interval.
const CELLS: usize = 50;
pub(super) const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

/// The bar, the caps, the reason of the exit code and the score line, in this order.
pub(super) fn summary(page: &mut Page, report: &Report, exit: Option<&Exit>) {
    if page.width() >= CELLS + 12 {
        bar(page, report);
    }
    for sentence in caps(report) {
        page.prose(Ink::Plain, 2, &sentence);
    }
    if let Some(exit) = exit {
        exit_line(page, exit);
    }
    score_line(page, report);
}

pub(super) fn exit_line(page: &mut Page, exit: &Exit) {
    page.prose(
        Ink::Plain,
        2,
        &format!("Exit {}: {}", exit.code, exit.reason),
    );
}

/// `Score 34..61 of 100 · coverage 80 % · 3 critical, 5 high failed · 4 unknown`
pub(super) fn score_line(page: &mut Page, report: &Report) {
    let score = &report.score;
    let mut parts = vec![
        format!("Score {} of 100", points(score)),
        format!("coverage {} %", score.coverage),
        match counts(report, Outcome::Fail) {
            // "Nothing failed" would comfort where little was seen.
            none if none.is_empty() && score.coverage < 100 => "0 failed".to_owned(),
            none if none.is_empty() => "nothing failed".to_owned(),
            counts => format!("{counts} failed{}", waived(report)),
        },
    ];
    if score.unknown > 0 {
        parts.push(format!("{} unknown", score.unknown));
    }
    page.parts(ink(report), 6, &parts);
}

fn waived(report: &Report) -> String {
    match report
        .checks
        .iter()
        .filter(|it| it.waived.is_some())
        .count()
    {
        0 => String::new(),
        waived => format!(" ({waived} waived)"),
    }
}

/// `34..61`, or one figure where both ends are the same.
pub(super) fn points(score: &Score) -> String {
    if score.low == score.high {
        score.low.to_string()
    } else {
        format!("{}..{}", score.low, score.high)
    }
}

/// Green up to the low end, doubtful up to the high end, empty above.
fn bar(page: &mut Page, report: &Report) {
    let cells = |points: u8| usize::from(points) * CELLS / 100;
    let (low, high) = (cells(report.score.low), cells(report.score.high));
    page.put(Ink::Faint, "0 ");
    page.put(ink(report), &"█".repeat(low));
    page.put(Ink::Unsure, &"▒".repeat(high.saturating_sub(low)));
    page.put(Ink::Faint, &"·".repeat(CELLS.saturating_sub(high)));
    page.put(Ink::Faint, " 100");
    page.end();
}

/// The colour of the worst that is true or may be.
fn ink(report: &Report) -> Ink {
    let worst = |wanted| {
        let of = |check: &&Check| check.outcome == wanted;
        report.checks.iter().filter(of).map(|it| it.severity).max()
    };
    match (worst(Outcome::Fail), worst(Outcome::Unknown)) {
        (Some(severity), _) => Ink::Bad(severity),
        (None, Some(_)) => Ink::Unsure,
        (None, None) => Ink::Good,
    }
}

pub(super) fn counts(report: &Report, outcome: Outcome) -> String {
    let counted = |severity: Severity| {
        let number = number(report, outcome, severity);
        (number > 0).then(|| format!("{number} {}", severity.word()))
    };
    let words: Vec<String> = SEVERITIES.into_iter().filter_map(counted).collect();
    words.join(", ")
}

pub(super) fn number(report: &Report, outcome: Outcome, severity: Severity) -> usize {
    let like = |check: &&Check| check.outcome == outcome && check.severity == severity;
    report.checks.iter().filter(like).count()
}

/// Why mending something small may change nothing.
pub(super) fn caps(report: &Report) -> Vec<String> {
    let score = &report.score;
    let limit = |severity| {
        if severity == Severity::Critical {
            40
        } else {
            70
        }
    };
    let checks = |number, word: &str| match number {
        1 => format!("a {word} check"),
        _ => format!("{number} {word} checks"),
    };
    let mut sentences = Vec::new();
    if let Some(severity) = score.high_capped_by {
        let failed = number(report, Outcome::Fail, severity);
        sentences.push(format!(
            "Capped below {} by {}, whatever else passes.",
            limit(severity),
            checks(failed, &format!("failed {}", severity.word())),
        ));
    }
    if let Some(severity) = score
        .low_capped_by
        .filter(|it| Some(*it) != score.high_capped_by)
    {
        let unknown = number(report, Outcome::Unknown, severity);
        sentences.push(format!(
            "The low end stays below {} until {} can be judged.",
            limit(severity),
            checks(unknown, severity.word()),
        ));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Severity::{Critical, High, Low};
    use crate::engine::Outcome::{Fail, Pass, Unknown};
    use crate::report::samples;

    fn last_lines(results: &[(crate::check::Severity, crate::engine::Outcome)]) -> String {
        let mut page = Page::new(80, false);
        summary(&mut page, &samples::of_results(results), None);
        page.finish()
    }

    #[test]
    fn a_cap_is_explained() {
        let failed = last_lines(&[(Critical, Pass), (Critical, Pass), (Critical, Fail)]);
        assert!(
            failed
                .contains("\nCapped below 40 by a failed critical check, whatever else passes.\n"),
            "{failed}"
        );
        let unknown = last_lines(&[(Critical, Pass), (Critical, Unknown), (Critical, Unknown)]);
        assert!(!unknown.contains("Capped"), "{unknown}");
        let most = [
            (Critical, Pass),
            (Critical, Pass),
            (Critical, Unknown),
            (High, Fail),
        ];
        let both = last_lines(&[&[(Critical, Pass)], most.as_slice()].concat());
        assert!(
            both.contains("Capped below 70 by a failed high check"),
            "{both}"
        );
        assert!(
            both.contains("The low end stays below 40 until a critical check can be judged."),
            "{both}"
        );
    }

    #[test]
    fn the_score_line_breaks_only_between_its_parts() {
        let one = |severity, number| vec![(severity, Fail); number];
        let results = [
            one(Critical, 12),
            one(High, 23),
            one(Low, 30),
            vec![(Low, Unknown)],
        ];
        let mut page = Page::new(60, false);
        score_line(&mut page, &samples::of_results(&results.concat()));
        assert_eq!(
            page.finish(),
            "Score 0 of 100 · coverage 99 %\n      12 critical, 23 high, 30 low failed · 1 unknown\n"
        );
    }

    #[test]
    fn little_seen_is_not_called_nothing_failed() {
        let text = last_lines(&[(High, Unknown)]);
        assert!(text.ends_with("Score 0..100 of 100 · coverage 0 % · 0 failed · 1 unknown\n"));
    }
}
