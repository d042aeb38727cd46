//! The page's promises: nothing foreign becomes markup, every finding can be linked, nothing is
//! fetched, nothing is dropped without a word.

use super::html;
use crate::report::{Gate, Report, samples};
use std::collections::BTreeSet;

fn show(report: &Report) -> String {
    html(report, &Gate::default().judge(report))
}

#[test]
fn every_finding_can_be_linked_and_no_name_is_given_twice() {
    for (name, report) in samples::all() {
        let page = show(&report);
        let ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let names: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), names.len(), "{name}");
        for link in page
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(names.contains(&link), "{name}: #{link} leads nowhere");
        }
        for check in &report.checks {
            let id = format!("check-{}", check.id.replace('/', "--"));
            assert!(names.contains(&id.as_str()), "{name}: {id}");
            for piece in &check.evidence {
                let id = format!("{id}-{}", piece.fingerprint);
                assert!(names.contains(&id.as_str()), "{name}: {id}");
            }
        }
    }
}

#[test]
fn foreign_text_is_never_markup() {
    const EVIL: &str = "</style></p><script>alert(1)</script><img src=x onerror='a'>\" autofocus x=\"\u{1b}\u{202e}";
    let mut report = samples::with_waivers();
    let clean = show(&report);
    report.target.root = EVIL.to_owned();
    report.target.web_users = vec![EVIL.to_owned()];
    report.target.unknown = vec![EVIL.to_owned()];
    report.started = EVIL.to_owned();
    report.tool.version = EVIL.to_owned();
    report.tool.catalogue.fingerprint = EVIL.to_owned();
    report.facts.collected = EVIL.to_owned();
    report.assumptions = vec![EVIL.to_owned()];
    for state in &mut report.waivers {
        state.reason = EVIL.to_owned();
        state.note = EVIL.to_owned();
    }
    for check in &mut report.checks {
        check.id.push_str(EVIL);
        check.title = EVIL.to_owned();
        check.why = EVIL.to_owned();
        check.reason = Some(EVIL.to_owned());
        check.refs = vec![format!("https://{EVIL}"), "javascript:alert(1)".to_owned()];
        for fix in &mut check.fixes {
            fix.run = EVIL.to_owned();
            fix.check = Some(EVIL.to_owned());
        }
        for piece in &mut check.evidence {
            piece.message = EVIL.to_owned();
            piece.subject = EVIL.to_owned();
        }
    }
    let page = show(&report);
    assert!(
        !page.contains("<script") && !page.contains("<img"),
        "{page}"
    );
    assert_eq!(
        page.matches("</style>").count(),
        clean.matches("</style>").count()
    );
    assert!(!page.contains("\" autofocus"), "no attribute is added");
    assert!(!page.contains("href=\"javascript") && !page.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn nothing_is_fetched_and_what_is_left_out_is_counted() {
    let mut report = samples::long_lists();
    let check = report
        .checks
        .iter_mut()
        .find(|it| it.evidence.len() > 100)
        .unwrap();
    let piece = check.evidence[0].clone();
    check.evidence = (0..1500)
        .map(|number| {
            let mut piece = piece.clone();
            piece.fingerprint = format!("{number:016x}");
            piece
        })
        .collect();
    check.evidence_total = 1500;
    let page = show(&report);
    assert!(
        page.contains("<summary>990 more findings</summary>"),
        "folded"
    );
    assert!(page.contains("And 500 more, in the JSON report."), "cut");
    for word in ["<script", "src=\"http", "url(", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
}
