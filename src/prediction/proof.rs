//! Whether a check's `after` tells the truth about its fixes, as far as its own examples show: in every
//! failing example the fixes that carry themselves out make it pass, or the example says that they do not.

use super::{automatic, effect};
use crate::check::{Check, Condition, Effect, Expect};
use crate::engine::{Bench, Outcome};
use crate::facts::{FactSchema, Shape};
use serde_json::Value;
use std::collections::BTreeSet;

/// What is not proven, each a sentence. `examples` are the facts of the check's examples, each with
/// everything it does not name unknown. Call it on a thread with a large stack.
#[must_use]
pub fn unproven(check: &Check, examples: &[Value], schema: &FactSchema) -> Vec<String> {
    let mut complaints = names(check, schema);
    let mut seen = BTreeSet::new();
    for (index, (example, facts)) in check.examples.iter().zip(examples).enumerate() {
        if example.expect != Expect::Fail {
            continue;
        }
        let verdict = Bench::new(facts.clone()).judge(check);
        let fixes = automatic(std::slice::from_ref(&verdict));
        if fixes.is_empty() {
            continue;
        }
        for fix in &fixes {
            let changing = effect::changing(check, facts, fix.number);
            let which = changing.into_iter().enumerate().filter(|(_, it)| *it);
            seen.extend(which.map(|(index, _)| (fix.number, index)));
        }
        let (then, untold) = effect::applied_to(check, facts.clone(), &fixes);
        complaints.extend(untold);
        let came_to = Bench::new(then).judge(check).outcome;
        if came_to != outcome(example.after.unwrap_or(Expect::Pass)) {
            complaints.push(format!(
                "example {} comes to {came_to:?} by the `after` of its fixes; say what becomes of the facts, or `after = \"fail\"` in the example where part of it stays",
                index + 1
            ));
        }
    }
    for (number, fix) in check.fixes.iter().enumerate() {
        let which = number + 1;
        if fix.does.is_empty() && !fix.after.is_empty() {
            complaints.push(format!("fix {which} has `after` and no `do`"));
        }
        for index in 0..fix.after.len() {
            if !seen.contains(&(number, index)) {
                complaints.push(format!(
                    "[[fix.after]] {} of [[fix]] {which} changes nothing in any failing [[example]]; add one whose facts it changes",
                    index + 1
                ));
            }
        }
        // Two fixes of one language may be two halves of one: the effect is said once.
        let mut halves = check.fixes.iter().filter(|other| other.kind == fix.kind);
        if !fix.does.is_empty() && halves.all(|other| other.after.is_empty()) {
            complaints.push(format!(
                "fix {which} has `do` and no `after`: nobody can foresee what it comes to"
            ));
        }
    }
    complaints
}

const fn outcome(expect: Expect) -> Outcome {
    match expect {
        Expect::Pass => Outcome::Pass,
        Expect::Fail => Outcome::Fail,
        Expect::Unknown => Outcome::Unknown,
        Expect::NotApplicable => Outcome::NotApplicable,
    }
}

/// Every fact that an `after` names is one that a probe publishes.
fn names(check: &Check, schema: &FactSchema) -> Vec<String> {
    let effects = check.fixes.iter().flat_map(|fix| &fix.after);
    effects
        .flat_map(|effect| of_effect(check, effect, schema))
        .map(|problem| format!("an `after`: {problem}"))
        .collect()
}

fn of_effect(check: &Check, effect: &Effect, schema: &FactSchema) -> Vec<String> {
    let mut wrong = Vec::new();
    let own = check.each.as_ref().map(|each| each.source.as_str());
    let listing = effect.rows.as_deref().or(own);
    if let Some(listing) = listing
        && schema.follow(&parts(listing)) != Ok(Shape::Listing)
    {
        wrong.push(format!("`{listing}` is no listing"));
    }
    if effect.rows.is_some() && effect.only_if.is_none() {
        wrong.push("`rows` without `if`: say which rows of that listing change".to_owned());
    }
    if effect.drop != effect.set.is_empty() {
        wrong.push("it has either `drop` or `set`".to_owned());
    }
    for name in effect.set.keys() {
        let path = match (name.contains('.'), listing) {
            (true, _) => parts(name),
            (false, Some(listing)) => parts(&format!("{listing}.rows.*.{name}")),
            (false, None) => {
                wrong.push(format!("`{name}` names no row and no fact"));
                continue;
            }
        };
        wrong.extend(schema.follow(&path).err());
    }
    wrong.extend(condition(effect, own, listing, schema));
    wrong
}

/// `row` is what changes, `rows` are those that the check found.
fn condition(
    effect: &Effect,
    own: Option<&str>,
    listing: Option<&str>,
    schema: &FactSchema,
) -> Vec<String> {
    let Some(written) = &effect.only_if else {
        return Vec::new();
    };
    let condition = match Condition::compile(written) {
        Ok(condition) => condition,
        Err(problem) => return vec![format!("its `if` does not compile: {problem}")],
    };
    let full = |path: &[String]| {
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "row" => parts(&format!("{}.rows.*", listing?)),
            "rows" => parts(&format!("{}.rows", own?)),
            _ => return Some(path.to_vec()),
        };
        Some([base.as_slice(), rest].concat())
    };
    let followed = condition.reads.iter().map(|path| match full(path) {
        Some(full) => schema.follow(&full).map(|_| ()),
        None => Err(format!("`{}` is used without rows", path.join("."))),
    });
    followed.filter_map(Result::err).collect()
}

fn parts(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}
