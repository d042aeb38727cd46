//! Made-up reports that the tests of every format share: a quiet host, a few findings, everything
//! wrong, nothing known, hostile names, long lists. Uses no real check, so that a new one changes
//! nothing here.

mod stage;
mod written;

pub(crate) use stage::{CHANGEABLE, catalogue, report, settled};

use super::Report;
use crate::check::{Risk, Severity, StepKind};
use crate::engine::{Evidence, Outcome, Verdict};
use crate::waiver::{Accepted, Waiver, apply};
use jiff::civil::{Date, date};
use serde_json::json;
use stage::{HSTS, NOT_ROOT, PRIVATE, evidence, fail, step, verdict};

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

/// A few findings, one of them waived, and waivers of every fate.
pub(crate) fn with_waivers() -> Report {
    let mut report = a_few();
    let waiver = |check: &str, until: Option<Date>| Waiver {
        check: check.to_owned(),
        reason: "TLS ends at the appliance, OPS-12".to_owned(),
        until,
        subject: Vec::new(),
        owner: Some("operations".to_owned()),
        accepts: None,
    };
    let waivers = [
        waiver(HSTS, Some(date(2027, 3, 31))),
        waiver(PRIVATE, Some(date(2026, 11, 1))),
        waiver("config/errors-hidden", None),
        waiver("web/admin-restricted", Some(date(2026, 11, 30))),
        Waiver {
            accepts: Accepted::parse(&[]).ok(),
            ..waiver(PRIVATE, None)
        },
    ];
    apply(&mut report, &waivers, date(2026, 11, 24));
    report
}

/// All of them with their names.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("clean", clean()),
        ("a few", a_few()),
        ("with waivers", with_waivers()),
        ("all wrong", all_wrong()),
        ("all unknown", all_unknown()),
        ("hostile", hostile()),
        ("long lists", long_lists()),
        ("no checks", of_results(&[])),
    ]
}
