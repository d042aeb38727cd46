//! A tree that belongs to an attacker who works while deskguard does: nothing outside of it is changed,
//! whatever he puts into the way.

use crate::ground::{Ground, OWNER, WEB};
use deskguard::fix::Action;
use deskguard::mend::{World, undo};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn close() -> Action {
    Action::CloseTree {
        path: "/srv/dp".to_owned(),
        except: Vec::new(),
        from: "www-data".to_owned(),
        user: "deskpro".to_owned(),
        group: Some("www-data".to_owned()),
        mode: "go-w".to_owned(),
    }
}

fn entry(kind: &str, path: &str) -> Action {
    let path = path.to_owned();
    match kind {
        "mode" => Action::Mode {
            path,
            mode: "0600".to_owned(),
        },
        "own" => Action::Own {
            path,
            user: "deskpro".to_owned(),
            group: None,
        },
        "write" => Action::Write {
            path,
            content: "<?php".to_owned(),
            mode: "0644".to_owned(),
            server: None,
        },
        "strip" => Action::StripAcl { path },
        "grant" => Action::GrantAcl {
            path,
            user: "list".to_owned(),
            rights: "rwx".to_owned(),
            inherit: true,
        },
        "unlink" => Action::Unlink { path },
        _ => Action::PutAway {
            path,
            into: "/root/evidence".to_owned(),
        },
    }
}

/// He owns the tree, has a victim's folder beside it, and swaps a directory, a file and a link in it
/// against links into the victim's folder as fast as he can.
#[test]
fn a_race_aims_nothing_outside_of_the_tree() {
    let seconds = std::env::var("DESKGUARD_SECONDS").map_or(4, |it| it.parse().unwrap());
    let ground = Ground::new();
    for directory in ["srv/victim", "srv/victim/d"] {
        // His own account's, so that a deed on entries of his would meet them.
        ground.dir(directory, WEB, 0o777);
    }
    for file in ["srv/victim/f", "srv/victim/d/f"] {
        ground.file(file, WEB, 0o666, "the victim's");
    }
    ground.dir("srv/dp/a", WEB, 0o777);
    ground.dir("srv/dp/a/d", WEB, 0o777);
    for number in 0..40 {
        ground.file(&format!("srv/dp/a/d/{number}"), WEB, 0o666, "his");
    }
    ground.file("srv/dp/a/d/f", WEB, 0o666, "his");
    ground.file("srv/dp/a/f", WEB, 0o666, "his");
    symlink("../../victim/d", ground.at("srv/dp/a/link")).unwrap();
    symlink("../../victim/f", ground.at("srv/dp/a/other")).unwrap();
    let victim = crate::picture::Picture::of(&ground.at("srv/victim"));
    let etc = crate::picture::Picture::of(&ground.at("etc"));
    let done = AtomicBool::new(false);
    let (mut rounds, mut through, mut refused) = (0_u32, 0_u32, 0_u32);
    let mut swaps = 0_u64;
    std::thread::scope(|scope| {
        let attacker = scope.spawn(|| {
            let mut swaps = 0_u64;
            let pairs = [("d", "link"), ("f", "other")].map(|(one, other)| {
                (
                    ground.at("srv/dp/a").join(one),
                    ground.at("srv/dp/a").join(other),
                )
            });
            while !done.load(Ordering::Relaxed) {
                for (one, other) in &pairs {
                    let swapped = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
                    swaps += u64::from(swapped.is_ok());
                }
            }
            swaps
        });
        let until = Instant::now() + Duration::from_secs(seconds);
        let kinds = ["mode", "own", "write", "strip", "grant"];
        while Instant::now() < until {
            let kind = kinds[rounds as usize % kinds.len()];
            let deeds = [
                vec![close()],
                vec![entry(kind, "/srv/dp/a/f"), entry(kind, "/srv/dp/a/d/f")],
            ];
            let applied = ground.apply(&deeds[rounds as usize / kinds.len() % 2]);
            *(if applied.is_ok() {
                &mut through
            } else {
                &mut refused
            }) += 1;
            // Whatever can be taken back is; he may have made that impossible.
            let _ = ground.undo_leaving_what_changed();
            fs::remove_dir_all(ground.journal()).unwrap();
            rounds += 1;
        }
        done.store(true, Ordering::Relaxed);
        swaps = attacker.join().unwrap();
    });
    victim.compare(&crate::picture::Picture::of(&ground.at("srv/victim")));
    etc.compare(&crate::picture::Picture::of(&ground.at("etc")));
    println!("{rounds} rounds, {through} carried out, {refused} refused, {swaps} swaps");
    assert!(
        rounds > 20 && swaps > 1000 && refused > 0,
        "{rounds} rounds, {swaps} swaps"
    );
}

