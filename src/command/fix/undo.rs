//! Taking a journal back: what was before a fix is there again.

use super::apply::{database, tell};
use crate::cli::FixArgs;
use crate::command::audit::{self, rfc3339};
use crate::command::settings::Settings;
use crate::command::{Failure, print};
use crate::host::Host;
use crate::mend::{self, Why, World};
use crate::report::escape;
use jiff::Timestamp;
use std::path::Path;

/// Takes it back.
///
/// # Errors
/// Why it cannot be begun.
pub(super) fn run(args: &FixArgs, journal: &Path) -> Result<u8, Failure> {
    let journal = std::path::absolute(journal)
        .map_err(|error| format!("--undo {}: {error}", journal.display()))?;
    let heading = mend::heading(&journal).map_err(|it| format!("--undo: {it}"))?;
    let host = Host::default();
    let settings = Settings::read(args.config.as_deref())?;
    let mut observe = args.observe.clone();
    observe.root = Some(heading.install.clone());
    let wishes = audit::wishes(&observe, &settings.config)?;
    let mut world = World::new(&host, heading.install, &rfc3339(Timestamp::now()));
    // A journal without a change of the database needs no way to it.
    if let Ok(way) = database(args, &settings, &wishes) {
        world.database = way;
    }
    world.leave_changed = args.leave_changed;
    match mend::undo(&mut world, &journal, &mut |told| tell(&told)) {
        Ok(undone) => {
            let mut text = match undone.changes {
                0 => "Nothing was left to take back".to_owned(),
                1 => "1 change is taken back".to_owned(),
                many => format!("{many} changes are taken back"),
            };
            if undone.gone > 0 {
                text.push_str(&format!("; {} entries are not there any more", undone.gone));
            }
            if undone.left > 0 {
                text.push_str(&format!(
                    "; {} have changed since and were left alone",
                    undone.left
                ));
            }
            let _ = print(&format!("{text}.\n"));
            Ok(u8::from(undone.left > 0))
        }
        Err(surprise) if surprise.kind == Why::Unbegun => {
            Err(Failure::Message(format!("--undo: {surprise}")))
        }
        Err(surprise) => {
            let _ = print(&format!(
                "Stopped: {}.\nNothing was changed after that; --undo again goes on from there.\n",
                escape(&surprise.to_string())
            ));
            Ok(1)
        }
    }
}
