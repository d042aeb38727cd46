//! Each fault alone, in a hardened helpdesk of each generation: its check fails and says what is wrong, no
//! other check fails, and a dump of the same database gives the same facts.

use crate::helpdesk::{Helpdesk, Kind, all, comparable, failure, policy};
use deskguard::report::Outcome;

/// A check, what is done to the database, and a part of what the report says.
pub(crate) type Fault = (&'static str, &'static str, &'static str);

/// Faults that both generations can have.
pub(crate) const BOTH: &[Fault] = &[
    (
        "accounts/admins-few",
        "UPDATE people SET can_admin = 1 WHERE id = 2; INSERT INTO people_prefs (person_id, name, value_str) VALUES (2, 'agent_notif.login_attempt.email', '1')",
        "one of 2 admins, the policy allows 1",
    ),
    (
        "accounts/admins-current",
        "UPDATE people SET date_last_login = UTC_TIMESTAMP() - INTERVAL 100 DAY WHERE id = 1",
        "Ann Admin <ann@example.com> | an admin who has been away for 100 days",
    ),
    (
        "accounts/admins-current",
        "DELETE FROM api_token; UPDATE people SET can_admin = 1, is_deleted = 1 WHERE id = 3",
        "still has the admin flag and is deleted",
    ),
    (
        "accounts/admins-current",
        "DELETE FROM api_token; UPDATE people SET can_admin = 1 WHERE id = 3",
        "still has the admin flag and is no longer an agent",
    ),
    (
        "accounts/passwords-strongly-hashed",
        "UPDATE people SET password_scheme = NULL WHERE id = 2",
        "Bob Agent <bob@example.com> | the password is stored in the legacy scheme deskpro4original",
    ),
    (
        "accounts/passwords-strongly-hashed",
        "UPDATE people SET password_scheme = 'deskpro3_tech' WHERE id = 2",
        "deskpro3_tech",
    ),
    (
        "accounts/passwords-strongly-hashed",
        "UPDATE people SET password = '$P$Babc' WHERE id = 1",
        "portable phpass hash",
    ),
    (
        "accounts/agents-current",
        "UPDATE people SET date_last_login = NULL WHERE id = 2",
        "never logged in, made 2020-01-01",
    ),
    (
        "accounts/api-keys-limited",
        "UPDATE api_keys SET person_id = 3",
        "its owner is no agent",
    ),
    (
        "accounts/api-keys-limited",
        "UPDATE api_keys SET person_id = 999",
        "account 999",
    ),
    (
        "login/failures-notified",
        "DELETE FROM people_prefs WHERE person_id = 2",
        "Bob Agent <bob@example.com> | an agent who is not mailed about failed logins",
    ),
    (
        "login/successes-notified",
        "UPDATE people_prefs SET value_str = '0' WHERE name = 'agent_notif.login_attempt.email'",
        "Ann Admin <ann@example.com> | an admin who is not mailed about logins",
    ),
    (
        "login/secret-set",
        "UPDATE settings SET value = 'APP_SECRET' WHERE name = 'core.app_secret'",
        "a value that the vendor published (settings row)",
    ),
    (
        "login/secret-set",
        "DELETE FROM settings WHERE name = 'core.app_secret'",
        "a value that the vendor published (shipped default)",
    ),
    (
        "login/secret-set",
        "UPDATE settings SET value = '' WHERE name = 'core.app_secret'",
        "falls back to a word from its source",
    ),
    (
        "login/secret-set",
        "UPDATE settings SET value = 'abc' WHERE name = 'core.app_secret'",
        "too short",
    ),
    (
        "sessions/idle-timeout",
        "UPDATE settings SET value = '86400' WHERE name = 'core.sessions_lifetime'",
        "core.sessions_lifetime | a session ends after 86400 idle seconds",
    ),
    (
        "logs/login-log-written",
        "UPDATE login_log SET date_created = '2024-01-01'",
        "its newest entry is from 2024-01-01",
    ),
    (
        "logs/login-log-written",
        "DELETE FROM login_log",
        "login_log is empty",
    ),
    (
        "logs/login-log-written",
        "RENAME TABLE login_log TO hidden_log",
        "there is no table login_log",
    ),
    (
        "server/product-current",
        "UPDATE settings SET value = '1300000000' WHERE name = 'core.deskpro_build'",
        "the database is at another one (1300000000",
    ),
];

pub(crate) const V5_ONLY: &[Fault] = &[
    (
        "accounts/api-keys-limited",
        "UPDATE api_keys SET flags = 'admin_manage,super'",
        "API key 1 (Zapier) | it may act for every agent",
    ),
    (
        "accounts/api-keys-limited",
        "UPDATE people SET was_agent = 1 WHERE id = 3",
        "they never expire, and their owner is no longer an agent",
    ),
    (
        "login/agent-password-length",
        "DELETE FROM settings WHERE name = 'agent.password_policy.min_length'",
        "5 characters, the policy asks for 12 (shipped default)",
    ),
    (
        "login/agent-password-classes",
        "UPDATE settings SET value = '0' WHERE name = 'agent.password_policy.require_num_symbol'",
        "need not hold any symbols",
    ),
    (
        "login/agent-password-age",
        "UPDATE settings SET value = '0' WHERE name = 'agent.password_policy.max_age'",
        "passwords never expire",
    ),
    (
        "login/agent-password-age",
        "UPDATE people SET date_password_set = NULL WHERE id = 2",
        "the passwords of 1 agents never expire",
    ),
    (
        "login/agent-password-reuse",
        "UPDATE settings SET value = 'b:0;' WHERE name = 'agent.password_policy.forbid_reuse'",
        "an old password may be set again (settings row)",
    ),
    (
        "login/agent-rate-limited",
        "INSERT INTO settings VALUES ('rate_limit.login.agent.enabled', '0')",
        "rate_limit.login.agent.enabled is off (settings row)",
    ),
    (
        "login/agent-rate-limited",
        "INSERT INTO settings VALUES ('rate_limit.login.agent.limit', '1000')",
        "1000 tries in 15 minutes",
    ),
    (
        "login/user-rate-limited",
        "INSERT INTO settings VALUES ('rate_limit.login.enabled', '')",
        "rate_limit.login.enabled is off",
    ),
    (
        "login/hostnames-resolved",
        "DELETE FROM app_instances WHERE id = 1",
        "the app is not installed",
    ),
    (
        "login/hostnames-resolved",
        "UPDATE settings SET value = '' WHERE name = 'rdns_server'",
        "rdns_server names no resolver",
    ),
    (
        "login/hostnames-resolved",
        "UPDATE settings SET value = '0' WHERE name = 'rdns_ticket_messages'",
        "rdns_ticket_messages is off",
    ),
    (
        "login/ip-whitelist-on",
        "UPDATE settings SET value = 'none' WHERE name = 'agent.ip_security.mode'",
        "covers nobody",
    ),
    (
        "login/ip-whitelist-fresh",
        "UPDATE settings SET value = '63072000' WHERE name = 'agent.ip_security.whitelist_lifetime'",
        "addresses stay trusted for 730 days",
    ),
    (
        "login/ip-whitelist-fresh",
        "UPDATE white_listed_ips SET date_created = '2024-01-01'",
        "the oldest of 1 is",
    ),
    (
        "login/ip-whitelist-fresh",
        "UPDATE worker_jobs SET last_run_date = '2024-01-01'",
        "takes old ones away ran",
    ),
    (
        "login/ip-whitelist-fresh",
        "UPDATE worker_jobs SET last_run_date = NULL",
        "has never run",
    ),
    (
        "login/directory-encrypted",
        r#"UPDATE app_instances SET settings = '{"host":"l","secure":""}' WHERE id = 2"#,
        "Company directory | passwords go to this directory in clear text, and everybody in it may become an agent",
    ),
    (
        "login/directory-encrypted",
        r#"UPDATE usersources SET app_id = NULL, options = '{"secure":false}' WHERE id = 2"#,
        "clear text",
    ),
    (
        "sessions/activity-required",
        "DELETE FROM settings WHERE name = 'core.session_keepalive_require_page'",
        "Require Activity is off (shipped default)",
    ),
    (
        "sessions/agent-remember-me-off",
        "DELETE FROM settings WHERE name = 'core.enable_agent_rememberme'",
        "Remember me is on for agents (shipped default)",
    ),
    (
        "logs/audit-log-written",
        "UPDATE audit_logs SET date_created = '2024-01-01'",
        "its newest entry is from 2024-01-01",
    ),
    (
        "logs/audit-log-written",
        "DELETE FROM audit_logs",
        "audit_logs is empty",
    ),
];

/// Faults that two checks are about.
pub(crate) const V5_TWO: &[(&[&str], &str, &str)] = &[
    (
        &["login/agent-rate-limited", "login/user-rate-limited"],
        "UPDATE settings SET value = '1' WHERE name = 'core.rate_limit_disabled'",
        "core.rate_limit_disabled turns all limits off (settings row)",
    ),
    (
        &["login/agent-rate-limited", "login/user-rate-limited"],
        r#"UPDATE settings SET value = '["0.0.0.0/1","128.0.0.0/1"]' WHERE name = 'core.rate_limit_ips'"#,
        "core.rate_limit_ips spares everybody",
    ),
];

pub(crate) const V4_ONLY: &[Fault] = &[(
    "accounts/api-keys-limited",
    "UPDATE api_keys SET person_id = NULL",
    "API key 1 (Zapier) | it may act for every agent (owner: nobody)",
)];

/// What an early v4 cannot have: not applicable, never a fail.
const NOT_IN_V4: &[&str] = &[
    "login/agent-password-age",
    "login/agent-password-classes",
    "login/agent-password-length",
    "login/agent-password-reuse",
    "login/agent-rate-limited",
    "login/hostnames-resolved",
    "login/ip-whitelist-fresh",
    "login/ip-whitelist-on",
    "login/user-rate-limited",
    "logs/audit-log-written",
    "sessions/activity-required",
    "sessions/agent-remember-me-off",
];

#[test]
fn every_fault_of_v5_is_found_alone() {
    let helpdesk = Helpdesk::start(Kind::V5);
    passes(&helpdesk, &[]);
    let two = V5_TWO
        .iter()
        .map(|(ids, plant, part)| (*ids, *plant, *part));
    for (ids, plant, part) in two {
        fails(&helpdesk, ids, plant, part);
    }
    for (id, plant, part) in BOTH.iter().chain(V5_ONLY) {
        fails(&helpdesk, &[id], plant, part);
    }
    passes(&helpdesk, &[]);
}

#[test]
fn every_fault_of_v4_is_found_alone() {
    let helpdesk = Helpdesk::start(Kind::V4);
    passes(&helpdesk, NOT_IN_V4);
    for (id, plant, part) in BOTH.iter().chain(V4_ONLY) {
        fails(&helpdesk, &[id], plant, part);
    }
    // Settings of later releases do nothing here, and dead ones nowhere.
    helpdesk.sql("INSERT INTO settings VALUES ('core.rate_limit_disabled', '1'), ('agent.max_login_attempts', '0'), ('core.enable_agent_rememberme', '1')");
    passes(&helpdesk, NOT_IN_V4);
}

fn passes(helpdesk: &Helpdesk, elsewhere: &[&str]) {
    let facts = helpdesk.facts();
    let dumped = helpdesk.facts_of_dump(&helpdesk.dump(&["--hex-blob"]));
    assert_eq!(comparable(dumped), comparable(facts.clone()));
    let report = helpdesk.judge(facts);
    assert_eq!(all(&report, Outcome::Fail), ["logs/reviewed"]);
    assert_eq!(all(&report, Outcome::Unknown), Vec::<&str>::new());
    let mut away = all(&report, Outcome::NotApplicable);
    away.sort_unstable();
    assert_eq!(away, elsewhere);
}

fn fails(helpdesk: &Helpdesk, ids: &[&str], plant: &str, part: &str) {
    helpdesk.sql(plant);
    let facts = helpdesk.facts();
    let dumped = helpdesk.facts_of_dump(&helpdesk.dump(&[]));
    let mut policy = policy(helpdesk.kind);
    policy.max_admins = 1;
    let report = helpdesk.judge_by(facts.clone(), policy);
    for id in ids {
        let said = failure(&report, id);
        assert!(said.contains(part), "{plant}\n{said}");
    }
    let mut failed = all(&report, Outcome::Fail);
    failed.retain(|id| *id != "logs/reviewed");
    assert_eq!(failed, ids, "{plant}");
    assert_eq!(comparable(dumped), comparable(facts), "{plant}");
    if plant.starts_with("RENAME") {
        helpdesk.sql("RENAME TABLE hidden_log TO login_log");
    }
    helpdesk.harden();
}
