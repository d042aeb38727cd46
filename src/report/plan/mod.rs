//! A plan of fixes as people and programs read it. Works from the plan alone; refuses to show a deed
//! in words that leave out what it touches.

mod json;
mod text;

pub use json::{PLAN_SCHEMA, plan_json, plan_schema};
pub use text::plan_text;

use super::escape::escape;
use crate::fix::{Action, Plan, line};

/// A plan, and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    /// The install's root directory.
    pub root: &'a str,
    /// When it was made, RFC 3339 in UTC.
    pub made: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// How many checks failed at all.
    pub failed: usize,
}

/// The deed as commands or comments of a shell; where it cannot be spelled, why not.
fn spelled(action: &Action) -> Vec<String> {
    match line(action) {
        Ok(lines) => lines.lines().map(str::to_owned).collect(),
        Err(problem) => vec![format!("# cannot be written down here: {}", escape(&problem))],
    }
}
