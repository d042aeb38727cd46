//! The product's own configuration, evaluated without running it, and asked by the product's own
//! names. Values may be secret: nothing here formats them.

use super::config_place::{ConfigFile, ConfigPlace};
use super::generation::Generation;
use super::php_sources::PhpSources;
use crate::host::Host;
use crate::php::{self, Evaluation, Lookup};
use std::path::Path;

/// One evaluated file.
pub struct Evaluated {
    /// Which file.
    pub file: ConfigFile,
    /// Whether it is there; or why that cannot be told.
    pub there: Result<bool, String>,
    /// What it says.
    pub evaluation: Evaluation,
}

/// All files of one install's configuration.
pub struct Settings {
    /// Whose names they use.
    pub generation: Generation,
    /// The files, in the order in which the product reads them.
    pub files: Vec<Evaluated>,
    /// What was taken for granted about the place.
    pub assumptions: Vec<String>,
    /// Why there may be other files.
    pub unknown: Vec<String>,
}

impl Settings {
    /// Reads and evaluates every file of the place.
    #[must_use]
    pub(super) fn read(host: &Host, generation: Generation, place: ConfigPlace) -> Self {
        let limits = php::Limits {
            constants: place.constants,
            ..php::Limits::default()
        };
        let files = place
            .files
            .into_iter()
            .map(|file| Evaluated {
                there: host.exists(&file.path),
                evaluation: php::evaluate(&file.path, &PhpSources::all(host), &limits),
                file,
            })
            .collect();
        Self {
            generation,
            files,
            assumptions: place.assumptions,
            unknown: place.unknown,
        }
    }

    /// A setting by the product's id and path: v5 `("env", ["set_umask"])`, container the same
    /// below `$CONFIG`, v4 a path below `$DP_CONFIG` (the id is ignored). In v5 the specific file
    /// wins over `config.all.php`.
    #[must_use]
    pub fn get(&self, id: &str, path: &[&str]) -> Asked<'_> {
        let mut under = vec![id];
        under.extend(path);
        for evaluated in &self.files {
            let file = &evaluated.file;
            let asked: &[&str] = match (self.generation, file.id) {
                (Generation::V4, _) => path,
                (Generation::Container, _) | (Generation::V5, "all") => &under,
                (Generation::V5, own) if own == id => path,
                (Generation::V5, _) => continue,
            };
            let lookup = evaluated.evaluation.get(file.variable, asked);
            if !matches!(lookup, Lookup::Missing) {
                return Asked {
                    name: spelled(file.variable, asked),
                    lookup,
                    file: Some(evaluated),
                };
            }
        }
        Asked {
            name: self.name_of(id, path),
            lookup: Lookup::Missing,
            file: None,
        }
    }

    /// A constant, whichever file defines it first.
    #[must_use]
    pub fn constant(&self, name: &str) -> Asked<'_> {
        for evaluated in &self.files {
            let lookup = evaluated.evaluation.constant(name);
            if !matches!(lookup, Lookup::Missing) {
                return Asked {
                    name: name.to_owned(),
                    lookup,
                    file: Some(evaluated),
                };
            }
        }
        Asked {
            name: name.to_owned(),
            lookup: Lookup::Missing,
            file: None,
        }
    }

    /// How an admin would write the setting.
    #[must_use]
    pub fn name_of(&self, id: &str, path: &[&str]) -> String {
        let variable = match (self.generation, id) {
            (Generation::V4, _) => return spelled("DP_CONFIG", path),
            (Generation::Container, _) => {
                let mut under = vec![id];
                under.extend(path);
                return spelled("CONFIG", &under);
            }
            (Generation::V5, "paths") => "PATHS_CONFIG",
            (Generation::V5, "env") => "ENV_CONFIG",
            (Generation::V5, "logs") => "LOGS_CONFIG",
            (Generation::V5, "settings") => "SETTINGS",
            (Generation::V5, _) => "DB_CONFIG",
        };
        spelled(variable, path)
    }

    /// The file that a setting of this id belongs in.
    #[must_use]
    pub fn home_of(&self, id: &str) -> Option<&Evaluated> {
        self.files
            .iter()
            .find(|evaluated| evaluated.file.id == id)
            .or_else(|| self.files.first())
    }
}

/// An answer, and how the setting is spelled.
pub struct Asked<'a> {
    /// `$DP_CONFIG['debug']['dev']`.
    pub name: String,
    /// What the files say.
    pub lookup: Lookup<'a>,
    /// The file that says it.
    pub file: Option<&'a Evaluated>,
}

impl Asked<'_> {
    /// The file and line that decide; the file alone, with line 0, where nothing is set.
    #[must_use]
    pub fn place(&self) -> (String, u32) {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let at = match &self.lookup {
            Lookup::Known(_, at) => Some(*at),
            Lookup::Unknown(unknown) => Some(&unknown.at),
            Lookup::Missing => None,
        };
        at.map_or_else(
            || {
                let file = self.file.map(|file| text(&file.file.path));
                (file.unwrap_or_default(), 0)
            },
            |at| (text(&at.file), at.line),
        )
    }
}

fn spelled(variable: &str, path: &[&str]) -> String {
    let mut name = format!("${variable}");
    for key in path {
        name.push_str(&format!("['{key}']"));
    }
    name
}
