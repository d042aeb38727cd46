//! The playbook of `deskguard fix --format ansible`, carried out by the real ansible-playbook: it
//! changes what `--apply` changes and nothing else, and a second run finds nothing to do. Needs root.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use deskguard::fix::edit::{edited, hunks};
use deskguard::fix::{About, Action, Edits, FixOf, Phase, Plan, Planned, Server, playbook, script};
use deskguard::host::Host;
use deskguard::target::{php_files, php_limits};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with an inventory of this machine alone.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "a playbook changes owners: run this test as root (sudo -E cargo test)"
        );
        let folder = tempfile::Builder::new()
            .prefix("deskguard-playbook-")
            .tempdir()
            .unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let inventory = "helpdesk ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3\n";
        fs::write(folder.path().join("inventory"), inventory).unwrap();
        Self { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What ansible-playbook says, and how many tasks it says changed something.
    fn play(&self, flags: &[&str]) -> (String, Option<u32>) {
        let output = self.command(flags).output();
        let said = said(&output.expect("ansible-playbook: apt-get install ansible-core"));
        let of = said.split("changed=").nth(1);
        let changed = of.and_then(|rest| rest.split(' ').next()?.parse().ok());
        (said, changed)
    }

    fn command(&self, flags: &[&str]) -> Command {
        let mut command = Command::new("ansible-playbook");
        command
            .current_dir(self.folder.path())
            .env("ANSIBLE_HOME", self.at("ansible"))
            .env("ANSIBLE_LOCAL_TEMP", self.at("ansible/tmp"))
            .env("ANSIBLE_REMOTE_TEMP", self.at("ansible/tmp"))
            .args(flags)
            .args(["-i", "inventory", "play.yml"]);
        command
    }
}

fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

fn deskguard(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deskguard"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.code() < Some(2), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything below a folder but its times: names, owners, modes, contents.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, u32, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        let seen = entry.path().symlink_metadata().unwrap();
        let content = match () {
            () if seen.is_file() => fs::read(entry.path()).unwrap(),
            () if seen.is_symlink() => fs::read_link(entry.path())
                .unwrap()
                .into_os_string()
                .into_encoded_bytes(),
            () => Vec::new(),
        };
        let name = entry.path().strip_prefix(folder).unwrap().to_owned();
        found.insert(name, (seen.uid(), seen.gid(), seen.mode(), content));
    }
    found
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(done.unwrap().success());
}

/// Checks whose fixes stay inside of the install, and make no account.
const INSIDE: [&str; 7] = [
    "--only=config/*",
    "--skip=config/no-spare-credentials",
    "--only=files/backups-private",
    "--only=files/no-setuid",
    "--only=files/no-world-writable",
    "--offline",
    "--format=ansible",
];

#[test]
fn it_does_to_an_install_what_apply_does() {
    let bench = Bench::new();
    let install = bench.at("deskpro");
    let root = install.to_str().unwrap();
    deskguard(&["demo", "--keep", root]);
    copy(&install, &bench.at("weak"));
    let mut fix = vec!["fix", root];
    fix.extend(INSIDE);
    let text = deskguard(&fix);
    assert!(!text.contains("letmein"), "a secret is printed: {text}");
    fs::write(bench.at("play.yml"), &text).unwrap();
    bench.play(&["--syntax-check"]);
    let (said, _) = bench.play(&["--check", "--diff"]);
    assert_eq!(tree(&install), tree(&bench.at("weak")), "{said}");
    let (said, changed) = bench.play(&[]);
    assert!(changed > Some(3), "{said}");
    let (said, changed) = bench.play(&[]);
    assert_eq!(changed, Some(0), "{said}");
    let mended = tree(&install);
    fs::rename(&install, bench.at("mended")).unwrap();
    copy(&bench.at("weak"), &install);
    let journal = bench.at("journals/one");
    let fix = fix.into_iter().filter(|it| !it.starts_with("--format"));
    let mut fix: Vec<&str> = fix.collect();
    fix.extend(["--apply", "--yes", "--journal", journal.to_str().unwrap()]);
    deskguard(&fix);
    let applied = tree(&install);
    assert_ne!(applied, tree(&bench.at("weak")));
    for (name, entry) in &applied {
        assert_eq!(mended.get(name), Some(entry), "{}", name.display());
    }
    assert_eq!(mended.len(), applied.len());
}

