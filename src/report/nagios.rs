//! The report as a Nagios or Icinga plugin's output: one line with performance data, then the failed
//! checks. The word follows the exit code as monitoring reads it (0 OK, 1 WARNING, 2 CRITICAL, 3
//! UNKNOWN), so that both always agree. Bars have a meaning there and are replaced.

use super::escape::escape;
use super::summary::{SEVERITIES, counts, number, points};
use super::{Check, Exit, Outcome, Report};

/// Failed checks that are named below the line.
const NAMED: usize = 20;

/// The report as a plugin's output.
#[must_use]
pub fn nagios(report: &Report, exit: &Exit) -> String {
    let score = &report.score;
    let mut line = format!(
        "DESKGUARD {} - score {} of 100, coverage {} %",
        word(exit.code),
        points(score),
        score.coverage
    );
    let failed = counts(report, Outcome::Fail);
    if !failed.is_empty() {
        line.push_str(&format!(", {failed} failed"));
    }
    let waived = report
        .checks
        .iter()
        .filter(|it| it.waived.is_some())
        .count();
    if waived > 0 {
        line.push_str(&format!(" ({waived} of them waived)"));
    }
    if score.unknown > 0 {
        line.push_str(&format!(", {} unknown", score.unknown));
    }
    let mut text = format!("{}|{}\n", safe(&line), performance(report));
    text.push_str(&format!("{}\n", safe(&exit.reason)));
    let wanted = |it: &&Check| it.outcome == Outcome::Fail && it.waived.is_none();
    let failed: Vec<&Check> = report.checks.iter().filter(wanted).collect();
    for check in failed.iter().take(NAMED) {
        let line = format!("{} {}: {}", check.severity.word(), check.id, check.title);
        text.push_str(&format!("{}\n", safe(&line)));
    }
    if failed.len() > NAMED {
        text.push_str(&format!("and {} more\n", failed.len() - NAMED));
    }
    for state in report.waivers.iter().filter(|it| it.wants_attention()) {
        let line = format!("waiver {}: {}", state.check, state.note);
        text.push_str(&format!("{}\n", safe(&line)));
    }
    text
}

/// What a plugin says where nothing could be judged because of its own settings.
#[must_use]
pub fn nagios_refusal(message: &str) -> String {
    let message: Vec<&str> = message.lines().map(str::trim).collect();
    format!("DESKGUARD {} - {}\n", word(2), safe(&message.join(" ")))
}

const fn word(code: u8) -> &'static str {
    match code {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    }
}

fn performance(report: &Report) -> String {
    let score = &report.score;
    let mut parts = vec![
        format!("score_low={};;;0;100", score.low),
        format!("score_high={};;;0;100", score.high),
        format!("coverage={}%;;;0;100", score.coverage),
    ];
    for severity in SEVERITIES {
        let failed = number(report, Outcome::Fail, severity);
        parts.push(format!("failed_{}={failed};;;0;", severity.word()));
    }
    parts.push(format!("unknown={};;;0;", score.unknown));
    parts.push(format!("duration={}ms;;;0;", report.duration_ms));
    parts.join(" ")
}

fn safe(text: &str) -> String {
    escape(text).replace('|', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Gate, samples};

    #[test]
    fn the_word_follows_the_code_and_figures_follow_the_bar() {
        let gate = Gate::default();
        for (report, word) in [
            (samples::clean(), "OK"),
            (samples::a_few(), "WARNING"),
            (samples::all_unknown(), "UNKNOWN"),
        ] {
            let text = nagios(&report, &gate.judge(&report));
            assert!(
                text.starts_with(&format!("DESKGUARD {word} - score ")),
                "{text}"
            );
        }
        let few = samples::a_few();
        let text = nagios(&few, &gate.judge(&few));
        assert_eq!(
            text,
            "DESKGUARD WARNING - score 64..69 of 100, coverage 85 %, 1 high, 1 medium failed, 1 unknown|score_low=64;;;0;100 score_high=69;;;0;100 coverage=85%;;;0;100 failed_critical=0;;;0; failed_high=1;;;0; failed_medium=1;;;0; failed_low=0;;;0; failed_info=0;;;0; unknown=1;;;0; duration=312ms;;;0;\n\
             1 failed check is high or worse\n\
             high config/config-private: The configuration can be read by the helpdesk alone\n\
             medium web/hsts-set: Browsers are told to use HTTPS alone\n"
        );
        assert_eq!(text.matches('|').count(), 1);
    }

    #[test]
    fn a_refusal_is_one_line() {
        assert_eq!(
            nagios_refusal("a.toml:\n  | wrong\u{1b}"),
            "DESKGUARD CRITICAL - a.toml: / wrong\\x1b\n"
        );
    }
}
