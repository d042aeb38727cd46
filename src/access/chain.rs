//! How the kernel would walk a path: every directory it searches, every link it follows, and what it finds.
//! Plain data, in the order of fs/namei.c link_path_walk. Refuses to say who may pass: `rights` does.

use super::entry::{Blind, Entry, Flag};

/// An index into [`Chain::places`].
pub type PlaceId = usize;

/// One entry met on the way, and the path by which it is really reached (links resolved).
#[derive(Clone, Debug)]
pub struct Place {
    /// Physical path from `/`.
    pub path: Vec<u8>,
    /// What was seen there.
    pub entry: Entry,
}

/// One thing the kernel does on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looks a name up, which needs search permission on the directory (fs/namei.c may_lookup).
    Search(PlaceId),
    /// Follows a link. `trailing`: the link is the path's last component, or the last one of such a link.
    Follow {
        /// The link.
        link: PlaceId,
        /// The directory that holds it.
        directory: PlaceId,
        /// Whether fs.protected_symlinks looks at it.
        trailing: bool,
    },
}

/// What the last component names, its own link not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastName {
    /// `.`, `..`, or nothing after the root.
    Dot,
    /// An entry, and whether something is mounted on it.
    Entry {
        /// The entry.
        place: PlaceId,
        /// Whether it is a mount point.
        mount_point: Flag,
    },
    /// Nothing yet.
    Missing,
    /// A name the file system cannot hold.
    TooLong,
    /// The auditor could not look.
    Unseen(Blind),
}

/// The last component of the path as given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// The directory it is looked up in.
    pub directory: PlaceId,
    /// What it names.
    pub name: LastName,
    /// Whether slashes follow it.
    pub slash: bool,
}

/// Where the walk ends, every link followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// At an entry.
    Reached(PlaceId),
    /// At a name that does not exist; its physical path.
    Missing(Vec<u8>),
    /// At an entry that had to be a directory and is not.
    NotDirectory(PlaceId),
    /// At one link too many.
    Loop(PlaceId),
    /// At a name or path that is too long.
    TooLong,
    /// Where the auditor could not look further; the physical path.
    Unseen(Vec<u8>, Blind),
}

/// A path, walked.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Every entry met, each once.
    pub places: Vec<Place>,
    /// What the kernel does, in order, the last link followed.
    pub steps: Vec<Step>,
    /// How many of the steps come before the last component is looked up.
    pub parent_steps: usize,
    /// The last component, where the walk came so far.
    pub last: Option<Last>,
    /// Where all steps lead.
    pub end: End,
}

impl Chain {
    /// A path that is refused before anything is looked at.
    #[must_use]
    pub const fn stopped(end: End) -> Self {
        Self {
            places: Vec::new(),
            steps: Vec::new(),
            parent_steps: 0,
            last: None,
            end,
        }
    }

    /// The entry of a place.
    #[must_use]
    pub fn entry(&self, id: PlaceId) -> Option<&Entry> {
        self.places.get(id).map(|place| &place.entry)
    }

    /// The entry at which the walk ends, every link followed.
    #[must_use]
    pub fn end_entry(&self) -> Option<&Entry> {
        match self.end {
            End::Reached(id) => self.entry(id),
            _ => None,
        }
    }

    /// The physical path at which the walk ends, where it can be told.
    #[must_use]
    pub fn end_path(&self) -> Option<&[u8]> {
        match &self.end {
            End::Reached(id) | End::NotDirectory(id) => Some(&self.places.get(*id)?.path),
            End::Missing(path) | End::Unseen(path, _) => Some(path),
            End::Loop(_) | End::TooLong => None,
        }
    }

    /// The path of a place, for messages.
    #[must_use]
    pub fn path(&self, id: PlaceId) -> String {
        self.places.get(id).map_or_else(String::new, |place| {
            String::from_utf8_lossy(&place.path).into_owned()
        })
    }
}

/// Settings of the running kernel that change answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sysctl {
    /// `fs.protected_symlinks`.
    pub protected_symlinks: Flag,
}
