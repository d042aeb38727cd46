//! Deeds on several entries, and those that make, move and copy.

use crate::ground::{Ground, OWNER, WEB};
use deskguard::fix::Action;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::process::Command;

fn close(group: Option<&str>) -> Action {
    Action::CloseTree {
        path: "/srv/dp".to_owned(),
        except: vec!["/srv/dp/data".to_owned()],
        from: "www-data".to_owned(),
        user: "deskpro".to_owned(),
        group: group.map(str::to_owned),
        mode: "go-w".to_owned(),
    }
}

fn facl(ground: &Ground, arguments: &[&str], path: &str) {
    let done = Command::new("setfacl")
        .args(arguments)
        .arg(ground.at(path))
        .status()
        .unwrap();
    assert!(done.success());
}

fn acl(ground: &Ground, path: &str) -> String {
    let done = Command::new("getfacl")
        .args(["-cnE", "--absolute-names"])
        .arg(ground.at(path))
        .output();
    String::from_utf8(done.unwrap().stdout)
        .unwrap()
        .trim()
        .replace('\n', ",")
}

/// Mode, owner, group.
fn seen(ground: &Ground, path: &str) -> (u32, u32, u32) {
    let seen = fs::symlink_metadata(ground.at(path)).unwrap();
    (seen.mode() & 0o7777, seen.uid(), seen.gid())
}

#[test]
fn a_tree_is_closed_and_the_web_server_keeps_reading() {
    let ground = Ground::new();
    for (directory, owner, mode) in [
        ("a", WEB, 0o2775),
        ("a/b", WEB, 0o700),
        ("data", WEB, 0o777),
    ] {
        ground.dir(&format!("srv/dp/{directory}"), owner, mode);
    }
    for (file, owner, mode) in [
        ("a/secret", WEB, 0o600),
        ("a/lent", WEB, 0o4755),
        ("a/open", 0, 0o666),
        ("a/b/x", OWNER, 0o640),
        ("a/listed", WEB, 0o620),
        ("data/x", WEB, 0o666),
    ] {
        ground.file(&format!("srv/dp/{file}"), owner, mode, file);
    }
    facl(&ground, &["-m", "u:38:rw,m:rw"], "srv/dp/a/listed");
    symlink("b", ground.at("srv/dp/a/link")).unwrap();
    std::os::unix::fs::lchown(ground.at("srv/dp/a/link"), Some(WEB), Some(WEB)).unwrap();
    ground.there_and_back(&[close(Some("www-data"))], || {
        assert_eq!(seen(&ground, "srv/dp/a"), (0o2755, OWNER, WEB));
        assert_eq!(seen(&ground, "srv/dp/a/b"), (0o750, OWNER, WEB));
        assert_eq!(seen(&ground, "srv/dp/a/secret"), (0o640, OWNER, WEB));
        assert_eq!(seen(&ground, "srv/dp/a/lent"), (0o755, OWNER, WEB));
        assert_eq!(seen(&ground, "srv/dp/a/open"), (0o644, 0, 0));
        assert_eq!(seen(&ground, "srv/dp/a/b/x"), (0o640, OWNER, OWNER));
        assert_eq!(seen(&ground, "srv/dp/a/link").1, OWNER);
        assert_eq!(
            acl(&ground, "srv/dp/a/listed"),
            "user::rw-,user:38:rw-,group::rw-,mask::r--,other::---"
        );
        assert_eq!(seen(&ground, "srv/dp/data"), (0o777, WEB, WEB));
        assert_eq!(seen(&ground, "srv/dp/data/x"), (0o666, WEB, WEB));
    });
    let second = Ground::new();
    second.file("srv/dp/secret", WEB, 0o606, "");
    second.dir("srv/dp/data", WEB, 0o777);
    second.there_and_back(&[close(None)], || {
        assert_eq!(seen(&second, "srv/dp/secret"), (0o604, OWNER, WEB));
    });
}

