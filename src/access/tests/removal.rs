//! What needs more than permission: taking a name away, changing a mode, following a link.

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

#[test]
fn removal_asks_the_directory_first_and_then_the_victim() {
    use Mechanism::{AppendOnly, Immutable, MountPoint, Other, Sticky};
    let open = directory(0o777, 0, 0);
    let sticky = directory(0o1777, 0, 0);
    let theirs = file(0o666, 5, 5);
    let append = Entry {
        append_only: YES,
        ..open.clone()
    };
    let fixed = Entry {
        immutable: YES,
        ..theirs.clone()
    };
    for (holder, victim, mounted, verdict) in [
        (
            &directory(0o755, 0, 0),
            &theirs,
            Flag::No,
            Ok(Verdict::Denied(Other)),
        ),
        (&open, &theirs, Flag::No, Ok(Verdict::Granted(Other))),
        (&sticky, &theirs, Flag::No, Err(Verdict::Denied(Sticky))),
        (
            &sticky,
            &file(0, 33, 0),
            Flag::No,
            Ok(Verdict::Granted(Other)),
        ),
        (
            &directory(0o1777, 33, 0),
            &theirs,
            Flag::No,
            Ok(Verdict::Granted(Mechanism::Owner)),
        ),
        (&append, &theirs, Flag::No, Ok(Verdict::Denied(AppendOnly))),
        (&open, &fixed, Flag::No, Err(Verdict::Denied(Immutable))),
        (&open, &theirs, Flag::Yes, Err(Verdict::Denied(MountPoint))),
    ] {
        assert_eq!(
            may_remove(&www(), holder, victim, mounted),
            verdict,
            "{holder:?} {victim:?}"
        );
    }
    assert!(may_remove(&Principal::root(), &sticky, &theirs, Flag::No).is_ok());
}

#[test]
fn only_owners_change_modes_and_flags_stop_them_too() {
    assert_eq!(
        may_chmod(&www(), &file(0, 33, 0)),
        Verdict::Granted(Mechanism::Owner)
    );
    assert_eq!(
        may_chmod(&www(), &file(0o777, 0, 33)),
        Verdict::Denied(Mechanism::NotOwner)
    );
    assert_eq!(
        may_chmod(&Principal::root(), &file(0, 33, 0)),
        Verdict::Granted(Mechanism::Capability("CAP_FOWNER"))
    );
    let append = Entry {
        append_only: YES,
        ..file(0o644, 33, 33)
    };
    assert_eq!(
        may_chmod(&www(), &append),
        Verdict::Denied(Mechanism::AppendOnly)
    );
}

#[test]
fn protected_links_bind_root_too_but_not_in_the_middle() {
    let (tmp, link) = (
        directory(0o1777, 0, 0),
        Entry::plain(Kind::Link, 0o777, 5, 5),
    );
    let protected = Verdict::Denied(Mechanism::ProtectedLink);
    for (who, holder, trailing, verdict) in [
        (&www(), &tmp, true, protected),
        (&www(), &tmp, false, Verdict::Granted(Mechanism::Followed)),
        (&Principal::root(), &tmp, true, protected),
        (
            &Principal::new("owner", 5, vec![5]),
            &tmp,
            true,
            Verdict::Granted(Mechanism::Followed),
        ),
        (
            &www(),
            &directory(0o1777, 5, 0),
            true,
            Verdict::Granted(Mechanism::Followed),
        ),
        (
            &www(),
            &directory(0o1775, 0, 0),
            true,
            Verdict::Granted(Mechanism::Followed),
        ),
    ] {
        assert_eq!(
            may_follow(who, holder, &link, trailing, Flag::Yes),
            verdict,
            "{holder:?}"
        );
        assert!(may_follow(who, holder, &link, trailing, Flag::No).is_granted());
    }
}
