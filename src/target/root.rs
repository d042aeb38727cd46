//! Where the install is: the place that was named, or the only one that is found. Refuses to choose
//! between two.

use super::Wishes;
use super::config_place::deskpro_dir;
use super::generation::recognise;
use crate::host::Host;
use std::path::{Path, PathBuf};

/// Where installs usually lie.
const USUAL: [&str; 9] = [
    "/var/www/deskpro",
    "/var/www/html/deskpro",
    "/var/www/html",
    "/srv/deskpro",
    "/srv/www/deskpro",
    "/usr/share/nginx/html/deskpro",
    "/usr/share/nginx/html",
    "/opt/deskpro",
    "/home/deskpro",
];

/// The root that was named, or the only install in the usual places.
///
/// # Errors
/// That none or several were found, and what to say then.
pub(super) fn choose(
    host: &Host,
    wishes: &Wishes,
    assumptions: &mut Vec<String>,
) -> Result<PathBuf, String> {
    if let Some(root) = &wishes.root {
        return std::path::absolute(root).map_err(|error| format!("{}: {error}", root.display()));
    }
    let found: Vec<PathBuf> = USUAL
        .iter()
        .map(PathBuf::from)
        .filter(|place| recognise(host, place).is_ok())
        .collect();
    match found.as_slice() {
        [only] => {
            assumptions.push(format!(
                "no root was named: {} is the only helpdesk in the usual places",
                only.display()
            ));
            Ok(only.clone())
        }
        [] => Err(format!(
            "no helpdesk was found in the usual places ({}); name its folder: deskguard audit /path/to/deskpro",
            USUAL.join(", ")
        )),
        several => Err(format!(
            "several helpdesks were found; name one: {}",
            several
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

/// The root with links resolved; a named `www` whose index names the install elsewhere leads there.
///
/// # Errors
/// That nothing is there, or that it is no directory.
pub(super) fn resolve(host: &Host, given: &Path) -> Result<PathBuf, String> {
    let real = match host.real_path(given) {
        Ok(Some(real)) => real,
        Ok(None) => return Err(format!("{}: there is no such folder", given.display())),
        // Whoever may not look still learns what is unknown, and why.
        Err(_) => return Ok(given.to_owned()),
    };
    if host.is_dir(&real) == Ok(false) {
        return Err(format!(
            "{}: this is a file; name the folder that the helpdesk is installed in",
            given.display()
        ));
    }
    if real.to_str().is_none() {
        return Err(format!(
            "{}: this path is no valid UTF-8, so neither a report nor a fix could name it rightly; rename it, or bind-mount the helpdesk elsewhere and audit that",
            real.display()
        ));
    }
    let index = real.join("index.php");
    let is_www = host.is_file(&index) == Ok(true) && recognise(host, &real).is_err();
    if is_www
        && let Some(root) = deskpro_dir(host, &index)
        && recognise(host, &root).is_ok()
    {
        return Ok(root);
    }
    Ok(real)
}
