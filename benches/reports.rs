//! Size and time of each format for a report of ten thousand pieces of evidence:
//! `cargo bench --bench reports`. Takes the median of eleven runs each, and compares nothing.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use deskguard::report::{
    Detail, Gate, Options, Report, diff, diff_json, html, json, junit, markdown, nagios, ocsf,
    openmetrics, read, sarif, text,
};
use serde_json::{Value, json};
use std::time::Instant;

const PIECES: usize = 10_000;
const RUNS: usize = 11;

/// A report of one failed check that found ten thousand files.
fn report() -> Report {
    let evidence: Vec<Value> = (0..PIECES)
        .map(|number| {
            let path = format!("/var/www/deskpro/app/part-{number}/index.php");
            json!({
                "subject": path,
                "message": format!("www-data can write {path}, because its mode is 0666"),
                "location": { "path": path, "line": 1 },
                "data": { "path": path, "mode": "0666", "owner": "deskpro" },
            })
        })
        .collect();
    let report = json!({
        "schema": "deskguard/report/1",
        "tool": { "name": "deskguard", "version": "0", "catalogue": { "checks": 1, "fingerprint": "" } },
        "target": { "root": "/var/www/deskpro", "generation": "v5", "config_file": null, "web_users": [],
            "cron_users": [], "document_roots": [], "unknown": [] },
        "profile": "baseline", "started": "2026-11-24T06:00:00Z", "duration_ms": 1,
        "score": { "low": 0, "high": 0, "coverage": 100, "low_capped_by": null, "high_capped_by": null,
            "passed": 0, "failed": 1, "unknown": 0, "not_applicable": 0, "formula": 1 },
        "checks": [{ "id": "files/no-world-writable", "title": "Nothing is writable by everybody",
            "severity": "high", "outcome": "fail", "waived": null, "reason": null, "evidence": evidence,
            "evidence_total": PIECES, "gain": 100, "why": "Because.", "fixes": [], "source": "", "refs": [] }],
        "waivers": [], "assumptions": [],
    });
    read(report.to_string().as_bytes()).unwrap()
}

fn measure(name: &str, work: impl Fn() -> String) {
    let mut times: Vec<f64> = Vec::new();
    let mut size = 0;
    for _ in 0..RUNS {
        let clock = Instant::now();
        size = work().len();
        times.push(clock.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<14}{size:>12} bytes {:>10.1} ms", times[RUNS / 2]);
}

fn main() {
    let report = report();
    let exit = Gate::default().judge(&report);
    let whole = Options {
        width: 80,
        color: false,
        detail: Detail::Verbose,
    };
    let usual = Options {
        detail: Detail::Normal,
        ..whole
    };
    let saved = json(&report);
    measure("text", || text(&report, Some(&exit), &usual));
    measure("text, verbose", || text(&report, Some(&exit), &whole));
    measure("json", || json(&report));
    measure("sarif", || sarif(&report));
    measure("junit", || junit(&report));
    measure("markdown", || markdown(&report, Some(&exit)));
    measure("html", || html(&report, &exit));
    measure("openmetrics", || openmetrics(&report));
    measure("ocsf", || ocsf(&report));
    measure("nagios", || nagios(&report, &exit));
    measure("read back", || read(saved.as_bytes()).unwrap().schema);
    measure("diff, same", || diff_json(&diff(&report, &report)));
}
