//! `deskguard review` on a helpdesk that somebody broke into, and the word of the person who looked.

use crate::helpdesk::{Helpdesk, Kind, all, failure, now, policy};
use assert_cmd::Command;
use deskguard::config::Config;
use deskguard::policy::Profile;
use deskguard::report::Outcome;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const BREAK_IN: &str = "
INSERT INTO login_log (person_id, area, is_success, ip_address, hostname, user_agent, note, via_cookie, date_created)
  SELECT 1, 'agent', 0, '198.51.100.66', 'evil', '', '', 0, UTC_TIMESTAMP() - INTERVAL 2 HOUR + INTERVAL seq SECOND FROM seq_1_to_40;
INSERT INTO login_log (person_id, area, is_success, ip_address, hostname, user_agent, note, via_cookie, date_created)
  SELECT 2 + seq % 2, 'agent', 0, '198.51.100.77', '', '', '', 0, UTC_TIMESTAMP() - INTERVAL 1 HOUR + INTERVAL seq SECOND FROM seq_1_to_16;
INSERT INTO login_log (person_id, area, is_success, ip_address, hostname, user_agent, note, via_cookie, date_created) VALUES
  (1, 'admin', 1, '198.51.100.66', 'evil', '', '', 0, UTC_TIMESTAMP() - INTERVAL 30 MINUTE),
  (1, 'admin', 1, '192.0.2.1', 'pc1', '', '', 0, UTC_TIMESTAMP() - INTERVAL 20 MINUTE);
INSERT INTO people_emails (id, person_id, email, email_domain, is_validated, comment, date_created) VALUES (14, 4, 'eve@evil.example', 'evil.example', 1, '', '2020-01-01');
CREATE TEMPORARY TABLE made AS SELECT * FROM people WHERE id = 1;
UPDATE made SET id = 4, primary_email_id = 14, name = CONCAT('Eve', CHAR(27), '[31m'), date_created = UTC_TIMESTAMP();
INSERT INTO people SELECT * FROM made; DROP TABLE made;
INSERT INTO audit_logs (action, date_created, performer_name, performer_id, object_name, object_type, object_id, description, data) VALUES
  ('settings.replace', UTC_TIMESTAMP(), 'Ann Admin', 1, 'core.rate_limit_disabled', 'Setting', NULL, 'secret description', '{\"new\":\"secret value\"}'),
  ('create', UTC_TIMESTAMP(), 'Ann Admin', 1, NULL, 'ApiKey', 7, '', '{}'),
  ('create', UTC_TIMESTAMP(), 'Ann Admin', 1, 'Eve', 'Person', 4, '', '{}');
";

