//! The fixes do what they say: run as they are printed, the check passes, and the product still has all it
//! needs.

use crate::real_mariadb::MariaDb;
use crate::site::{Asks, Site, said};
use deskguard::report::{Kind, Outcome};
use deskguard::target::Generation;

const PLANTED: &[(&str, Asks, &str)] = &[
    (
        "database/user-not-root",
        Asks::Product,
        "GRANT ALL ON *.* TO 'deskpro'@'localhost' WITH GRANT OPTION",
    ),
    (
        "database/privileges-minimal",
        Asks::Product,
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'deskpro'@'localhost'; GRANT ALL ON *.* TO 'deskpro'@'localhost' WITH GRANT OPTION",
    ),
    (
        "database/privileges-minimal",
        Asks::Product,
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'deskpro'@'localhost'; GRANT ALL ON deskpro.* TO 'deskpro'@'localhost' WITH GRANT OPTION; CREATE DATABASE wiki; CREATE TABLE wiki.page (a INT); GRANT SELECT (a), INSERT ON wiki.page TO 'deskpro'@'localhost'; GRANT SELECT ON `w%`.* TO 'deskpro'@'localhost'; CREATE PROCEDURE deskpro.p() SELECT 1; GRANT EXECUTE ON PROCEDURE deskpro.p TO 'deskpro'@'localhost'",
    ),
    (
        "database/host-bound",
        Asks::Product,
        "RENAME USER 'deskpro'@'localhost' TO 'deskpro'@'%'",
    ),
    (
        "database/only-own-schema",
        Asks::Product,
        "CREATE DATABASE `wi``ki`; GRANT SELECT ON `wi``ki`.* TO 'deskpro'@'localhost'",
    ),
    (
        "database/accounts-locked-down",
        Asks::Auditor,
        "CREATE USER ''@'localhost'; CREATE USER 'it''s'@'10.%'; CREATE USER 'root'@'%' IDENTIFIED BY 'gK2-zzQ81'; ALTER USER 'root'@'localhost' IDENTIFIED BY ''",
    ),
];

#[test]
fn a_fix_mends_and_takes_nothing_away() {
    let server = MariaDb::start(&[]);
    for (id, asks, plant) in PLANTED {
        let site = Site::hardened(&server, Generation::V5);
        server.sql(plant);
        let report = site.report(*asks);
        let check = said(&report, id);
        assert_eq!(
            check.outcome,
            Outcome::Fail,
            "{id} {plant}: {:?}",
            check.reason
        );
        let steps = check.fixes.iter().filter(|step| step.kind == Kind::Sql);
        let mut count = 0;
        for step in steps {
            server.sql(&step.run);
            count += 1;
        }
        assert!(count > 0, "{id}: {:?}", check.fixes);
        let report = site.report(*asks);
        let check = said(&report, id);
        assert_eq!(
            check.outcome,
            Outcome::Pass,
            "{id} {plant}: {:?} {:?}",
            check.reason,
            check.evidence
        );
        let account = site.facts(Asks::Product).database.account;
        assert_eq!(
            account.missing_at_run_time.known(),
            Some(&Vec::new()),
            "{id}"
        );
        assert_eq!(
            account.missing_for_updates.known(),
            Some(&Vec::new()),
            "{id}"
        );
    }
}
