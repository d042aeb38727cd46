//! What the accounts of the helpdesk can really do, asked of the kernel by processes that run as them:
//! which files they read, and into which data directories they write.

use crate::accounts::{CRON, SECOND_GROUP, WEB};
use crate::tree::Install;
use deskguard::facts::{Facts, Need};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files that are read, and purposes for which a directory is written, each with the account.
pub(crate) struct Working {
    reads: BTreeSet<(u32, PathBuf)>,
    writes: BTreeSet<(u32, String)>,
}

impl Working {
    /// What works now.
    pub(crate) fn of(install: &Install, facts: &Facts) -> Self {
        // Dumps and backups are nobody's but their owner's: to lose them is the point.
        let kept: BTreeSet<&str> = facts
            .files
            .backups
            .rows
            .iter()
            .map(|it| &*it.path)
            .collect();
        let mut reads = reads(install);
        reads.retain(|(_, path)| !kept.contains(&*path.to_string_lossy()));
        Self {
            reads,
            writes: written(facts),
        }
    }

    /// What does not work any more, by the facts as they are now. What was put away is not there to be
    /// read.
    pub(crate) fn lost(&self, install: &Install, facts: &Facts) -> Vec<String> {
        let now = reads(install);
        let unread = self
            .reads
            .difference(&now)
            .filter(|(_, path)| path.symlink_metadata().is_ok())
            .map(|(uid, path)| format!("uid {uid} cannot read {} any more", path.display()));
        let written = written(facts);
        let unwritten = self
            .writes
            .difference(&written)
            .map(|(uid, purpose)| format!("uid {uid} cannot write {purpose} any more"));
        unread.chain(unwritten).collect()
    }
}

/// For what purposes the two accounts really write a directory.
fn written(facts: &Facts) -> BTreeSet<(u32, String)> {
    let needs = |rows: &[Need], (uid, _): (u32, u32)| -> Vec<(u32, String)> {
        let needs = rows
            .iter()
            .filter(|need| writes(uid, Path::new(&need.path)));
        needs.map(|need| (uid, need.purpose.clone())).collect()
    };
    let mut all = needs(&facts.data.web_needs.rows, WEB);
    all.extend(needs(&facts.data.cron_needs.rows, CRON));
    all.into_iter().collect()
}

/// Runs as an account, with the groups that it is in on the planted host.
fn as_account(uid: u32, program: &str) -> Command {
    let groups = if uid == WEB.0 {
        format!("{},{SECOND_GROUP}", WEB.1)
    } else {
        CRON.1.to_string()
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={uid}"))
        .arg(format!("--regid={uid}"))
        .arg(format!("--groups={groups}"))
        .arg("--")
        .arg(program);
    command
}

/// Every file of the install, its configuration and its data that the two accounts read.
fn reads(install: &Install) -> BTreeSet<(u32, PathBuf)> {
    let mut found = BTreeSet::new();
    for (uid, _) in [WEB, CRON] {
        let listed = as_account(uid, "find")
            .arg(install.host().join("srv"))
            .args(["-type", "f", "-readable", "-print0"])
            .output()
            .unwrap();
        let paths = listed.stdout.split(|byte| *byte == 0);
        let paths = paths.filter(|path| !path.is_empty());
        found
            .extend(paths.map(|path| (uid, PathBuf::from(String::from_utf8_lossy(path).as_ref()))));
    }
    found
}

/// Whether an account really makes a file in a directory, writes it, reads it, and takes it away.
fn writes(uid: u32, directory: &Path) -> bool {
    let script = "set -eu; echo attachment > \"$1/.tried\"; read -r text < \"$1/.tried\"; rm \"$1/.tried\"; test \"$text\" = attachment";
    let tried = as_account(uid, "sh")
        .args(["-c", script, "sh"])
        .arg(directory)
        .output();
    tried.unwrap().status.success()
}
