//! Files that hold credentials, and every local account that can read them.

use super::publish::text;
use crate::access::{Principal, judge};
use crate::facts::{Known, Listing, Readable};
use crate::host::{Host, Looker};
use crate::target::{Generation, Settings, Target, as_path};
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Accounts asked about; a host with more says so.
const MAX_ACCOUNTS: usize = 2000;

pub(super) fn credentials(host: &Host, target: &Target, looker: &Looker) -> Listing<Readable> {
    let Some(settings) = &target.settings else {
        return Listing::unseen(target.no_settings());
    };
    let mut list = Listing {
        rows: Vec::new(),
        missed: settings.unknown.clone(),
    };
    let paths = paths(host, target, settings, &mut list.missed);
    let accounts = readers(target, &mut list.missed);
    for path in paths {
        match row(target, looker, &path, &accounts) {
            Ok(row) => list.rows.push(row),
            Err(reason) => list.missed.push(reason),
        }
    }
    list
}

/// Every file that holds the configuration, those that it includes among them.
pub(super) fn paths(
    host: &Host,
    target: &Target,
    settings: &Settings,
    missed: &mut Vec<String>,
) -> BTreeSet<PathBuf> {
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for file in &settings.files {
        match &file.there {
            Ok(true) => {
                paths.insert(file.file.path.clone());
                paths.extend(file.evaluation.files.iter().cloned());
            }
            // What is not there cannot be read, but then it is not known what is read instead.
            Ok(false) => missed.push(format!("{} is not there", file.file.path.display())),
            Err(reason) => missed.push(reason.clone()),
        }
    }
    if settings.generation == Generation::Container {
        let instance = target.root.join("INSTANCE_DATA");
        let named = ["deskpro-config.php", "config.php", "mysql-client.key"];
        paths.extend(
            named
                .map(|name| instance.join(name))
                .into_iter()
                .filter(|path| host.exists(path) == Ok(true)),
        );
    }
    paths
}

/// Every local account but root and those that must read the configuration.
fn readers(target: &Target, missed: &mut Vec<String>) -> Vec<Principal> {
    let roles = &target.roles;
    let own: Vec<u32> = [&roles.web, &roles.cron, &roles.updaters]
        .into_iter()
        .flatten()
        .map(|who| who.uid)
        .chain(roles.owner_uid)
        .collect();
    missed.extend(roles.web_unknown.iter().cloned());
    let mut accounts: Vec<Principal> = target
        .accounts
        .users
        .iter()
        .filter(|user| user.uid != 0 && !own.contains(&user.uid))
        .filter_map(|user| target.accounts.principal(&user.name).ok())
        .collect();
    if accounts.len() > MAX_ACCOUNTS {
        missed.push(format!(
            "only the first {MAX_ACCOUNTS} local accounts were asked about"
        ));
        accounts.truncate(MAX_ACCOUNTS);
    }
    accounts
}

fn row(
    target: &Target,
    looker: &Looker,
    path: &Path,
    accounts: &[Principal],
) -> Result<Readable, String> {
    // A stranger need not take the way that the product takes, which may lead through directories
    // that are closed to him.
    let taken = looker.chain(path.as_os_str().as_bytes());
    let bytes = taken
        .end_path()
        .ok_or_else(|| format!("{} could not be looked at", path.display()))?;
    let chain = looker.chain(bytes);
    let entry = chain
        .end_entry()
        .ok_or_else(|| format!("{} could not be looked at", path.display()))?
        .clone();
    let reads = |who: &Principal| judge(&chain, who, looker.sysctl()).read;
    let anybody = reads(&Principal::anybody());
    let mut strangers = Known::Known(Vec::new());
    let roles_owner = target.roles.owner_uid;
    if anybody.allowed != Some(true) {
        // Where the install's owner is not known, the file's own owner is taken for it.
        let owner = roles_owner.is_none().then_some(entry.uid);
        for who in accounts.iter().filter(|who| Some(who.uid) != owner) {
            let read = reads(who);
            match (read.allowed, &mut strangers) {
                (Some(true), Known::Known(names)) => names.push(who.name.clone()),
                (None, Known::Known(names)) if names.is_empty() => {
                    strangers = Known::unknown(read.because);
                }
                _ => {}
            }
        }
    }
    Ok(Readable {
        path: text(bytes),
        kind: "configuration".to_owned(),
        owner: target
            .accounts
            .users
            .iter()
            .find(|user| user.uid == entry.uid)
            .map_or_else(|| entry.uid.to_string(), |user| user.name.clone()),
        everybody: anybody
            .allowed
            .map_or_else(|| Known::unknown(anybody.because), Known::Known),
        strangers,
        mode: format!("{:04o}", entry.mode),
        in_web_root: target
            .document_roots
            .rows
            .iter()
            .any(|root| as_path(bytes).starts_with(&root.path)),
    })
}
