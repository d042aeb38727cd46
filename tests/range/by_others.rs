//! What a person runs without deskguard comes to what `--apply` comes to: the plan's script and its playbook,
//! on the servers as the distribution has them, with everything that they do there for real. A second run
//! finds nothing to do, and a dry one does nothing.

use crate::apart::apart;
use crate::demo::done;
use crate::distribution::start_anew;
use crate::faults;
use crate::hardened::Kind;
use crate::needs_hold::{broken, works};
use crate::stage::Stage;
use crate::web::Web;
use std::fs;
use std::process::Command;

/// Without owners, modes and ACLs: the demo's install has them, and each is a task that takes its time.
#[test]
fn v5_behind_nginx() {
    if apart("by_others::v5_behind_nginx") {
        all_ways(Kind::V5, Web::Nginx, &[SCRIPT, PLAYBOOK], "--skip=files/*");
    }
}

/// Without the playbook, whose many tasks take their time.
#[test]
fn v4_behind_apache_with_its_php_module() {
    if apart("by_others::v4_behind_apache_with_its_php_module") {
        all_ways(Kind::V4, Web::ApacheModule, &[SCRIPT], OVERRIDDEN);
    }
}

type Way = (&'static str, &'static [&'static str]);

const SCRIPT: Way = ("sh", &["/root/mend.sh"]);
const PLAYBOOK: Way = (
    "ansible-playbook",
    &["-i", "/root/inventory", "/root/mend.yml"],
);

/// An unused password stands on a line that no playbook prints: `--apply` alone empties it.
const SECRETS: &str = "--skip=config/no-spare-credentials";

/// An older value in an array that a later line overrides is out of effect already, and a script leaves it.
const OVERRIDDEN: &str = "--skip=config/mail-not-diverted";

fn all_ways(kind: Kind, web: Web, ways: &[Way], but: &str) {
    let but = [SECRETS, but];
    let mut stage = Stage::as_distributed(kind, web);
    faults::plant(&mut stage);
    assert_eq!(
        broken(&stage),
        Vec::<String>::new(),
        "before anything is done"
    );
    keep(&stage);
    let weak = seen(&stage);
    written(&stage, &but, "script", "/root/mend.sh");
    written(&stage, &but, "ansible", "/root/mend.yml");
    fs::write(
        "/root/inventory",
        "helpdesk ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n",
    )
    .unwrap();
    let mut apply = stage.deskguard();
    apply
        .args(but)
        .args(["--apply", "--yes", "--journal", "/root/journal"]);
    let log = crate::there_and_back::run(&mut apply);
    assert!(!log.contains("Stopped"), "{log}");
    let by_apply = seen(&stage);
    assert_ne!(weak, by_apply);
    assert_eq!(broken(&stage), Vec::<String>::new(), "{log}");
    put_back(&stage);
    differ("put back", &weak, &seen(&stage));
    let said = done("sh", &["/root/mend.sh", "--dry-run"]);
    differ(&format!("a dry run: {said}"), &weak, &seen(&stage));
    for (program, arguments) in ways.iter().copied() {
        put_back(&stage);
        let said = done(program, arguments);
        let once = seen(&stage);
        differ(&format!("{program}: {said}"), &by_apply, &once);
        assert_eq!(broken(&stage), Vec::<String>::new(), "{program}: {said}");
        let again = done(program, arguments);
        differ(&format!("{program} twice: {again}"), &once, &seen(&stage));
        if program == "ansible-playbook" {
            assert!(again.contains("changed=0"), "{again}");
        }
    }
}

fn written(stage: &Stage, which: &[&str], format: &str, to: &str) {
    let output = stage
        .deskguard()
        .args(which)
        .args(["--format", format])
        .output()
        .unwrap();
    assert!(output.status.code() < Some(2), "{output:?}");
    fs::write(to, output.stdout).unwrap();
}

fn differ(what: &str, one: &str, other: &str) {
    let only = |one: &str, other: &str, sign: char| -> Vec<String> {
        let there: std::collections::BTreeSet<&str> = other.lines().collect();
        let lines = one.lines().filter(|line| !there.contains(line));
        lines.map(|line| format!("{sign} {line}")).collect()
    };
    let mut lines = only(one, other, '-');
    lines.extend(only(other, one, '+'));
    assert!(lines.is_empty(), "{what}\n{}", lines.join("\n"));
    assert!(one == other, "{what}: the order differs");
}

/// Everything that a plan may change, but for times: files, the database's accounts and settings, what
/// visitors are answered.
fn seen(stage: &Stage) -> String {
    // A web server's workers take a moment to begin anew.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let places = format!(
        "{} /etc $(ls -d /root/deskguard-* 2>/dev/null)",
        stage.install.at("host:srv").display()
    );
    let files = done(
        "sh",
        &[
            "-c",
            &format!(
                "find {places} -printf '%p %y %m %U:%G %l\\n' | sort
                 find {places} -print0 | sort -z | xargs -0 getfacl -p -n | awk '/^# file: /{{ file = $3 }} {{ print file, $0 }}'
                 find {places} -type f -exec grep -an '' /dev/null {{}} + | sort -s -t : -k 1,1"
            ),
        ],
    );
    let (mut rows, secret) = (stage.rows().join("\n"), stage.secret());
    if !secret.is_empty() {
        rows = rows.replace(&secret, "(a secret)");
    }
    let answers: Vec<String> = ASKED
        .iter()
        .map(|target| format!("{target} {:?}", stage.ask(target)))
        .collect();
    format!("{files}\n{}\n{}", rows, answers.join("\n"))
}

const ASKED: [&str; 12] = [
    "/",
    "/index.php/portal",
    "/admin/",
    "/index.php/admin/",
    "/agent/",
    "/api/",
    "/web/",
    "/app/src/Controller.php",
    "/config.php.bak",
    "/backup.sql",
    "/data/index.html",
    "/web.config",
];

/// Keeps what `seen` sees.
fn keep(stage: &Stage) {
    let srv = stage.install.at("host:srv").display().to_string();
    shell(&format!(
        "mkdir /root/weak
         cp -a {srv} /root/weak/srv
         cp -a /etc /root/weak/etc
         mariadb-dump --databases deskpro >/root/weak/rows.sql
         mariadb-dump mysql {ACCOUNTS} >/root/weak/accounts.sql"
    ));
}

const ACCOUNTS: &str =
    "global_priv db tables_priv columns_priv procs_priv proxies_priv roles_mapping";

/// Puts it back, and lets the servers start with it.
fn put_back(stage: &Stage) {
    let srv = stage.install.at("host:srv").display().to_string();
    shell(&format!(
        "rm -rf /root/deskguard-* /var/lib/deskguard/*
         for at in {srv} /etc; do
           find $at -mindepth 1 -delete
           cp -a /root/weak/${{at##*/}}/. $at/
         done
         mariadb </root/weak/rows.sql
         mariadb mysql </root/weak/accounts.sql
         mariadb -e 'FLUSH PRIVILEGES'"
    ));
    start_anew(stage.web, stage.port);
}

/// The product's own login: a password that works in its configuration and at the server, or, where the
/// server refuses, nothing.
#[test]
fn a_login_of_its_own() {
    if !apart("by_others::a_login_of_its_own") {
        return;
    }
    let mut stage = Stage::as_distributed(Kind::V5, Web::Nginx);
    // As a helpdesk that nobody but the maker of the database has looked at.
    stage.install.reconfig("database", "kR7$wq-2", "deskpro");
    let sql = |stage: &Stage, statements: &str| stage.database.server.sql(statements);
    sql(
        &stage,
        "ALTER USER deskpro@localhost IDENTIFIED BY 'deskpro'",
    );
    given_or_refused(&stage, "--only=database/password-set");
    sql(
        &stage,
        "DROP USER deskpro@localhost; ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('nS7-root')",
    );
    let config = stage.install.configs["database"].clone();
    let (user, password) = login(&stage);
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace(&format!("'{password}'"), "'nS7-root'");
    let named = format!("['user'] = '{user}'");
    fs::write(&config, text.replace(&named, "['user'] = 'root'")).unwrap();
    // Where the product comes from shows in its own session.
    stage.auditor = false;
    given_or_refused(&stage, "--only=database/user-not-root");
    let taken =
        "DROP USER deskpro@localhost; CREATE USER deskpro@localhost IDENTIFIED BY 'the shop s'";
    sql(&stage, taken);
    shell("rm -rf /var/lib/deskguard/*");
    let (before, text) = (stage.rows(), fs::read_to_string(&config).unwrap());
    let said = refused();
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(stage.rows(), before);
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
}

/// The script of one check: refused by the server at first, then carried out, then once more.
fn given_or_refused(stage: &Stage, which: &str) {
    let config = stage.install.configs["database"].clone();
    let folder = config.parent().unwrap();
    let names = || -> Vec<_> {
        fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().file_name())
            .collect()
    };
    let server = &stage.database.server;
    written(stage, &[which], "script", "/root/mend.sh");
    shell("rm -rf /var/lib/deskguard/*");
    let (before, text, there) = (stage.rows(), fs::read_to_string(&config).unwrap(), names());
    server.sql("INSTALL SONAME 'simple_password_check'");
    let said = refused();
    server.sql("UNINSTALL SONAME 'simple_password_check'");
    assert!(said.contains("as it was"), "{said}");
    assert_eq!(stage.rows(), before, "{said}");
    assert_eq!(fs::read_to_string(&config).unwrap(), text, "{said}");
    assert_eq!(names(), there, "{said}");
    done("sh", &["/root/mend.sh", "--dry-run"]);
    assert_eq!(stage.rows(), before);
    let said = done("sh", &["/root/mend.sh"]);
    let (user, password) = login(stage);
    assert!(password.len() > 30 && !said.contains(&password), "{said}");
    assert_eq!(works(stage, &user, &password), None, "{said}");
    let (after, text) = (stage.rows(), fs::read_to_string(&config).unwrap());
    assert_ne!(after, before);
    done("sh", &["/root/mend.sh"]);
    assert_eq!(stage.rows(), after);
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
}

/// What the script says that stops.
fn refused() -> String {
    let output = Command::new("sh").arg("/root/mend.sh").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let script = fs::read_to_string("/root/mend.sh").unwrap();
    assert!(!output.status.success(), "it went through: {said}{script}");
    said
}

/// Name and password as the configuration has them.
fn login(stage: &Stage) -> (String, String) {
    let text = fs::read_to_string(&stage.install.configs["database"]).unwrap();
    let of = |key: &str| {
        let start = format!("$DB_CONFIG['{key}'] = '");
        let rest = text.split(&start).nth(1).unwrap();
        rest.split('\'').next().unwrap().to_owned()
    };
    (of("user"), of("password"))
}

fn shell(script: &str) {
    done("sh", &["-euc", script]);
}