#[test]
fn acls_are_stripped_and_granted_as_setfacl_does() {
    let changes: [(&[&str], Action); 4] = [
        (
            &["-b"],
            Action::StripAcl {
                path: "/srv/dp/x".to_owned(),
            },
        ),
        (&["-m", "u:38:rwx,d:u:38:rwx"], grant("rwx", true)),
        (&["-m", "u:38:r"], grant("r", false)),
        (&["-m", "u:38:rx,d:u:38:rx"], grant("rx", true)),
    ];
    let starts: [&[&str]; 4] = [
        &["-m", "u:33:rwx,g:40:r,m:r"],
        &["-m", "u:33:rwx,d:u:33:rwx,d:o::r"],
        &["-m", "u:38:w"],
        &["-b"],
    ];
    for (command, action) in &changes {
        for start in starts {
            let ours = Ground::new();
            let theirs = Ground::new();
            for ground in [&ours, &theirs] {
                ground.dir("srv/dp/x", WEB, 0o2750);
                facl(ground, start, "srv/dp/x");
            }
            facl(&theirs, command, "srv/dp/x");
            let before = ours.picture();
            ours.apply(std::slice::from_ref(action)).unwrap();
            assert_eq!(
                acl(&ours, "srv/dp/x"),
                acl(&theirs, "srv/dp/x"),
                "{start:?} {command:?}"
            );
            assert_eq!(
                seen(&ours, "srv/dp/x"),
                seen(&theirs, "srv/dp/x"),
                "{start:?} {command:?}"
            );
            ours.undo().unwrap();
            before.compare(&ours.picture());
        }
    }
}

fn grant(rights: &str, inherit: bool) -> Action {
    Action::GrantAcl {
        path: "/srv/dp/x".to_owned(),
        user: "list".to_owned(),
        rights: rights.to_owned(),
        inherit,
    }
}

fn directory(path: &str) -> Action {
    Action::Directory {
        path: path.to_owned(),
        user: "www-data".to_owned(),
        group: "list".to_owned(),
        mode: "2770".to_owned(),
    }
}

#[test]
fn directories_are_made_or_dressed_and_go_only_if_they_are_as_they_were_made() {
    let ground = Ground::new();
    ground.dir("srv/there", 0, 0o755);
    let made = [
        directory("/srv/new"),
        directory("/srv/new/below"),
        directory("/srv/there"),
    ];
    ground.there_and_back(&made, || {
        for path in ["srv/new", "srv/new/below", "srv/there"] {
            assert_eq!(seen(&ground, path), (0o2770, WEB, 38));
        }
    });
    let used = Ground::new();
    used.apply(&[directory("/srv/new")]).unwrap();
    used.file("srv/new/upload", WEB, 0o600, "a customer's");
    let surprise = used.undo().unwrap_err().to_string();
    assert!(surprise.contains("with something in it"), "{surprise}");
    assert!(used.at("srv/new/upload").exists());
}

fn away(path: &str) -> Action {
    Action::PutAway {
        path: path.to_owned(),
        into: "/root/evidence".to_owned(),
    }
}

#[test]
fn entries_are_put_away_under_names_that_are_free_also_onto_another_file_system() {
    for other_file_system in [false, true] {
        let ground = Ground::new();
        ground.dir("srv/dp/a", WEB, 0o755);
        ground.file("srv/dp/x.php", WEB, 0o4644, "one");
        ground.file("srv/dp/a/x.php", OWNER, 0o600, "two");
        ground.dir("srv/dp/.git", WEB, 0o2750);
        ground.dir("srv/dp/.git/objects", OWNER, 0o700);
        ground.file("srv/dp/.git/objects/o", WEB, 0o444, "blob");
        symlink("/etc/passwd", ground.at("srv/dp/.git/link")).unwrap();
        facl(&ground, &["-m", "u:38:rw,d:u:38:r"], "srv/dp/.git/objects");
        let root = ground.at("root");
        if other_file_system {
            let none: Option<&str> = None;
            mount(
                Some("tmpfs"),
                &root,
                Some("tmpfs"),
                MsFlags::empty(),
                Some("mode=0700"),
            )
            .unwrap();
            assert!(none.is_none());
        }
        let actions = [
            away("/srv/dp/x.php"),
            away("/srv/dp/a/x.php"),
            away("/srv/dp/.git"),
        ];
        ground.there_and_back(&actions, || {
            assert!(!ground.at("srv/dp/.git").exists());
            assert_eq!(seen(&ground, "root/evidence"), (0o700, 0, 0));
            assert_eq!(
                fs::read_to_string(root.join("evidence/x.php")).unwrap(),
                "one"
            );
            assert_eq!(seen(&ground, "root/evidence/x.php"), (0o4644, WEB, WEB));
            assert_eq!(
                fs::read_to_string(root.join("evidence/x.php.2")).unwrap(),
                "two"
            );
            assert_eq!(
                seen(&ground, "root/evidence/.git/objects/o"),
                (0o444, WEB, WEB)
            );
        });
        if other_file_system {
            umount2(&root, MntFlags::MNT_DETACH).unwrap();
        }
    }
}

