//! Comparisons: every kind of change, findings that survive what is no change, and movements that
//! add up.

use super::*;
use crate::check::Severity as S;
use crate::engine::Outcome as O;
use crate::report::{Detail, Evidence, Location, Options, samples};
use proptest::prelude::*;
use serde_json::json;

const PLAIN: Options = Options {
    width: 80,
    color: false,
    detail: Detail::Normal,
};

fn kinds(old: &Report, new: &Report) -> Vec<(ChangeKind, String)> {
    let changes = diff(old, new).changes;
    changes.into_iter().map(|it| (it.kind, it.id)).collect()
}

fn results(results: &[(S, O)]) -> Report {
    samples::of_results(results)
}

#[test]
fn every_kind_of_change_is_named() {
    use ChangeKind::{Judged, Mended, New, NewlyUnknown, Scope};
    let old = [
        O::Pass,
        O::Fail,
        O::Pass,
        O::Unknown,
        O::NotApplicable,
        O::Unknown,
        O::Fail,
    ];
    let new = [
        O::Fail,
        O::Pass,
        O::Unknown,
        O::Pass,
        O::Pass,
        O::Fail,
        O::NotApplicable,
    ];
    let report = |outcomes: [O; 7]| results(&outcomes.map(|it| (S::High, it)));
    let found = kinds(&report(old), &report(new));
    let expected = [
        (New, "a/0"),
        (New, "a/5"),
        (NewlyUnknown, "a/2"),
        (Mended, "a/1"),
        (Mended, "a/6"),
        (Judged, "a/3"),
        (Scope, "a/4"),
    ];
    assert_eq!(found, expected.map(|(kind, id)| (kind, id.to_owned())));
    assert!(kinds(&report(new), &report(new)).is_empty());
}

#[test]
fn a_check_of_one_report_only_is_told() {
    let (one, two) = (
        results(&[(S::High, O::Pass)]),
        results(&[(S::High, O::Pass); 2]),
    );
    assert_eq!(kinds(&one, &two), [(ChangeKind::Scope, "a/1".to_owned())]);
    assert_eq!(kinds(&two, &one), [(ChangeKind::Scope, "a/1".to_owned())]);
    let failing = results(&[(S::High, O::Pass), (S::High, O::Fail)]);
    assert_eq!(kinds(&one, &failing), [(ChangeKind::New, "a/1".to_owned())]);
}

/// The sample under another root, in another order, on other lines, by other names of its checks.
fn moved_elsewhere(report: &Report) -> Report {
    let text = crate::report::json(report).replace("/var/www/deskpro", "/home/other/desk");
    let mut other = crate::report::read(text.as_bytes()).unwrap();
    other.checks.reverse();
    for check in &mut other.checks {
        check.aliases = vec![check.id.clone()];
        check.id = format!("new/{}", check.id.replace('/', "-"));
        check.evidence.reverse();
        for piece in &mut check.evidence {
            if let Some(line) = piece.location.as_mut().and_then(|it| it.line.as_mut()) {
                *line += 7;
            }
        }
    }
    other
}

#[test]
fn findings_survive_another_root_order_line_and_name() {
    for (name, report) in samples::all() {
        let other = moved_elsewhere(&report);
        assert_eq!(kinds(&report, &other), [], "{name}");
        assert_eq!(kinds(&other, &report), [], "{name}, turned round");
        let mut since_then = other.clone();
        since(&mut since_then, &report);
        let fresh = since_then
            .checks
            .iter()
            .filter(|it| it.outcome == Outcome::Fail && it.standing != Some(Standing::Known));
        assert_eq!(fresh.count(), 0, "{name}");
    }
}

fn piece(path: &str, count: u64) -> Evidence {
    Evidence {
        subject: path.to_owned(),
        message: format!("{count} entries in {path}"),
        location: Some(Location {
            path: path.to_owned(),
            line: None,
        }),
        data: json!({ "count": count, "directory": path }),
        fingerprint: path.to_owned(),
        waived: false,
    }
}