fn deskguard(helpdesk: &Helpdesk, config: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("deskguard")
        .unwrap()
        .arg("review")
        .arg(helpdesk.root())
        .arg("--config")
        .arg(config)
        .args(more)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn broken_into() -> Helpdesk {
    let mut helpdesk = Helpdesk::start(Kind::V5);
    helpdesk.sql(BREAK_IN);
    let today = jiff::Timestamp::now().strftime("%d-%b-%Y").to_string();
    helpdesk.write(
        "var/logs/error.log",
        &format!("[02-Jan-2020 10:00:00 UTC] PHP Warning: usual, line 3\n[{today} 10:00:00 UTC] PHP Warning: usual, line 9\n[{today} 10:00:01 UTC] PHP Fatal error: SQL syntax near 1\n[{today} 10:00:02 UTC] PHP Fatal error: SQL syntax near 22\n"),
    );
    helpdesk
}

#[test]
fn a_break_in_is_seen_at_once() {
    let helpdesk = broken_into();
    let config = helpdesk.server.folder().join("deskguard.toml");
    fs::write(&config, "").unwrap();
    let yesterday = jiff::Timestamp::from_second(now() - 86_400)
        .unwrap()
        .strftime("%Y-%m-%d")
        .to_string();
    let (code, text, errors) = deskguard(&helpdesk, &config, &["--since", &yesterday]);
    assert_eq!(code, Some(0), "{errors}");
    for part in [
        "Bursts of failed logins: 3\n  40 failures",
        "40 failures on Ann Admin <ann@example.com>, an admin (1 address)",
        "THEN LOGGED IN: Ann Admin <ann@example.com>, an admin",
        "16 failures from 198.51.100.77 (2 accounts)",
        "New agents and admins: 1\n",
        "Eve\\x1b[31m <eve@evil.example>, an admin",
        "core.rate_limit_disabled (settings.replace), by Ann Admin",
        "API keys that were made or changed: 1\n",
        "ApiKey 7 (create), by Ann Admin",
        "Agents at new addresses: 1\n",
        "Ann Admin <ann@example.com>, an admin from 198.51.100.66 (evil), 1 login since",
        "Person Eve (create), by Ann Admin",
        "New kinds of error: 1\n",
        "PHP Fatal error: SQL syntax near #",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(
        !text.contains("What could not be told") && !text.contains("secret"),
        "{text}"
    );
    let (_, json, _) = deskguard(
        &helpdesk,
        &config,
        &["--since", &yesterday, "--format", "json"],
    );
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "deskguard/review/1");
    assert_eq!(json["attacks"][0]["failures"], 40);
    assert_eq!(json["errors"][0]["count"], 2);
}

#[test]
fn whoever_looked_attests_it() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let config = helpdesk.server.folder().join("deskguard.toml");
    let before = "# Ours.\n[policy]\nmax_admins = 3\n";
    fs::write(&config, before).unwrap();
    let (code, text, errors) = deskguard(&helpdesk, &config, &["--attest", "Ann \"ops\""]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("Appended to"), "{text}");
    let written = fs::read_to_string(&config).unwrap();
    assert!(written.starts_with(before), "{written}");
    let parsed = Config::parse(&config, &written).unwrap();
    let attested = parsed.policy(Profile::Baseline, now() / 86_400).unwrap();
    assert_eq!(attested.attested.logs_reviewed.by, "Ann \"ops\"");
    let mut ours = policy(Kind::V5);
    ours.attested = attested.attested;
    let report = helpdesk.judge_by(helpdesk.facts(), ours.clone());
    assert_eq!(all(&report, Outcome::Fail), Vec::<&str>::new());
    // A month later it counts no more.
    ours.attested.logs_reviewed.day -= 31;
    let said = failure(&helpdesk.judge_by(helpdesk.facts(), ours), "logs/reviewed");
    assert!(said.contains("is that of Ann \"ops\" on"), "{said}");
    // The next review begins where this one ended.
    let (_, text, _) = deskguard(&helpdesk, &config, &[]);
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    assert!(
        text.starts_with(&format!("What happened from {today} to {today} (UTC)\n")),
        "{text}"
    );
}

#[test]
fn what_could_not_be_read_or_written_is_not_attested() {
    let mut helpdesk = Helpdesk::start(Kind::V5);
    let config = helpdesk.server.folder().join("deskguard.toml");
    fs::write(
        &config,
        "[[attest]]\ncheck = \"logs/reviewd\"\nby = \"x\"\non = 2026-01-01\n",
    )
    .unwrap();
    let (code, _, errors) = deskguard(&helpdesk, &config, &[]);
    assert!(
        code == Some(2) && errors.contains("is that what you meant?"),
        "{errors}"
    );
    fs::write(&config, "attest = []\n").unwrap();
    let (code, _, errors) = deskguard(&helpdesk, &config, &["--attest", "ann"]);
    assert!(
        code == Some(2) && errors.contains("Add this by hand"),
        "{errors}"
    );
    fs::write(&config, "").unwrap();
    let (code, _, errors) = deskguard(&helpdesk, &config, &["--attest", " "]);
    assert!(
        code == Some(2) && errors.contains("say who looked"),
        "{errors}"
    );
    helpdesk.server.stop();
    let (code, text, errors) = deskguard(&helpdesk, &config, &["--attest", "ann"]);
    assert!(
        code == Some(2) && errors.contains("nothing is attested"),
        "{errors}"
    );
    assert!(text.contains("What could not be told"), "{text}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    let (code, _, errors) = deskguard(&helpdesk, &config, &[]);
    assert!(code == Some(2) && errors.contains("chmod go-w"), "{errors}");
}
