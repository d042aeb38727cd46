//! Each deed: what it comes to, that a second run changes nothing, and that undoing brings back exactly
//! what was.

use crate::ground::{Ground, OWNER, WEB};
use deskguard::fix::Action;
use rustix::fs::XattrFlags;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

fn own(path: &str, user: &str) -> Action {
    Action::Own {
        path: path.to_owned(),
        user: user.to_owned(),
        group: None,
    }
}

fn mode(path: &str, mode: &str) -> Action {
    Action::Mode {
        path: path.to_owned(),
        mode: mode.to_owned(),
    }
}

fn write(path: &str, content: &str) -> Action {
    Action::Write {
        path: path.to_owned(),
        content: content.to_owned(),
        mode: "0644".to_owned(),
        server: None,
    }
}

#[test]
fn an_owner_with_setuid_bits_and_capabilities() {
    let ground = Ground::new();
    ground.file("srv/dp/lent", WEB, 0o6755, "#!");
    // What setcap cap_net_bind_service+ep writes (include/uapi/linux/capability.h).
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let file = ground.at("srv/dp/lent");
    rustix::fs::setxattr(
        &file,
        "security.capability",
        &capability,
        XattrFlags::empty(),
    )
    .unwrap();
    symlink("lent", ground.at("srv/dp/link")).unwrap();
    let actions = [
        own("/srv/dp/lent", "deskpro"),
        own("/srv/dp/link", "deskpro"),
    ];
    ground.there_and_back(&actions, || {
        let seen = fs::metadata(&file).unwrap();
        assert_eq!((seen.uid(), seen.mode() & 0o7777), (OWNER, 0o755));
        assert_eq!(
            fs::symlink_metadata(ground.at("srv/dp/link"))
                .unwrap()
                .uid(),
            OWNER
        );
    });
}

#[test]
fn modes_of_files_and_directories_one_after_the_other() {
    let ground = Ground::new();
    ground.dir("srv/dp/d", WEB, 0o2777);
    ground.file("srv/dp/d/a\nb", WEB, 0o666, "x");
    let actions = [
        mode("/srv/dp/d", "go-w"),
        mode("/srv/dp/d/a\nb", "0640"),
        mode("/srv/dp/d/a\nb", "o+r"),
        own("/srv/dp/d", "deskpro"),
    ];
    let before = ground.picture();
    ground.apply(&actions).unwrap();
    assert_eq!(
        fs::metadata(ground.at("srv/dp/d")).unwrap().mode() & 0o7777,
        0o2755
    );
    ground.undo().unwrap();
    before.compare(&ground.picture());
}

#[test]
fn files_are_made_and_replaced() {
    let ground = Ground::new();
    ground.file("srv/dp/config.php", WEB, 0o666, "old");
    rustix::fs::setxattr(
        ground.at("srv/dp/config.php"),
        "user.note",
        b"n",
        XattrFlags::empty(),
    )
    .unwrap();
    let actions = [
        own("/srv/dp/config.php", "list"),
        write("/srv/dp/config.php", "new"),
        mode("/srv/dp/config.php", "0600"),
        write("/srv/dp/config.php", "newer"),
        write("/etc/made", "made"),
        mode("/etc/made", "go-r"),
    ];
    let before = ground.picture();
    ground.apply(&actions).unwrap();
    assert_eq!(
        fs::read_to_string(ground.at("srv/dp/config.php")).unwrap(),
        "newer"
    );
    assert_eq!(
        fs::metadata(ground.at("etc/made")).unwrap().mode() & 0o7777,
        0o600
    );
    ground.undo().unwrap();
    before.compare(&ground.picture());
}

#[test]
fn what_has_changed_since_is_refused_and_stays() {
    let ground = Ground::new();
    ground.file("srv/dp/a", WEB, 0o666, "a");
    ground.file("srv/dp/b", WEB, 0o666, "b");
    ground
        .apply(&[mode("/srv/dp/a", "0600"), write("/srv/dp/b", "new")])
        .unwrap();
    fs::write(ground.at("srv/dp/b"), "somebody's").unwrap();
    let surprise = ground.undo().unwrap_err().to_string();
    assert!(
        surprise.contains("/srv/dp/b has changed since"),
        "{surprise}"
    );
    assert_eq!(
        fs::read_to_string(ground.at("srv/dp/b")).unwrap(),
        "somebody's"
    );
    // Changes are taken back in order: what came before the refused one waits.
    assert_eq!(
        fs::metadata(ground.at("srv/dp/a")).unwrap().mode() & 0o7777,
        0o600
    );
    fs::write(ground.at("srv/dp/b"), "new").unwrap();
    ground.undo().unwrap();
    assert_eq!(
        fs::metadata(ground.at("srv/dp/a")).unwrap().mode() & 0o7777,
        0o666
    );
    assert_eq!(fs::read_to_string(ground.at("srv/dp/b")).unwrap(), "b");
}

