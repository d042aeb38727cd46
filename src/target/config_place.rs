//! Where the configuration really is: v4 may name another file in `index.php`, v5 another directory
//! in `config/dir.alias`, and `www/` may have been moved away from the rest. Reads, never runs.

use super::generation::Generation;
use super::php_sources::evaluate_alone;
use crate::host::Host;
use crate::php::{Lookup, Value};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// A configuration file: what the product calls it, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// `config`, or v5's `database`, `paths`, `env`, `logs`, `settings`, `database_advanced`, `all`.
    pub id: &'static str,
    /// The variable that it fills, without the dollar.
    pub variable: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

/// What was found out about the place.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigPlace {
    /// The files, the one with the database password first.
    pub files: Vec<ConfigFile>,
    /// Constants that exist before the first file is read.
    pub constants: Vec<(String, Value)>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// Why there may be other files.
    pub unknown: Vec<String>,
}

/// v5's files below the configuration directory, by the product's own ids.
const V5_FILES: [(&str, &str, &str); 9] = [
    ("database", "config.database.php", "DB_CONFIG"),
    ("paths", "config.paths.php", "PATHS_CONFIG"),
    ("env", "advanced/config.env.php", "ENV_CONFIG"),
    ("logs", "advanced/config.logs.php", "LOGS_CONFIG"),
    ("settings", "advanced/config.settings.php", "SETTINGS"),
    (
        "database_advanced",
        "advanced/config.database_advanced.php",
        "DB_CONFIG",
    ),
    (
        "async_email_processing",
        "config.async_email_processing.php",
        "CONFIG",
    ),
    ("onesky", "config.onesky.php", "CONFIG"),
    ("all", "config.all.php", "CONFIG"),
];

/// Finds the configuration of an install.
#[must_use]
pub(super) fn find(host: &Host, root: &Path, generation: Generation) -> ConfigPlace {
    match generation {
        Generation::V4 => v4(host, root),
        Generation::V5 => v5(host, root),
        Generation::Container => container(host, root),
    }
}

/// The root `index.php` defines `DP_CONFIG_FILE` unless it is defined already; admins edit it to
/// move the file out of the web root (its own comment invites them to).
fn v4(host: &Host, root: &Path) -> ConfigPlace {
    let mut place = ConfigPlace::default();
    let index = root.join("index.php");
    let usual = root.join("config.php");
    let evaluation = evaluate_alone(host, &index);
    let named = match evaluation.constant("DP_CONFIG_FILE") {
        Lookup::Known(Value::Str(bytes), _) => Some(normalise(&as_path(bytes))),
        Lookup::Known(..) | Lookup::Missing => None,
        Lookup::Unknown(unknown) => {
            place.unknown.push(format!(
                "DP_CONFIG_FILE could not be resolved ({}, {}:{})",
                unknown.why,
                unknown.at.file.display(),
                unknown.at.line
            ));
            None
        }
    };
    for (name, usual) in [
        ("DP_ROOT", root.join("app")),
        ("DP_WEB_ROOT", root.to_owned()),
    ] {
        let value = match evaluation.constant(name) {
            Lookup::Known(value, _) => value.clone(),
            Lookup::Unknown(unknown) => Value::Unknown(unknown.clone()),
            Lookup::Missing => Value::Str(usual.into_os_string().into_vec()),
        };
        place.constants.push((name.to_owned(), value));
    }
    let path = named.unwrap_or_else(|| {
        place.assumptions.push(format!(
            "index.php names no DP_CONFIG_FILE that could be resolved: the configuration is taken to be {}",
            usual.display()
        ));
        usual
    });
    place.files.push(ConfigFile {
        id: "config",
        variable: "DP_CONFIG",
        path,
    });
    place
}

fn v5(host: &Host, root: &Path) -> ConfigPlace {
    let mut place = ConfigPlace::default();
    let mut directory = root.join("config");
    let alias = directory.join("dir.alias");
    match host.read_file(&alias, 4096) {
        Ok(Some(text)) => {
            let named = as_path(text.trim_ascii());
            if named.as_os_str().is_empty() {
                place.unknown.push(format!("{} is empty", alias.display()));
            } else {
                directory = normalise(&root.join("config").join(named));
            }
        }
        Ok(None) => {}
        Err(reason) => place.unknown.push(reason),
    }
    for (id, name, variable) in V5_FILES {
        let path = directory.join(name);
        // Early v5 kept all files in config/ itself.
        let early = directory.join(Path::new(name).file_name().unwrap_or(OsStr::new(name)));
        let found = [path.clone(), early]
            .into_iter()
            .find(|candidate| host.exists(candidate) == Ok(true));
        match found {
            Some(path) => place.files.push(ConfigFile { id, variable, path }),
            None if id == "database" => place.files.push(ConfigFile { id, variable, path }),
            None => {}
        }
    }
    place
}

fn container(host: &Host, root: &Path) -> ConfigPlace {
    let mut place = ConfigPlace::default();
    let instance = root.join("INSTANCE_DATA");
    let candidates = ["config.php", "deskpro-config.php"].map(|name| instance.join(name));
    let path = candidates
        .iter()
        .find(|candidate| host.exists(candidate) == Ok(true))
        .unwrap_or(&candidates[0])
        .clone();
    place.files.push(ConfigFile {
        id: "config",
        variable: "CONFIG",
        path,
    });
    place
}

/// A moved `www/index.php` names the install in `$deskpro_dir`.
#[must_use]
pub(super) fn deskpro_dir(host: &Host, index: &Path) -> Option<PathBuf> {
    let evaluation = evaluate_alone(host, index);
    match evaluation.get("deskpro_dir", &[]) {
        Lookup::Known(Value::Str(bytes), _) => Some(normalise(&as_path(bytes))),
        _ => None,
    }
}

/// The path that these bytes spell.
#[must_use]
pub fn as_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// The path without `.` and `..`, by its text alone: links are resolved where they are looked at.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
