//! What the helpdesk needs, done for real: a visitor's upload through nginx and PHP, the scheduled task as
//! the account that cron's table names, the database's account at its daily work and at an update.

use crate::desk;
use crate::hardened::Kind;
use crate::stage::{CRON_TABLE, Stage};
use std::fs;
use std::process::Command;

/// Everything that does not work.
pub(crate) fn broken(stage: &Stage) -> Vec<String> {
    let mut wrong = Vec::new();
    for (target, body) in [
        ("/", ""),
        ("/index.php/new-ticket", ""),
        ("/file.php/1A/x.zip", "stored"),
        stylesheet(stage),
    ] {
        let (status, said) = stage.ask(target);
        if status != 200 || !said.contains(body) {
            wrong.push(format!("{target} gives {status} {said:?}"));
        }
    }
    let places = desk::places(stage.kind);
    let upload = stage.install.at(places.attachments).join("upload");
    if fs::remove_file(&upload).is_err() {
        wrong.push(format!("PHP stored no attachment at {}", upload.display()));
    }
    wrong.extend(scheduled(stage));
    wrong.extend(database(stage));
    wrong
}

/// What pages look like, and a part of it.
fn stylesheet(stage: &Stage) -> (&'static str, &'static str) {
    match stage.kind {
        Kind::V4 => ("/web/site.css", "body {}"),
        Kind::V5 | Kind::V5Moved => ("/assets/500/app.js", "// app"),
        Kind::Container => ("/assets/app.js", "// app"),
    }
}

/// Runs what the tables of cron say, as cron would.
fn scheduled(stage: &Stage) -> Option<String> {
    let mut tables: Vec<_> = fs::read_dir("/etc/cron.d")
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    tables.sort();
    let text: String = tables
        .iter()
        .map(|table| fs::read_to_string(table).unwrap())
        .collect();
    let line = text.lines().find(|line| {
        ["cron.php", "bin/cron"].iter().any(|it| line.contains(it)) && !line.starts_with('#')
    });
    let Some(line) = line else {
        return Some(format!(
            "no table of cron's like {CRON_TABLE} starts the scheduled task"
        ));
    };
    let user = line.split_whitespace().nth(5).unwrap();
    let done = as_user(
        user,
        &line
            .split_whitespace()
            .skip(6)
            .collect::<Vec<_>>()
            .join(" "),
    );
    let log = stage
        .install
        .at(desk::places(stage.kind).logs)
        .join("cron.log");
    if fs::remove_file(&log).is_err() || !done.is_empty() {
        return Some(format!(
            "the scheduled task as {user} wrote no {}: {done}",
            log.display()
        ));
    }
    None
}

fn database(stage: &Stage) -> Option<String> {
    works(stage, "deskpro", "kR7$wq-2")
}

/// Why an account cannot do the daily work and what an update does.
pub(crate) fn works(stage: &Stage, user: &str, password: &str) -> Option<String> {
    let work = "SELECT COUNT(*) FROM settings; INSERT INTO settings (name, value) VALUES ('range', '1'); UPDATE settings SET value = '2' WHERE name = 'range'; DELETE FROM settings WHERE name = 'range'; LOCK TABLES settings WRITE; UNLOCK TABLES; CREATE TABLE range_t (a INT PRIMARY KEY); ALTER TABLE range_t ADD b INT, ADD INDEX (b); CREATE TEMPORARY TABLE range_u (a INT); DROP TABLE range_t; SHOW TRIGGERS;";
    let output = Command::new("mariadb")
        .arg("--no-defaults")
        .arg(format!("--user={user}"))
        .arg(format!("--password={password}"))
        .arg(format!(
            "--socket={}",
            stage.database.server.socket().display()
        ))
        .args(["--execute", work, "deskpro"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then(|| format!("the database's account cannot work: {said}"))
}

/// What the command says on its standard error, or that it failed.
fn as_user(user: &str, command: &str) -> String {
    let output = Command::new("setpriv")
        .args([
            "--reuid",
            user,
            "--regid",
            user,
            "--init-groups",
            "sh",
            "-c",
            command,
        ])
        .current_dir("/")
        .output()
        .unwrap();
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        said.push_str(&format!("{}", output.status));
    }
    said
}