#[test]
fn more_is_worse_and_less_is_not() {
    let with = |pieces: &[(&str, u64)]| {
        let mut report = results(&[(S::High, O::Fail)]);
        report.checks[0].evidence = pieces
            .iter()
            .map(|(path, count)| piece(path, *count))
            .collect();
        report
    };
    for (old, new, kind, standing) in [
        (&[("a", 1)][..], &[("a", 1)][..], None, Standing::Known),
        (
            &[("a", 1)],
            &[("a", 2)],
            Some(ChangeKind::Worse),
            Standing::Worse,
        ),
        (
            &[("a", 2)],
            &[("a", 1)],
            Some(ChangeKind::Changed),
            Standing::Known,
        ),
        (
            &[("a", 1), ("b", 1)],
            &[("a", 1)],
            Some(ChangeKind::Changed),
            Standing::Known,
        ),
        (
            &[("a", 9)],
            &[("a", 1), ("b", 1)],
            Some(ChangeKind::Worse),
            Standing::Worse,
        ),
        (
            &[("a", 1)],
            &[("b", 1)],
            Some(ChangeKind::Worse),
            Standing::Worse,
        ),
    ] {
        let (old, mut new) = (with(old), with(new));
        assert_eq!(kinds(&old, &new).first().map(|it| it.0), kind);
        since(&mut new, &old);
        assert_eq!(new.checks[0].standing, Some(standing));
    }
}

#[test]
fn the_text_tells_what_moved_the_score() {
    let old = results(&[
        (S::Critical, O::Fail),
        (S::Critical, O::Pass),
        (S::High, O::Pass),
        (S::Low, O::Fail),
    ]);
    let new = results(&[
        (S::Critical, O::Pass),
        (S::Critical, O::Pass),
        (S::High, O::Unknown),
        (S::Low, O::Pass),
    ]);
    let diff = diff(&old, &new);
    let text = diff_text(&diff, &PLAIN);
    println!("{text}");
    for line in [
        "NEWLY UNKNOWN  a/2 · high, passed, is unknown now\n",
        "MENDED         a/0 · critical, failed, passes now\n",
        "    +38.46  a/0",
        "    -19.23  a/2",
        "     +3.84  a/3",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("Score 39 -> 69..100 of 100"), "{text}");
    let markdown = diff_markdown(&diff);
    assert!(
        markdown.contains("### Newly unknown\n\n- **a/2**"),
        "{markdown}"
    );
    assert!(markdown.contains("| +38.46 | a/0 |"), "{markdown}");
    let value: serde_json::Value = serde_json::from_str(&diff_json(&diff)).unwrap();
    assert_eq!(value["schema"], DIFF_SCHEMA);
    assert_eq!(value["changes"][0]["kind"], "newly-unknown");
}

#[test]
fn foreign_text_is_harmless_in_a_comparison() {
    let (old, new) = (samples::clean(), samples::hostile());
    let diff = diff(&old, &new);
    for text in [
        diff_text(&diff, &PLAIN),
        diff_markdown(&diff),
        diff_json(&diff),
    ] {
        let hazard = |c: char| c != '\n' && crate::report::escape::is_hazard(c);
        assert!(!text.contains(hazard), "{text:?}");
    }
    assert!(diff_markdown(&diff).len() < crate::report::COMMENT);
}

fn some() -> impl Strategy<Value = Vec<(S, O)>> {
    let severity = prop::sample::select(vec![S::Info, S::Low, S::Medium, S::High, S::Critical]);
    let outcome = prop::sample::select(vec![O::Pass, O::Fail, O::Unknown, O::NotApplicable]);
    prop::collection::vec((severity, outcome), 0..30)
}

proptest! {
    /// Every contribution and the caps together are the whole movement, whatever changed.
    #[test]
    fn contributions_add_up(old in some(), new in some()) {
        let (old, new) = (results(&old), results(&new));
        let movement = diff(&old, &new).movement;
        let parts: i64 = movement.parts.iter().map(|it| it.points).sum();
        prop_assert_eq!(parts + movement.caps, movement.total);
        let ends = |report: &Report| i64::from(report.score.low) * 100;
        prop_assert_eq!(movement.total, ends(&new) - ends(&old));
        for part in &movement.parts {
            prop_assert!(part.from != part.to || old.checks.len() != new.checks.len() || part.from.is_some());
        }
    }

    #[test]
    fn a_report_is_as_good_as_itself(results in some()) {
        let report = samples::of_results(&results);
        prop_assert!(diff(&report, &report).changes.is_empty());
        let mut again = report.clone();
        since(&mut again, &report);
        let mark = again.baseline.clone().unwrap_or_else(|| unreachable!());
        prop_assert_eq!((mark.new, mark.worse), (0, 0));
        let code = crate::report::Gate { min_coverage: Some(0), ..Default::default() }.judge(&again).code;
        prop_assert_eq!(code, 0);
    }
}
