//! database/account-requires-tls on a machine of its own, where the server has an address beside loopback:
//! the helpdesk comes over TLS that it verifies, the fix shuts everything else out, and goes again.

use crate::apart::{apart, run};
use crate::mending::{carry_out, picture, take_back};
use crate::real_mariadb::MariaDb;
use crate::site::{Asks, STRONG, Site, catalogue, said};
use deskguard::audit::{Timing, judged};
use deskguard::fix::{Needs, Plan, Step};
use deskguard::mysql::Place;
use deskguard::policy::Policy;
use deskguard::report::{Outcome, Report};
use deskguard::target::Generation;
use std::fs;
use std::path::Path;
use std::process::Command;

const CHECK: &str = "database/account-requires-tls";
const ADDRESS: &str = "192.0.2.9";

fn looked(site: &Site<'_>) -> (Plan, Report) {
    let timing = Timing {
        started: "2026-01-01T00:00:00Z",
        duration_ms: 0,
        today: site.today,
    };
    let facts = site.facts(Asks::Product);
    let needs = Needs::of(&facts);
    let judged = judged(catalogue(), facts, Policy::default(), timing);
    let own = judged.verdicts.iter().filter(|it| it.id == CHECK);
    let steps: Vec<(&str, &Step)> = own
        .flat_map(|it| it.fixes.iter().map(|step| (CHECK, step)))
        .collect();
    let plan = Plan::within(&steps, &needs);
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    (plan, judged.report(catalogue(), timing))
}

/// Whether the helpdesk's account is let in and reads.
fn is_let_in(server: &MariaDb, options: &[&str]) -> bool {
    let output = Command::new("mariadb")
        .args(["--no-defaults", "--protocol=tcp", "--user=deskpro"])
        .args([
            &format!("--host={ADDRESS}"),
            &format!("--port={}", server.port),
        ])
        .arg(format!("--password={STRONG}"))
        .args(options)
        .args([
            "--database=deskpro",
            "--execute=SELECT COUNT(*) FROM settings",
        ])
        .output()
        .unwrap();
    println!("{options:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

/// An authority's certificate, and a key and a certificate of the server's.
fn certificates(folder: &Path) -> [String; 3] {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    // Another name than the server's, which would be taken for a signature of its own.
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec![ADDRESS.to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap().pem();
    [
        ("ca", authority_pem),
        ("key", key.serialize_pem()),
        ("cert", own),
    ]
    .map(|(name, text)| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    })
}

#[test]
fn whoever_comes_without_tls_is_shut_out_and_let_in_again() {
    if !apart("over_tls::whoever_comes_without_tls_is_shut_out_and_let_in_again") {
        return;
    }
    run(
        "ip",
        &["address", "add", &format!("{ADDRESS}/32"), "dev", "lo"],
    );
    let folder = tempfile::tempdir().unwrap();
    let [authority, key, own] = certificates(folder.path());
    let server = MariaDb::start(&[
        "--bind-address=0.0.0.0",
        &format!("--ssl-key={key}"),
        &format!("--ssl-cert={own}"),
    ]);
    let mut site = Site::hardened(&server, Generation::V5);
    server.sql(&format!(
        "RENAME USER deskpro@localhost TO deskpro@'{ADDRESS}'"
    ));
    site.host = format!("{ADDRESS}:{}", server.port);
    site.write();
    // Without TLS the fix would shut the helpdesk out: a person must do something first.
    let (plan, report) = looked(&site);
    assert_eq!(said(&report, CHECK).outcome, Outcome::Fail);
    assert_eq!(plan.actions().count(), 0);

    let config = site.root().join("config/config.database.php");
    let mut text = fs::read_to_string(&config).unwrap();
    text.push_str(&format!(
        "$DB_CONFIG['pdo_options'] = [PDO::MYSQL_ATTR_SSL_CA => '{authority}'];\n"
    ));
    fs::write(&config, text).unwrap();
    let over_tls = [&format!("--ssl-ca={authority}")[..]];
    let before = picture(&server);
    let (plan, report) = looked(&site);
    let private = said(&report, "database/connection-private");
    assert_eq!(private.outcome, Outcome::Pass, "{:?}", private.evidence);
    assert_eq!(said(&report, CHECK).outcome, Outcome::Fail);
    assert_eq!(plan.actions().count(), 1);
    assert!(is_let_in(&server, &over_tls) && is_let_in(&server, &["--skip-ssl"]));

    let product = Place::Tcp {
        host: ADDRESS.to_owned(),
        port: server.port,
    };
    let journal = folder.path().join("journal");
    carry_out(&server, &plan, (site.root(), product), &journal).unwrap();
    let (_, report) = looked(&site);
    assert_eq!(said(&report, CHECK).outcome, Outcome::Pass);
    assert!(is_let_in(&server, &over_tls) && !is_let_in(&server, &["--skip-ssl"]));
    take_back(&server, site.root(), &journal);
    let (_, report) = looked(&site);
    assert_eq!(said(&report, CHECK).outcome, Outcome::Fail);
    assert_eq!(picture(&server), before);
}
