//! A server with a few schemas, deeds to it, and a picture of everything that a deed may change.

use crate::real_mariadb::MariaDb;
use deskguard::check::Risk;
use deskguard::facts::Secret;
use deskguard::fix::{Action, Phase, Plan, Planned};
use deskguard::host::Host;
use deskguard::mend::{Admin, Applied, Database, Surprise, Undone, World, apply, undo};
use deskguard::mysql::{Login, Place};
use deskguard::sql::Deed;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The schemas, their tables, a routine and two roles.
pub(crate) const GROUND: &str = "
CREATE DATABASE desk; CREATE DATABASE desk_x; CREATE DATABASE other;
CREATE TABLE desk.t (a INT, b INT); CREATE TABLE other.t (a INT, b INT);
CREATE PROCEDURE desk.p() SELECT 1; CREATE FUNCTION other.f() RETURNS INT DETERMINISTIC RETURN 1;
CREATE ROLE r1; CREATE ROLE `r 2`; GRANT EVENT ON desk.* TO r1;
CREATE TABLE desk.settings (name VARCHAR(255) NOT NULL PRIMARY KEY, value BLOB);
CREATE TABLE desk.people_prefs (person_id INT NOT NULL, name VARCHAR(255) NOT NULL, value_str LONGTEXT, value_array LONGBLOB, date_expire DATETIME, PRIMARY KEY (person_id, name));";

/// A deed from its fields.
pub(crate) fn deed(fields: Value) -> Deed {
    serde_json::from_value(fields).unwrap()
}

/// The way in as root over the socket, as `fix --apply` of root has it.
pub(crate) fn world<'a>(host: &'a Host, socket: &Path) -> World<'a> {
    let login = Login {
        user: "root".to_owned(),
        password: Secret::new(b""),
        schema: None,
        authorities: None,
        trusts_anybody: false,
    };
    let place = Place::Socket(socket.to_owned());
    let mut world = World::new(host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
    world.database = Database::of(Admin::at(place.clone(), login, Some(place)));
    world
}

pub(crate) fn carry_out(
    socket: &Path,
    deeds: Vec<Deed>,
    journal: &Path,
) -> Result<Applied, Surprise> {
    let host = Host::default();
    let step = Planned {
        fixes: Vec::new(),
        phase: Phase::Settings,
        title: String::new(),
        risk: Risk::None,
        touches: Vec::new(),
        verify: Vec::new(),
        notes: Vec::new(),
        actions: deeds.into_iter().map(Action::Sql).collect(),
    };
    let plan = Plan {
        steps: vec![step],
        ..Plan::default()
    };
    apply(&mut world(&host, socket), &plan, journal, &mut |_| {})
}

pub(crate) fn take_back(socket: &Path, journal: &Path) -> Result<Undone, Surprise> {
    let host = Host::default();
    loop {
        let undone = undo(&mut world(&host, socket), journal, &mut |_| {});
        match undone {
            // A client that another test starts holds every file of this program until its exec.
            Err(why) if why.to_string().contains("another deskguard is") => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// A journal's place that nothing has used.
pub(crate) fn journal(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("journal-{number}"))
}

/// Every account as the server shows it, lines sorted, and every row of the two tables.
pub(crate) fn picture(server: &MariaDb) -> Vec<String> {
    let names = server.sql("SELECT IF(Host = '', CONCAT('SHOW GRANTS FOR `', User, '`;'), CONCAT('SHOW CREATE USER ', QUOTE(User), '@', QUOTE(Host), ';SHOW GRANTS FOR ', QUOTE(User), '@', QUOTE(Host), ';')) FROM mysql.user");
    let rows = "SELECT 'row', name, HEX(value) FROM desk.settings; SELECT 'row', person_id, name, value_str, HEX(value_array), date_expire FROM desk.people_prefs;";
    let shown = server.sql(&format!("{names}{rows}"));
    let mut lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}
