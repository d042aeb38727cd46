//! An entry's mode bits, as chmod(2) sets them; where an ACL is, the middle three are its mask. Refuses
//! links, which have none.

use super::change::{Change, Subject, Turn};
use super::place::{self, Kind, Place};
use super::{Surprise, World};
use rustix::fd::AsFd as _;
use rustix::fs::{AtFlags, CWD, Mode, Stat, chmodat};
use serde::{Deserialize, Serialize};

/// The mode of this entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bits {
    /// The entry.
    pub place: Place,
}

/// The change that gives an entry, as it was just seen, these mode bits.
#[must_use]
pub(super) fn change(place: Place, stat: &Stat, mode: u32) -> Change {
    Change::Mode(Turn {
        at: Bits { place },
        before: stat.st_mode & 0o7777,
        after: mode & 0o7777,
    })
}

impl Subject for Bits {
    type State = u32;

    fn see(&self, world: &mut World<'_>) -> Result<u32, Surprise> {
        let (_, stat) = place::open(world, &self.place)?;
        Ok(stat.st_mode & 0o7777)
    }

    fn set(&self, world: &mut World<'_>, _from: &u32, to: &u32) -> Result<(), Surprise> {
        let path = self.place.path.as_path();
        if self.place.kind == Kind::Link {
            return Err(Surprise::new(format!(
                "{} is a link, and has no mode",
                path.display()
            )));
        }
        let (entry, _) = place::open(world, &self.place)?;
        let name = place::by_descriptor(entry.as_fd());
        chmodat(CWD, name, Mode::from_raw_mode(*to), AtFlags::empty())
            .map_err(|e| Surprise::call(e, "change the mode of", path))
    }

    fn names(&self) -> String {
        format!("the mode of {}", self.place.path.as_path().display())
    }

    fn tells(&self, state: &u32) -> String {
        format!("{state:04o}")
    }

    fn is_light(&self) -> bool {
        true
    }
}
