//! POSIX access ACLs: the bytes of `system.posix_acl_access` and the rule that reads them.
//! Refuses anything the kernel would not have stored (fs/posix_acl.c posix_acl_valid).

use std::fmt;

use super::mechanism::{Mechanism, Verdict};
use super::permission::{Want, grade};
use super::principal::Principal;

/// Whom an ACL entry speaks of (include/uapi/linux/posix_acl.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tag {
    /// The owner.
    UserObj,
    /// A named user.
    User(u32),
    /// The owning group.
    GroupObj,
    /// A named group.
    Group(u32),
    /// The upper bound of named users and all groups.
    Mask,
    /// Everybody else.
    Other,
}

/// A valid access ACL: entries in the kernel's order, three permission bits each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acl {
    entries: Vec<(Tag, u8)>,
}

/// Why the bytes are not an ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclError {
    /// Shorter than its header, or not a whole number of entries.
    Length,
    /// Not version 2.
    Version,
    /// A tag or permission that does not exist.
    Entry,
    /// Entries out of order, repeated, or a required one missing.
    Order,
}

impl fmt::Display for AclError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "ACL of a wrong length",
            Self::Version => "ACL of an unknown version",
            Self::Entry => "ACL with an unknown entry",
            Self::Order => "ACL with entries missing or out of order",
        })
    }
}

impl std::error::Error for AclError {}