const NGINX: &str =
    "http {\n  server {\n    listen 80; # {{ no }} \\1\n  }\n  server {\n  }\n  autoindex on;\n}\n";
const APACHE: &str =
    "<VirtualHost *:80>\n\tServerName a\n\t<Directory />\n\t</Directory>\n</VirtualHost>\n";

/// One edit of each kind, two of them in one file.
fn edits_of(bench: &Bench) -> Vec<Action> {
    let files = [
        ("nginx.conf", NGINX),
        ("apache.conf", APACHE),
        ("php.ini", "[PHP]\nexpose_php = On\n"),
        ("crontab", "# tasks\n* * * * * root php /srv/cron.php\n"),
        (
            "config.php",
            "<?php\n$C['a'] = (\n  1\n);\n$C['umask'] = 0002;\n",
        ),
    ];
    for (name, text) in files {
        fs::write(bench.at(name), text).unwrap();
    }
    let path = |name: &str| bench.at(name).to_str().unwrap().to_owned();
    let snippet = |server, name: &str, line, expected: &str| Action::Snippet {
        server,
        path: path(name),
        line,
        expected: expected.to_owned(),
        text: "location ~ \"^/\\.{1,2}(a|b)$\" {\n    return 404; # {{ it's }}\n}\n".to_owned(),
    };
    vec![
        Action::Line {
            server: Server::Nginx,
            path: path("nginx.conf"),
            line: 7,
            expected: "autoindex on;".to_owned(),
            text: "autoindex off;".to_owned(),
        },
        snippet(Server::Nginx, "nginx.conf", 5, "server {"),
        snippet(Server::Nginx, "nginx.conf", 2, "server {"),
        snippet(Server::Apache, "apache.conf", 1, "<VirtualHost *:80>"),
        Action::Ini {
            path: path("php.ini"),
            section: None,
            key: "expose_php".to_owned(),
            value: "Off".to_owned(),
        },
        Action::CronLine {
            path: path("crontab"),
            line: 2,
            user: None,
        },
        Action::Setting {
            path: path("config.php"),
            setting: "$C['a']".to_owned(),
            line: 2,
            value: None,
        },
        Action::Setting {
            path: path("config.php"),
            setting: "$C['umask']".to_owned(),
            line: 5,
            value: Some("0007".to_owned()),
        },
    ]
}

fn plan(actions: Vec<Action>) -> Plan {
    Plan {
        steps: vec![Planned {
            phase: Phase::Servers,
            title: "Edit {{ everything }}".to_owned(),
            fixes: vec![FixOf {
                check: "site/own".to_owned(),
                number: 0,
            }],
            risk: deskguard::check::Risk::None,
            touches: Vec::new(),
            verify: Vec::new(),
            notes: Vec::new(),
            actions,
        }],
        ..Plan::default()
    }
}

