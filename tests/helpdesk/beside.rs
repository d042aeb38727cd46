//! What lies beside the database: settings in the configuration file, which win over every row, and error
//! logs on disk.

use crate::helpdesk::{Helpdesk, Kind, all, failure};
use deskguard::facts::Known;
use deskguard::report::Outcome;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

#[test]
fn what_the_configuration_file_says_wins_over_the_row() {
    let mut v5 = Helpdesk::start(Kind::V5);
    v5.write(
        "config/advanced/config.settings.php",
        "<?php\n$SETTINGS['agent.password_policy.min_length'] = 6;\n$SETTINGS['core.rate_limit_disabled'] = true;\n$SETTINGS['core.app_secret'] = 'APP_SECRET';\n$SETTINGS['core.sessions_lifetime'] = getenv('IDLE');\n",
    );
    let facts = v5.facts();
    let length = &facts.login.agent_password.min_length;
    assert_eq!(length.value, Known::Known(6));
    assert!(
        length.path.ends_with("config/advanced/config.settings.php"),
        "{}",
        length.path
    );
    assert_eq!((length.line, length.from.as_str()), (2, "override"));
    let report = v5.judge(facts);
    assert!(
        failure(&report, "login/agent-password-length")
            .contains("6 characters, the policy asks for 12 (override)")
    );
    let limit = failure(&report, "login/agent-rate-limited");
    assert!(limit.contains("config.settings.php:3)"), "{limit}");
    assert!(failure(&report, "login/secret-set").contains("(override)"));
    assert_eq!(all(&report, Outcome::Unknown), ["sessions/idle-timeout"]);
}

#[test]
fn v4_overrides_in_its_own_place() {
    let mut v4 = Helpdesk::start(Kind::V4);
    let path = v4.root().join("config.php");
    let config = fs::read_to_string(path).unwrap();
    v4.write(
        "config.php",
        &format!("{config}$DP_CONFIG['SETTINGS']['core.sessions_lifetime'] = '90000';\n"),
    );
    let said = failure(&v4.judge(v4.facts()), "sessions/idle-timeout");
    assert!(
        said.contains("90000 idle seconds") && said.contains("(override)"),
        "{said}"
    );
}

#[test]
fn heaps_of_errors_are_found() {
    let mut v4 = Helpdesk::start(Kind::V4);
    let file = v4.root().join("data/logs/cli-phperr.log");
    v4.write(
        "data/logs/cli-phperr.log",
        "[02-Jan-2014 10:00:00 UTC] PHP Warning: x\n",
    );
    let said = failure(&v4.judge(v4.facts()), "logs/errors-looked-at");
    assert!(
        said.contains("from 2014-01-02") && said.contains("never rotated"),
        "{said}"
    );
    v4.write("data/logs/cli-phperr.log.1.gz", "");
    assert_eq!(all(&v4.judge(v4.facts()), Outcome::Fail), ["logs/reviewed"]);
    File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(60 << 20)
        .unwrap();
    let said = failure(&v4.judge(v4.facts()), "logs/errors-looked-at");
    assert!(said.contains("60 MiB"), "{said}");
    // Its newest entry is as old as the file.
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
    File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(past)
        .unwrap();
    let said = failure(&v4.judge(v4.facts()), "logs/errors-looked-at");
    assert!(said.contains("to 1970-01-02"), "{said}");
}
