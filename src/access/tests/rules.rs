//! One entry at a time: what `permission` and `may_open` say.

use std::sync::Arc;

use crate::access::*;

const YES: Flag = Flag::Yes;

fn www() -> Principal {
    Principal::new("www-data", 33, vec![33, 50])
}

fn file(mode: u32, uid: u32, gid: u32) -> Entry {
    Entry::plain(Kind::File, mode, uid, gid)
}

fn directory(mode: u32, uid: u32, gid: u32) -> Entry {
    Entry::plain(Kind::Directory, mode, uid, gid)
}

fn with_acl(mut entry: Entry, named: &[(Tag, u8)], group: u8, mask: u8, other: u8) -> Entry {
    let mut all = vec![
        (Tag::UserObj, 6),
        (Tag::GroupObj, group),
        (Tag::Mask, mask),
        (Tag::Other, other),
    ];
    all.extend(named);
    all.sort();
    entry.acl = AclState::Some(Arc::new(Acl::new(all).unwrap()));
    entry
}

#[test]
fn the_first_matching_class_decides_alone() {
    use Mechanism::{Other, Owner, OwningGroup};
    for (entry, want, verdict) in [
        (file(0o077, 33, 0), Want::READ, Verdict::Denied(Owner)),
        (file(0o407, 33, 33), Want::WRITE, Verdict::Denied(Owner)),
        (
            file(0o707, 0, 50),
            Want::READ,
            Verdict::Denied(OwningGroup(50)),
        ),
        (
            file(0o040, 0, 33),
            Want::READ,
            Verdict::Granted(OwningGroup(33)),
        ),
        (file(0o004, 0, 0), Want::READ, Verdict::Granted(Other)),
        (file(0o770, 0, 0), Want::READ, Verdict::Denied(Other)),
        (
            directory(0o1772, 0, 0),
            Want::WRITE_EXEC,
            Verdict::Denied(Other),
        ),
    ] {
        assert_eq!(permission(&www(), &entry, want), verdict, "{entry:?}");
    }
}

#[test]
fn an_acl_is_asked_only_where_the_group_class_is_not_empty() {
    let named = [(Tag::User(33), 6)];
    let open = with_acl(file(0o660, 0, 0), &named, 0, 6, 0);
    assert_eq!(
        permission(&www(), &open, Want::WRITE),
        Verdict::Granted(Mechanism::NamedUser)
    );
    let closed = with_acl(file(0o606, 0, 0), &[(Tag::User(33), 0)], 0, 0, 6);
    assert_eq!(
        permission(&www(), &closed, Want::WRITE),
        Verdict::Granted(Mechanism::Other)
    );
}

#[test]
fn an_owner_never_asks_the_acl() {
    let entry = with_acl(file(0o470, 33, 0), &[(Tag::User(33), 7)], 7, 7, 7);
    assert_eq!(
        permission(&www(), &entry, Want::WRITE),
        Verdict::Denied(Mechanism::Owner)
    );
}

#[test]
fn an_unread_acl_leaves_open_only_what_it_could_decide() {
    let blind = |mode| Entry {
        acl: AclState::Unknown(Blind::NoProc),
        ..file(mode, 0, 0)
    };
    assert_eq!(
        permission(&www(), &blind(0o664), Want::WRITE),
        Verdict::Unknown(Doubt::Acl(Blind::NoProc))
    );
    assert!(permission(&www(), &blind(0o644), Want::WRITE).is_denied());
    assert!(permission(&www(), &blind(0o606), Want::WRITE).is_granted());
    assert!(permission(&Principal::root(), &blind(0o664), Want::WRITE).is_granted());
}

#[test]
fn capabilities_override_modes_but_not_flags_and_mounts() {
    let root = Principal::root();
    assert!(permission(&root, &file(0, 5, 5), Want::WRITE).is_granted());
    assert!(permission(&root, &file(0o644, 5, 5), Want::EXEC).is_denied());
    assert!(permission(&root, &file(0o645, 5, 5), Want::EXEC).is_granted());
    let immutable = Entry {
        immutable: YES,
        ..file(0o666, 0, 0)
    };
    assert_eq!(
        permission(&root, &immutable, Want::WRITE),
        Verdict::Denied(Mechanism::Immutable)
    );
    assert!(permission(&root, &immutable, Want::READ).is_granted());
    let reader = Principal {
        capabilities: Capabilities::DAC_READ_SEARCH,
        ..www()
    };
    for (entry, want, granted) in [
        (file(0, 5, 5), Want::READ, true),
        (file(0, 5, 5), Want::READ.and(Want::WRITE), false),
        (directory(0, 5, 5), Want::EXEC, true),
        (directory(0, 5, 5), Want::WRITE_EXEC, false),
    ] {
        assert_eq!(
            permission(&reader, &entry, want).is_granted(),
            granted,
            "{entry:?}"
        );
    }
}

