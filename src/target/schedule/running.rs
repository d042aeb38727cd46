//! Processes that run the product right now: loops without any table, and tasks caught in the act.
//! Refuses processes of containers: their paths are not the host's.

use super::{Command, ScheduledJob, Scheduler, Search, Task};
use crate::host::Processes;
use std::collections::BTreeMap;

/// Looks through every process.
pub(super) fn look(search: &mut Search<'_>, processes: &Processes) {
    for process in &processes.running {
        if process.args.is_empty() || process.elsewhere == Some(true) {
            continue;
        }
        let user = format!("#{}", process.euid);
        search.consider(&Task {
            command: Command::Words(&process.args),
            directory: process.cwd.as_deref(),
            variables: &BTreeMap::new(),
            job: ScheduledJob {
                effective_user: user.clone(),
                user,
                uid: Some(process.euid),
                command: String::new(),
                updates: false,
                enabled: true,
                scheduler: Scheduler::Process,
                path: format!("process {}", process.pid),
                line: 0,
                notes: Vec::new(),
            },
        });
    }
}
