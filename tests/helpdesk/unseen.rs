//! What cannot be seen is unknown with its reason and never a pass: no server, no rights, a table of another
//! release, values that lie. The account that the README recommends sees all.

use crate::helpdesk::{Helpdesk, Kind, SCHEMA, all, comparable};
use deskguard::facts::{Known, Secret};
use deskguard::report::Outcome;
use deskguard::target::DatabaseWish;
use std::sync::Arc;

/// The statements of the README's section, each of which is run here.
fn recommended(kind: Kind) -> Vec<String> {
    let readme = include_str!("../../README.md");
    let mark = if kind == Kind::V4 { "-- v4" } else { "-- v5" };
    let from = readme.find("CREATE USER 'deskguard'@'localhost'").unwrap();
    let section = readme[from..].split("```").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with("GRANT"));
    lines
        .filter(|line| !line.contains("-- v") || line.contains(mark))
        .map(|line| {
            line.split(" -- ")
                .next()
                .unwrap()
                .replace("deskpro.", &format!("{SCHEMA}."))
        })
        .collect()
}

fn auditor(helpdesk: &Helpdesk) -> DatabaseWish {
    DatabaseWish {
        socket: Some(helpdesk.server.socket()),
        account: Some((
            "deskguard".to_owned(),
            Arc::new(Secret::new(b"long-Random-1")),
        )),
        ..DatabaseWish::default()
    }
}

