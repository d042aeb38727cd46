//! Every deed of a fix is made by some failing example, so that a misspelt field shows here and not on a
//! host.

use super::Linter;
use super::example::complete;
use crate::check::{Check, Expect};
use crate::engine::{Bench, NO_COMMAND};
use serde_json::Value;
use std::collections::BTreeSet;

impl Linter<'_> {
    pub(super) fn carried_out(&mut self) {
        let check = self.check;
        let failing = check.examples.iter().enumerate();
        let failing = failing.filter(|(_, example)| example.expect == Expect::Fail);
        let mut seen = Seen::default();
        for (index, example) in failing {
            let facts = serde_json::to_value(&example.facts).unwrap_or_default();
            let bench = Bench::new(complete(facts, self.schema));
            seen.take(check, &bench, index + 1);
        }
        for (number, fix) in check.fixes.iter().enumerate() {
            for (index, recipe) in fix.does.iter().enumerate() {
                if seen.made.contains(&(number, index)) {
                    continue;
                }
                let action = recipe.fields.get("action").and_then(Value::as_str);
                let near = seen.refused.iter().find(|(of, _)| *of == number);
                self.complain(format!(
                    "no failing [[example]] carries out [[fix.do]] {} of [[fix]] {} ({}){}; add one in which its `when`, `each` and `if` hold, with every fact that it names",
                    index + 1,
                    number + 1,
                    action.unwrap_or_default(),
                    near.map_or_else(String::new, |(_, why)| format!(": {why}")),
                ));
            }
        }
    }
}

/// What the failing examples make of the fixes, which are counted from 0 like their recipes.
#[derive(Default)]
struct Seen {
    made: BTreeSet<(usize, usize)>,
    /// Fixes that apply and are not written, each with the example and its reason.
    refused: Vec<(usize, String)>,
}

impl Seen {
    fn take(&mut self, check: &Check, bench: &Bench, example: usize) {
        let rows = bench.failing_rows(check);
        for (_, step) in bench.attempts(check, &rows) {
            if let Some(problem) = step.run.strip_prefix(NO_COMMAND) {
                let problem = problem.trim_end_matches(". Mend it by hand.");
                let why = format!("in example {example} {problem}");
                self.refused.push((step.number, why));
                continue;
            }
            let Some(fix) = check.fixes.get(step.number) else {
                continue;
            };
            let deeds = bench.templates().deeds(fix, &rows).unwrap_or_default();
            let made = deeds.iter().enumerate().filter(|(_, it)| !it.is_empty());
            self.made
                .extend(made.map(|(index, _)| (step.number, index)));
        }
    }
}