/// Evidence from elsewhere, or a careless hand, may name the whole system.
#[test]
fn the_systems_own_trees_are_not_closed() {
    let ground = Ground::new();
    ground.file("etc/x", WEB, 0o666, "x");
    for path in ["/", "/etc", "/srv/../etc", "/srv"] {
        let close = Action::CloseTree {
            path: path.to_owned(),
            except: Vec::new(),
            from: "www-data".to_owned(),
            user: "deskpro".to_owned(),
            group: None,
            mode: "go-w".to_owned(),
        };
        let refused = ground.apply(&[close]).unwrap_err().to_string();
        assert!(
            refused.contains("the system's") || refused.contains("no entry of a directory"),
            "{path}: {refused}"
        );
        fs::remove_dir_all(ground.journal()).unwrap();
    }
    assert_eq!(seen(&ground, "etc/x"), (0o666, WEB, WEB));
}

/// Whoever makes files in the tree chooses their names: neither many of one name nor long ones stop a fix.
#[test]
fn no_number_and_no_length_of_names_keeps_entries_from_being_put_away() {
    let ground = Ground::new();
    let long = "L".repeat(255);
    let mut actions = Vec::new();
    for (name, many) in [("dump.sql", 130), (&*long, 2)] {
        for number in 0..many {
            let place = format!("srv/dp/{number}/{name}");
            ground.dir(&format!("srv/dp/{number}"), WEB, 0o755);
            ground.file(&place, WEB, 0o644, format!("{number}"));
            actions.push(away(&format!("/{place}")));
        }
    }
    ground.there_and_back(&actions, || {
        let kept = fs::read_dir(ground.at("root/evidence")).unwrap();
        assert_eq!(kept.count(), actions.len());
    });
}

#[test]
fn links_go_and_come_back_and_nothing_else_does() {
    let ground = Ground::new();
    symlink("/etc/pass\nwd", ground.at("srv/dp/link")).unwrap();
    std::os::unix::fs::lchown(ground.at("srv/dp/link"), Some(WEB), Some(OWNER)).unwrap();
    ground.file("srv/dp/file", WEB, 0o644, "");
    let unlink = |path: &str| Action::Unlink {
        path: path.to_owned(),
    };
    ground.there_and_back(&[unlink("/srv/dp/link")], || {
        assert!(ground.at("srv/dp/link").symlink_metadata().is_err());
    });
    fs::remove_dir_all(ground.journal()).unwrap();
    let surprise = ground
        .apply(&[unlink("/srv/dp/file")])
        .unwrap_err()
        .to_string();
    assert!(surprise.contains("is no symbolic link"), "{surprise}");
}

