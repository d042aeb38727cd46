//! A plan carried out on a real MariaDB and taken back, as root over its socket, and a picture of what it
//! may change there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail by panicking, in its own functions too"
)]

use crate::real_mariadb::MariaDb;
use deskguard::facts::Secret;
use deskguard::fix::Plan;
use deskguard::host::Host;
use deskguard::mend::{Admin, Applied, Database, Surprise, Undone, World, apply, undo};
use deskguard::mysql::{Login, Place};
use std::path::Path;

fn world<'a>(host: &'a Host, server: &MariaDb, root: &Path, product: Place) -> World<'a> {
    let login = Login {
        user: "root".to_owned(),
        password: Secret::new(b""),
        schema: None,
        authorities: None,
        trusts_anybody: false,
    };
    let mut world = World::new(host, root.to_owned(), "2026-01-01T00:00:00Z");
    let place = Place::Socket(server.socket());
    world.database = Database::of(Admin::at(place, login, Some(product)));
    world
}

/// Carries a plan out for the install at `root`, whose product connects to `product`.
pub(crate) fn carry_out(
    server: &MariaDb,
    plan: &Plan,
    (root, product): (&Path, Place),
    journal: &Path,
) -> Result<Applied, Surprise> {
    let host = Host::default();
    apply(
        &mut world(&host, server, root, product),
        plan,
        journal,
        &mut |_| {},
    )
}

/// Takes it back.
pub(crate) fn take_back(server: &MariaDb, root: &Path, journal: &Path) -> Undone {
    let host = Host::default();
    let mut world = world(&host, server, root, Place::Socket(server.socket()));
    loop {
        match undo(&mut world, journal, &mut |_| {}) {
            // A client that another test starts holds every file of this program until its exec.
            Err(why) if why.to_string().contains("another deskguard is") => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            other => return other.unwrap(),
        }
    }
}

/// Every account as the server shows it, and the helpdesk's settings and preferences, lines sorted.
pub(crate) fn picture(server: &MariaDb) -> Vec<String> {
    let names = server.sql("SELECT IF(Host = '', CONCAT('SHOW GRANTS FOR `', User, '`;'), CONCAT('SHOW CREATE USER ', QUOTE(User), '@', QUOTE(Host), ';SHOW GRANTS FOR ', QUOTE(User), '@', QUOTE(Host), ';')) FROM mysql.user");
    let rows = "SELECT 'row', name, HEX(value) FROM deskpro.settings; SELECT 'row', person_id, name, value_str, HEX(value_array), date_expire FROM deskpro.people_prefs; SELECT 'person', id, can_admin, is_agent, is_deleted, is_disabled FROM deskpro.people;";
    let shown = server.sql(&format!("{names}{rows}"));
    let mut lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// One line of the table: what was planted, by what it is mended, whether it passes, whether it came back.
pub(crate) fn row(check: &str, planted: &str, mended: &str, passes: &str, undone: &str) -> String {
    format!("{check:<34} {planted:<62.62} {mended:<24} {passes:<7} {undone}")
}
