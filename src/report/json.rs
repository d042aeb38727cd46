//! The report as JSON, and the schema that it keeps to. Refuses to write characters that a terminal
//! would obey or hide: they become JSON escapes, which read back as the same text.

use super::escape::is_hazard;
use super::{DIFF_SCHEMA, Diff, Report, SCHEMA};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::fmt::Write as _;

/// The report, indented, with a newline at the end.
#[must_use]
pub fn json(report: &Report) -> String {
    safe(report)
}

/// Anything as JSON that is safe to show, indented, with a newline at the end.
pub(super) fn safe(value: &impl Serialize) -> String {
    // Reports have string keys and finite numbers only, so that writing them cannot fail.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Newlines outside strings are layout; those inside are escaped already.
        if c != '\n' && is_hazard(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe.push('\n');
    safe
}

/// The JSON schema of reports, indented, with a newline at the end.
#[must_use]
pub fn schema() -> String {
    schema_of::<Report>(SCHEMA)
}

/// The JSON schema of comparisons, likewise.
#[must_use]
pub fn diff_schema() -> String {
    schema_of::<Diff>(DIFF_SCHEMA)
}

pub(super) fn schema_of<T: JsonSchema>(version: &str) -> String {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    let name = format!("urn:{}", version.replace('/', ":"));
    schema.insert("$id".to_owned(), name.into());
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use serde_json::Value;

    #[test]
    fn the_published_schema_is_this_one() {
        for (name, schema) in [
            ("report-1", schema()),
            ("diff-1", diff_schema()),
            ("plan-1", crate::report::plan_schema()),
        ] {
            let file = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("DESKGUARD_UPDATE_SCHEMA").is_some() {
                std::fs::write(&file, &schema).unwrap();
            }
            let published = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                published == schema,
                "schema/{name}.json differs; run the tests with DESKGUARD_UPDATE_SCHEMA=1 and read \
                 the change: adding a field is compatible, anything else makes /2"
            );
        }
    }

    #[test]
    fn every_report_keeps_to_the_schema() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (name, report) in samples::all() {
            let mut instance: Value = serde_json::from_str(&json(&report)).unwrap();
            let wrong: Vec<String> = validator
                .iter_errors(&instance)
                .map(|error| error.to_string())
                .collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
            instance["score"]["low"] = 101.into();
            assert!(
                !validator.is_valid(&instance),
                "the schema lets 101 through"
            );
        }
    }

    #[test]
    fn json_reads_back_as_the_same_report_and_is_safe_to_show() {
        for (name, report) in samples::all() {
            let text = json(&report);
            assert_eq!(
                serde_json::from_str::<Report>(&text).unwrap(),
                report,
                "{name}"
            );
            assert!(!text.chars().any(|c| c != '\n' && is_hazard(c)), "{name}");
            assert!(text.ends_with("}\n"));
        }
    }

    #[test]
    fn the_envelope_has_the_documented_names() {
        let report: Value = serde_json::from_str(&json(&samples::a_few())).unwrap();
        assert_eq!(report["schema"], "deskguard/report/1");
        for pointer in [
            "/tool/catalogue/checks",
            "/target/root",
            "/score/low",
            "/duration_ms",
            "/checks/0/evidence/0/location/line",
            "/checks/0/evidence_total",
            "/checks/0/fixes/0/run",
            "/assumptions/0",
        ] {
            assert!(report.pointer(pointer).is_some(), "{pointer}");
        }
        assert!(report["checks"][0]["waived"].is_null());
        assert_eq!(report["waivers"], serde_json::json!([]));
    }
}
