//! Reports that somebody saved, read back: another version is refused, and what can be computed is
//! computed again instead of believed.

use super::{Report, SCHEMA, identity};
use serde_json::Value;

/// The largest report that is read, in bytes.
pub const MAX_REPORT: usize = 64 << 20;

/// Understands a saved JSON report.
///
/// # Errors
/// Why it is refused, as the end of a sentence that begins with the file's name.
pub fn read(bytes: &[u8]) -> Result<Report, String> {
    if bytes.len() > MAX_REPORT {
        return Err(format!("it is larger than {} MiB", MAX_REPORT >> 20));
    }
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
    match value.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) if other.starts_with("deskguard/report/") => {
            return Err(format!(
                "its form is {other}, and this deskguard reads {SCHEMA}: make both reports with one version"
            ));
        }
        _ => {
            return Err(format!(
                "it does not say `\"schema\": \"{SCHEMA}\"`: `deskguard audit --output json=FILE` writes such files"
            ));
        }
    }
    let mut report: Report =
        serde_json::from_value(value).map_err(|error| format!("it is no report: {error}"))?;
    for check in &mut report.checks {
        identity::name(&report.target.root, &mut check.evidence);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, samples};

    #[test]
    fn every_report_reads_back() {
        for (name, report) in samples::all() {
            assert_eq!(read(json(&report).as_bytes()).unwrap(), report, "{name}");
        }
    }

    #[test]
    fn other_versions_and_other_files_are_refused() {
        let other = json(&samples::clean()).replace("deskguard/report/1", "deskguard/report/2");
        assert!(
            read(other.as_bytes())
                .unwrap_err()
                .contains("deskguard/report/2")
        );
        assert!(read(b"{}").unwrap_err().contains("does not say"));
        assert!(read(b"\xff").unwrap_err().contains("no JSON"));
        let tower = "[".repeat(100_000);
        assert!(read(tower.as_bytes()).unwrap_err().contains("no JSON"));
        let cut = json(&samples::clean()).replace("\"checks\": [", "\"checks\": [1,");
        assert!(read(cut.as_bytes()).unwrap_err().contains("no report"));
    }

    #[test]
    fn fingerprints_are_not_believed() {
        let report = samples::a_few();
        let mut forged = report.clone();
        for check in &mut forged.checks {
            for piece in &mut check.evidence {
                piece.fingerprint = "0000000000000000".to_owned();
            }
        }
        assert_eq!(read(json(&forged).as_bytes()).unwrap(), report);
    }
}
