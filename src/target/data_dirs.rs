//! Every directory that the product will write, as its own code finds it: from the configuration,
//! or the default that an empty setting falls back to.

use super::config_place::as_path;
use super::generation::Generation;
use super::settings::{Asked, Settings};
use crate::php::{Lookup, Value};
use std::path::{Path, PathBuf};

/// A directory that the product keeps data in.
#[derive(Debug, Clone)]
pub struct DataDir {
    /// As the product will use it; joined to the root where the setting is relative.
    pub path: PathBuf,
    /// Links resolved, where it exists.
    pub real: Option<PathBuf>,
    /// What it holds.
    pub purpose: &'static str,
    /// The setting that names it.
    pub setting: String,
    /// Whether the setting is set.
    pub configured: bool,
    /// Whether the default lies outside the published directory.
    pub default_is_safe: bool,
    /// Whether the path is absolute.
    pub absolute: bool,
    /// Whether web requests and the scheduled task both write it.
    pub written_by_all: bool,
    /// Whether the product makes it below another data directory, without a setting of its own.
    pub derived: bool,
    /// Whether the product compiles its own code into it.
    pub compiled: bool,
    /// The deciding file and line; the line is 0 where no line names it.
    pub config: (PathBuf, u32),
}

/// What could not be told.
pub(super) type Undecided = String;

/// A directory below another that the product makes there.
type Below = (&'static str, &'static str, bool);

/// v4 makes these below its data directory (`dp_get_*_dir`).
const V4_BELOW: [Below; 5] = [
    ("files", "attachments", false),
    ("logs", "logs", false),
    ("tmp", "temporary files", false),
    ("debug", "traces", false),
    ("backups", "backups", false),
];

/// v5 and the container make these below `var`.
const VAR_BELOW: [Below; 5] = [
    ("cache", "cache", true),
    ("debug", "traces", false),
    ("kernel_cache", "compiled code", true),
    ("logs", "logs", false),
    ("tmp", "temporary files", false),
];

/// All data directories, parents before what lies below them.
#[must_use]
pub(super) fn find(root: &Path, settings: &Settings) -> (Vec<DataDir>, Vec<Undecided>) {
    let mut finder = Finder {
        root,
        settings,
        found: Vec::new(),
        undecided: settings.unknown.clone(),
    };
    match settings.generation {
        Generation::V4 => finder.v4(),
        Generation::V5 => finder.v5(),
        Generation::Container => finder.container(),
    }
    (finder.found, finder.undecided)
}

struct Finder<'a> {
    root: &'a Path,
    settings: &'a Settings,
    found: Vec<DataDir>,
    undecided: Vec<Undecided>,
}

