//! What makes a check file trustworthy: it reads facts that exist, proves itself by examples, and
//! does not pass when nothing is known. Run by the tests and by `deskguard lint`.

mod alias;
mod carried_out;
mod example;
mod recipe;
mod text;

pub use example::shown_by_examples;

use super::catalogue::Catalogue;
use super::condition::with_large_stack;
use super::read::Check;
use crate::complaint::Complaint;
use crate::facts::FactSchema;
use std::path::{Path, PathBuf};

/// Every complaint about these checks.
#[must_use]
pub fn lint(catalogue: &Catalogue, files: &[(String, PathBuf)]) -> Vec<Complaint> {
    let schema = FactSchema::new();
    let file_of = |id: &str| {
        files.iter().find(|(known, _)| known == id).map_or_else(
            || PathBuf::from(format!("checks/{id}.toml")),
            |(_, file)| file.clone(),
        )
    };
    let mut complaints = with_large_stack(|| {
        catalogue
            .checks
            .iter()
            .flat_map(|check| Linter::new(check, &schema, file_of(&check.id)).run())
            .collect()
    })
    .unwrap_or_else(|problem| vec![Complaint::about(Path::new("checks"), problem)]);
    complaints.extend(alias::misleading(catalogue).into_iter().map(|(id, message)| {
        Complaint::about(&file_of(id), message).help(
            "`aliases` lists the ids that this check had before, so that waivers and baselines survive a renaming",
        )
    }));
    complaints
}

struct Linter<'a> {
    check: &'a Check,
    schema: &'a FactSchema,
    file: PathBuf,
    complaints: Vec<Complaint>,
}

impl<'a> Linter<'a> {
    const fn new(check: &'a Check, schema: &'a FactSchema, file: PathBuf) -> Self {
        Self {
            check,
            schema,
            file,
            complaints: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Complaint> {
        self.texts();
        self.listing();
        self.conditions();
        self.templates();
        self.recipes();
        self.examples();
        self.carried_out();
        self.effects();
        self.darkness();
        self.complaints
    }

    fn complain(&mut self, message: impl Into<String>) {
        self.complaints.push(Complaint::about(&self.file, message));
    }

    fn path(&mut self, path: &[String]) {
        let mut full: Vec<String> = path.to_vec();
        if path
            .first()
            .is_some_and(|first| first == "row" || first == "rows")
        {
            let Some(each) = &self.check.each else {
                self.complain(format!("`{}` is used without `each`", path.join(".")));
                return;
            };
            full = each.source.split('.').map(str::to_owned).collect();
            full.extend(["rows".to_owned(), "*".to_owned()]);
            full.extend(path.iter().skip(1).cloned());
        }
        if let Err(problem) = self.schema.follow(&full) {
            self.complain(problem);
        }
    }
}
