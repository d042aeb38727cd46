//! Hardened installs: what an admin has who did all that the vendor's guide and common sense ask
//! for. The files are stand-ins of a line each; nothing in them is the product's.

// Where they lie is said, since another test takes this room as well.
#[path = "hardened/container.rs"]
mod container;
#[path = "hardened/nginx.rs"]
pub(crate) mod nginx;
#[path = "hardened/running.rs"]
mod running;
#[path = "hardened/v4.rs"]
pub(crate) mod v4;
#[path = "hardened/v5.rs"]
mod v5;

use crate::accounts::{Account, CRON, CRON_NAME, OWNER, ROOT, WEB};
use crate::tree::{Install, Named};
use std::time::{SystemTime, UNIX_EPOCH};

/// The kinds of install, two of them of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Configuration and data moved out of the web root.
    V4,
    /// The shipped layout.
    V5,
    /// `user_dir` moved out of the install.
    V5Moved,
    /// The vendor's image.
    Container,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::V4, Self::V5, Self::V5Moved, Self::Container];

    /// Makes one.
    pub(crate) fn make(self) -> Install {
        match self {
            Self::V4 => v4::make(),
            Self::V5 => v5::make(false),
            Self::V5Moved => v5::make(true),
            Self::Container => container::make(),
        }
    }
}

/// Seconds since 1970 of a moment so many days ago.
pub(crate) fn days_ago(days: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs() - days * 86_400
}

/// The application's files: the owner's, readable by everybody as code is.
fn code(install: &Install, files: &[(&str, &str)]) {
    for (path, text) in files {
        above(install, path);
        install.file(path, OWNER, 0o644, text);
    }
}

/// The directories on the way to a file of the application.
fn above(install: &Install, path: &str) {
    for (end, _) in path.match_indices('/') {
        if !install.at(&path[..end]).exists() {
            install.dir(&path[..end], OWNER, 0o755);
        }
    }
}

/// A directory that web requests and the scheduled task both write, also what the other made.
fn shared(install: &Install, path: &str) {
    let (uid, gid) = WEB;
    install.dir(path, (uid, gid), 0o2770);
    install.acl(path, &[Named::User(CRON.0, 7)], None);
    install.default_acl(path, &[Named::User(CRON.0, 7)]);
}

/// The scheduled task's own directory, for dumps.
fn backups(install: &Install, path: &str) {
    install.dir(path, CRON, 0o700);
    let dump = format!("{path}/2026-01-02-03-04-05-database.zip");
    install.file(&dump, CRON, 0o600, "");
}

/// A directory for files with credentials.
fn private_dir(install: &Install, path: &str) {
    install.dir(path, (OWNER.0, WEB.1), 0o750);
    install.acl(path, &[Named::User(CRON.0, 5)], None);
}

/// A file with credentials: the owner's, readable by the two accounts that need it.
fn private_file(install: &Install, path: &str, text: &str) {
    const MODE: u32 = 0o640;
    let owner: Account = (OWNER.0, WEB.1);
    install.file(path, owner, MODE, text);
    install.acl(path, &[Named::User(CRON.0, 4)], None);
}

/// A web server that publishes one directory, workers and a scheduled task with accounts of their
/// own, as the host's files say it.
fn host_files(install: &Install, published: &str, task: &[String]) {
    running::make(install);
    install.dir("host:etc/nginx", ROOT, 0o755);
    let root = install.at(published).display().to_string();
    // In v4 the document root is the install.
    let closed = if published.is_empty() {
        "app|plugins|data"
    } else {
        "data|config"
    };
    let nginx = nginx::text(&root, closed);
    install.file("host:etc/nginx/nginx.conf", ROOT, 0o644, nginx);
    install.dir("host:etc/cron.d", ROOT, 0o755);
    let lines: String = task
        .iter()
        .map(|command| format!("* * * * * {CRON_NAME} {command}\n"))
        .collect();
    install.file("host:etc/cron.d/deskpro", ROOT, 0o644, lines);
}