#[test]
fn a_tree_moves_also_onto_another_file_system_and_never_over_anything() {
    for other_file_system in [false, true] {
        let ground = Ground::new();
        ground.dir("srv/dp/data", WEB, 0o2770);
        ground.dir("srv/dp/data/deep", WEB, 0o700);
        ground.file("srv/dp/data/deep/f", WEB, 0o640, "attachment");
        facl(&ground, &["-m", "u:38:rwx,d:u:38:rwx"], "srv/dp/data");
        nix::unistd::mkfifo(
            &ground.at("srv/dp/data/fifo"),
            nix::sys::stat::Mode::S_IRWXU,
        )
        .unwrap();
        let root = ground.at("root");
        if other_file_system {
            let mode = Some("mode=0700");
            mount(Some("tmpfs"), &root, Some("tmpfs"), MsFlags::empty(), mode).unwrap();
        }
        let moved = |path: &str, to: &str| Action::MoveTree {
            path: path.to_owned(),
            to: to.to_owned(),
        };
        let listed = acl(&ground, "srv/dp/data");
        let time = |path: &str| fs::metadata(ground.at(path)).unwrap().modified().unwrap();
        let times = [time("srv/dp/data/deep/f"), time("srv/dp/data/deep")];
        ground.there_and_back(&[moved("/srv/dp/data", "/root/data")], || {
            let text = fs::read_to_string(ground.at("root/data/deep/f")).unwrap();
            assert_eq!(text, "attachment");
            assert_eq!(acl(&ground, "root/data"), listed);
            assert_eq!([time("root/data/deep/f"), time("root/data/deep")], times);
            assert!(!ground.at("srv/dp/data").exists());
        });
        for (path, to, part) in [
            ("/srv/dp/data", "/etc", "is there already"),
            ("/srv/dp/data", "/srv/dp/data/deep/x", "lies in"),
            ("/srv/dp/data/deep/f", "/srv/x", "is no directory"),
        ] {
            fs::remove_dir_all(ground.journal()).unwrap();
            let surprise = ground.apply(&[moved(path, to)]).unwrap_err().to_string();
            assert!(surprise.contains(part), "{surprise}");
        }
        if other_file_system {
            umount2(&root, MntFlags::MNT_DETACH).unwrap();
        }
    }
}

#[test]
fn an_account_is_made_and_taken_away() {
    let ground = Ground::new();
    ground.file(
        "etc/shadow",
        0,
        0o640,
        "root:*:1::::::\nwww-data:*:1::::::\ndeskpro:*:1::::::\nlist:*:1::::::\n",
    );
    let account = [Action::Account {
        user: "keeper".to_owned(),
    }];
    let texts = || {
        ["passwd", "group", "shadow"]
            .map(|it| fs::read_to_string(ground.at("etc").join(it)).unwrap())
    };
    let before = texts();
    assert_eq!(ground.apply(&account).unwrap().changes, 1);
    let [passwd, ..] = texts();
    assert!(
        passwd.contains("\nkeeper:x:") && passwd.contains(":/nonexistent:/usr/sbin/nologin"),
        "{passwd}"
    );
    ground.undo().unwrap();
    assert_eq!(texts(), before);
    fs::remove_dir_all(ground.journal()).unwrap();
    let bad = [Action::Account {
        user: "--help".to_owned(),
    }];
    assert!(
        ground
            .apply(&bad)
            .unwrap_err()
            .to_string()
            .contains("no account's name")
    );
}

#[test]
fn what_went_by_itself_is_passed_over_and_what_changed_is_left_alone_if_asked() {
    let ground = Ground::new();
    ground.dir("srv/dp/data", WEB, 0o777);
    for name in ["a", "b", "c"] {
        ground.file(&format!("srv/dp/{name}"), WEB, 0o644, name);
    }
    ground.apply(&[close(Some("www-data"))]).unwrap();
    fs::remove_file(ground.at("srv/dp/a")).unwrap();
    let again = ground.at("srv/dp/again");
    fs::write(&again, "edited").unwrap();
    fs::rename(&again, ground.at("srv/dp/b")).unwrap();
    let surprise = ground.undo().unwrap_err().to_string();
    assert!(
        surprise.contains("/srv/dp/b is another entry"),
        "{surprise}"
    );
    let undone = ground.undo_leaving_what_changed().unwrap();
    assert_eq!(undone.left, 1);
    assert_eq!(seen(&ground, "srv/dp/b").1, 0);
    assert_eq!(seen(&ground, "srv/dp/c").1, WEB);
}
