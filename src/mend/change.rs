//! One change of one thing: what it is, what it was before, what it is after. A change can be seen and
//! set, and nothing more is known of any: carrying out, a crash and undoing need no further
//! bookkeeping. Refuses to guess: what is neither before nor after is a surprise.
//!
//! A new subject is a type in a file of its own that implements [`Subject`], a variant of [`Change`],
//! and a line in `Change::turns`.

use super::database::{account::AccountOf, account::Accounts, row::Row, variable::VariableOf};
use super::surprise::{BUSY, Why};
use super::{Surprise, World, account, acl, content, link, made, mode, moved, owner, taken_up};
use crate::sql::RowOf;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What can be seen and set.
pub trait Subject {
    /// What it can be. It goes into the journal, so it is small: large contents are kept beside
    /// (`World::kept`), and never a secret.
    type State: PartialEq + Debug;

    /// What it is now.
    ///
    /// # Errors
    /// That it cannot be looked at, or is not the same thing any more.
    fn see(&self, world: &mut World<'_>) -> Result<Self::State, Surprise>;

    /// Makes it `to`. It is `from` now, or half way between both.
    ///
    /// # Errors
    /// What the system refused.
    fn set(
        &self,
        world: &mut World<'_>,
        from: &Self::State,
        to: &Self::State,
    ) -> Result<(), Surprise>;

    /// What it is, for messages: "the owner of /srv/dp/x".
    fn names(&self) -> String;

    /// A state, for messages: "1000:33".
    fn tells(&self, state: &Self::State) -> String;

    /// Whether what is seen counts as a state. Parts that nobody can set exactly may be left out.
    fn is(&self, seen: &Self::State, state: &Self::State) -> bool {
        seen == state
    }

    /// Whether what is seen is what a `set` that was cut off leaves.
    fn is_between(&self, _seen: &Self::State, _before: &Self::State, _after: &Self::State) -> bool {
        false
    }

    /// Called by undo when the state before is there again, also where it was there already: the place
    /// to take away what a cut off `set` left beside.
    ///
    /// # Errors
    /// What the system refused.
    fn settle(&self, _world: &mut World<'_>, _before: &Self::State) -> Result<(), Surprise> {
        Ok(())
    }

    /// Whether undoing it leaves the entry in place, so that changes before it can be looked at again
    /// after a crash. Such changes are many, and their progress need not be on the disk at once.
    fn is_light(&self) -> bool {
        false
    }
}

/// A subject and its two states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn<S, T> {
    /// The subject.
    pub at: S,
    /// What it was.
    pub before: T,
    /// What it becomes.
    pub after: T,
}

/// One change: a line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "kebab-case")]
pub enum Change {
    /// An entry's owner and group, and the mode bits that go with them.
    Owner(Turn<owner::Owner, owner::Ids>),
    /// An entry's mode bits.
    Mode(Turn<mode::Bits, u32>),
    /// An ACL of an entry.
    Acl(Turn<acl::AclOf, Option<String>>),
    /// A regular file: made, replaced, or taken away.
    Content(Turn<content::Content, content::Held>),
    /// A directory that is made.
    Made(Turn<made::Made, made::There>),
    /// A symbolic link that is taken away.
    Link(Turn<link::Link, link::Leads>),
    /// An entry that is moved.
    Moved(Turn<moved::Moved, moved::Where>),
    /// A system account that is made.
    Account(Turn<account::Account, bool>),
    /// Which configuration a server works by.
    TakenUp(Turn<taken_up::TakenUp, taken_up::Edition>),
    /// A row of the helpdesk's settings.
    Row(Turn<RowOf, Row>),
    /// A variable of the running database server.
    Variable(Turn<VariableOf, u64>),
    /// An account of the database.
    DatabaseAccount(Box<Turn<AccountOf, Accounts>>),
}

impl Change {
    fn turns(&self) -> &dyn Turns {
        match self {
            Self::Owner(turn) => turn,
            Self::Mode(turn) => turn,
            Self::Acl(turn) => turn,
            Self::Content(turn) => turn,
            Self::Made(turn) => turn,
            Self::Link(turn) => turn,
            Self::Moved(turn) => turn,
            Self::Account(turn) => turn,
            Self::TakenUp(turn) => turn,
            Self::Row(turn) => turn,
            Self::Variable(turn) => turn,
            Self::DatabaseAccount(turn) => turn.as_ref(),
        }
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.turns().is_none()
    }

    /// What changes, and how, for a person: "the mode of /srv/dp/x: 0666 becomes 0644".
    #[must_use]
    pub fn says(&self) -> String {
        self.turns().says()
    }

    pub(super) fn is_light(&self) -> bool {
        self.turns().is_light()
    }

    /// Carries it out; the state before must be there.
    pub(super) fn forward(&self, world: &mut World<'_>) -> Result<(), Surprise> {
        self.turns().forward(world)
    }

    /// Takes it back, if it was begun.
    pub(super) fn back(&self, world: &mut World<'_>) -> Result<(), Surprise> {
        self.turns().back(world)
    }
}

/// A turn without its types.
trait Turns {
    fn is_none(&self) -> bool;
    fn says(&self) -> String;
    fn is_light(&self) -> bool;
    fn forward(&self, world: &mut World<'_>) -> Result<(), Surprise>;
    fn back(&self, world: &mut World<'_>) -> Result<(), Surprise>;
}

impl<S: Subject> Turns for Turn<S, S::State> {
    fn is_none(&self) -> bool {
        self.before == self.after
    }

    fn says(&self) -> String {
        format!(
            "{}: {} becomes {}",
            self.at.names(),
            self.at.tells(&self.before),
            self.at.tells(&self.after)
        )
    }

    fn is_light(&self) -> bool {
        self.at.is_light()
    }

    fn forward(&self, world: &mut World<'_>) -> Result<(), Surprise> {
        let seen = self.at.see(world)?;
        if !self.at.is(&seen, &self.before) {
            return Err(self.other(&seen, &self.before));
        }
        self.at.set(world, &self.before, &self.after)?;
        let seen = self.at.see(world)?;
        if self.at.is(&seen, &self.after) {
            Ok(())
        } else {
            Err(self.other(&seen, &self.after))
        }
    }

    fn back(&self, world: &mut World<'_>) -> Result<(), Surprise> {
        let seen = self.at.see(world)?;
        if self.at.is(&seen, &self.before) {
            return self.at.settle(world, &self.before);
        }
        if !self.at.is(&seen, &self.after) && !self.at.is_between(&seen, &self.before, &self.after)
        {
            return Err(Surprise::new(format!(
                "{} has changed since: it is {}, and the fix left {}",
                self.at.names(),
                self.at.tells(&seen),
                self.at.tells(&self.after)
            ))
            .kind(Why::Changed)
            .remedy(format!(
                "look who changed it; set it to {}, which it was before the fix, or to {}, and undo again",
                self.at.tells(&self.before),
                self.at.tells(&self.after)
            )));
        }
        self.at.set(world, &self.after, &self.before)?;
        let seen = self.at.see(world)?;
        if self.at.is(&seen, &self.before) {
            self.at.settle(world, &self.before)
        } else {
            Err(self.other(&seen, &self.before))
        }
    }
}

impl<S: Subject> Turn<S, S::State> {
    fn other(&self, seen: &S::State, wanted: &S::State) -> Surprise {
        Surprise::new(format!(
            "{} is {} where it should be {}",
            self.at.names(),
            self.at.tells(seen),
            self.at.tells(wanted)
        ))
        .remedy(BUSY)
    }
}
