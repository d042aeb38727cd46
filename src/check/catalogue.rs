//! All checks together: the embedded ones and a site's own. Looks names up and suggests near ones.

use super::condition::with_large_stack;
use super::read::Check;
use crate::complaint::Complaint;
use std::path::{Path, PathBuf};

const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// A check file that somebody read: its id, where it lies, its text.
pub type Source = (String, PathBuf, String);

/// All checks, in the order of their ids.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The checks.
    pub checks: Vec<Check>,
}

impl Catalogue {
    /// The embedded checks' texts.
    #[must_use]
    pub fn embedded_sources() -> Vec<Source> {
        EMBEDDED
            .iter()
            .map(|(id, text)| {
                let file = Path::new("checks").join(format!("{id}.toml"));
                ((*id).to_owned(), file, (*text).to_owned())
            })
            .collect()
    }

    /// The embedded checks and a site's own, which replace embedded ones of the same id.
    ///
    /// # Errors
    /// Every complaint about every file.
    pub fn read(own: Vec<Source>) -> Result<Self, Vec<Complaint>> {
        let mut sources = Self::embedded_sources();
        sources.retain(|(id, ..)| !own.iter().any(|(own_id, ..)| own_id == id));
        sources.extend(own);
        Self::compile(&sources)
    }

    /// Exactly these checks.
    ///
    /// # Errors
    /// Every complaint about every file.
    pub fn compile(sources: &[Source]) -> Result<Self, Vec<Complaint>> {
        let compiled = with_large_stack(|| {
            sources
                .iter()
                .map(|(id, file, text)| Check::read(id, file, text))
                .collect::<Vec<_>>()
        })
        .map_err(|problem| vec![Complaint::about(Path::new("checks"), problem)])?;
        let mut checks = Vec::new();
        let mut complaints = Vec::new();
        for outcome in compiled {
            match outcome {
                Ok(check) => checks.push(check),
                Err(wrong) => complaints.extend(wrong),
            }
        }
        if !complaints.is_empty() {
            return Err(complaints);
        }
        checks.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self { checks })
    }

    /// The check of this id, or of this former id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Check> {
        self.checks
            .iter()
            .find(|check| check.id == id || check.aliases.iter().any(|alias| alias == id))
    }

    /// The nearest id, for "did you mean".
    #[must_use]
    pub fn nearest(&self, id: &str) -> Option<&str> {
        self.checks
            .iter()
            .map(|check| (strsim::levenshtein(id, &check.id), check.id.as_str()))
            .min()
            .filter(|(far, _)| *far <= id.len().max(6) / 2)
            .map(|(_, id)| id)
    }
}
