//! The site's settings as commands need them: read from `--config` or the usual place, refused when
//! others could have written them, never taken from the audited tree.

use super::Failure;
use crate::check::Catalogue;
use crate::config::{Config, DEFAULT_PATH};
use crate::host::{Host, Looker, trust};
use crate::policy::{Policy, Profile};
use crate::waiver::Waiver;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const SECONDS_A_DAY: i64 = 86_400;
/// The largest file of settings, in bytes.
const MAX_CONFIG: usize = 4 << 20;

/// The settings, and the file that they are from.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) config: Config,
    /// The file as it was named; none where there is no file.
    pub(super) file: Option<PathBuf>,
    pub(super) text: String,
}

impl Settings {
    /// `--config`, else the usual place, else nothing.
    ///
    /// # Errors
    /// Why the file is not read, or what is wrong in it.
    pub(super) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let path = named.unwrap_or_else(|| Path::new(DEFAULT_PATH));
        // A host knows absolute paths only.
        let full =
            std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let Some(bytes) = Host::default().read_file(&full, MAX_CONFIG)? else {
            return match named {
                Some(path) => Err(Failure::Message(format!(
                    "--config {}: there is no such file",
                    path.display()
                ))),
                None => Ok(Self::default()),
            };
        };
        only_ours(path)?;
        let text =
            String::from_utf8(bytes).map_err(|_| format!("{}: it is not UTF-8", path.display()))?;
        let config =
            Config::parse(path, &text).map_err(|wrong| Failure::Complaints(vec![wrong]))?;
        Ok(Self {
            config,
            file: Some(path.to_owned()),
            text,
        })
    }

    /// The same for a command that adds to them: a file that is not there yet is an empty one.
    ///
    /// # Errors
    /// As of [`Settings::read`].
    pub(super) fn to_append(named: Option<&Path>) -> Result<Self, Failure> {
        let is_new = named.filter(|path| {
            std::fs::symlink_metadata(path).is_err_and(|it| it.kind() == ErrorKind::NotFound)
        });
        match is_new {
            Some(path) => Ok(Self {
                file: Some(path.to_owned()),
                ..Self::default()
            }),
            None => Self::read(named),
        }
    }

    /// The waivers, for these checks.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn waivers(&self, catalogue: &Catalogue) -> Result<Vec<Waiver>, Failure> {
        let file = self
            .file
            .as_deref()
            .unwrap_or_else(|| Path::new(DEFAULT_PATH));
        Ok(self.config.waivers(file, &self.text, catalogue)?)
    }

    /// The policy under the profile that a flag names, else the file's; attestations included.
    ///
    /// # Errors
    /// An attestation that cannot be right.
    pub(super) fn policy(&self, profile: Option<Profile>) -> Result<Policy, Failure> {
        let day = jiff::Timestamp::now().as_second().div_euclid(SECONDS_A_DAY);
        let profile = profile.unwrap_or(self.config.profile);
        let policy = self.config.policy(profile, day);
        let file = self
            .file
            .as_deref()
            .unwrap_or_else(|| Path::new(DEFAULT_PATH));
        policy.map_err(|wrong| Failure::Message(format!("{}: {wrong}", file.display())))
    }

    /// Accepts settings that lie outside of what is audited.
    ///
    /// # Errors
    /// That they do not.
    pub(super) fn outside_of(&self, root: &str) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let real = file.canonicalize().unwrap_or_else(|_| file.clone());
        if root.is_empty() || !real.starts_with(root) {
            return Ok(());
        }
        Err(Failure::Message(format!(
            "{} lies in the audited folder {root}, which may be hostile: keep it elsewhere, for example in /etc/deskguard",
            file.display()
        )))
    }
}

/// Refuses a file that others than root and the caller could have written.
///
/// # Errors
/// Which link of its path others can write.
pub(super) fn only_ours(path: &Path) -> Result<(), Failure> {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    trust::only_ours(&Looker::based(PathBuf::from("/")), &full)?;
    Ok(())
}
