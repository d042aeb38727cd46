//! database/server-hardened on Debian's own MariaDB: its option files, its init script, on a machine of its
//! own. The option file that deskguard writes has the last word, the server is started anew, the helpdesk's
//! account works, and everything is taken back: also when the server does not come back, and after a crash.

use crate::apart::{apart, run};
use crate::picture::Picture;
use crate::real_mariadb::{V5, template};
use crate::site::{STRONG, Site, TODAY, catalogue, said};
use deskguard::audit::{Judged, Timing, judged};
use deskguard::facts::{DatabaseProcess, Facts};
use deskguard::fix::{About, Action, Plan, Server, script};
use deskguard::host::Host;
use deskguard::mend::{Admin, Applied, Database, Surprise, Told, World, apply, undo};
use deskguard::policy::Policy;
use deskguard::probe::database;
use deskguard::report::{Outcome, Report};
use deskguard::target::{DatabaseWish, Generation, Target, Wishes};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CHECK: &str = "database/server-hardened";
const OWN: &str = "/etc/mysql/mariadb.conf.d/zz-deskguard.cnf";
const DEBIANS: &str = "/etc/mysql/mariadb.conf.d/50-server.cnf";
const INSTALL: &str = "/srv/dp";
const TIMING: Timing<'static> = Timing {
    started: "2026-01-01T00:00:00Z",
    duration_ms: 0,
    today: TODAY,
};

/// What is not Debian's: a server for everybody, and no long wait for one that does not come.
fn furnish() {
    run("mount", &["-t", "tmpfs", "none", "/var/lib"]);
    run("mount", &["-t", "tmpfs", "none", "/var/log"]);
    run(
        "cp",
        &["-a", &template().to_string_lossy(), "/var/lib/mysql"],
    );
    run("chown", &["-R", "mysql:mysql", "/var/lib/mysql"]);
    fs::create_dir("/var/log/mysql").unwrap();
    run("chown", &["mysql", "/var/log/mysql"]);
    fs::write("/etc/default/mariadb", "MYSQLD_STARTUP_TIMEOUT=4\n").unwrap();
    let text = fs::read_to_string(DEBIANS).unwrap();
    let text = text.replace(
        "bind-address            = 127.0.0.1",
        "bind-address = 0.0.0.0",
    );
    assert!(text.contains("0.0.0.0"), "{DEBIANS} is another");
    let small = "[mysqld]\ninnodb_log_file_size = 4M\ninnodb_buffer_pool_size = 16M\n";
    fs::write(DEBIANS, text + small).unwrap();
    service("start");
    sql(&format!(
        "CREATE DATABASE deskpro CHARACTER SET utf8mb4; CREATE USER deskpro@localhost IDENTIFIED BY '{STRONG}'; {}",
        Site::GRANT
    ));
    client(&["--database=deskpro"], V5);
    fs::create_dir_all(Path::new(INSTALL).join("config")).unwrap();
    fs::create_dir_all(Path::new(INSTALL).join("app/run")).unwrap();
    fs::write(
        Path::new(INSTALL).join("config/config.database.php"),
        format!("<?php\n$DB_CONFIG['host'] = '127.0.0.1';\n$DB_CONFIG['user'] = 'deskpro';\n$DB_CONFIG['password'] = '{STRONG}';\n$DB_CONFIG['dbname'] = 'deskpro';\n"),
    )
    .unwrap();
}

fn service(what: &str) {
    assert!(serves(what), "service mariadb {what}");
}

fn serves(what: &str) -> bool {
    let status = Command::new("/usr/sbin/service")
        .args(["mariadb", what])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    status.success()
}