#[test]
fn pipes_and_devices_stay_writable_on_a_read_only_mount() {
    let mount = Mount {
        read_only: true,
        ..Mount::PLAIN
    };
    for (kind, writable) in [
        (Kind::File, false),
        (Kind::Directory, false),
        (Kind::Fifo, true),
        (Kind::Socket, true),
        (Kind::Character, true),
    ] {
        let entry = Entry {
            mount,
            ..Entry::plain(kind, 0o666, 33, 33)
        };
        assert_eq!(
            permission(&www(), &entry, Want::WRITE).is_granted(),
            writable,
            "{kind:?}"
        );
        assert_eq!(
            may_chmod(&www(), &entry),
            Verdict::Denied(Mechanism::ReadOnlyMount)
        );
    }
}

#[test]
fn opening_knows_devices_directories_and_append_only_files() {
    let nodev = Mount {
        nodev: true,
        ..Mount::PLAIN
    };
    let device = Entry {
        mount: nodev,
        ..Entry::plain(Kind::Block, 0o666, 0, 0)
    };
    assert_eq!(
        may_open(&Principal::root(), &device, Want::READ),
        Verdict::Denied(Mechanism::NoDevMount)
    );
    assert_eq!(
        may_open(&www(), &directory(0o777, 0, 0), Want::WRITE),
        Verdict::Denied(Mechanism::IsDirectory)
    );
    let log = Entry {
        append_only: YES,
        ..file(0o666, 33, 33)
    };
    assert_eq!(
        may_open(&www(), &log, Want::WRITE),
        Verdict::Denied(Mechanism::AppendOnly)
    );
    assert!(may_open(&www(), &log, Want::READ).is_granted());
}

#[test]
fn where_a_server_or_driver_decides_nothing_is_claimed() {
    let on = |kind| Entry {
        mount: Mount {
            kind,
            ..Mount::PLAIN
        },
        ..file(0o666, 0, 0)
    };
    let nfs = on(FsKind::Server("nfs"));
    assert_eq!(
        permission(&www(), &nfs, Want::READ),
        Verdict::Unknown(Doubt::Server("nfs"))
    );
    let read_only = Entry {
        mount: Mount {
            read_only: true,
            ..nfs.mount
        },
        ..nfs
    };
    assert!(permission(&www(), &read_only, Want::WRITE).is_denied());
    let sysfs = on(FsKind::Driver("sysfs"));
    assert_eq!(
        permission(&www(), &sysfs, Want::WRITE),
        Verdict::Unknown(Doubt::Driver("sysfs"))
    );
    assert!(
        permission(
            &www(),
            &Entry {
                mode: 0o600,
                ..sysfs
            },
            Want::WRITE
        )
        .is_denied()
    );
}

#[test]
fn an_idmapped_mount_may_refuse_new_names_and_override_nothing_that_it_does_not_map() {
    let mount = Mount {
        idmapped: true,
        ..Mount::PLAIN
    };
    let on = |entry: Entry| Entry { mount, ..entry };
    let open = on(directory(0o777, 0, 0));
    let doubt = Verdict::Unknown(Doubt::Idmapped);
    assert_eq!(permission(&www(), &open, Want::WRITE_EXEC), doubt);
    assert!(permission(&www(), &open, Want::EXEC).is_granted());
    assert!(permission(&www(), &on(file(0o666, 0, 0)), Want::WRITE).is_granted());
    assert!(permission(&www(), &on(directory(0o755, 0, 0)), Want::WRITE_EXEC).is_denied());
    let unmapped = on(file(0o600, 65534, 65534));
    assert_eq!(
        permission(&Principal::root(), &unmapped, Want::WRITE),
        Verdict::Unknown(Doubt::Ids)
    );
}

#[test]
fn anybody_is_nobody_in_particular() {
    let anybody = Principal::anybody();
    assert!(permission(&anybody, &file(0o770, 65534, 65534), Want::READ).is_denied());
    assert!(permission(&anybody, &file(0o004, 0, 0), Want::READ).is_granted());
}

#[test]
fn an_entry_stays_small_enough_for_millions() {
    assert!(size_of::<Entry>() <= 104, "{}", size_of::<Entry>());
    assert!(size_of::<Verdict>() <= 32, "{}", size_of::<Verdict>());
}
