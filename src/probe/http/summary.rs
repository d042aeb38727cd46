//! What requests proved, in one row each, for checks whose other half is the web server's
//! configuration. Refuses to say that something is safe: only what was shown is here.

use crate::facts::{Asked, Known, LiveFacts, Proof};

/// Fills in what the rows prove.
pub(super) fn summarise(facts: &mut LiveFacts) {
    let given = |rows: &[Asked], kinds: &[&str]| {
        proof(rows, |row| {
            row.given == Known::Known(true) && kinds.contains(&row.kind.as_str())
        })
    };
    let outside = |rows: &[Asked], kind: &str| {
        proof(rows, |row| {
            row.given_outside == Known::Known(true) && row.kind == kind
        })
    };
    let files = &facts.files.rows;
    let data = &facts.data.rows;
    let proven = &mut facts.proven;
    proven.config = given(files, &["config"]);
    proven.source = given(files, &["source", "repository", "dump"]);
    if !proven.source.shown {
        proven.source = given(data, &["log", "backup"]);
    }
    proven.data = proof(data, |row| row.given == Known::Known(true));
    proven.listing = given(&facts.directories.rows, &["directory"]);
    proven.installer = given(&facts.installer.rows, &["installer"]);
    proven.diagnostics_outside = outside(&facts.diagnostics.rows, "diagnostics");
    proven.admin_outside = outside(&facts.interfaces.rows, "admin");
    proven.agent_outside = outside(&facts.interfaces.rows, "agent");
    if facts.canary.executed == Known::Known(true) {
        proven.data_executed = Proof {
            shown: true,
            by: format!(
                "GET {} runs a marker script",
                facts.canary.urls.first().map_or("", String::as_str)
            ),
        };
    }
}

fn proof(rows: &[Asked], proves: impl Fn(&Asked) -> bool) -> Proof {
    rows.iter()
        .find(|row| proves(row))
        .map_or_else(Proof::default, |row| Proof {
            shown: true,
            by: format!("GET {} gives {}", row.url, row.shows),
        })
}