/// What he has put there before deskguard came.
#[test]
fn traps_in_the_tree_are_refused_or_harmless() {
    let ground = Ground::new();
    ground.dir("srv/victim", 0, 0o755);
    ground.file("srv/victim/shadow", 0, 0o640, "secret");
    let mut facl = std::process::Command::new("setfacl");
    facl.args(["-m", "u:38:r"])
        .arg(ground.at("srv/victim/shadow"));
    assert!(facl.status().unwrap().success());
    ground.dir("srv/dp/a", WEB, 0o777);
    symlink("../../victim", ground.at("srv/dp/a/away")).unwrap();
    symlink("../../victim/shadow", ground.at("srv/dp/a/file")).unwrap();
    fs::hard_link(ground.at("srv/victim/shadow"), ground.at("srv/dp/a/hard")).unwrap();
    let before = ground.picture();
    for kind in ["mode", "own", "write", "strip", "grant", "unlink", "away"] {
        for path in [
            "/srv/dp/a/away/shadow",
            "/srv/dp/a/hard",
            "/srv/dp/a/file",
            "/srv/dp/a",
        ] {
            let allowed = path == "/srv/dp/a"
                || (kind == "unlink" || kind == "own") && path == "/srv/dp/a/file"
                || kind == "away" && path != "/srv/dp/a/away/shadow";
            if allowed {
                continue;
            }
            let _ = fs::remove_dir_all(ground.journal());
            let applied = ground.apply(&[entry(kind, path)]);
            assert!(applied.is_err(), "{kind} {path}");
            before.compare(&ground.picture());
        }
    }
    // What is put away is the name, not what it leads to.
    let _ = fs::remove_dir_all(ground.journal());
    ground.there_and_back(
        &[
            entry("away", "/srv/dp/a/hard"),
            entry("away", "/srv/dp/a/file"),
        ],
        || {
            let seen = fs::metadata(ground.at("srv/victim/shadow")).unwrap();
            assert_eq!((seen.uid(), seen.mode() & 0o7777), (0, 0o640));
        },
    );
}

