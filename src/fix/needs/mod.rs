//! Whether a deed would take away something that the helpdesk needs: each is tried on paper, over the
//! facts, before it may stand in a plan. Refuses to let pass what cannot be told: such a deed is done by a
//! person who knows.

mod database;
mod disk;
mod place;
mod request;
mod server;
#[cfg(test)]
mod tests;

use super::action::Action;
use crate::facts::Facts;
use database::Database;
use disk::Disk;
use server::Servers;

/// What the helpdesk needs, as the deeds that were admitted so far leave it.
#[derive(Clone)]
pub struct Needs {
    disk: Disk,
    servers: Servers,
    database: Database,
}

impl Needs {
    /// By these facts.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        Self {
            disk: Disk::of(facts),
            servers: Servers::of(facts),
            database: Database::of(facts),
        }
    }

    /// Takes the deeds of one fix as done, in their order.
    ///
    /// # Errors
    /// What they would take away, a clause; then they count as not done. The helpdesk may go without
    /// between two deeds of one fix, but not after the last.
    pub fn admit(&mut self, deeds: &[Action]) -> Result<(), String> {
        let mut after = self.clone();
        // Plans edit a file from its end: what a line at the top defines comes last.
        after.servers.expect(deeds);
        for deed in deeds {
            after.disk.carry_out(deed)?;
            after.servers.carry_out(deed, &mut after.disk)?;
            after.database.carry_out(deed)?;
        }
        let taken = after.disk.taken(&self.disk);
        let taken = taken.or_else(|| after.servers.taken(&after.disk));
        if let Some(taken) = taken.or_else(|| after.database.taken()) {
            return Err(taken);
        }
        *self = after;
        Ok(())
    }

    /// What this deed alone would take away, a clause; nothing where it is harmless.
    #[must_use]
    pub fn objection(&self, deed: &Action) -> Option<String> {
        self.clone().admit(std::slice::from_ref(deed)).err()
    }
}
