//! What would change an answer: edits of one or a few links, each tried on a copy of the chain.
//! Refuses advice it has not seen work: a change is named only if the model, run again, really flips.

use std::sync::Arc;

use super::acl::Tag;
use super::chain::{Chain, LastName, PlaceId, Sysctl};
use super::entry::{AclState, Entry, Flag, Kind};
use super::mechanism::{Mechanism, Verdict};
use super::permission::Want;
use super::principal::Principal;
use super::rights::{Decision, Right, decide};

/// How many links may have to change together before it is no longer worth a sentence.
const MOST_EDITS: usize = 4;

/// One change of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Mode {
        gain: bool,
        class: char,
        shift: u32,
        bits: u32,
    },
    Acl {
        gain: bool,
        tag: Tag,
        bits: u32,
    },
    Owner(Option<u32>),
    Immutable(bool),
    NotAppendOnly,
    NotSticky,
    Writable,
    Devices,
    Links,
    Unmounted,
}

/// The smallest change that flips a decision, in words.
pub(super) fn flip(
    chain: &Chain,
    who: &Principal,
    sysctl: Sysctl,
    right: Right,
    first: Decision,
) -> Option<String> {
    let goal = !first.verdict.allowed()?;
    let outcome = if goal { "allowed" } else { "denied" };
    let mut changed = chain.clone();
    let mut said = Vec::new();
    let mut decision = first;
    for _ in 0..MOST_EDITS {
        let place = decision.place?;
        let edits = if goal {
            grants(&changed, who, decision)
        } else {
            denials(&changed, who, right, decision)
        };
        let mut next = None;
        for edit in edits {
            let mut trial = changed.clone();
            apply(&mut trial, place, edit);
            let after = decide(&trial, who, sysctl, right);
            if after.verdict.allowed() == Some(goal) {
                said.push(phrase(edit, &chain.path(place), who));
                return Some(format!("would be {outcome} if {}", said.join(" and ")));
            }
            if next.is_none() && goal && after != decision {
                next = Some((trial, after, phrase(edit, &chain.path(place), who)));
            }
        }
        let (trial, after, text) = next?;
        (changed, decision) = (trial, after);
        said.push(text);
    }
    None
}

/// The one bit whose loss takes the right away.
const fn vital(want: Want) -> u32 {
    if want.has(Want::WRITE) {
        Want::WRITE.bits()
    } else {
        want.bits()
    }
}

/// Edits of the deciding place that might deny what it grants.
fn denials(chain: &Chain, who: &Principal, right: Right, decision: Decision) -> Vec<Edit> {
    let (Some(entry), Verdict::Granted(mechanism)) = (
        decision.place.and_then(|id| chain.entry(id)),
        decision.verdict,
    ) else {
        return Vec::new();
    };
    let mut edits = Vec::new();
    if right == Right::Chmod {
        edits.push(Edit::Owner(None));
    } else {
        edits.extend(class_edit(
            entry,
            who,
            mechanism,
            vital(decision.want),
            false,
        ));
    }
    // chattr opens what it marks, and no device, pipe, socket or link takes its flags.
    let takes_flags = matches!(entry.kind, Kind::File | Kind::Directory);
    if decision.want.has(Want::WRITE) && takes_flags {
        edits.push(Edit::Immutable(true));
    }
    edits
}

/// Edits of the deciding place that might grant what it denies.
fn grants(chain: &Chain, who: &Principal, decision: Decision) -> Vec<Edit> {
    let (Some(entry), Verdict::Denied(mechanism)) = (
        decision.place.and_then(|id| chain.entry(id)),
        decision.verdict,
    ) else {
        return Vec::new();
    };
    match mechanism {
        Mechanism::Immutable => vec![Edit::Immutable(false)],
        Mechanism::AppendOnly => vec![Edit::NotAppendOnly],
        Mechanism::ReadOnlyMount => vec![Edit::Writable],
        Mechanism::NoDevMount => vec![Edit::Devices],
        Mechanism::NoSymlinkMount => vec![Edit::Links],
        Mechanism::Sticky => vec![Edit::NotSticky],
        Mechanism::MountPoint => vec![Edit::Unmounted],
        Mechanism::NotOwner => vec![Edit::Owner(Some(who.uid))],
        _ => class_edit(entry, who, mechanism, decision.want.bits(), true)
            .into_iter()
            .collect(),
    }
}

/// The edit of the class or ACL entry that a mechanism speaks of.
fn class_edit(
    entry: &Entry,
    who: &Principal,
    mechanism: Mechanism,
    bits: u32,
    gain: bool,
) -> Option<Edit> {
    let acl_tag = match mechanism {
        Mechanism::NamedUser => Some(Tag::User(who.uid)),
        Mechanism::NamedGroup(gid) => Some(Tag::Group(gid)),
        Mechanism::Mask => Some(Tag::Mask),
        Mechanism::AclOther => Some(Tag::Other),
        Mechanism::OwningGroup(_) if entry.mode & 0o070 != 0 => Some(Tag::GroupObj),
        _ => None,
    };
    if let (Some(tag), AclState::Some(acl)) = (acl_tag, &entry.acl) {
        let held = u32::from(acl.get(tag)?);
        let bits = if gain { bits & !held } else { bits & held };
        return (bits != 0).then_some(Edit::Acl { gain, tag, bits });
    }
    let (class, shift) = match mechanism {
        Mechanism::Owner => ('u', 6),
        Mechanism::OwningGroup(_) => ('g', 3),
        Mechanism::Other => ('o', 0),
        _ => return None,
    };
    let held = entry.mode >> shift;
    let bits = if gain { bits & !held } else { bits & held };
    (bits != 0).then_some(Edit::Mode {
        gain,
        class,
        shift,
        bits,
    })
}