#[test]
fn the_recommended_account_sees_everything_and_no_code() {
    for kind in [Kind::V5, Kind::V4] {
        let helpdesk = Helpdesk::start(kind);
        helpdesk
            .server
            .sql("CREATE USER 'deskguard'@'localhost' IDENTIFIED BY 'long-Random-1'");
        for grant in recommended(kind) {
            helpdesk.server.sql(&grant);
        }
        let seen = helpdesk.facts_as(&auditor(&helpdesk));
        assert_eq!(comparable(seen), comparable(helpdesk.facts()), "{kind:?}");
        let said = helpdesk
            .server
            .sql("SHOW GRANTS FOR 'deskguard'@'localhost'");
        for secret in [
            "`code`",
            "`token`",
            "`salt`",
            "`secret_string`",
            "`secret_key`",
            "`auth_key`",
        ] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

#[test]
fn without_rights_everything_is_unknown() {
    let helpdesk = Helpdesk::start(Kind::V5);
    helpdesk.server.sql("CREATE USER 'deskguard'@'localhost' IDENTIFIED BY 'long-Random-1'; GRANT SHOW VIEW ON deskpro.* TO 'deskguard'@'localhost'");
    let wish = auditor(&helpdesk);
    let report = helpdesk.judge(helpdesk.facts_as(&wish));
    let judged = [all(&report, Outcome::Pass), all(&report, Outcome::Fail)].concat();
    assert_eq!(judged, ["logs/errors-looked-at", "logs/reviewed"]);
    // One table less costs what it tells, and nothing else.
    helpdesk
        .server
        .sql("GRANT SELECT ON deskpro.* TO 'deskguard'@'localhost'; ");
    assert_eq!(
        comparable(helpdesk.facts_as(&wish)),
        comparable(helpdesk.facts())
    );
}

#[test]
fn only_what_a_missing_right_tells_is_lost() {
    let helpdesk = Helpdesk::start(Kind::V5);
    helpdesk
        .server
        .sql("CREATE USER 'deskguard'@'localhost' IDENTIFIED BY 'long-Random-1'");
    for grant in recommended(Kind::V5) {
        if !grant.contains("people_prefs") {
            helpdesk.server.sql(&grant);
        }
    }
    let report = helpdesk.judge(helpdesk.facts_as(&auditor(&helpdesk)));
    assert_eq!(
        all(&report, Outcome::Unknown),
        ["login/failures-notified", "login/successes-notified"]
    );
    let check = report
        .checks
        .iter()
        .find(|check| check.id == "login/failures-notified")
        .unwrap();
    assert!(
        check.reason.as_deref().unwrap().contains("people_prefs"),
        "{:?}",
        check.reason
    );
}

#[test]
fn a_server_that_is_gone_and_a_wrong_password_are_said() {
    let mut helpdesk = Helpdesk::start(Kind::V5);
    let mut wrong = auditor(&helpdesk);
    wrong.account = Some(("deskguard".to_owned(), Arc::new(Secret::new(b"wrong"))));
    let refused = helpdesk.facts_as(&wrong);
    assert!(
        matches!(&refused.era, Known::Unknown(why) if why.contains("refuses the login")),
        "{:?}",
        refused.era
    );
    helpdesk.server.stop();
    let gone = helpdesk.facts();
    assert!(
        matches!(&gone.era, Known::Unknown(why) if why.contains("cannot be reached")),
        "{:?}",
        gone.era
    );
    let report = helpdesk.judge(gone);
    assert_eq!(all(&report, Outcome::Pass), ["logs/errors-looked-at"]);
}

#[test]
fn rows_that_lie_cost_what_they_say_and_no_more() {
    let helpdesk = Helpdesk::start(Kind::V5);
    helpdesk.sql(
        r#"
        ALTER TABLE settings MODIFY value LONGBLOB;
        UPDATE settings SET value = REPEAT('9', 200000) WHERE name = 'core.sessions_lifetime';
        UPDATE settings SET value = 'a:9999999:{i:0;' WHERE name = 'core.rate_limit_ips';
        UPDATE settings SET value = 0xFF00FE WHERE name = 'agent.ip_security.mode';
        UPDATE people SET name = CONCAT(CHAR(27), '[2J', REPEAT('x', 5000), CHAR(10)) WHERE id = 1;
        SET SESSION sql_mode = '';
        UPDATE people SET date_last_login = '0000-00-00' WHERE id = 2;
    "#,
    );
    let facts = helpdesk.facts();
    assert!(facts.sessions.idle_seconds.value.known().is_none());
    assert!(facts.login.agent_limit.exempt.known().is_none());
    assert!(facts.login.trusted.covers.value.known().is_none());
    assert!(
        facts
            .accounts
            .admins
            .rows
            .iter()
            .all(|admin| admin.who.len() < 1000)
    );
    assert!(
        facts
            .accounts
            .agents
            .rows
            .iter()
            .any(|agent| agent.seen == "never logged in, made 2020-01-01")
    );
    let report = helpdesk.judge(facts.clone());
    let mut unknown = all(&report, Outcome::Unknown);
    unknown.sort_unstable();
    assert_eq!(
        unknown,
        [
            "login/agent-rate-limited",
            "login/ip-whitelist-on",
            "login/user-rate-limited",
            "sessions/idle-timeout"
        ]
    );
    let dumped = helpdesk.facts_of_dump(&helpdesk.dump(&[]));
    assert!(dumped.sessions.idle_seconds.value.known().is_none());
    assert_eq!(dumped.login.agent_limit, facts.login.agent_limit);
    assert_eq!(dumped.accounts, facts.accounts);
}

#[test]
fn another_applications_database_is_not_judged() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let tables = helpdesk.server.sql("SELECT CONCAT('DROP TABLE deskpro.', table_name, ';') FROM information_schema.tables WHERE table_schema = 'deskpro'");
    helpdesk
        .server
        .sql(&format!("SET foreign_key_checks = 0; {tables}"));
    helpdesk.sql("CREATE TABLE wp_posts (id INT); CREATE TABLE people (nothing INT)");
    let facts = helpdesk.facts();
    assert!(
        matches!(&facts.era, Known::Unknown(why) if why.contains("no table `settings`")),
        "{:?}",
        facts.era
    );
    let report = helpdesk.judge(facts);
    assert_eq!(all(&report, Outcome::Pass), ["logs/errors-looked-at"]);
    assert_eq!(
        all(&report, Outcome::Fail),
        ["logs/login-log-written", "logs/reviewed"]
    );
}