#[test]
fn fifos_devices_strange_names_and_depths() {
    let ground = Ground::new();
    ground.dir("srv/dp/a", WEB, 0o777);
    nix::unistd::mkfifo(&ground.at("srv/dp/a/fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let null = nix::sys::stat::makedev(1, 3);
    let device = nix::sys::stat::SFlag::S_IFCHR;
    nix::sys::stat::mknod(
        &ground.at("srv/dp/a/null"),
        device,
        nix::sys::stat::Mode::S_IRWXU,
        null,
    )
    .unwrap();
    std::os::unix::net::UnixListener::bind(ground.at("srv/dp/a/socket")).unwrap();
    for name in ["a\nb", "-rf", "\u{1b}[2J", "\"'\\", " "] {
        ground.file(&format!("srv/dp/a/{name}"), WEB, 0o666, "");
    }
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    fs::write(ground.at("srv/dp/a").join(bytes), "").unwrap();
    for name in ["fifo", "null", "socket"] {
        chown(ground.at("srv/dp/a").join(name), Some(WEB), Some(WEB)).unwrap();
    }
    let mut deep = ground.at("srv/dp/a");
    for _ in 0..300 {
        deep.push("dddddddd");
    }
    fs::create_dir_all(&deep).unwrap();
    chown(&deep, Some(WEB), Some(WEB)).unwrap();
    ground.there_and_back(&[close()], || {
        assert_eq!(fs::metadata(&deep).unwrap().uid(), OWNER);
        assert_eq!(
            fs::metadata(ground.at("srv/dp/a/a\nb")).unwrap().uid(),
            OWNER
        );
    });
    for kind in ["write", "unlink"] {
        for name in ["fifo", "null", "socket"] {
            fs::remove_dir_all(ground.journal()).unwrap();
            let path = format!("/srv/dp/a/{name}");
            assert!(
                ground.apply(&[entry(kind, &path)]).is_err(),
                "{kind} {name}"
            );
        }
    }
}

/// Deeper than any path is long: the walk ends with a reason, and what was done goes back.
#[test]
fn a_depth_that_no_path_names_is_refused_and_undone() {
    let ground = Ground::new();
    ground.dir("srv/dp/a", WEB, 0o777);
    let mut here = rustix::fs::open(
        ground.at("srv/dp/a"),
        rustix::fs::OFlags::PATH,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    let name = "d".repeat(200);
    for _ in 0..1200 {
        rustix::fs::mkdirat(&here, &*name, rustix::fs::Mode::RWXU).unwrap();
        here = rustix::fs::openat(
            &here,
            &*name,
            rustix::fs::OFlags::PATH,
            rustix::fs::Mode::empty(),
        )
        .unwrap();
    }
    let surprise = ground.apply(&[close()]).unwrap_err().to_string();
    assert!(
        surprise.contains("/srv/dp holds directories deeper than 1024"),
        "{surprise}"
    );
    assert_eq!(fs::metadata(ground.at("srv/dp/a")).unwrap().uid(), OWNER);
    ground.undo().unwrap();
    assert_eq!(fs::metadata(ground.at("srv/dp/a")).unwrap().uid(), WEB);
    let removed = std::process::Command::new("rm")
        .arg("-rf")
        .arg(ground.at("srv/dp/a"))
        .status();
    assert!(removed.unwrap().success());
}

/// A directory of the audit's is another one when deskguard comes.
#[test]
fn a_directory_that_was_swapped_after_the_audit() {
    let ground = Ground::new();
    ground.dir("srv/victim", 0, 0o755);
    ground.file("srv/victim/dump.sql", 0, 0o644, "");
    ground.dir("srv/dp/a", WEB, 0o777);
    ground.dir("srv/dp/a/backups", WEB, 0o755);
    ground.file("srv/dp/a/backups/dump.sql", WEB, 0o644, "");
    let audited = [entry("mode", "/srv/dp/a/backups/dump.sql")];
    fs::rename(ground.at("srv/dp/a/backups"), ground.at("srv/dp/a/old")).unwrap();
    symlink("/srv/victim", ground.at("srv/dp/a/backups")).unwrap();
    let surprise = ground.apply(&audited).unwrap_err().to_string();
    assert!(surprise.contains("is a link"), "{surprise}");
    let seen = fs::metadata(ground.at("srv/victim/dump.sql")).unwrap();
    assert_eq!(seen.mode() & 0o7777, 0o644);
}

/// A journal is obeyed as root: whatever of it others could have written is not.
#[test]
fn a_journal_that_others_could_have_written_is_refused() {
    let ground = Ground::new();
    ground.file("srv/dp/a", WEB, 0o666, "a");
    ground.apply(&[entry("own", "/srv/dp/a")]).unwrap();
    let journal = ground.journal();
    fs::write(journal.join("undone"), "").unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for part in ["", "changes", "kept", "undone"] {
        let part = journal.join(part);
        let was = fs::metadata(&part).unwrap().mode();
        chown(&part, Some(WEB), None).unwrap();
        let refused = ground.undo().unwrap_err().to_string();
        assert!(refused.contains("uid 33"), "{refused}");
        chown(&part, Some(0), None).unwrap();
        mode(&part, was | 0o022);
        let refused = ground.undo().unwrap_err().to_string();
        assert!(refused.contains("others could change"), "{refused}");
        mode(&part, was);
    }
    // In a sticky directory anybody may lay a link, and turn it elsewhere once it was looked at.
    let shared = tempfile::tempdir().unwrap();
    mode(shared.path(), 0o1777);
    let link = shared.path().join("link");
    symlink(&journal, &link).unwrap();
    lchown(&link, Some(WEB), Some(WEB)).unwrap();
    let host = ground.host();
    let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
    let refused = undo(&mut world, &link.join(""), &mut |_| {}).unwrap_err();
    assert!(refused.to_string().contains("uid 33"), "{refused}");
    assert_eq!(fs::metadata(ground.at("srv/dp/a")).unwrap().uid(), OWNER);
    ground.undo().unwrap();
    assert_eq!(fs::metadata(ground.at("srv/dp/a")).unwrap().uid(), WEB);
}

/// What he puts in the way after the fix keeps nobody from taking the rest back.
#[test]
fn what_lies_in_the_way_is_passed_over_if_asked() {
    let ground = Ground::new();
    for name in ["rest", "link/a", "hard", "special", "away"] {
        let path = format!("srv/dp/{name}");
        ground.dir(
            Path::new(&path).parent().unwrap().to_str().unwrap(),
            WEB,
            0o755,
        );
        ground.file(&path, WEB, 0o644, name);
    }
    symlink("/etc", ground.at("srv/dp/gone")).unwrap();
    let actions = [
        entry("own", "/srv/dp/rest"),
        entry("own", "/srv/dp/link/a"),
        entry("write", "/srv/dp/hard"),
        entry("write", "/srv/dp/special"),
        entry("put-away", "/srv/dp/away"),
        entry("unlink", "/srv/dp/gone"),
    ];
    ground.apply(&actions).unwrap();
    fs::rename(ground.at("srv/dp/link"), ground.at("srv/dp/moved")).unwrap();
    symlink("/etc", ground.at("srv/dp/link")).unwrap();
    fs::hard_link(ground.at("srv/dp/hard"), ground.at("srv/dp/hard2")).unwrap();
    fs::remove_file(ground.at("srv/dp/special")).unwrap();
    fs::create_dir(ground.at("srv/dp/special")).unwrap();
    fs::write(ground.at("srv/dp/away"), "another").unwrap();
    fs::write(ground.at("srv/dp/gone"), "a file").unwrap();
    ground.undo().unwrap_err();
    let undone = ground.undo_leaving_what_changed().unwrap();
    // Five, and the directory of what was put away, which is not empty.
    assert_eq!(undone.left, 6);
    assert_eq!(fs::metadata(ground.at("srv/dp/rest")).unwrap().uid(), WEB);
    assert_eq!(
        fs::read_to_string(ground.at("srv/dp/away")).unwrap(),
        "another"
    );
}
