//! Whole chains: order, certainty in spite of blindness, sentences and flips.

use crate::access::*;

const OFF: Sysctl = Sysctl {
    protected_symlinks: Flag::No,
};

fn www() -> Principal {
    Principal::new("www-data", 33, vec![33])
}

/// `/`, `/app` and `/app/config.php`.
fn chain(app: Entry, config: Entry) -> Chain {
    let place = |path: &str, entry| Place {
        path: path.into(),
        entry,
    };
    Chain {
        places: vec![
            place("/", Entry::plain(Kind::Directory, 0o755, 0, 0)),
            place("/app", app),
            place("/app/config.php", config),
        ],
        steps: vec![Step::Search(0), Step::Search(1)],
        parent_steps: 2,
        last: Some(Last {
            directory: 1,
            name: LastName::Entry {
                place: 2,
                mount_point: Flag::No,
            },
            slash: false,
        }),
        end: End::Reached(2),
    }
}

fn directory(mode: u32) -> Entry {
    Entry::plain(Kind::Directory, mode, 0, 33)
}

fn config(mode: u32) -> Entry {
    Entry::plain(Kind::File, mode, 0, 0)
}

#[test]
fn a_protected_file_in_an_open_directory_is_replaceable() {
    let answers = judge(&chain(directory(0o775), config(0o644)), &www(), OFF);
    assert_eq!(answers.write.allowed, Some(false));
    assert_eq!(answers.replace.allowed, Some(true));
    assert!(
        answers
            .replace
            .because
            .starts_with("parent /app is mode 0775 and www-data is in its group 33")
    );
    assert_eq!(answers.replace.link.as_ref().unwrap().path, b"/app");
    assert_eq!(
        answers.replace.flip.as_deref(),
        Some("would be denied if /app lost g+w")
    );
    assert_eq!(
        answers.write.flip.as_deref(),
        Some("would be allowed if /app/config.php gained o+w")
    );
}

#[test]
fn a_closed_directory_hides_everything_behind_it() {
    let answers = judge(&chain(directory(0o700), config(0o666)), &www(), OFF);
    for right in Right::ALL {
        let answer = answers.of(right);
        assert_eq!(answer.allowed, Some(false), "{right:?}");
        assert_eq!(answer.link.as_ref().unwrap().path, b"/app", "{right:?}");
    }
    assert_eq!(answers.exists, Some(true));
    assert_eq!(
        answers.read.flip.as_deref(),
        Some("would be allowed if /app gained g+x")
    );
}

#[test]
fn two_links_may_have_to_change() {
    let answers = judge(&chain(directory(0o700), config(0o600)), &www(), OFF);
    let flip = "would be allowed if /app gained g+x and /app/config.php gained o+r";
    assert_eq!(answers.read.flip.as_deref(), Some(flip));
}

#[test]
fn a_denial_in_front_of_blindness_is_certain() {
    let mut blind = chain(directory(0o700), config(0o666));
    blind.places.pop();
    blind.end = End::Unseen(b"/app/config.php".to_vec(), Blind::Refused);
    blind.last = Some(Last {
        directory: 1,
        name: LastName::Unseen(Blind::Refused),
        slash: false,
    });
    let answers = judge(&blind, &www(), OFF);
    assert_eq!(
        (answers.read.allowed, answers.delete.allowed, answers.exists),
        (Some(false), Some(false), None)
    );
    blind.places[1].entry.mode = 0o775;
    let answers = judge(&blind, &www(), OFF);
    assert_eq!((answers.read.allowed, answers.delete.allowed), (None, None));
    assert!(
        answers
            .read
            .because
            .contains("permission denied to the auditor")
    );
}

#[test]
fn a_missing_name_may_be_made_but_nothing_else() {
    let mut missing = chain(directory(0o775), config(0));
    missing.places.pop();
    missing.end = End::Missing(b"/app/config.php".to_vec());
    missing.last = Some(Last {
        directory: 1,
        name: LastName::Missing,
        slash: false,
    });
    let answers = judge(&missing, &www(), OFF);
    assert_eq!(answers.replace.allowed, Some(true));
    assert!(
        answers
            .replace
            .because
            .starts_with("missing, but may be made: parent /app")
    );
    for right in Right::ALL
        .into_iter()
        .filter(|right| *right != Right::Replace)
    {
        assert_eq!(answers.of(right).allowed, Some(false), "{right:?}");
        assert!(!answers.of(right).because.is_empty());
    }
}

#[test]
fn flips_are_checked_and_nonsense_is_not_offered() {
    let answers = judge(
        &chain(directory(0o700), config(0o600)),
        &Principal::root(),
        OFF,
    );
    let flip = "would be denied if /app/config.php were immutable (chattr +i)";
    assert_eq!(answers.write.flip.as_deref(), Some(flip));
    assert_eq!(answers.traverse.flip, None);
}

/// Found by following the advice: an ACL under an empty group class wakes with the class.
#[test]
fn advice_knows_the_acl_that_a_chmod_would_wake() {
    let entries = [
        (Tag::UserObj, 7),
        (Tag::GroupObj, 0),
        (Tag::Group(50), 7),
        (Tag::Mask, 0),
        (Tag::Other, 0),
    ];
    let app = Entry {
        acl: AclState::Some(std::sync::Arc::new(Acl::new(entries.to_vec()).unwrap())),
        ..directory(0o700)
    };
    let read = judge(&chain(app, config(0o644)), &www(), OFF).read;
    assert_eq!(read.allowed, Some(false));
    assert_eq!(
        read.flip, None,
        "g+x would let group 50 in, not the owning group"
    );
}
