//! nginx, ready to be asked. Refuses to open anything: the tree holds its includes already, the disk
//! comes with each question.

use super::plan::{Plan, Start};
use super::run;
use crate::route::{Answer, Disk, Entrance, Fpm, Request, Tree};
use std::path::{Path, PathBuf};

/// A configuration of nginx with the PHP-FPM pools behind it.
#[derive(Debug)]
pub struct Model {
    plan: Plan,
    fpm: Vec<Fpm>,
}

impl Model {
    /// Compiles a configuration.
    #[must_use]
    pub fn new(tree: &Tree, start: &Start, fpm: Vec<Fpm>) -> Self {
        Self {
            plan: Plan::new(tree, start),
            fpm,
        }
    }
}

impl crate::route::Model for Model {
    fn answer(&self, request: &Request, disk: &dyn Disk) -> Answer {
        run::answer(&self.plan, &self.fpm, request, disk)
    }

    fn requests_for(&self, path: &Path) -> Vec<Request> {
        super::inverse::requests_for(&self.plan, path)
    }

    fn entrance(&self, request: &Request, disk: &dyn Disk) -> Result<Entrance, String> {
        run::entrance(&self.plan, request, disk)
    }

    fn published(&self) -> Vec<PathBuf> {
        super::inverse::published(&self.plan)
    }

    fn problems(&self) -> Vec<String> {
        self.plan.problems.clone()
    }
}