fn client(options: &[&str], statements: &str) -> String {
    use std::io::Write as _;
    let mut client = Command::new("mariadb")
        .args(["--batch", "--skip-column-names"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    input.write_all(statements.as_bytes()).unwrap();
    drop(input);
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success(), "{statements}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn sql(statements: &str) -> String {
    client(&[], statements)
}

/// The helpdesk's account writes and reads.
fn the_helpdesk_works() {
    let password = format!("--password={STRONG}");
    let options = [
        "--host=127.0.0.1",
        "--user=deskpro",
        &password,
        "--database=deskpro",
    ];
    let there = client(
        &options,
        "REPLACE INTO settings (name, value) VALUES ('range.probe', 'a'); SELECT value FROM settings WHERE name = 'range.probe'; DELETE FROM settings WHERE name = 'range.probe'",
    );
    assert_eq!(there, "a");
}

fn target() -> Target {
    let wishes = Wishes {
        root: Some(INSTALL.into()),
        generation: Some(Generation::V5),
        ..Wishes::default()
    };
    Target::find(&Host::default(), &wishes).unwrap()
}

fn looked() -> Judged {
    let target = target();
    let mut link = database::connect(&Host::default(), &target, &DatabaseWish::default());
    let facts = Facts {
        target: target.facts(),
        database: database::observe(&mut link),
        ..Facts::default()
    };
    judged(catalogue(), facts, Policy::default(), TIMING)
}

fn plan(judged: &Judged) -> Plan {
    let own = judged.verdicts.iter().filter(|it| it.id == CHECK);
    Plan::of(own.flat_map(|it| it.fixes.iter().map(|step| (CHECK, step))))
}

fn report(judged: &Judged) -> Report {
    judged.report(catalogue(), TIMING)
}

fn outcome() -> (Outcome, Option<String>) {
    let report = report(&looked());
    let check = said(&report, CHECK);
    let found = check.evidence.first().map(|it| it.message.clone());
    (check.outcome, found)
}

fn world(host: &Host) -> World<'_> {
    let mut world = World::new(host, INSTALL.into(), "2026-01-01T00:00:00Z");
    let admin = Admin::find(host, &target(), &DatabaseWish::default(), None).unwrap();
    world.database = Database::of(admin);
    world
}

fn carry_out(
    plan: &Plan,
    journal: &Path,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<Applied, Surprise> {
    let host = Host::default();
    apply(&mut world(&host), plan, journal, told)
}

/// What it said, too.
fn take_back(journal: &Path) -> Vec<String> {
    let host = Host::default();
    let mut said = Vec::new();
    undo(&mut world(&host), journal, &mut |told| {
        if let Told::Says(text) = told {
            said.push(text.to_owned());
        }
    })
    .unwrap();
    said
}

fn server() -> String {
    fs::read_to_string("/run/mysqld/mysqld.pid").unwrap()
}

fn is_restart(action: &Action) -> bool {
    matches!(
        action,
        Action::Reload {
            server: Server::Database,
            ..
        }
    )
}

/// Whether this process is the one that dies before the server is started anew.
fn dies() {
    let Ok(journal) = std::env::var("DESKGUARD_DIES") else {
        return;
    };
    let plan = plan(&looked());
    let _ = carry_out(&plan, Path::new(&journal), &mut |told| {
        if let Told::Deed(_, _, action) = told
            && is_restart(action)
        {
            std::process::abort();
        }
    });
    panic!("nobody was to come to this");
}

#[test]
fn its_option_file_has_the_last_word_and_goes_again() {
    dies();
    const TEST: &str = "restarted::its_option_file_has_the_last_word_and_goes_again";
    if !apart(TEST) {
        return;
    }
    furnish();
    let folder = tempfile::tempdir().unwrap();
    let first = looked();
    let before = outcome();
    assert_eq!(before.0, Outcome::Fail);
    let process = &first.given.facts.database.server.process;
    let expected = DatabaseProcess {
        port: 3306,
        user: "mysql".to_owned(),
        group: "mysql".to_owned(),
        drop_in: OWN.to_owned(),
        service: "mariadb".to_owned(),
        enough: "127.0.0.1".to_owned(),
        ..DatabaseProcess::default()
    };
    assert_eq!(process, &expected);
    let whole = plan(&first);
    let words: Vec<String> = whole.actions().map(|it| format!("{it:?}")).collect();
    assert_eq!(words.len(), 4, "{words:#?}");
    let etc = Picture::of(Path::new("/etc"));
    let (is_as_before, as_it_was) = {
        let folders = || fs::read_dir("/var/lib").unwrap().count();
        let there = folders();
        let etc = &etc;
        let same = move || {
            etc.compare(&Picture::of(Path::new("/etc")));
            assert_eq!(folders(), there);
        };
        (same, before.clone())
    };

    // There and back.
    let journal = folder.path().join("whole");
    let mut told = Vec::new();
    let began = Instant::now();
    carry_out(&whole, &journal, &mut |it| {
        if let Told::Says(text) = it {
            told.push(text.to_owned());
        }
    })
    .unwrap();
    println!("carried out in {:?}: {told:?}", began.elapsed());
    assert_eq!(
        told,
        ["mariadb was started anew, and lets the helpdesk's account in."]
    );
    assert_eq!(outcome().0, Outcome::Pass);
    the_helpdesk_works();
    let pid = server();
    let again = carry_out(&whole, &folder.path().join("again"), &mut |_| {}).unwrap();
    assert_eq!((again.changes, server()), (0, pid.clone()));
    let said = take_back(&journal);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_ne!(server(), pid);
    assert_eq!(outcome(), as_it_was);
    is_as_before();
    the_helpdesk_works();

    // By the script, twice.
    let about = About {
        root: INSTALL,
        made: TIMING.started,
        titles: &BTreeMap::new(),
    };
    let path = folder.path().join("script");
    fs::write(&path, script(&whole, &about)).unwrap();
    let mut pids = Vec::new();
    for flags in [&["--dry-run"][..], &[], &[]] {
        let output = Command::new("sh").arg(&path).args(flags).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        pids.push(server());
    }
    assert!(pids[0] != pids[1] && pids[1] == pids[2], "{pids:?}");
    assert_eq!(outcome().0, Outcome::Pass);
    fs::remove_file(OWN).unwrap();
    fs::remove_dir("/var/lib/mysql-files").unwrap();
    service("restart");
    assert_eq!(outcome(), as_it_was);

    // It dies when the file is written and the server not started anew; the second time somebody does
    // start it, and it does not come.
    for comes in [true, false] {
        let pid = server();
        let journal = folder.path().join(format!("dies-{comes}"));
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env("DESKGUARD_DIES", &journal)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success() && Path::new(OWN).exists());
        if comes {
            assert_eq!(take_back(&journal), Vec::<String>::new());
            assert_eq!(server(), pid, "a server that read nothing is left alone");
        } else {
            fs::remove_dir("/var/lib/mysql-files").unwrap();
            assert!(!serves("restart"));
            assert_eq!(
                take_back(&journal),
                ["mariadb was started anew, and answers."]
            );
        }
        assert_eq!(outcome(), as_it_was);
        is_as_before();
    }

    // The server does not come back with it: the directory is missing.
    let mut broken = whole.clone();
    for step in &mut broken.steps {
        step.actions
            .retain(|it| !matches!(it, Action::Directory { .. }));
    }
    let journal = folder.path().join("broken");
    let why = carry_out(&broken, &journal, &mut |_| {})
        .unwrap_err()
        .to_string();
    println!("{why}");
    assert!(
        why.contains("was taken back, it was started again, and answers"),
        "{why}"
    );
    the_helpdesk_works();
    take_back(&journal);
    assert_eq!(outcome(), as_it_was);
    is_as_before();

    // Something that counts more: nothing is promised.
    fs::write(
        "/etc/mysql/mariadb.conf.d/zzz.cnf",
        "[mariadb]\nbind-address = ::\n",
    )
    .unwrap();
    let later = looked();
    let missed = &later.given.facts.database.server.process.drop_in_missed;
    assert!(missed.contains("zzz.cnf:2 (bind-address)"), "{missed}");
    assert_eq!(plan(&later).actions().count(), 0);
    // And it is found out where the facts have become old.
    let why = carry_out(&whole, &folder.path().join("old"), &mut |_| {}).unwrap_err();
    assert!(
        why.to_string().contains("would not read bind_address"),
        "{why}"
    );
    assert!(!Path::new(OWN).exists());
    service("stop");
    std::thread::sleep(Duration::from_millis(100));
}