#[test]
fn links_are_followed_only_where_root_alone_could_have_put_them() {
    let ground = Ground::new();
    ground.dir("srv/dp/open", WEB, 0o755);
    ground.dir("srv/real", 0, 0o755);
    ground.file("srv/real/file", WEB, 0o666, "");
    symlink("/srv/real", ground.at("srv/roots")).unwrap();
    symlink("../../real", ground.at("srv/dp/open/theirs")).unwrap();
    ground.there_and_back(&[mode("/srv/roots/file", "0600")], || {});
    let refused = Ground::new();
    refused.dir("srv/dp/open", WEB, 0o755);
    refused.dir("srv/dp/open/sub", WEB, 0o755);
    refused.file("srv/victim", 0, 0o644, "");
    symlink("../..", refused.at("srv/dp/open/theirs")).unwrap();
    symlink("../../victim", refused.at("srv/dp/open/last")).unwrap();
    for path in [
        "/srv/dp/open/theirs/victim",
        "/srv/dp/open/last",
        "/srv/dp/open/sub/../../../victim",
    ] {
        let _ = fs::remove_dir_all(refused.journal());
        let surprise = refused
            .apply(&[mode(path, "0600")])
            .unwrap_err()
            .to_string();
        assert!(
            surprise.contains("link") || surprise.contains("leads upwards"),
            "{surprise}"
        );
    }
    let seen = fs::metadata(refused.at("srv/victim")).unwrap();
    assert_eq!(seen.permissions().mode() & 0o7777, 0o644);
}

#[test]
fn a_file_with_a_second_name_is_refused() {
    let ground = Ground::new();
    ground.file("srv/victim", 0, 0o644, "secret");
    fs::hard_link(ground.at("srv/victim"), ground.at("srv/dp/x")).unwrap();
    for action in [
        own("/srv/dp/x", "www-data"),
        mode("/srv/dp/x", "0600"),
        write("/srv/dp/x", ""),
    ] {
        let _ = fs::remove_dir_all(ground.journal());
        let surprise = ground.apply(&[action]).unwrap_err().to_string();
        assert!(surprise.contains("2 names (hard links)"), "{surprise}");
    }
    let seen = fs::metadata(ground.at("srv/victim")).unwrap();
    assert_eq!(
        (seen.uid(), seen.mode() & 0o7777, seen.nlink()),
        (0, 0o644, 2)
    );
}

#[test]
fn journals_are_roots_and_one_run_at_a_time() {
    let ground = Ground::new();
    ground.file("srv/dp/a", WEB, 0o666, "a");
    ground.apply(&[write("/srv/dp/a", "b")]).unwrap();
    let journal = ground.journal();
    let seen = fs::metadata(&journal).unwrap();
    assert_eq!((seen.uid(), seen.mode() & 0o7777), (0, 0o700));
    let kept = fs::read_dir(journal.join("kept")).unwrap();
    for entry in kept.chain(fs::read_dir(&journal).unwrap()) {
        let seen = entry.unwrap().metadata().unwrap();
        assert_eq!(seen.mode() & 0o077, 0);
    }
    let there = ground
        .apply(&[write("/srv/dp/a", "c")])
        .unwrap_err()
        .to_string();
    assert!(there.contains("is there already"), "{there}");
    let above = fs::File::open(journal.parent().unwrap()).unwrap();
    rustix::fs::flock(&above, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let locked = ground.undo().unwrap_err().to_string();
    assert!(locked.contains("another deskguard"), "{locked}");
    drop(above);
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o770)).unwrap();
    let open = ground.undo().unwrap_err().to_string();
    assert!(open.contains("mode 0770"), "{open}");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o700)).unwrap();
    let changes = journal.join("changes");
    let text = fs::read_to_string(&changes).unwrap();
    for (from, to, part) in [
        ("\"journal\":1", "\"journal\":2", "format 2"),
        ("\"host\":\"", "\"host\":\"x", "machine x"),
        ("{\"change\":", "{\"chang\":", "is broken"),
    ] {
        fs::write(&changes, text.replace(from, to)).unwrap();
        let refused = ground.undo().unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
    // A line that a crash cut off was not begun.
    fs::write(&changes, format!("{text}{{\"change\":{{\"subj")).unwrap();
    ground.undo().unwrap();
    assert_eq!(fs::read_to_string(ground.at("srv/dp/a")).unwrap(), "a");
}
