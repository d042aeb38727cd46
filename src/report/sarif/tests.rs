//! SARIF's promises: a place for every result, suppressions for what is waived, nothing unknown lost.

use super::place::encode;
use super::rule::pascal;
use super::*;
use crate::report::samples;
use serde_json::Value;

fn written(report: &Report) -> Value {
    serde_json::from_str(&sarif(report)).unwrap()
}

#[test]
fn every_result_has_a_place_a_rule_and_a_name() {
    for (name, report) in samples::all() {
        let log = written(&report);
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        let failed: usize = report
            .checks
            .iter()
            .filter(|it| it.outcome == Outcome::Fail)
            .map(|it| it.evidence.len())
            .sum();
        assert_eq!(results.len(), failed + report.score.unknown, "{name}");
        for result in results {
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            let uri = place["uri"].as_str().unwrap();
            let safe = |c: char| c.is_ascii_alphanumeric() || "/-._~%:".contains(c);
            assert!(!uri.is_empty() && uri.chars().all(safe), "{name}: {uri}");
            assert_eq!(
                uri.starts_with("file:///"),
                place["uriBaseId"].is_null(),
                "{uri}"
            );
            let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
            assert!(result["partialFingerprints"]["deskguardFinding/v1"].is_string());
        }
    }
}

#[test]
fn unknown_is_open_and_waived_is_suppressed() {
    let log = written(&samples::with_waivers());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let open = results.iter().find(|it| it["kind"] == "open").unwrap();
    assert_eq!(open["level"], "none");
    let waived: Vec<&Value> = results
        .iter()
        .filter(|it| it["suppressions"].is_array())
        .collect();
    assert_eq!(waived.len(), 1);
    let why = waived[0]["suppressions"][0]["justification"]
        .as_str()
        .unwrap();
    assert!(why.contains("OPS-12"), "{why}");
    let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notes.to_string().contains("it ended with"), "{notes}");
}

#[test]
fn too_many_results_are_counted() {
    let mut report = samples::long_lists();
    let check = report
        .checks
        .iter_mut()
        .find(|it| it.evidence.len() > 100)
        .unwrap();
    check.evidence = vec![check.evidence[0].clone(); MOST_RESULTS + 7];
    let log = written(&report);
    assert_eq!(
        log["runs"][0]["results"].as_array().unwrap().len(),
        MOST_RESULTS
    );
    let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert!(
        notes["message"]["text"]
            .as_str()
            .unwrap()
            .starts_with("7 results are left out")
    );
}

#[test]
fn paths_become_uris() {
    assert_eq!(encode("a b/ü%.php"), "a%20b/%C3%BC%25.php");
    assert_eq!(file_uri("/etc/x y"), "file:///etc/x%20y");
    assert_eq!(pascal("user-not-root"), "UserNotRoot");
}