/// Names that whoever may make files there can give them.
#[test]
fn names_of_the_trees_owner_steer_neither_playbook_nor_script() {
    let bench = Bench::new();
    let long = "L".repeat(255);
    let names = [
        "x.sql",
        &*long,
        "$HOME",
        "{{ lookup('pipe', 'id') }}",
        "a: 'b",
    ];
    let away: Vec<Action> = ["one", "two"]
        .iter()
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| format!("tree/{folder}/{name}"))
        })
        .map(|name| {
            let path = bench.at(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &name).unwrap();
            Action::PutAway {
                path: path.to_str().unwrap().to_owned(),
                into: bench.at("kept").to_str().unwrap().to_owned(),
            }
        })
        .collect();
    let modes = names.map(|name| {
        let path = bench.at("tree/modes").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).unwrap();
        Action::Mode {
            path: path.to_str().unwrap().to_owned(),
            mode: "u-s".to_owned(),
        }
    });
    // What a variable of the environment would make of a name belongs to somebody else.
    let home = std::env::var("HOME").unwrap();
    let astray = bench.at("tree/modes").join(home.trim_start_matches('/'));
    fs::create_dir_all(astray.parent().unwrap()).unwrap();
    fs::write(&astray, "").unwrap();
    fs::set_permissions(&astray, fs::Permissions::from_mode(0o4755)).unwrap();
    let plan = plan(away.into_iter().chain(modes).collect());
    copy(&bench.at("tree"), &bench.at("weak"));
    let text = playbook(&plan, &Edits::new(), "A test.");
    assert_eq!(text.matches("Left to `deskguard fix --apply`").count(), 3);
    fs::write(bench.at("play.yml"), text).unwrap();
    let (said, changed) = bench.play(&[]);
    assert_eq!(changed, Some(12), "{said}");
    let kept = |many: usize| {
        let kept = fs::read_dir(bench.at("kept")).unwrap();
        let kept: BTreeSet<String> = kept
            .map(|it| fs::read_to_string(it.unwrap().path()).unwrap())
            .collect();
        assert_eq!(kept.len(), many, "{kept:?}");
    };
    kept(8);
    assert_eq!(fs::metadata(&astray).unwrap().mode() & 0o7777, 0o4755);
    let (said, changed) = bench.play(&[]);
    assert_eq!(changed, Some(0), "{said}");

    fs::remove_dir_all(bench.at("tree")).unwrap();
    fs::remove_dir_all(bench.at("kept")).unwrap();
    fs::rename(bench.at("weak"), bench.at("tree")).unwrap();
    let about = About {
        root: "/srv/dp",
        made: "2026-11-24T10:00:00Z",
        titles: &BTreeMap::new(),
    };
    fs::write(bench.at("mend.sh"), script(&plan, &about)).unwrap();
    for _ in 0..2 {
        let done = Command::new("sh").arg(bench.at("mend.sh")).output();
        self::said(&done.unwrap());
    }
    kept(10);
    assert_eq!(fs::metadata(&astray).unwrap().mode() & 0o7777, 0o4755);
    for name in names {
        let mended = fs::metadata(bench.at("tree/modes").join(name)).unwrap();
        assert_eq!(mended.mode() & 0o7777, 0o755, "{name}");
    }
}

/// What comes after a move takes the data to be where it was to go.
#[test]
fn a_tree_does_not_seem_moved_where_its_new_place_is_taken() {
    let bench = Bench::new();
    fs::create_dir(bench.at("data")).unwrap();
    std::os::unix::fs::symlink("nowhere", bench.at("taken")).unwrap();
    let plan = plan(vec![
        Action::MoveTree {
            path: bench.at("data").to_str().unwrap().to_owned(),
            to: bench.at("taken").to_str().unwrap().to_owned(),
        },
        Action::Write {
            path: bench.at("after").to_str().unwrap().to_owned(),
            content: String::new(),
            mode: "0644".to_owned(),
            server: None,
        },
    ]);
    let about = About {
        root: "/srv/dp",
        made: "2026-11-24T10:00:00Z",
        titles: &BTreeMap::new(),
    };
    fs::write(bench.at("mend.sh"), script(&plan, &about)).unwrap();
    fs::write(
        bench.at("play.yml"),
        playbook(&plan, &Edits::new(), "A test."),
    )
    .unwrap();
    let script = Command::new("sh").arg(bench.at("mend.sh")).output();
    let play = bench.command(&[]).output();
    for done in [script, play] {
        let done = done.unwrap();
        assert!(!done.status.success(), "{done:?}");
        assert!(bench.at("data").is_dir() && !bench.at("after").exists());
    }
}

#[test]
fn it_edits_lines_as_deskguard_does() {
    let bench = Bench::new();
    let actions = edits_of(&bench);
    let host = Host::default();
    let limits = php_limits(&host, bench.folder.path());
    let read = |path: &str| fs::read(path).map_err(|error| error.to_string());
    let edits: Edits = hunks(actions.iter(), &read, &php_files(&host), &limits);
    let mut expected: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for action in &actions {
        let path = deskguard::fix::edit::edits(action).unwrap().to_owned();
        let text = expected
            .remove(&path)
            .unwrap_or_else(|| fs::read(&path).unwrap());
        let text = edited(action, &text, &php_files(&host), &limits).unwrap();
        expected.insert(path, text);
    }
    let plan = plan(actions);
    fs::write(bench.at("play.yml"), playbook(&plan, &edits, "A test.")).unwrap();
    let (said, changed) = bench.play(&[]);
    assert_eq!(changed, Some(8), "{said}");
    for (path, text) in &expected {
        let made = fs::read(path).unwrap();
        let (made, text) = (
            String::from_utf8_lossy(&made),
            String::from_utf8_lossy(text),
        );
        assert_eq!(made, text, "{path}");
    }
    let (said, changed) = bench.play(&[]);
    assert_eq!(changed, Some(0), "{said}");
}
