//! A plan of fixes as people and programs read it. Works from the plan alone; refuses to show a deed
//! in words that leave out what it touches.

mod hand;
mod json;
#[cfg(test)]
mod tests;
mod text;

pub use json::{PLAN_SCHEMA, plan_json, plan_schema};
pub use text::plan_text;

use super::escape::escape;
use super::{Outcome, Report};
use crate::fix::{Action, Plan, line};
use crate::prediction::Prediction;

/// A plan, and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    /// What was found.
    pub report: &'a Report,
    /// When it was made, RFC 3339 in UTC.
    pub made: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// What it would come to, where that could be foreseen.
    pub prediction: Option<&'a Prediction>,
}

impl Planning<'_> {
    /// The checks that failed, by id.
    fn failed(&self) -> impl Iterator<Item = &str> {
        let checks = self.report.checks.iter();
        checks
            .filter(|it| it.outcome == Outcome::Fail)
            .map(|it| it.id.as_str())
    }
}

/// The deed as commands or comments of a shell; where it cannot be spelled, why not.
fn spelled(action: &Action) -> Vec<String> {
    match line(action) {
        Ok(lines) => lines.lines().map(str::to_owned).collect(),
        Err(problem) => vec![format!(
            "# cannot be written down here: {}",
            escape(&problem)
        )],
    }
}
