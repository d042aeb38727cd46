//! Every sample in every format as files, for the validators that CI runs: into the folder that
//! DESKGUARD_SAMPLES names, or into one that is thrown away.

use super::{Report, all, long_lists};
use crate::report::{
    Gate, diff, diff_json, diff_markdown, html, json, junit, markdown, nagios, ocsf, openmetrics,
    sarif,
};
use std::path::Path;

/// Ten thousand pieces of evidence.
pub(crate) fn huge() -> Report {
    let mut report = long_lists();
    let check = report
        .checks
        .iter_mut()
        .find(|it| it.evidence.len() > 100)
        .unwrap();
    let pieces = check.evidence.clone();
    let mut found = Vec::new();
    for number in 0..10_000 {
        let mut piece = pieces[number % pieces.len()].clone();
        let path = format!("/var/www/deskpro/app/part-{number}/index.php");
        piece.subject.clone_from(&path);
        piece.location.as_mut().unwrap().path = path;
        piece.fingerprint = format!("{number:016x}");
        found.push(piece);
    }
    check.evidence = found;
    report
}

fn formats(report: &Report) -> Vec<(&'static str, String)> {
    let exit = Gate::default().judge(report);
    let since = diff(&super::clean(), report);
    vec![
        ("json", json(report)),
        ("sarif", sarif(report)),
        ("xml", junit(report)),
        ("md", markdown(report, Some(&exit))),
        ("html", html(report, &exit)),
        ("prom", openmetrics(report)),
        ("ocsf.json", ocsf(report)),
        ("nagios", nagios(report, &exit)),
        ("diff.json", diff_json(&since)),
        ("diff.md", diff_markdown(&since)),
    ]
}

#[test]
fn every_sample_is_written_in_every_format() {
    let thrown_away = tempfile::tempdir().unwrap();
    let named = std::env::var_os("DESKGUARD_SAMPLES");
    let folder = named.as_deref().map_or(thrown_away.path(), Path::new);
    let mut samples = all();
    samples.push(("huge", huge()));
    for (name, report) in samples {
        for (ending, text) in formats(&report) {
            assert!(text.len() > 2, "{name}.{ending} is empty");
            assert!(
                text.ends_with('\n') || ending == "html",
                "{name}.{ending} ends in a line"
            );
            std::fs::write(
                folder.join(format!("{}.{ending}", name.replace(' ', "-"))),
                text,
            )
            .unwrap();
        }
    }
}
