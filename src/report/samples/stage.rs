//! The made-up catalogue and host that the samples play on, and short ways to write a verdict.

use crate::check::{Catalogue, Check, Risk, Severity, StepKind};
use crate::engine::{Evidence, Location, Outcome, Verdict};
use crate::facts::{DocumentRoot, Known, Listing, TargetFacts};
use crate::fix::Step;
use crate::policy::Profile;
use crate::report::{FactsMark, Parts, Report};
use serde_json::json;
use std::path::PathBuf;

pub(crate) const CHANGEABLE: &str = "files/app-not-writable-by-web";
pub(crate) const PRIVATE: &str = "config/config-private";
pub(crate) const NOT_ROOT: &str = "database/user-not-root";
pub(crate) const HSTS: &str = "web/hsts-set";

const WHY: &str = "\
Whoever finds a way to run code in the web server can then change the program itself, and the
change stays when the hole is closed. Most break-ins into helpdesks that were not noticed for
months began like this.

- An upload that is executed once becomes a back door for good.
- An update overwrites the file and hides the trace.";

/// Eight checks of all severities.
pub(crate) fn catalogue() -> Catalogue {
    let sources: Vec<_> = [
        (CHANGEABLE, "critical", "No application entry outside the data directories can be changed by the web server's user"),
        (NOT_ROOT, "critical", "The helpdesk connects as its own MySQL user"),
        (PRIVATE, "high", "The configuration can be read by the helpdesk alone"),
        ("config/errors-hidden", "medium", "Errors are not shown to visitors"),
        ("web/admin-restricted", "high", "The admin interface can be reached from inside only"),
        (HSTS, "medium", "Browsers are told to use HTTPS alone"),
        ("web/version-hidden", "low", "The server does not tell its version"),
        ("server/build-recent", "info", "The build is not older than the policy allows"),
    ]
    .iter()
    .map(|(id, severity, title)| source(id, severity, title))
    .collect();
    Catalogue::compile(&sources).unwrap()
}

fn source(id: &str, severity: &str, title: &str) -> (String, PathBuf, String) {
    let text = format!(
        "title = \"{title}\"\nseverity = \"{severity}\"\nsource = \"On-premise guide, step 2\"\n\
         refs = [\"CWE-732\", \"CIS 6.1.2\", \"https://example.com/a/rather/long/address\"]\n\
         each = \"files.changeable\"\npass = 'row.role != \"web\"'\n\
         found = \"{{{{ row.path }}}} can be changed\"\nwhy = \"\"\"\n{WHY}\"\"\"\n\
         [[fix]]\nkind = \"shell\"\nrisk = \"none\"\nrun = \"chmod go-w -- {{{{ row.path }}}}\"\n\
         check = \"ls -l {{{{ row.path }}}}\"\n\
         [[example]]\nexpect = \"pass\"\nfacts = {{}}\n[[example]]\nexpect = \"fail\"\nfacts = {{}}\n"
    );
    (
        id.to_owned(),
        PathBuf::from(format!("checks/{id}.toml")),
        text,
    )
}

fn target() -> TargetFacts {
    TargetFacts {
        root: "/var/www/deskpro".to_owned(),
        generation: Known::Known("v5".to_owned()),
        config_file: Known::Known("/var/www/deskpro/config/config.database.php".to_owned()),
        document_roots: Listing::whole(vec![DocumentRoot {
            path: "/var/www/deskpro/www".to_owned(),
            source: "/etc/nginx/sites-enabled/deskpro:7".to_owned(),
        }]),
        web_user: Known::Known("www-data".to_owned()),
        cron_user: Known::Known("deskpro".to_owned()),
        assumptions: vec![
            "The web server's user is www-data, because /etc/nginx/nginx.conf:1 says so."
                .to_owned(),
        ],
        ..TargetFacts::default()
    }
}

pub(crate) fn report(verdicts: &[Verdict]) -> Report {
    Report::new(&Parts {
        catalogue: &catalogue(),
        verdicts,
        target: &target(),
        facts: &FactsMark {
            schema: "deskguard/facts/1".to_owned(),
            sha256: "0f".repeat(32),
            collected: "2026-11-23T21:00:00Z".to_owned(),
        },
        profile: Profile::Baseline,
        started: "2026-11-23T21:00:00Z",
        duration_ms: 312,
    })
}

pub(crate) fn verdict(id: &str, severity: Severity, outcome: Outcome) -> Verdict {
    Verdict {
        id: id.to_owned(),
        severity,
        outcome,
        reason: None,
        evidence: Vec::new(),
        evidence_total: 0,
        fixes: Vec::new(),
    }
}

pub(crate) fn settled(outcome: impl Fn(&Check) -> Outcome) -> Vec<Verdict> {
    let checks = catalogue().checks;
    let verdict = |check: &Check| verdict(&check.id, check.severity, outcome(check));
    checks.iter().map(verdict).collect()
}

pub(crate) fn fail(verdicts: &mut [Verdict], id: &str, evidence: Vec<Evidence>, fixes: Vec<Step>) {
    let verdict = verdicts.iter_mut().find(|it| it.id == id).unwrap();
    verdict.outcome = Outcome::Fail;
    verdict.evidence_total = evidence.len() as u64;
    verdict.evidence = evidence;
    verdict.fixes = fixes;
}

pub(crate) fn evidence(message: &str, path: &str, line: Option<u32>) -> Evidence {
    Evidence {
        subject: path.to_owned(),
        message: message.to_owned(),
        location: Some(Location {
            path: path.to_owned(),
            line,
        }),
        data: json!({ "path": path }),
    }
}

pub(crate) fn step(kind: StepKind, risk: Risk, run: &str, check: Option<&str>) -> Step {
    Step {
        number: 0,
        kind,
        risk,
        run: run.to_owned(),
        check: check.map(str::to_owned),
        actions: Vec::new(),
        note: None,
    }
}
