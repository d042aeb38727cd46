//! Takes back what a journal tells, last change first. Refuses what has changed since; can be cut off at
//! any moment and started again.

use super::past::Past;
use super::surprise::Why;
use super::{Surprise, Told, World};
use std::path::Path;

/// What was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// How many changes of the journal are taken back, or were never made.
    pub changes: u64,
    /// How many entries are not there any more.
    pub gone: u64,
    /// How many have changed since and were left alone, as was asked for.
    pub left: u64,
}

/// Takes back every change of a journal that is not taken back already.
///
/// # Errors
/// The first thing that has changed since, or that the journal cannot be trusted. Nothing is changed
/// after it; what was taken back until then is written down, and the next undo goes on from there.
pub fn undo(
    world: &mut World<'_>,
    journal: &Path,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<Undone, Surprise> {
    let unbegun = |it: Surprise| it.kind(Why::Unbegun);
    let (mut past, kept, restored) = Past::open(journal).map_err(unbegun)?;
    if past.heading.root != world.host.root {
        return Err(Surprise::new(format!(
            "{} belongs to the host below {}, not to the one below {}",
            journal.display(),
            past.heading.root.display(),
            world.host.root.display()
        ))
        .kind(Why::Unbegun));
    }
    world.kept = Some(kept);
    world.undoing = true;
    world.restored = restored;
    world.editions.clear();
    let (mut changes, mut gone, mut left) = (0, 0, 0);
    let mut unsaved = 0_u32;
    while let Some((at, line)) = past.last()? {
        let Some(change) = line.change() else {
            continue;
        };
        // What is taken away cannot be looked at again after a crash: what was undone in it before is
        // on the disk first.
        if !change.is_light() && unsaved > 0 {
            past.sync()?;
            unsaved = 0;
        }
        let known = world.restored.clone();
        let back = change.back(world);
        for text in std::mem::take(&mut world.says) {
            told(Told::Says(&text));
        }
        match back {
            Ok(()) => {
                changes += 1;
                told(Told::Changed(&change));
            }
            // Nobody's owner or mode can be brought back to what is not there.
            Err(surprise) if surprise.kind == Why::Gone && change.is_light() => {
                gone += 1;
                told(Told::Gone(&change));
            }
            Err(surprise)
                if matches!(surprise.kind, Why::Gone | Why::Changed) && world.leave_changed =>
            {
                left += 1;
                told(Told::Left(&change, &surprise));
            }
            Err(surprise) => return Err(surprise),
        }
        let news = world.restored.difference(&known).cloned();
        past.mark(at, news, !change.is_light())?;
        unsaved += 1;
    }
    past.mark(past.begin(), [], true)?;
    Ok(Undone {
        changes,
        gone,
        left,
    })
}
