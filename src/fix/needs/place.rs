//! Paths and entries on paper: what chmod(1) and setfacl(1) make of them, by the kernel's rules.

use crate::access::{Acl, AclState, Blind, Entry, Kind, Tag};
use crate::facts::{Known, PlaceOnDisk};
use std::sync::Arc;

pub(super) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

pub(super) fn ancestors(path: &str) -> Vec<String> {
    let ends = path.match_indices('/').map(|(end, _)| end);
    let mut found: Vec<String> = ends
        .filter_map(|end| path.get(..end))
        .map(str::to_owned)
        .collect();
    if let Some(first) = found.first_mut() {
        "/".clone_into(first);
    }
    found
}

pub(super) fn letters(rights: &str) -> u8 {
    let bit = |letter| match letter {
        'r' => 4,
        'w' => 2,
        'x' => 1,
        _ => 0,
    };
    rights.chars().fold(0, |sum, letter| sum | bit(letter))
}

/// An entry as the access model takes it.
pub(super) fn entry(place: &PlaceOnDisk) -> Option<(String, Entry)> {
    let kind = match place.kind.as_str() {
        "file" => Kind::File,
        "directory" => Kind::Directory,
        "link" => Kind::Link,
        _ => Kind::Socket,
    };
    let mode = u32::from_str_radix(&place.mode, 8).ok()?;
    let mut entry = Entry::plain(kind, mode, place.uid, place.gid);
    entry.acl = match &place.acl {
        Known::Known(None) => AclState::None,
        Known::Known(Some(lines)) => read_acl(lines)
            .map_or(AclState::Unknown(Blind::Malformed), |acl| {
                AclState::Some(Arc::new(acl))
            }),
        Known::Unknown(_) => AclState::Unknown(Blind::NotAsked),
    };
    Some((place.path.clone(), entry))
}

fn read_acl(lines: &[String]) -> Option<Acl> {
    let line = |line: &String| {
        let mut parts = line.split(':');
        let (tag, who, rights) = (parts.next()?, parts.next()?, parts.next()?);
        let tag = match (tag, who) {
            ("user", "") => Tag::UserObj,
            ("user", who) => Tag::User(who.parse().ok()?),
            ("group", "") => Tag::GroupObj,
            ("group", who) => Tag::Group(who.parse().ok()?),
            ("mask", _) => Tag::Mask,
            ("other", _) => Tag::Other,
            _ => return None,
        };
        Some((tag, letters(rights)))
    };
    Acl::new(lines.iter().map(line).collect::<Option<_>>()?).ok()
}

/// Changes the mode, and in an ACL the owner, the mask and *other* (fs/posix_acl.c
/// `__posix_acl_chmod_masq`).
pub(super) fn chmod(entry: &mut Entry, mode: u32) {
    entry.mode = mode;
    if let AclState::Some(acl) = &mut entry.acl {
        let acl = Arc::make_mut(acl);
        let group = acl.get(Tag::Mask).map_or(Tag::GroupObj, |_| Tag::Mask);
        for (tag, shift) in [(Tag::UserObj, 6), (group, 3), (Tag::Other, 0)] {
            acl.set(tag, u8::try_from(mode >> shift & 7).unwrap_or(0));
        }
    }
}

/// The group class gets what the owning group had (setfacl -b).
pub(super) fn strip(entry: &mut Entry) {
    if let AclState::Some(acl) = &entry.acl {
        let group = u32::from(acl.get(Tag::GroupObj).unwrap_or(0));
        entry.mode = entry.mode & !0o070 | group << 3;
    }
    entry.acl = AclState::None;
}

/// An entry for one account, and the mask that lets all entries count (setfacl -m).
pub(super) fn grant(entry: &mut Entry, uid: u32, bits: u8) {
    let class = |shift: u32| u8::try_from(entry.mode >> shift & 7).unwrap_or(0);
    let mut lines = match &entry.acl {
        AclState::None => vec![
            (Tag::UserObj, class(6)),
            (Tag::GroupObj, class(3)),
            (Tag::Other, class(0)),
        ],
        AclState::Some(acl) => acl.entries().to_vec(),
        AclState::Unknown(_) => return,
    };
    lines.retain(|(tag, _)| !matches!(tag, Tag::Mask) && *tag != Tag::User(uid));
    lines.push((Tag::User(uid), bits));
    let counts = |tag: &Tag| matches!(tag, Tag::User(_) | Tag::Group(_) | Tag::GroupObj);
    let mask = lines
        .iter()
        .filter(|(tag, _)| counts(tag))
        .fold(0, |sum, (_, bits)| sum | bits);
    lines.push((Tag::Mask, mask));
    lines.sort();
    if let Ok(acl) = Acl::new(lines) {
        entry.acl = AclState::Some(Arc::new(acl));
        entry.mode = entry.mode & !0o070 | u32::from(mask) << 3;
    }
}
