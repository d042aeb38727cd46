//! Which of the product's generations lies at a root, by the files that only it has. Refuses to
//! guess: two generations that fit equally well are an unknown.

use crate::host::Host;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A generation of the product; their layouts have little in common.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// The install's root is the document root; `config.php`, `cron.php`.
    V4,
    /// `www/` is the document root; `config/`, `bin/cron`.
    V5,
    /// The vendor's container image; `INSTANCE_DATA/config.php`, `serve/www`.
    Container,
}

impl Generation {
    /// The word as it stands in facts and flags.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::V4 => "v4",
            Self::V5 => "v5",
            Self::Container => "container",
        }
    }

    /// The files that only this generation has, relative to the root.
    const fn marks(self) -> &'static [&'static str] {
        match self {
            Self::V4 => &[
                "app/sys/config/build-time.php",
                "app/sys/load_config.php",
                "cron.php",
                "dp.php",
                "get_messages.php",
            ],
            Self::V5 => &[
                "app/run/init_env.php",
                "www/index.php",
                "bin/cron",
                "config",
            ],
            Self::Container => &["INSTANCE_DATA", "serve/www", "serve/www/index.php"],
        }
    }

    /// The directory that the shipped layout publishes.
    #[must_use]
    pub fn shipped_document_root(self, root: &Path) -> PathBuf {
        match self {
            Self::V4 => root.to_owned(),
            Self::V5 => root.join("www"),
            Self::Container => root.join("serve/www"),
        }
    }
}

/// Why a root could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoGeneration {
    /// Nothing of the product is there; the message says what was looked for.
    NoInstall(String),
    /// Something is there, but it cannot be told what.
    Unknown(String),
}

/// The generation at this root.
///
/// # Errors
/// That there is no install, or why it cannot be told.
pub(super) fn recognise(host: &Host, root: &Path) -> Result<Generation, NoGeneration> {
    let all = [Generation::V4, Generation::V5, Generation::Container];
    let mut blocked = Vec::new();
    let mut scores: Vec<(usize, Generation)> = Vec::new();
    for generation in all {
        let mut found = 0;
        for mark in generation.marks() {
            match host.exists(&root.join(mark)) {
                Ok(true) => found += 1,
                Ok(false) => {}
                Err(reason) => blocked.push(reason),
            }
        }
        scores.push((found, generation));
    }
    scores.sort_by_key(|(found, _)| std::cmp::Reverse(*found));
    match scores.as_slice() {
        [(best, generation), (second, _), ..] if *best >= 2 && best > second => Ok(*generation),
        _ if !blocked.is_empty() => Err(NoGeneration::Unknown(blocked.swap_remove(0))),
        [(0 | 1, _), ..] | [] => Err(NoGeneration::NoInstall(format!(
            "no helpdesk was found in {}: a v4 install has cron.php, dp.php and app/sys/, a v5 \
             install has bin/cron, www/index.php and app/run/, a container has INSTANCE_DATA/ and \
             serve/www/",
            root.display()
        ))),
        _ => Err(NoGeneration::Unknown(format!(
            "{} has files of more than one generation; say which with --generation",
            root.display()
        ))),
    }
}
