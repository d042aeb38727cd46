//! A deskguard that is killed at any moment, while it carries out and while it takes back: undoing brings
//! back exactly what was. Another seed: `DESKGUARD_SEED`, more rounds: `DESKGUARD_ROUNDS`.

use crate::ground::{Ground, OWNER, WEB, plan};
use deskguard::fix::Action;
use deskguard::host::Host;
use deskguard::mend::{World, apply, undo};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CHILD: &str = "DESKGUARD_MEND_CHILD";

/// Every kind of deed that leaves traces in files.
fn deeds() -> Vec<Action> {
    [
        json!({"action": "put-away", "path": "/srv/dp/a/shell.php", "into": "/root/evidence"}),
        json!({"action": "put-away", "path": "/srv/dp/.git", "into": "/root/evidence"}),
        json!({"action": "move-tree", "path": "/srv/dp/data", "to": "/srv/dp-data"}),
        json!({"action": "directory", "path": "/srv/dp-data/logs", "user": "www-data", "group": "www-data", "mode": "2770"}),
        json!({"action": "own", "path": "/srv/dp/lent", "user": "list"}),
        json!({"action": "write", "path": "/srv/dp/config.php", "content": "new", "mode": "0640"}),
        json!({"action": "close-tree", "path": "/srv/dp", "except": [], "from": "www-data", "user": "deskpro", "group": "www-data", "mode": "go-w"}),
        json!({"action": "write", "path": "/srv/dp/config.php", "content": "newer", "mode": "0600"}),
        json!({"action": "write", "path": "/etc/made", "content": "made", "mode": "0644"}),
        json!({"action": "strip-acl", "path": "/srv/dp/listed"}),
        json!({"action": "grant-acl", "path": "/srv/dp/config.php", "user": "list", "rights": "r"}),
        json!({"action": "unlink", "path": "/srv/dp/link"}),
        json!({"action": "mode", "path": "/srv/dp/lent", "mode": "0700"}),
    ]
    .into_iter()
    .map(|deed| serde_json::from_value(deed).unwrap())
    .collect()
}

fn planted() -> Ground {
    let ground = Ground::new();
    for directory in ["a", "a/b", "data", "data/files", ".git", ".git/objects"] {
        ground.dir(&format!("srv/dp/{directory}"), WEB, 0o2775);
    }
    for number in 0..60 {
        ground.file(&format!("srv/dp/a/{number}"), WEB, 0o606, "x");
        ground.file(&format!("srv/dp/a/b/{number}"), OWNER, 0o664, "y");
        ground.file(&format!("srv/dp/.git/objects/{number}"), WEB, 0o444, "blob");
        ground.file(
            &format!("srv/dp/data/files/{number}"),
            WEB,
            0o660,
            "attachment",
        );
    }
    ground.file("srv/dp/a/shell.php", WEB, 0o644, "<?php");
    ground.file("srv/dp/lent", WEB, 0o6755, "#!");
    ground.file("srv/dp/config.php", WEB, 0o600, "old");
    ground.file("srv/dp/listed", WEB, 0o660, "");
    let mut facl = Command::new("setfacl");
    facl.args(["-m", "u:38:rw"]).arg(ground.at("srv/dp/listed"));
    assert!(facl.status().unwrap().success());
    symlink("/etc/passwd", ground.at("srv/dp/link")).unwrap();
    lchown(ground.at("srv/dp/link"), Some(WEB), Some(OWNER)).unwrap();
    ground
}

/// What a child does: `apply` or `undo`, on a host, with a journal.
fn work(what: &str, host: &Path, journal: &Path) -> Result<(), String> {
    let host = Host::at(host.to_owned());
    let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
    let done = match what {
        "apply" => apply(&mut world, &plan(&deeds()), journal, &mut |_| {}).map(|_| ()),
        _ => undo(&mut world, journal, &mut |_| {}).map(|_| ()),
    };
    done.map_err(|surprise| surprise.to_string())
}

/// Whether this process is one that may be killed; then it has done its work.
fn is_child() -> bool {
    let Ok(told) = std::env::var(CHILD) else {
        return false;
    };
    let mut parts = told.split('\n');
    let mut next = || PathBuf::from(parts.next().unwrap());
    let (what, host, journal) = (next(), next(), next());
    work(&what.to_string_lossy(), &host, &journal).unwrap();
    true
}

fn start(what: &str, ground: &Ground) -> Child {
    let told = format!(
        "{what}\n{}\n{}",
        ground.at("").display(),
        ground.journal().display()
    );
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_kill_at_any_moment_is_undone"])
        .env(CHILD, told)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs a child and kills it after a while, if it is not done before. Returns whether it was killed.
fn killed(what: &str, ground: &Ground, after: Duration) -> bool {
    let mut child = start(what, ground);
    let until = Instant::now() + after;
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if Instant::now() >= until {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_kill_at_any_moment_is_undone() {
    if is_child() {
        return;
    }
    let seed: u64 = std::env::var("DESKGUARD_SEED").map_or_else(
        |_| {
            u64::from(std::process::id()) << 20 ^ u64::from(Instant::now().elapsed().subsec_nanos())
        },
        |seed| seed.parse().unwrap(),
    );
    let rounds: u32 =
        std::env::var("DESKGUARD_ROUNDS").map_or(24, |rounds| rounds.parse().unwrap());
    println!("DESKGUARD_SEED={seed} DESKGUARD_ROUNDS={rounds}");
    let mut state = seed | 1;
    let mut random = move |below: u64| {
        // xorshift64* (Vigna, 2016)
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below.max(1)
    };
    let whole = {
        let ground = planted();
        let begun = Instant::now();
        assert!(start("apply", &ground).wait().unwrap().success());
        begun.elapsed()
    };
    let (mut cut, mut cut_again) = (0, 0);
    for round in 0..rounds {
        let ground = planted();
        let root = ground.at("root");
        let other_file_system = round % 3 == 0;
        if other_file_system {
            let mode = Some("mode=0700");
            mount(Some("tmpfs"), &root, Some("tmpfs"), MsFlags::empty(), mode).unwrap();
        }
        let before = ground.picture();
        let micros = u64::try_from(whole.as_micros()).unwrap();
        cut += u32::from(killed(
            "apply",
            &ground,
            Duration::from_micros(random(micros * 5 / 4)),
        ));
        for _ in 0..random(3) {
            let after = Duration::from_micros(random(micros));
            cut_again += u32::from(killed("undo", &ground, after));
        }
        let host = ground.at("");
        if let Err(problem) = work("undo", &host, &ground.journal()) {
            // Killed before there was anything to undo, or undone by a child that was not killed.
            let nothing = [
                "is no journal",
                "cannot be",
                "was undone already",
                "is not there",
                "open ",
            ];
            assert!(
                nothing.iter().any(|part| problem.contains(part)),
                "seed {seed}, round {round}: {problem}"
            );
        }
        let differences = before.differences(&ground.picture());
        assert!(
            differences.is_empty(),
            "seed {seed}, round {round}:\n{}",
            differences.join("\n")
        );
        if other_file_system {
            umount2(&root, MntFlags::MNT_DETACH).unwrap();
        }
        let _ = fs::remove_dir_all(ground.journal());
    }
    println!("{rounds} rounds: {cut} killed while carrying out, {cut_again} killed while undoing");
    assert!(cut > 0, "no child was killed in time");
}
