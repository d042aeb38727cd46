//! kill -9 while deeds are carried out, and while they are taken back: undoing brings back everything all
//! the same. The one who is killed is this test's own program, started again.

use crate::desk::{GROUND, carry_out, deed, journal, picture, take_back};
use crate::random::Random;
use crate::real_mariadb::MariaDb;
use deskguard::sql::Deed;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROUNDS: usize = 24;

fn deeds() -> Vec<Deed> {
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(deed(json!({"statement": "settings", "schema": "desk", "values": {(format!("s{number}")): "new"}})));
        let user = format!("u{number}");
        let on = json!({"level": "schema", "schema": "desk"});
        let account = |statement: &str, more: serde_json::Value| {
            let mut fields = json!({"statement": statement, "user": user, "host": "localhost"});
            fields
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            deed(fields)
        };
        all.push(account("revoke", json!({"on": {"level": "global"}, "privileges": ["ALL PRIVILEGES"], "grant_option": true})));
        all.push(account(
            "revoke",
            json!({"on": on, "privileges": ["EVENT", "EXECUTE"]}),
        ));
        all.push(match number % 3 {
            0 => account("drop-account", json!({})),
            1 => account("rename-account", json!({"to": "10.0.0.1"})),
            _ => account("require-tls", json!({})),
        });
    }
    all
}

/// Whether this process is the one that is killed; then it has done its work.
fn is_killed() -> bool {
    let Ok(what) = std::env::var("DESKGUARD_KILLED") else {
        return false;
    };
    let (socket, journal) = what.split_once('|').unwrap();
    if let Some(journal) = journal.strip_prefix("undo:") {
        take_back(Path::new(socket), Path::new(journal)).unwrap();
    } else {
        carry_out(Path::new(socket), deeds(), Path::new(journal)).unwrap();
    }
    true
}

fn killed_after(socket: &Path, what: &str, wait: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::killed_in_the_middle_everything_comes_back",
        ])
        .env("DESKGUARD_KILLED", format!("{}|{what}", socket.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(wait);
    let cut_off = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    cut_off
}

#[test]
fn killed_in_the_middle_everything_comes_back() {
    if is_killed() {
        return;
    }
    let server = MariaDb::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    server.sql(GROUND);
    let accounts: String = (0..6)
        .map(|number| format!("CREATE USER u{number}@localhost IDENTIFIED BY 'p{number}'; GRANT ALL ON *.* TO u{number}@localhost WITH GRANT OPTION; GRANT ALL ON desk.* TO u{number}@localhost; GRANT SELECT (a) ON desk.t TO u{number}@localhost; GRANT r1 TO u{number}@localhost;"))
        .collect();
    server.sql(&accounts);
    server.sql("INSERT INTO desk.settings VALUES ('s1', 'old'), ('s3', NULL)");
    let before = picture(&server);
    let mut random = Random::seeded();
    let (mut amid, mut changed) = (0, 0);
    for round in 0..ROUNDS {
        let at = journal(folder.path(), round);
        let wait = |random: &mut Random| Duration::from_millis(5 + random.below(120) as u64);
        amid += u32::from(killed_after(
            &server.socket(),
            at.to_str().unwrap(),
            wait(&mut random),
        ));
        changed += u32::from(picture(&server) != before);
        if !at.exists() {
            continue;
        }
        let undo = format!("undo:{}", at.display());
        killed_after(&server.socket(), &undo, wait(&mut random));
        match take_back(&server.socket(), &at) {
            Ok(_) => {}
            // The one who was to be killed came to the end.
            Err(why) => assert!(
                why.to_string().contains("was undone already"),
                "round {round}: {why}"
            ),
        }
        assert_eq!(picture(&server), before, "round {round}");
    }
    println!("{ROUNDS} times: {amid} killed before the end, {changed} with changes made");
    assert!(amid > 3 && changed > 3, "nobody was killed in the middle");
}
