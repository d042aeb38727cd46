//! What a check's examples prove.

use super::Linter;
use crate::check::{Check, Example, Expect};
use crate::engine::{Bench, NAMELESS, NO_COMMAND, Outcome};
use crate::facts::FactSchema;
use crate::prediction::unproven;
use serde_json::{Map, Value, json};

/// What a check says of the facts of its failing examples.
#[must_use]
pub fn shown_by_examples(check: &Check, schema: &FactSchema) -> Vec<String> {
    let failing = check.examples.iter().filter(|it| it.expect == Expect::Fail);
    let mut messages: Vec<String> = failing
        .filter_map(|example| serde_json::to_value(&example.facts).ok())
        .flat_map(|facts| Bench::new(complete(facts, schema)).judge(check).evidence)
        .map(|evidence| evidence.message)
        .collect();
    messages.dedup();
    messages
}

impl Linter<'_> {
    pub(super) fn examples(&mut self) {
        let check = self.check;
        for wanted in [Expect::Pass, Expect::Fail] {
            if !check
                .examples
                .iter()
                .any(|example| example.expect == wanted)
            {
                self.complain(
                    format!("there is no [[example]] that is expected to {wanted:?}")
                        .to_lowercase(),
                );
            }
        }
        for (number, example) in check.examples.iter().enumerate() {
            let facts = serde_json::to_value(&example.facts).unwrap_or_default();
            self.example_keys(&facts, &mut Vec::new());
            let bench = Bench::new(complete(facts, self.schema));
            let outcome = bench.judge(check);
            let steps = match outcome.outcome {
                Outcome::Fail => bench.attempts(check, &bench.failing_rows(check)),
                _ => Vec::new(),
            };
            let expected = match example.expect {
                Expect::Pass => Outcome::Pass,
                Expect::Fail => Outcome::Fail,
                Expect::Unknown => Outcome::Unknown,
                Expect::NotApplicable => Outcome::NotApplicable,
            };
            if outcome.outcome != expected {
                self.complain(format!(
                    "example {} is expected to be {expected:?} and is {:?} ({})",
                    number + 1,
                    outcome.outcome,
                    outcome.reason.unwrap_or_default()
                ));
            }
            if steps.iter().any(|(_, it)| it.run.contains(NAMELESS)) {
                self.complain(format!(
                    "example {} cannot render a [[fix]]: an expression gives nothing, such as an `if` without `else`",
                    number + 1
                ));
            }
            for (_, fix) in &steps {
                let written = check.fixes.get(fix.number);
                let has_deeds = written.is_some_and(|it| !it.does.is_empty());
                // What an example leaves open is no mistake of the recipe's.
                let is_open = fix.run.contains(" is not known") || fix.run.contains(NAMELESS);
                if has_deeds && fix.run.starts_with(NO_COMMAND) && !is_open {
                    self.complain(format!(
                        "example {} cannot render the `do` of [[fix]] {}: {}",
                        number + 1,
                        fix.number + 1,
                        fix.run
                    ));
                }
            }
            for evidence in &outcome.evidence {
                if evidence.message.starts_with(&format!("{} (", check.title)) {
                    self.complain(format!(
                        "example {} cannot render `found`: {}",
                        number + 1,
                        evidence.message
                    ));
                }
            }
        }
    }

    fn example_keys(&mut self, facts: &Value, path: &mut Vec<String>) {
        if let Value::Object(fields) = facts {
            if fields.contains_key(crate::facts::UNKNOWN_KEY) {
                return;
            }
            for (name, field) in fields {
                path.push(name.clone());
                if let Err(problem) = self.schema.follow(path) {
                    self.complain(format!("an example: {problem}"));
                } else {
                    self.example_keys(field, path);
                }
                path.pop();
            }
        } else if let Value::Array(items) = facts {
            path.push("*".to_owned());
            for item in items {
                self.example_keys(item, path);
            }
            path.pop();
        }
    }

    /// What the fixes are said to do to the facts is so in the examples.
    pub(super) fn effects(&mut self) {
        let facts = |example: &Example| {
            let facts = serde_json::to_value(&example.facts).unwrap_or_default();
            complete(facts, self.schema)
        };
        let examples: Vec<Value> = self.check.examples.iter().map(facts).collect();
        for complaint in unproven(self.check, &examples, self.schema) {
            self.complain(complaint);
        }
    }

    /// With every fact unknown nothing may pass.
    pub(super) fn darkness(&mut self) {
        let outcome = Bench::new(complete(Value::Null, self.schema))
            .judge(self.check)
            .outcome;
        if outcome != Outcome::Unknown {
            self.complain(format!(
                "with every fact unknown it is {outcome:?}, not unknown"
            ));
        }
    }
}

/// An example's facts with everything it does not name unknown.
pub(super) fn complete(facts: Value, schema: &FactSchema) -> Value {
    let mut whole = match facts {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for name in schema.roots() {
        whole
            .entry(name)
            .or_insert_with(|| json!({ crate::facts::UNKNOWN_KEY: "the example does not say" }));
    }
    Value::Object(whole)
}
