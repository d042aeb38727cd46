//! Scripts where the web server's account can write: would they run? Joined with the access model, so
//! that a place counts by who may really put a file there, not by its name.

use super::data::{Groups, SCRIPTS, guarded};
use super::places::Spot;
use super::surface::Surface;
use crate::access::{Right, decide};
use crate::facts::{FilesFacts, Known, Listing, Reach};
use crate::host::Looker;
use crate::target::Target;
use crate::target::servers::Program;
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A file of Apache's that lets pictures run, and the picture.
const HTACCESS: &str = "\
SetHandler application/x-httpd-php
<IfModule mod_authz_core.c>
Require all granted
</IfModule>
<IfModule mod_access_compat.c>
Order allow,deny
Allow from all
</IfModule>
";

pub(super) fn observe(
    surface: &Surface<'_>,
    target: &Target,
    looker: &Looker,
    files: &FilesFacts,
    data: &[Spot],
) -> Listing<Reach> {
    let mut missed = surface.missed.clone();
    missed.extend(target.roles.web_unknown.iter().cloned());
    missed.extend(target.data_unknown.iter().cloned());
    missed.extend(files.changeable.missed.iter().cloned());
    let mut rows = Groups::default();
    let mut directories: BTreeSet<PathBuf> = data.iter().map(|spot| spot.path.clone()).collect();
    let mut scripts = BTreeSet::new();
    for change in &files.changeable.rows {
        if change.by != "web" && change.by != "everybody" {
            continue;
        }
        let examples = change.examples.iter().map(String::as_str);
        for path in examples.chain([change.path.as_str()]).map(PathBuf::from) {
            if surface.host.is_dir(&path) == Ok(true) {
                directories.insert(path);
            } else {
                scripts.insert(path);
            }
        }
    }
    for directory in &directories {
        match may(target, looker, directory, Right::Create) {
            Known::Known(false) => {}
            known => rows.add(directory_rows(surface, target, looker, directory, &known)),
        }
    }
    for script in &scripts {
        rows.add(surface.reaches(script, "file", &[], ""));
    }
    Listing {
        rows: rows.rows,
        missed,
    }
}

fn directory_rows(
    surface: &Surface<'_>,
    target: &Target,
    looker: &Looker,
    directory: &Path,
    may_create: &Known<bool>,
) -> Vec<Reach> {
    let mut found = Vec::new();
    for (name, more, kind) in SCRIPTS {
        let path = directory.join(name);
        let planted = [(path.clone(), "")];
        let rows = surface.reaches(&path, kind, &planted, more);
        found.extend(guarded(target, rows, &path, more));
    }
    let has_apache = target
        .serving(surface.host)
        .any(|server| server.program == Program::Apache);
    let htaccess = directory.join(".htaccess");
    let may_make = surface.host.exists(&htaccess) != Ok(true)
        || may(target, looker, &htaccess, Right::Replace) == Known::Known(true);
    if has_apache && may_make {
        let picture = directory.join("deskguard-probe.gif");
        let planted = [(picture.clone(), ""), (htaccess, HTACCESS)];
        let kind = "picture, beside an .htaccess that makes it run";
        let rows = surface.reaches(&picture, kind, &planted, "");
        found.extend(guarded(target, rows, &picture, ""));
    }
    if let Known::Unknown(reason) = may_create {
        for row in &mut found {
            if row.does == Known::Known("executed".to_owned()) {
                row.does = Known::unknown(reason.clone());
            }
        }
    }
    found
}

/// Whether some account that answers web requests has a right.
fn may(target: &Target, looker: &Looker, path: &Path, right: Right) -> Known<bool> {
    let chain = looker.chain(path.as_os_str().as_bytes());
    let mut unknown = None;
    for who in &target.roles.web {
        let decision = decide(&chain, who, looker.sysctl(), right);
        match decision.verdict.allowed() {
            Some(true) => return Known::Known(true),
            Some(false) => {}
            None => {
                let shown = path.display();
                let what = right.word();
                unknown = Some(format!(
                    "whether {} may {what} in {shown} cannot be told",
                    who.name
                ));
            }
        }
    }
    unknown.map_or(Known::Known(false), Known::Unknown)
}