fn apply(chain: &mut Chain, place: PlaceId, edit: Edit) {
    if let (Edit::Unmounted, Some(last)) = (edit, &mut chain.last)
        && let LastName::Entry { mount_point, .. } = &mut last.name
    {
        *mount_point = Flag::No;
    }
    if matches!(edit, Edit::Writable) {
        chain
            .places
            .iter_mut()
            .for_each(|place| place.entry.mount.read_only = false);
    }
    let Some(place) = chain.places.get_mut(place) else {
        return;
    };
    let entry = &mut place.entry;
    match edit {
        Edit::Mode {
            gain: true,
            shift,
            bits,
            ..
        } => chmod(entry, entry.mode | bits << shift),
        Edit::Mode {
            gain: false,
            shift,
            bits,
            ..
        } => chmod(entry, entry.mode & !(bits << shift)),
        Edit::Acl { gain, tag, bits } => edit_acl(entry, gain, tag, bits),
        Edit::Owner(uid) => entry.uid = uid.unwrap_or(u32::MAX - 1),
        Edit::Immutable(true) => entry.immutable = Flag::Yes,
        Edit::Immutable(false) => entry.immutable = Flag::No,
        Edit::NotAppendOnly => entry.append_only = Flag::No,
        Edit::NotSticky => entry.mode &= !0o1000,
        Edit::Devices => entry.mount.nodev = false,
        Edit::Links => entry.mount.nosymfollow = false,
        Edit::Writable | Edit::Unmounted => {}
    }
}

/// Changes the mode, and in an ACL the owner, the mask and *other* (fs/posix_acl.c __posix_acl_chmod_masq): a
/// group class that was empty wakes it.
fn chmod(entry: &mut Entry, mode: u32) {
    entry.mode = mode;
    let AclState::Some(acl) = &mut entry.acl else {
        return;
    };
    let acl = Arc::make_mut(acl);
    let mask = acl.get(Tag::Mask).map_or(Tag::GroupObj, |_| Tag::Mask);
    for (tag, shift) in [(Tag::UserObj, 6), (mask, 3), (Tag::Other, 0)] {
        acl.set(tag, u8::try_from(mode >> shift & 7).unwrap_or(0));
    }
}

/// Changes an ACL entry, and the mode as the kernel does: its group class shows the mask, its other class *other*.
fn edit_acl(entry: &mut Entry, gain: bool, tag: Tag, bits: u32) {
    let AclState::Some(acl) = &mut entry.acl else {
        return;
    };
    let acl = Arc::make_mut(acl);
    let held = u32::from(acl.get(tag).unwrap_or(0));
    let now = if gain { held | bits } else { held & !bits } & 7;
    acl.set(tag, u8::try_from(now).unwrap_or(0));
    match tag {
        Tag::Mask => entry.mode = entry.mode & !0o070 | now << 3,
        Tag::Other => entry.mode = entry.mode & !0o007 | now,
        _ => {}
    }
}

fn phrase(edit: Edit, path: &str, who: &Principal) -> String {
    let verb = |gain| if gain { "gained" } else { "lost" };
    match edit {
        Edit::Mode {
            gain: false,
            class: 'u',
            bits,
            ..
        } => {
            format!(
                "{path} lost u+{}, which its owner can restore",
                letters(bits)
            )
        }
        Edit::Mode {
            gain, class, bits, ..
        } => format!("{path} {} {class}+{}", verb(gain), letters(bits)),
        Edit::Acl { gain, tag, bits } => {
            format!(
                "the ACL entry {} of {path} {} {}",
                tag_word(tag),
                verb(gain),
                letters(bits)
            )
        }
        Edit::Owner(Some(_)) => format!("{path} were owned by {}", who.name),
        Edit::Owner(None) => format!("{path} were owned by somebody else"),
        Edit::Immutable(true) => format!("{path} were immutable (chattr +i)"),
        Edit::Immutable(false) => format!("{path} were not immutable (chattr -i)"),
        Edit::NotAppendOnly => format!("{path} were not append-only (chattr -a)"),
        Edit::NotSticky => format!("{path} lost its sticky bit"),
        Edit::Writable => format!("the mount of {path} were writable"),
        Edit::Devices => format!("the mount of {path} allowed devices"),
        Edit::Links => format!("the mount of {path} allowed symbolic links"),
        Edit::Unmounted => format!("{path} were not a mount point"),
    }
}

fn letters(bits: u32) -> String {
    [(4, 'r'), (2, 'w'), (1, 'x')]
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, letter)| *letter)
        .collect()
}

fn tag_word(tag: Tag) -> String {
    match tag {
        Tag::UserObj => "user::".into(),
        Tag::User(uid) => format!("user:{uid}"),
        Tag::GroupObj => "group::".into(),
        Tag::Group(gid) => format!("group:{gid}"),
        Tag::Mask => "mask".into(),
        Tag::Other => "other".into(),
    }
}