impl Acl {
    /// Decodes the extended attribute: a little-endian u32 version, then {u16 tag, u16 permissions, u32 id} each.
    pub fn decode(bytes: &[u8]) -> Result<Self, AclError> {
        let (version, body) = bytes.split_first_chunk::<4>().ok_or(AclError::Length)?;
        if u32::from_le_bytes(*version) != 2 {
            return Err(AclError::Version);
        }
        let (records, rest) = body.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(AclError::Length);
        }
        let entries = records.iter().map(Self::record).collect::<Result<_, _>>()?;
        Self::new(entries)
    }

    fn record(record: &[u8; 8]) -> Result<(Tag, u8), AclError> {
        let [tag_low, tag_high, perm, perm_high, id @ ..] = *record;
        let id = u32::from_le_bytes(id);
        let tag = match u16::from_le_bytes([tag_low, tag_high]) {
            0x01 => Tag::UserObj,
            0x02 => Tag::User(id),
            0x04 => Tag::GroupObj,
            0x08 => Tag::Group(id),
            0x10 => Tag::Mask,
            0x20 => Tag::Other,
            _ => return Err(AclError::Entry),
        };
        if perm > 7 || perm_high != 0 {
            Err(AclError::Entry)
        } else {
            Ok((tag, perm))
        }
    }

    /// An ACL from its entries, refused unless the kernel would store it.
    pub fn new(entries: Vec<(Tag, u8)>) -> Result<Self, AclError> {
        const fn rank(tag: Tag) -> u8 {
            match tag {
                Tag::UserObj => 0,
                Tag::User(_) => 1,
                Tag::GroupObj => 2,
                Tag::Group(_) => 3,
                Tag::Mask => 4,
                Tag::Other => 5,
            }
        }
        let ordered = entries.windows(2).all(|pair| match pair {
            [(a, _), (b, _)] => {
                rank(*a) < rank(*b) || (rank(*a) == rank(*b) && matches!(rank(*a), 1 | 3))
            }
            _ => true,
        });
        let has = |wanted: u8| entries.iter().any(|(tag, _)| rank(*tag) == wanted);
        let masked = has(4) || !(has(1) || has(3));
        if ordered && has(0) && has(2) && has(5) && masked {
            Ok(Self { entries })
        } else {
            Err(AclError::Order)
        }
    }

    /// The bytes of the extended attribute.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (tag, permissions) in &self.entries {
            let (tag, id): (u16, u32) = match tag {
                Tag::UserObj => (0x01, u32::MAX),
                Tag::User(uid) => (0x02, *uid),
                Tag::GroupObj => (0x04, u32::MAX),
                Tag::Group(gid) => (0x08, *gid),
                Tag::Mask => (0x10, u32::MAX),
                Tag::Other => (0x20, u32::MAX),
            };
            bytes.extend(tag.to_le_bytes());
            bytes.extend(u16::from(*permissions).to_le_bytes());
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }

    /// The ACL that says no more than mode bits do.
    #[must_use]
    pub fn of_mode(mode: u32) -> Self {
        let class = |shift: u32| u8::try_from(mode >> shift & 7).unwrap_or_default();
        Self {
            entries: vec![
                (Tag::UserObj, class(6)),
                (Tag::GroupObj, class(3)),
                (Tag::Other, class(0)),
            ],
        }
    }

    /// What is left without named entries and the mask (setfacl -b): the owning group keeps what its own
    /// entry grants under the mask.
    #[must_use]
    pub fn stripped(&self) -> Self {
        let mut base = self.base();
        let mask = self.get(Tag::Mask).unwrap_or(7);
        let group = self.get(Tag::GroupObj).unwrap_or_default();
        base.set(Tag::GroupObj, group & mask);
        base
    }

    /// The entries of owner, owning group and everybody else as they stand: what setfacl(1) begins a
    /// default ACL with.
    #[must_use]
    pub fn base(&self) -> Self {
        let mut entries = self.entries.clone();
        entries.retain(|(tag, _)| matches!(tag, Tag::UserObj | Tag::GroupObj | Tag::Other));
        Self { entries }
    }

    /// What chmod(1) would make of mode bits is made of it: the owning group gets `group` besides what it
    /// has, and owner, mask and everybody else what `mode` says.
    #[must_use]
    pub fn with_mode(&self, mode: u32, group: u8) -> Self {
        let class = |shift: u32| u8::try_from(mode >> shift & 7).unwrap_or_default();
        let mut changed = self.clone();
        for (tag, bits) in &mut changed.entries {
            match tag {
                Tag::UserObj => *bits = class(6),
                Tag::GroupObj => *bits |= group & 7,
                Tag::Mask => *bits = class(3),
                Tag::Other => *bits = class(0),
                Tag::User(_) | Tag::Group(_) => {}
            }
        }
        changed
    }

    /// With an entry for a user, and a mask that grants what its entries do (setfacl -m).
    #[must_use]
    pub fn granting(&self, uid: u32, permissions: u8) -> Self {
        let mut entries = self.entries.clone();
        entries.retain(|(tag, _)| *tag != Tag::User(uid) && *tag != Tag::Mask);
        entries.push((Tag::User(uid), permissions & 7));
        let bounded = |tag: &Tag| matches!(tag, Tag::User(_) | Tag::GroupObj | Tag::Group(_));
        let mask = entries
            .iter()
            .filter(|(tag, _)| bounded(tag))
            .fold(0, |mask, (_, bits)| mask | bits);
        entries.push((Tag::Mask, mask));
        entries.sort_unstable();
        Self { entries }
    }

    /// The entries, in the kernel's order.
    #[must_use]
    pub fn entries(&self) -> &[(Tag, u8)] {
        &self.entries
    }

    /// Sets the permissions of one entry, for "what if".
    pub(crate) fn set(&mut self, tag: Tag, permissions: u8) {
        for entry in self.entries.iter_mut().filter(|entry| entry.0 == tag) {
            entry.1 = permissions & 7;
        }
    }

    /// The permissions of one entry.
    #[must_use]
    pub fn get(&self, tag: Tag) -> Option<u8> {
        self.entries
            .iter()
            .find(|entry| entry.0 == tag)
            .map(|entry| entry.1)
    }

    /// fs/posix_acl.c posix_acl_permission for one who is not the owner. Group entries do not add up:
    /// the first matching one that holds every wanted bit decides, under the mask; if all that match
    /// fall short, *other* is not asked.
    #[must_use]
    pub fn permission(&self, who: &Principal, owning_group: u32, want: Want) -> Verdict {
        let mask = self.get(Tag::Mask).map_or(7, u32::from);
        let under_mask = |bits: u32, mechanism: Mechanism| match grade(bits & mask, want, mechanism)
        {
            Verdict::Denied(_) if grade(bits, want, mechanism).is_granted() => {
                Verdict::Denied(Mechanism::Mask)
            }
            verdict => verdict,
        };
        let mut short = None;
        for &(tag, perm) in &self.entries {
            let bits = u32::from(perm);
            let mechanism = match tag {
                Tag::User(uid) if uid == who.uid => return under_mask(bits, Mechanism::NamedUser),
                Tag::GroupObj if who.is_in(owning_group) => Mechanism::OwningGroup(owning_group),
                Tag::Group(gid) if who.is_in(gid) => Mechanism::NamedGroup(gid),
                Tag::Other if short.is_none() => return grade(bits, want, Mechanism::AclOther),
                _ => continue,
            };
            if grade(bits, want, mechanism).is_granted() {
                return under_mask(bits, mechanism);
            }
            short = short.or(Some(mechanism));
        }
        Verdict::Denied(short.unwrap_or(Mechanism::AclOther))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut bytes = 2u32.to_le_bytes().to_vec();
        for (tag, perm, id) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(perm.to_le_bytes());
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }

    const NONE: u32 = u32::MAX;

    #[test]
    fn decodes_what_the_kernel_stores_and_nothing_else() {
        let good = attribute(&[
            (1, 6, NONE),
            (2, 6, 33),
            (4, 4, NONE),
            (16, 7, NONE),
            (32, 0, NONE),
        ]);
        assert_eq!(Acl::decode(&good).unwrap().get(Tag::User(33)), Some(6));
        assert_eq!(Acl::decode(&good[..7]), Err(AclError::Length));
        assert_eq!(Acl::decode(&[1, 0, 0, 0]), Err(AclError::Version));
        assert_eq!(Acl::decode(&attribute(&[(3, 6, 0)])), Err(AclError::Entry));
        assert_eq!(Acl::decode(&attribute(&[(1, 9, 0)])), Err(AclError::Entry));
        let no_mask = attribute(&[(1, 6, NONE), (2, 6, 33), (4, 4, NONE), (32, 0, NONE)]);
        assert_eq!(Acl::decode(&no_mask), Err(AclError::Order));
        assert_eq!(Acl::decode(&attribute(&[])), Err(AclError::Order));
    }

    #[test]
    fn what_is_written_is_what_is_read_and_setfacl_s_changes_are_known() {
        let long = attribute(&[
            (1, 6, NONE),
            (2, 6, 33),
            (2, 1, 40),
            (4, 4, NONE),
            (8, 0, 7),
            (16, 7, NONE),
            (32, 0, NONE),
        ]);
        let acl = Acl::decode(&long).unwrap();
        assert_eq!(acl.encode(), long);
        assert_eq!(acl.stripped(), Acl::of_mode(0o640));
        let granting = Acl::of_mode(0o640).granting(40, 1).granting(33, 6);
        let expected = [
            (Tag::UserObj, 6),
            (Tag::User(33), 6),
            (Tag::User(40), 1),
            (Tag::GroupObj, 4),
            (Tag::Mask, 7),
            (Tag::Other, 0),
        ];
        assert_eq!(granting.entries(), expected);
        assert_eq!(granting.granting(33, 0).get(Tag::Mask), Some(5));
        assert!(Acl::new(granting.entries().to_vec()).is_ok());
    }

    fn acl(named: &[(Tag, u8)], group: u8, mask: u8, other: u8) -> Acl {
        let mut entries = vec![
            (Tag::UserObj, 7),
            (Tag::GroupObj, group),
            (Tag::Mask, mask),
            (Tag::Other, other),
        ];
        entries.extend(named);
        entries.sort();
        Acl::new(entries).unwrap()
    }

    #[test]
    fn group_entries_do_not_add_up() {
        let who = Principal::new("x", 5, vec![10, 11]);
        let both = Want::READ.and(Want::WRITE);
        let split = acl(&[(Tag::Group(10), 4), (Tag::Group(11), 2)], 0, 7, 7);
        assert_eq!(
            split.permission(&who, 99, Want::READ),
            Verdict::Granted(Mechanism::NamedGroup(10))
        );
        assert_eq!(
            split.permission(&who, 99, Want::WRITE),
            Verdict::Granted(Mechanism::NamedGroup(11))
        );
        assert_eq!(
            split.permission(&who, 99, both),
            Verdict::Denied(Mechanism::NamedGroup(10))
        );
    }

    #[test]
    fn named_user_beats_groups_and_the_mask_bounds_both() {
        let who = Principal::new("x", 5, vec![10]);
        let named = acl(&[(Tag::User(5), 0), (Tag::Group(10), 7)], 7, 7, 7);
        assert_eq!(
            named.permission(&who, 99, Want::READ),
            Verdict::Denied(Mechanism::NamedUser)
        );
        let masked = acl(&[(Tag::User(5), 6)], 7, 4, 7);
        assert_eq!(
            masked.permission(&who, 99, Want::WRITE),
            Verdict::Denied(Mechanism::Mask)
        );
        assert_eq!(
            masked.permission(&who, 99, Want::READ),
            Verdict::Granted(Mechanism::NamedUser)
        );
    }

    #[test]
    fn other_is_asked_only_where_nothing_matched_and_without_the_mask() {
        let open = acl(&[(Tag::Group(10), 0)], 0, 1, 6);
        let outsider = Principal::new("x", 5, vec![1]);
        let member = Principal::new("y", 6, vec![10]);
        assert_eq!(
            open.permission(&outsider, 99, Want::WRITE),
            Verdict::Granted(Mechanism::AclOther)
        );
        assert_eq!(
            open.permission(&member, 99, Want::WRITE),
            Verdict::Denied(Mechanism::NamedGroup(10))
        );
    }
}
