//! A deliberately weak helpdesk on disk, for `deskguard demo`: the layout of a v4 install with the
//! faults that are met most often. Nothing in it is the product's code. Writes only below the folder
//! that it is given.

mod serve;
mod tree;

pub use serve::Serving;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;

/// What was planted, and what could not be.
#[derive(Debug, Default)]
pub struct Planted {
    /// The account that stands for the web server's.
    pub web_user: String,
    /// What the demo cannot show here, and why.
    pub not_shown: Vec<String>,
}

/// An account of the host: name, user id, group id.
pub type Account = (String, u32, u32);

/// Makes the weak install below `root`, which must exist and be empty. As root its files go to the
/// web server's account; otherwise the caller stands for that account.
///
/// # Errors
/// What could not be written.
pub fn plant(root: &Path, web: &Account, is_root: bool) -> io::Result<Planted> {
    for (path, mode, contents) in tree::FILES {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let contents = contents.replace("{ROOT}", &root.to_string_lossy());
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?
            .write_all(contents.as_bytes())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode))?;
    }
    for (path, mode) in tree::DIRECTORIES {
        let path = root.join(path);
        fs::create_dir_all(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode))?;
    }
    let sums = tree::checksum_list();
    fs::write(root.join("app/sys/Resources/distro-checksums.php"), sums)?;
    symlink("/etc", root.join("web/files"))?;
    let mut planted = Planted {
        web_user: web.0.clone(),
        not_shown: vec![
            "what PHP would run: the small web server runs none".to_owned(),
            "the scheduled task: the demo changes no crontab".to_owned(),
            "the database and the helpdesk's own settings: none runs here".to_owned(),
        ],
    };
    if is_root {
        give_away(root, web)?;
    } else {
        planted.not_shown.push(format!(
            "files of different owners: only root can make them, so {} owns everything and stands for the web server's account",
            web.0
        ));
    }
    Ok(planted)
}

/// The web server's account owns everything but what root left behind.
fn give_away(root: &Path, web: &Account) -> io::Result<()> {
    const ROOTS_OWN: [&str; 2] = ["cron.php", "data/logs/cron.log"];
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        }
        if !kind.is_symlink() && !ROOTS_OWN.iter().any(|own| path == root.join(own)) {
            let mode = fs::metadata(&path)?.permissions();
            chown(&path, Some(web.1), Some(web.2))?;
            // The kernel takes the set-uid bit away from a file that changes hands.
            fs::set_permissions(&path, mode)?;
        }
    }
    Ok(())
}