impl Finder<'_> {
    /// `dp_get_data_dir`: an empty `dir_data` means `data` below the web root.
    fn v4(&mut self) {
        let asked = self.settings.get("", &["dir_data"]);
        let Some(data) = self.one(&asked, self.root.join("data"), "data", false, true) else {
            return;
        };
        self.below(&data, &V4_BELOW);
    }

    /// `DpEnv`: `user_dir` moves attachments, backups and var together; each may be moved alone.
    fn v5(&mut self) {
        let user_dir = self.settings.get("paths", &["dp_paths", "user_dir"]);
        let Ok(named) = self.value(&user_dir) else {
            return;
        };
        let base = named
            .as_ref()
            .map_or_else(|| self.root.to_owned(), |path| self.root.join(path));
        for (key, shared) in [("attachments", true), ("backups", false), ("var", true)] {
            let asked = self.settings.get("paths", &["dp_paths", key]);
            let Some(mut data) = self.one(&asked, base.join(key), key, true, shared) else {
                continue;
            };
            if let (false, Some(path)) = (data.configured, &named) {
                data.configured = true;
                data.absolute = path.is_absolute();
                data.config = place(&user_dir).unwrap_or(data.config);
                self.amend(&data);
            }
            if key == "var" {
                self.var(&data);
            }
        }
    }

    /// The directories below `var`, each of which may be moved alone.
    fn var(&mut self, var: &DataDir) {
        for (key, purpose, compiled) in VAR_BELOW {
            let asked = self.settings.get("paths", &["dp_paths", key]);
            let Some(mut data) = self.one(&asked, var.path.join(key), purpose, true, true) else {
                continue;
            };
            data.compiled = compiled;
            if !data.configured {
                data.derived = true;
                data.configured = var.configured;
                data.absolute = var.absolute;
                data.config.clone_from(&var.config);
            }
            self.amend(&data);
        }
    }

    /// Replaces the directory found last.
    fn amend(&mut self, data: &DataDir) {
        self.found.pop();
        self.found.push(data.clone());
    }

    fn container(&mut self) {
        let instance = self.root.join("INSTANCE_DATA");
        let blobs = self.settings.get("paths", &["blobs_path"]);
        self.one(
            &blobs,
            instance.join("attachments"),
            "attachments",
            true,
            true,
        );
        let var = self.settings.get("paths", &["var_path"]);
        if let Some(var) = self.one(&var, instance.join("var"), "var", true, true) {
            self.below(&var, &VAR_BELOW);
        }
    }

    fn below(&mut self, parent: &DataDir, below: &[Below]) {
        for (name, purpose, compiled) in below {
            self.found.push(DataDir {
                path: parent.path.join(name),
                purpose,
                derived: true,
                compiled: *compiled,
                // Dumps and file backups are written by the updater alone.
                written_by_all: *purpose != "backups",
                ..parent.clone()
            });
        }
    }

    /// The path that a setting names; `Err` where it cannot be told, which is noted.
    fn value(&mut self, asked: &Asked<'_>) -> Result<Option<PathBuf>, ()> {
        if let (Lookup::Missing, Some(why)) = (&asked.lookup, self.unread()) {
            if !self.undecided.contains(&why) {
                self.undecided.push(why);
            }
            return Err(());
        }
        match &asked.lookup {
            Lookup::Missing | Lookup::Known(Value::Null | Value::Bool(false), _) => Ok(None),
            Lookup::Known(Value::Str(bytes), _) if bytes.is_empty() => Ok(None),
            Lookup::Known(Value::Str(bytes), _) => Ok(Some(as_path(bytes))),
            Lookup::Known(other, at) => {
                self.undecided.push(format!(
                    "{} is a {}, not a path ({}:{})",
                    asked.name,
                    other.kind(),
                    at.file.display(),
                    at.line
                ));
                Err(())
            }
            Lookup::Unknown(unknown) => {
                self.undecided.push(format!(
                    "{}: {} ({}:{})",
                    asked.name,
                    unknown.why,
                    unknown.at.file.display(),
                    unknown.at.line
                ));
                Err(())
            }
        }
    }

    /// Why a setting that was not found may be set all the same.
    fn unread(&self) -> Option<String> {
        let may_say = |id: &str| matches!(id, "config" | "paths" | "all");
        self.settings
            .files
            .iter()
            .filter(|evaluated| may_say(evaluated.file.id))
            .find_map(|evaluated| match &evaluated.there {
                Err(reason) => Some(reason.clone()),
                Ok(false) => Some(format!("{} is not there", evaluated.file.path.display())),
                Ok(true) => evaluated.evaluation.unread().map(str::to_owned),
            })
    }

    fn one(
        &mut self,
        asked: &Asked<'_>,
        usual: PathBuf,
        purpose: &'static str,
        default_is_safe: bool,
        shared: bool,
    ) -> Option<DataDir> {
        let named = self.value(asked).ok()?;
        let home = self.settings.home_of("paths");
        let data = DataDir {
            configured: named.is_some(),
            absolute: named.as_ref().is_none_or(|path| path.is_absolute()),
            path: named.map_or(usual, |path| self.root.join(path)),
            real: None,
            purpose,
            setting: asked.name.clone(),
            default_is_safe,
            written_by_all: shared,
            derived: false,
            compiled: false,
            config: place(asked).unwrap_or_else(|| {
                (
                    home.map(|file| file.file.path.clone()).unwrap_or_default(),
                    0,
                )
            }),
        };
        self.found.push(data.clone());
        Some(data)
    }
}

/// The file and line that set it.
fn place(asked: &Asked<'_>) -> Option<(PathBuf, u32)> {
    match &asked.lookup {
        Lookup::Known(_, at) => Some((at.file.to_path_buf(), at.line)),
        _ => None,
    }
}
