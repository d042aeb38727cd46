//! An entry's ACL, and the default ACL that a directory gives to what is made in it. Setting an access
//! ACL sets the mode bits with it, in one step, and one that says no more than they do is stored in them
//! alone (acl(5)). Refuses attributes that are no ACL.

use super::change::{Change, Subject, Turn};
use super::place::{self, Place};
use super::spelled::{hex, unhex};
use super::{Surprise, World};
use crate::access::Acl;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{Stat, XattrFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// An ACL of this entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclOf {
    /// The entry.
    pub place: Place,
    /// Which.
    pub which: Which,
}

/// Which ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Who may do what with the entry.
    Access,
    /// What is made in the directory begins with it.
    Default,
}

impl Which {
    const fn name(self) -> &'static str {
        match self {
            Self::Access => "system.posix_acl_access",
            Self::Default => "system.posix_acl_default",
        }
    }
}

/// The change that makes an ACL of an entry, as it was just seen, another.
pub(super) fn change(
    place: Place,
    which: Which,
    before: Option<&Acl>,
    after: Option<&Acl>,
) -> Change {
    let state = |acl: Option<&Acl>| acl.map(|acl| hex(&acl.encode()));
    Change::Acl(Turn {
        at: AclOf { place, which },
        before: state(before),
        after: state(after),
    })
}

/// The access ACL of what was found; that of the mode bits where there is none of its own.
///
/// # Errors
/// What the system refused.
pub(super) fn access(entry: &OwnedFd, stat: &Stat, path: &Path) -> Result<Acl, Surprise> {
    Ok(read(entry, Which::Access, path)?.unwrap_or_else(|| Acl::of_mode(stat.st_mode)))
}

/// An ACL as it is stored; none where there is none.
///
/// # Errors
/// What the system refused, or that it is broken.
pub(super) fn read(entry: &OwnedFd, which: Which, path: &Path) -> Result<Option<Acl>, Surprise> {
    let mut bytes = vec![0_u8; 64 << 10];
    let name = place::by_descriptor(entry.as_fd());
    match rustix::fs::getxattr(name, which.name(), &mut *bytes) {
        Ok(length) => Acl::decode(bytes.get(..length).unwrap_or_default())
            .map(Some)
            .map_err(|e| Surprise::new(format!("{}: {e}", path.display()))),
        Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
        Err(e) => Err(Surprise::call(e, "read the ACL of", path)),
    }
}

impl Subject for AclOf {
    type State = Option<String>;

    fn see(&self, world: &mut World<'_>) -> Result<Self::State, Surprise> {
        let path = self.place.path.as_path();
        let (entry, stat) = place::open(world, &self.place)?;
        let acl = match self.which {
            Which::Access => Some(access(&entry, &stat, path)?),
            Which::Default => read(&entry, Which::Default, path)?,
        };
        Ok(acl.map(|acl| hex(&acl.encode())))
    }

    fn set(
        &self,
        world: &mut World<'_>,
        _from: &Self::State,
        to: &Self::State,
    ) -> Result<(), Surprise> {
        let path = self.place.path.as_path();
        let (entry, _) = place::open(world, &self.place)?;
        let name = place::by_descriptor(entry.as_fd());
        let done = match to.as_deref().and_then(unhex) {
            Some(bytes) => {
                rustix::fs::setxattr(name, self.which.name(), &bytes, XattrFlags::empty())
            }
            None => rustix::fs::removexattr(name, self.which.name()),
        };
        done.map_err(|e| match e {
            Errno::OPNOTSUPP => Surprise::new(format!(
                "{}: the file system stores no ACLs",
                path.display()
            ))
            .remedy("mount it with the option acl"),
            e => Surprise::call(e, "set the ACL of", path),
        })
    }

    fn names(&self) -> String {
        let which = match self.which {
            Which::Access => "ACL",
            Which::Default => "default ACL",
        };
        format!("the {which} of {}", self.place.path.as_path().display())
    }

    fn tells(&self, state: &Self::State) -> String {
        let acl = state.as_deref().and_then(unhex);
        match acl.and_then(|bytes| Acl::decode(&bytes).ok()) {
            None => "none".to_owned(),
            Some(acl) => spelled(&acl),
        }
    }

    fn is_light(&self) -> bool {
        true
    }
}

/// As getfacl(1) spells it, on one line and with numbers.
fn spelled(acl: &Acl) -> String {
    use crate::access::Tag;
    let entries = acl.entries().iter().map(|(tag, bits)| {
        let who = match tag {
            Tag::UserObj => "u:".to_owned(),
            Tag::User(uid) => format!("u:{uid}"),
            Tag::GroupObj => "g:".to_owned(),
            Tag::Group(gid) => format!("g:{gid}"),
            Tag::Mask => "m:".to_owned(),
            Tag::Other => "o:".to_owned(),
        };
        let letter = |bit: u8, letter: char| if bits & bit == 0 { '-' } else { letter };
        let (r, w, x) = (letter(4, 'r'), letter(2, 'w'), letter(1, 'x'));
        format!("{who}:{r}{w}{x}")
    });
    entries.collect::<Vec<_>>().join(",")
}
