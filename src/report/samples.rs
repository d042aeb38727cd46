//! Made-up reports that the tests of every format share: a quiet host, a few findings, everything
//! wrong, nothing known, hostile names, long lists. No real check is used, so that adding one never
//! changes a test here.

use super::{Parts, Report};
use crate::check::{Catalogue, Check, Risk, Severity, StepKind};
use crate::engine::{Evidence, Location, Outcome, Verdict};
use crate::facts::{DocumentRoot, Known, Listing, TargetFacts};
use crate::fix::Step;
use crate::policy::Profile;
use serde_json::json;
use std::path::PathBuf;

pub(crate) const CHANGEABLE: &str = "files/app-not-writable-by-web";
const PRIVATE: &str = "config/config-private";
const NOT_ROOT: &str = "database/user-not-root";
const HSTS: &str = "web/hsts-set";

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

fn report(verdicts: &[Verdict]) -> Report {
    Report::new(&Parts {
        catalogue: &catalogue(),
        verdicts,
        target: &target(),
        profile: Profile::Baseline,
        started: "2026-11-23T21:00:00Z",
        duration_ms: 312,
    })
}

fn verdict(id: &str, severity: Severity, outcome: Outcome) -> Verdict {
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

fn settled(outcome: impl Fn(&Check) -> Outcome) -> Vec<Verdict> {
    let checks = catalogue().checks;
    let verdict = |check: &Check| verdict(&check.id, check.severity, outcome(check));
    checks.iter().map(verdict).collect()
}

fn fail(verdicts: &mut [Verdict], id: &str, evidence: Vec<Evidence>, fixes: Vec<Step>) {
    let verdict = verdicts.iter_mut().find(|it| it.id == id).unwrap();
    verdict.outcome = Outcome::Fail;
    verdict.evidence_total = evidence.len() as u64;
    verdict.evidence = evidence;
    verdict.fixes = fixes;
}

fn evidence(message: &str, path: &str, line: Option<u32>) -> Evidence {
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

fn step(kind: StepKind, risk: Risk, run: &str, check: Option<&str>) -> Step {
    Step {
        kind,
        risk,
        run: run.to_owned(),
        check: check.map(str::to_owned),
    }
}

/// A report of nothing but severities and outcomes.
pub(crate) fn of_results(results: &[(Severity, Outcome)]) -> Report {
    let verdicts: Vec<Verdict> = results
        .iter()
        .enumerate()
        .map(|(number, (severity, outcome))| verdict(&format!("a/{number}"), *severity, *outcome))
        .collect();
    report(&verdicts)
}

/// Nothing wrong.
pub(crate) fn clean() -> Report {
    report(&settled(|_| Outcome::Pass))
}

/// A few findings, one thing unknown, one not applicable.
pub(crate) fn a_few() -> Report {
    let mut verdicts = settled(|check| match check.id.as_str() {
        "web/version-hidden" => Outcome::NotApplicable,
        "web/admin-restricted" => Outcome::Unknown,
        _ => Outcome::Pass,
    });
    for verdict in &mut verdicts {
        verdict.reason = match verdict.outcome {
            Outcome::Unknown => {
                Some("the map at /etc/nginx/conf.d/geo.conf:4 is not modelled".to_owned())
            }
            Outcome::NotApplicable => {
                Some("it applies only when web.server == \"apache\"".to_owned())
            }
            _ => None,
        };
    }
    fail(
        &mut verdicts,
        PRIVATE,
        vec![evidence(
            "everybody on this host can read the database password (mode 0644)",
            "/var/www/deskpro/config/config.database.php",
            Some(12),
        )],
        vec![step(
            StepKind::Shell,
            Risk::None,
            "chown deskpro:www-data /var/www/deskpro/config/config.database.php\nchmod 0640 /var/www/deskpro/config/config.database.php",
            Some("stat -c '%U:%G %a' /var/www/deskpro/config/config.database.php"),
        )],
    );
    fail(
        &mut verdicts,
        HSTS,
        vec![Evidence {
            subject: "https://help.example.com/".to_owned(),
            message: "the answer has no Strict-Transport-Security header".to_owned(),
            location: None,
            data: json!({}),
        }],
        vec![
            step(
                StepKind::Nginx,
                Risk::Reload,
                "add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\" always;",
                Some("curl -sI https://help.example.com/ | grep -i strict-transport-security"),
            ),
            step(
                StepKind::Manual,
                Risk::Outage,
                "Make sure first that every name below help.example.com answers over HTTPS: browsers will refuse plain HTTP for a year.",
                None,
            ),
        ],
    );
    report(&verdicts)
}

/// Every check fails.
pub(crate) fn all_wrong() -> Report {
    let mut verdicts = settled(|_| Outcome::Fail);
    for check in catalogue().checks {
        let found = vec![evidence("it is not so", "/etc/nginx/nginx.conf", Some(3))];
        let fix = step(
            StepKind::Shell,
            Risk::Reload,
            "systemctl reload nginx",
            None,
        );
        fail(&mut verdicts, &check.id, found, vec![fix]);
    }
    report(&verdicts)
}

/// Nothing could be looked at.
pub(crate) fn all_unknown() -> Report {
    let mut verdicts = settled(|_| Outcome::Unknown);
    for verdict in &mut verdicts {
        verdict.reason = Some(match verdict.id.as_str() {
            NOT_ROOT => "connection refused by 127.0.0.1:3306".to_owned(),
            _ => "permission denied on /var/www/deskpro (run it as root)".to_owned(),
        });
    }
    report(&verdicts)
}

/// Names that an attacker chose.
pub(crate) fn hostile() -> Report {
    let mut verdicts = settled(|_| Outcome::Pass);
    let names = [
        "/var/www/deskpro/app/\u{1b}[2J\u{1b}[31mScore 100 of 100",
        "/var/www/deskpro/app/photo\u{202e}gpj.php",
        "/var/www/deskpro/app/line\nScore 100 of 100 · coverage 100 %",
        "/var/www/deskpro/app/日本語のとても長いファイル名 ヘルプデスク 添付ファイル 二千二十六年十一月.php",
        "/var/www/deskpro/app/\u{9b}31m\u{200b}\u{feff}\u{e0041}",
    ];
    let mut found: Vec<Evidence> = names
        .iter()
        .map(|name| evidence(&format!("{name} can be changed by www-data"), name, None))
        .collect();
    found.insert(0, evidence(&"A".repeat(5000), &"/b".repeat(2000), Some(1)));
    let refused = "No command is given, because a value holds the character U+001B, which is not safe in a script. Mend it by hand.";
    let fix = step(StepKind::Manual, Risk::None, refused, None);
    fail(&mut verdicts, CHANGEABLE, found, vec![fix]);
    let verdict = verdicts.iter_mut().find(|it| it.id == NOT_ROOT).unwrap();
    verdict.outcome = Outcome::Unknown;
    verdict.reason = Some("the server said \u{1b}]0;owned\u{7}\r\nbye".to_owned());
    report(&verdicts)
}

/// More than anybody reads.
pub(crate) fn long_lists() -> Report {
    let mut verdicts = settled(|_| Outcome::Pass);
    let path = |number: usize| format!("/var/www/deskpro/app/modules/module-{number:03}/index.php");
    let found = (0..240).map(|number| {
        let why = if number % 2 == 0 {
            "its mode is 0666"
        } else {
            "its folder is mode 0777"
        };
        evidence(
            &format!("www-data can change it, because {why}"),
            &path(number),
            None,
        )
    });
    let commands: Vec<String> = (0..240)
        .map(|number| format!("chmod go-w -- {}", path(number)))
        .collect();
    let fix = step(
        StepKind::Shell,
        Risk::None,
        &commands.join("\n"),
        Some("deskguard audit --only 'files/*'"),
    );
    fail(&mut verdicts, CHANGEABLE, found.collect(), vec![fix]);
    let verdict = verdicts.iter_mut().find(|it| it.id == CHANGEABLE).unwrap();
    verdict.evidence_total = 13_412;
    verdict.reason =
        Some("there may be more: permission denied on /var/www/deskpro/app/private".to_owned());
    report(&verdicts)
}

/// All of them with their names.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("clean", clean()),
        ("a few", a_few()),
        ("all wrong", all_wrong()),
        ("all unknown", all_unknown()),
        ("hostile", hostile()),
        ("long lists", long_lists()),
        ("no checks", of_results(&[])),
    ]
}
