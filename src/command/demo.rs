//! `deskguard demo`: a weak helpdesk in a temporary folder, audited for real. Says what it could not
//! show, and why.

use super::audit::Session;
use super::{Failure, print};
use crate::audit::observe;
use crate::check::Catalogue;
use crate::cli::{DemoArgs, Format};
use crate::demo::{Account, Serving, plant};
use crate::host::{Accounts, Host};
use crate::policy::Policy;
use crate::target::{Asking, DatabaseWish, Named, Vantage, Wishes};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &DemoArgs) -> Result<u8, Failure> {
    let temporary = tempfile::Builder::new()
        .prefix("deskguard-demo-")
        .tempdir()
        .map_err(|error| format!("no temporary folder can be made: {error}"))?;
    let root = place(args, temporary.path())?;
    let host = Host::default();
    let uid = rustix::process::geteuid().as_raw();
    let web = web_account(&host, uid)?;
    let planted = plant(&root, &web, uid == 0).map_err(|error| {
        format!(
            "{}: the weak helpdesk cannot be made: {error}",
            root.display()
        )
    })?;
    let serving = Serving::start(&root)
        .map_err(|error| format!("the demo's web server cannot start on 127.0.0.1: {error}"))?;
    if args.format == Format::Text {
        let kept = if args.keep.is_some() {
            "and stays there"
        } else {
            "and is gone afterwards"
        };
        let mut intro = format!(
            "A deliberately weak helpdesk lies in {} {kept}.\n{} stands for the web server's account.\nA small web server inside of this program serves it, wrongly, at {}\nuntil the audit is over; what the product would answer is a stand-in.\nThis demo cannot show:\n",
            root.display(),
            planted.web_user,
            serving.url()
        );
        for missing in &planted.not_shown {
            intro.push_str(&format!("  - {missing}\n"));
        }
        print(&format!("{intro}\n"))?;
    }
    let session = Session {
        format: args.format,
        look: args.look,
        ..Session::default()
    };
    let wishes = Wishes {
        root: Some(root),
        named: Named {
            web: Some((planted.web_user, "the demo".to_owned())),
            cron: None,
        },
        asking: Asking {
            url: Some((serving.url(), "the demo".to_owned())),
            vantage: Some(Vantage::Outside),
            ..Asking::default()
        },
        // Its configuration names a database that is not its own.
        database: DatabaseWish {
            offline: true,
            ..DatabaseWish::default()
        },
        ..Wishes::default()
    };
    let catalogue = Catalogue::read(Vec::new())?;
    session.deliver(&catalogue, Policy::default(), || {
        Ok(observe(&host, &wishes, None)?.into())
    })?;
    // The findings are the demo's purpose: they are no failure of the demo.
    Ok(0)
}

/// The folder that the helpdesk is made in, new and empty.
fn place(args: &DemoArgs, temporary: &Path) -> Result<PathBuf, String> {
    let root = args
        .keep
        .clone()
        .unwrap_or_else(|| temporary.join("deskpro"));
    if args.keep.is_none() {
        // Others must reach it, or nothing in it could be wrong for them.
        set_mode(temporary, 0o755)?;
    }
    fs::create_dir(&root).map_err(|error| not_made(&root, &error))?;
    set_mode(&root, 0o755)?;
    root.canonicalize()
        .map_err(|error| format!("{}: {error}", root.display()))
}

fn not_made(root: &Path, error: &std::io::Error) -> String {
    let why = match error.kind() {
        ErrorKind::AlreadyExists => {
            "is there already: name a folder that is not there yet".to_owned()
        }
        ErrorKind::NotFound => {
            "cannot be made, because the folder above it is not there".to_owned()
        }
        _ => format!("cannot be made: {error}"),
    };
    format!("--keep: {} {why}", root.display())
}

fn set_mode(path: &Path, mode: u32) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// As root, Debian's web account or any that is not root; otherwise the caller's own.
fn web_account(host: &Host, uid: u32) -> Result<Account, String> {
    let accounts = Accounts::read(&host.root)
        .map_err(|error| format!("the accounts cannot be read: {error}"))?;
    let named = |name: &str| accounts.users.iter().find(|user| user.name == name);
    let found = if uid == 0 {
        ["www-data", "apache", "nginx", "http", "nobody"]
            .into_iter()
            .find_map(named)
    } else {
        accounts.users.iter().find(|user| user.uid == uid)
    };
    found
        .map(|user| (user.name.clone(), user.uid, user.gid))
        .ok_or_else(|| "no account was found to stand for the web server's".to_owned())
}
