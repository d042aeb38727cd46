//! What a waiver may and may not do, case by case, and that it never touches the score.

use super::*;
use crate::report::{Gate, samples};
use jiff::civil::date;
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 24);
const CHECK: &str = samples::CHANGEABLE;

fn waiver() -> Waiver {
    Waiver {
        check: CHECK.to_owned(),
        reason: "OPS-12".to_owned(),
        until: None,
        subject: Vec::new(),
        owner: None,
        accepts: None,
    }
}

/// The report of long lists with these waivers, the state of the first, and the check's waiver.
fn applied(waivers: &[Waiver], change: impl Fn(&mut Report)) -> (Report, WaiverFate, bool) {
    let mut report = samples::long_lists();
    change(&mut report);
    apply(&mut report, waivers, TODAY);
    let fate = report.waivers[0].state;
    let waived = check(&report).waived.is_some();
    (report, fate, waived)
}

fn check(report: &Report) -> &Check {
    report.checks.iter().find(|it| it.id == CHECK).unwrap()
}

fn accepting(report: &Report) -> Waiver {
    Waiver {
        accepts: Some(Accepted::of(&check(report).evidence)),
        ..waiver()
    }
}

fn few(report: &mut Report) {
    let check = report.checks.iter_mut().find(|it| it.id == CHECK).unwrap();
    check.evidence.truncate(3);
    check.evidence_total = 3;
}

#[test]
fn it_changes_the_exit_code_and_says_so() {
    let gate = Gate::default();
    assert_eq!(gate.judge(&samples::long_lists()).code, 1);
    let (report, fate, waived) = applied(&[waiver()], |_| {});
    assert_eq!((fate, waived), (WaiverFate::Used, true));
    let exit = gate.judge(&report);
    assert_eq!(exit.code, 0);
    assert!(
        exit.reason.contains("apart from 1 waived"),
        "{}",
        exit.reason
    );
}

#[test]
fn the_last_day_counts_in_full() {
    for (until, fate) in [
        (date(2026, 11, 23), WaiverFate::Expired),
        (TODAY, WaiverFate::Used),
        (date(2026, 11, 25), WaiverFate::Used),
    ] {
        let waiver = Waiver {
            until: Some(until),
            ..waiver()
        };
        let (report, found, waived) = applied(&[waiver], |_| {});
        assert_eq!(found, fate, "{until}");
        assert_eq!(waived, fate == WaiverFate::Used);
        let state = &report.waivers[0];
        assert!(state.wants_attention(), "{until} is soon, or over");
        if fate == WaiverFate::Expired {
            assert!(state.note.contains("is a failure again"), "{}", state.note);
            assert_eq!(state.pieces, 240, "what it would cover is counted");
        }
    }
    let far = Waiver {
        until: Some(date(2027, 3, 31)),
        ..waiver()
    };
    let (report, ..) = applied(&[far], |_| {});
    assert_eq!(report.waivers[0].days_left, Some(127));
    assert!(!report.waivers[0].wants_attention());
}

#[test]
fn it_is_void_when_more_is_found_and_not_when_less_is() {
    let mut before = samples::long_lists();
    few(&mut before);
    let waiver = accepting(&before);
    let (_, fate, waived) = applied(std::slice::from_ref(&waiver), few);
    assert_eq!((fate, waived), (WaiverFate::Used, true));
    let fewer = |report: &mut Report| {
        few(report);
        let check = report.checks.iter_mut().find(|it| it.id == CHECK).unwrap();
        check.evidence.remove(0);
    };
    assert_eq!(
        applied(std::slice::from_ref(&waiver), fewer).1,
        WaiverFate::Used
    );
    let (report, fate, waived) = applied(std::slice::from_ref(&waiver), |_| {});
    assert_eq!((fate, waived), (WaiverFate::Void, false));
    assert!(
        report.waivers[0].note.starts_with("237 findings are new"),
        "{}",
        report.waivers[0].note
    );
    assert!(check(&report).evidence.iter().all(|it| !it.waived));
}

#[test]
fn a_group_that_has_grown_voids_it() {
    let grown = |count: u64| {
        move |report: &mut Report| {
            few(report);
            let check = report.checks.iter_mut().find(|it| it.id == CHECK).unwrap();
            check.evidence[0].data = serde_json::json!({ "count": count });
        }
    };
    let mut before = samples::long_lists();
    grown(7)(&mut before);
    let waiver = accepting(&before);
    for (count, fate) in [
        (6, WaiverFate::Used),
        (7, WaiverFate::Used),
        (8, WaiverFate::Void),
    ] {
        assert_eq!(
            applied(std::slice::from_ref(&waiver), grown(count)).1,
            fate,
            "{count}"
        );
    }
}

#[test]
fn very_many_pieces_are_accepted_as_they_are_or_not_at_all() {
    let waiver = accepting(&samples::long_lists());
    assert_eq!(waiver.accepts.as_ref().unwrap().entries().len(), 1);
    assert_eq!(
        applied(std::slice::from_ref(&waiver), |_| {}).1,
        WaiverFate::Used
    );
    assert_eq!(
        applied(std::slice::from_ref(&waiver), few).1,
        WaiverFate::Void
    );
}

#[test]
fn subjects_limit_it_and_several_may_cover_a_check_together() {
    let only = |glob: &str| Waiver {
        subject: vec![subject_glob(glob).unwrap()],
        ..waiver()
    };
    let (report, fate, waived) = applied(&[only("app/modules/module-00?/*")], |_| {});
    assert_eq!((fate, waived), (WaiverFate::Used, false));
    assert_eq!(report.waivers[0].pieces, 10, "relative to the root");
    assert_eq!(
        Gate::default().judge(&report).code,
        1,
        "the rest still counts"
    );
    let absolute = only("/var/www/deskpro/app/modules/module-00?/*");
    assert_eq!(applied(&[absolute], |_| {}).0.waivers[0].pieces, 10);
    let (_, _, waived) = applied(&[only("*-[01]??/*"), only("*-2??/*")], |_| {});
    assert!(waived);
    let (report, fate, _) = applied(&[only("/srv/*")], |_| {});
    assert_eq!(fate, WaiverFate::Unused);
    assert!(report.waivers[0].note.contains("such a subject"));
}

#[test]
fn what_is_not_needed_or_not_decided_is_said() {
    let of = |check: &str| {
        let mut report = samples::with_waivers();
        report.waivers.clear();
        let waiver = Waiver {
            check: check.to_owned(),
            ..waiver()
        };
        apply(&mut report, &[waiver], TODAY);
        report.waivers[0].state
    };
    assert_eq!(of("config/errors-hidden"), WaiverFate::Unused);
    assert_eq!(of("web/version-hidden"), WaiverFate::Unused);
    assert_eq!(of("web/admin-restricted"), WaiverFate::Undecided);
    assert_eq!(of("files/left-out"), WaiverFate::Undecided);
}

#[test]
fn a_former_id_still_names_its_check() {
    let renamed = |report: &mut Report| {
        let check = report.checks.iter_mut().find(|it| it.id == CHECK).unwrap();
        check.aliases = vec![CHECK.to_owned()];
        check.id = "files/new-name".to_owned();
    };
    let mut report = samples::long_lists();
    renamed(&mut report);
    apply(&mut report, &[waiver()], TODAY);
    assert_eq!(report.waivers[0].state, WaiverFate::Used);
    assert!(report.checks.iter().any(|it| it.waived.is_some()));
}

#[test]
fn what_is_written_is_what_is_meant() {
    let mut report = samples::long_lists();
    few(&mut report);
    let accepts = Accepted::of(&check(&report).evidence);
    let lines = written(&Written {
        check: CHECK,
        reason: "a \"quoted\"\n[policy]\nmax = 1",
        until: Some(date(2027, 3, 31)),
        owner: Some("operations"),
        subject: &["app/*".to_owned(), "it's".to_owned()],
        accepts: &accepts,
    });
    let table: toml::Table = lines.parse().unwrap();
    assert_eq!(table.len(), 1, "{lines}");
    let entry = &table["waive"][0];
    assert_eq!(
        entry["reason"].as_str(),
        Some("a \"quoted\"\n[policy]\nmax = 1")
    );
    assert_eq!(entry["until"].to_string(), "2027-03-31");
    assert_eq!(entry["subject"][1].as_str(), Some("it's"));
    assert_eq!(entry["accepts"].as_array().unwrap().len(), 3);
    assert!(Accepted::parse(accepts.entries()).is_ok());
    for wrong in ["", "abc", "0123456789abcdef*x", "0123456789abcdeg"] {
        assert!(Accepted::parse(&[wrong.to_owned()]).is_err(), "{wrong}");
    }
}

proptest! {
    /// Whatever is waived: the score, the outcomes and the evidence stay, and the exit code never
    /// becomes worse.
    #[test]
    fn the_score_is_never_touched(
        picks in proptest::collection::vec((0_usize..8, -3_i8..40, any::<bool>(), 0_usize..3), 0..12),
        sample in 0_usize..8,
    ) {
        let before = samples::all().swap_remove(sample).1;
        let catalogue = samples::catalogue();
        let waivers: Vec<Waiver> = picks.into_iter().map(|(check, days, accept, glob)| Waiver {
            check: catalogue.checks[check].id.clone(),
            until: TODAY.checked_add(jiff::Span::new().days(days)).ok(),
            accepts: accept.then(|| Accepted::of(before.checks.iter().flat_map(|it| &it.evidence))),
            subject: match glob {
                0 => vec![subject_glob("*a*").unwrap()],
                _ => Vec::new(),
            },
            ..waiver()
        }).collect();
        let mut after = before.clone();
        after.waivers.clear();
        apply(&mut after, &waivers, TODAY);
        prop_assert_eq!(&after.score, &before.score);
        prop_assert_eq!(after.waivers.len(), waivers.len());
        let gate = Gate::default();
        let mut plain = before.clone();
        for check in &mut plain.checks {
            check.waived = None;
        }
        prop_assert!(gate.judge(&after).code <= gate.judge(&plain).code);
        for (one, other) in after.checks.iter_mut().zip(&mut plain.checks) {
            one.waived = None;
            for piece in one.evidence.iter_mut().chain(&mut other.evidence) {
                piece.waived = false;
            }
            prop_assert_eq!(one, other);
        }
        // Their order changes nothing but the order in which they are told.
        let mut turned = before.clone();
        turned.waivers.clear();
        let reversed: Vec<Waiver> = waivers.into_iter().rev().collect();
        apply(&mut turned, &reversed, TODAY);
        turned.waivers.reverse();
        let mut again = before;
        again.waivers.clear();
        let forward: Vec<Waiver> = reversed.into_iter().rev().collect();
        apply(&mut again, &forward, TODAY);
        prop_assert_eq!(turned, again);
    }
}
