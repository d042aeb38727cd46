//! Effects applied to facts as JSON. Conditions and values see the facts as they are before any fix, so
//! that the order of the fixes does not matter; a row that one fix drops stays dropped.

use crate::check::{Catalogue, Check, Condition, Effect, FixStep, Truth};
use crate::engine::Bench;
use crate::facts::UNKNOWN_KEY;
use crate::fix::{FixOf, is_odd};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The facts once these fixes are carried out, and what could not be foreseen of it.
pub(super) fn applied(
    catalogue: &Catalogue,
    facts: Value,
    fixes: &BTreeSet<FixOf>,
) -> (Value, Vec<String>) {
    let mut work = Work::new(facts);
    for check in &catalogue.checks {
        work.carry_out(check, fixes);
    }
    work.finish()
}

/// A running PHP-FPM that reads its configuration anew cannot be told from one whose workers died: whether
/// it has read what was edited is seen again once it is started anew. nginx and Apache show it.
pub(super) fn taken_up(facts: &mut Value, edited: &BTreeSet<&str>) {
    let rows = place(facts, "web.loaded.rows").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        let path = row.get("path").and_then(Value::as_str).unwrap_or_default();
        let shows = row.get("program").and_then(Value::as_str) != Some("php-fpm");
        if !shows && edited.contains(path) && row.get("newer") == Some(&Value::Bool(false)) {
            let reason = format!("{path} would be edited while its server runs");
            put(row, "newer", json!({ UNKNOWN_KEY: reason }));
        }
    }
}

/// The same for the fixes of one check.
pub(super) fn applied_to(
    check: &Check,
    facts: Value,
    fixes: &BTreeSet<FixOf>,
) -> (Value, Vec<String>) {
    let mut work = Work::new(facts);
    work.carry_out(check, fixes);
    work.finish()
}

/// Which effects of a fix change these facts, in their order; one that cannot be told does not.
pub(super) fn changing(check: &Check, facts: &Value, number: usize) -> Vec<bool> {
    let effects = check.fixes.get(number).into_iter().flat_map(|it| &it.after);
    let changes = |effect: &Effect| {
        let mut work = Work::new(facts.clone());
        let failing = work.now.failing(check);
        let told = work.apply(check, effect, &failing);
        told.is_ok() && work.finish().0 != *facts
    };
    effects.map(changes).collect()
}

struct Work {
    /// The facts before any fix.
    now: Bench,
    /// The facts after those that were applied so far; rows that go are still in them.
    then: Value,
    /// Listings and the rows of them that go.
    dropped: BTreeSet<(String, usize)>,
    /// Whether the fix leaves rows with odd names to a person.
    aside: bool,
    untold: Vec<String>,
}

impl Work {
    fn new(facts: Value) -> Self {
        Self {
            now: Bench::new(facts.clone()),
            then: facts,
            dropped: BTreeSet::new(),
            aside: false,
            untold: Vec::new(),
        }
    }

    fn carry_out(&mut self, check: &Check, fixes: &BTreeSet<FixOf>) {
        let wanted = fixes.iter().filter(|fix| fix.check == check.id);
        let wanted: Vec<&FixStep> = wanted
            .filter_map(|fix| check.fixes.get(fix.number))
            .filter(|fix| !fix.after.is_empty())
            .collect();
        if wanted.is_empty() {
            return;
        }
        let failing = self.now.failing(check);
        let own = check.each.as_ref().map(|each| each.source.as_str());
        let rows = own.map_or_else(Vec::new, |own| self.rows(own, &failing));
        let effects = wanted.into_iter().flat_map(|fix| {
            let aside = self.now.templates().sets_aside(fix, &rows);
            fix.after.iter().map(move |effect| (effect, aside))
        });
        for (effect, aside) in effects.collect::<Vec<_>>() {
            self.aside = aside;
            if let Err(problem) = self.apply(check, effect, &failing) {
                let sentence = format!(
                    "What a fix of {} does to the facts cannot be foreseen: {problem}.",
                    check.id
                );
                if !self.untold.contains(&sentence) {
                    self.untold.push(sentence);
                }
            }
        }
    }

    fn apply(&mut self, check: &Check, effect: &Effect, failing: &[usize]) -> Result<(), String> {
        let own = check.each.as_ref().map(|each| each.source.as_str());
        let listing = effect.rows.as_deref().or(own);
        let condition = effect
            .only_if
            .as_deref()
            .map(Condition::compile)
            .transpose()?;
        let rows = own.map_or_else(Vec::new, |own| self.rows(own, failing));
        let (of_facts, of_rows): (Map<_, _>, Map<_, _>) = effect
            .set
            .clone()
            .into_iter()
            .partition(|(name, _)| name.contains('.'));
        if !of_facts.is_empty() && self.holds(condition.as_ref(), None, &rows)? {
            for (path, value) in self.now.templates().values(&of_facts, None, &rows)? {
                put(&mut self.then, &path, value);
            }
        }
        let Some(listing) = listing.filter(|_| effect.drop || !of_rows.is_empty()) else {
            return Ok(());
        };
        let all: Vec<usize> = match (&condition, &effect.rows) {
            (None, None) => failing.to_vec(),
            _ => (0..self.count(listing)).collect(),
        };
        for index in all {
            let Some(row) = self.rows(listing, &[index]).pop() else {
                continue;
            };
            if self.aside && is_odd(&row) {
                continue;
            }
            if !self.holds(condition.as_ref(), Some(&row), &rows)? {
                continue;
            }
            if effect.drop {
                self.dropped.insert((listing.to_owned(), index));
            }
            let values = self.now.templates().values(&of_rows, Some(&row), &rows)?;
            for (field, value) in values {
                put(
                    &mut self.then,
                    &format!("{listing}.rows.{index}.{field}"),
                    value,
                );
            }
        }
        Ok(())
    }

    /// Whether a condition holds of a row; none always does.
    fn holds(
        &self,
        condition: Option<&Condition>,
        row: Option<&Value>,
        rows: &[Value],
    ) -> Result<bool, String> {
        let Some(condition) = condition else {
            return Ok(true);
        };
        match self.now.holds(condition, row, rows) {
            Truth::True => Ok(true),
            Truth::False => Ok(false),
            Truth::Unknown(reasons) => Err(reasons.join("; ")),
        }
    }

    fn count(&self, listing: &str) -> usize {
        let rows = self.now.fact(&format!("{listing}.rows"));
        rows.as_array().map_or(0, Vec::len)
    }

    fn rows(&self, listing: &str, which: &[usize]) -> Vec<Value> {
        let rows = self.now.fact(&format!("{listing}.rows")).as_array();
        let get = |index: &usize| rows.and_then(|rows| rows.get(*index)).cloned();
        which.iter().filter_map(get).collect()
    }

    fn finish(mut self) -> (Value, Vec<String>) {
        for (listing, index) in self.dropped.iter().rev() {
            let rows = place(&mut self.then, &format!("{listing}.rows"));
            if let Some(rows) = rows.and_then(Value::as_array_mut)
                && *index < rows.len()
            {
                rows.remove(*index);
            }
        }
        (self.then, self.untold)
    }
}

/// Puts a value where the path's parent is; where that is unknown as a whole, the value stays unknown.
fn put(facts: &mut Value, path: &str, value: Value) {
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (place(facts, parent), name),
        None => (Some(facts), path),
    };
    if let Some(fields) = parent.and_then(Value::as_object_mut)
        && !fields.contains_key(UNKNOWN_KEY)
    {
        fields.insert(name.to_owned(), value);
    }
}

fn place<'a>(facts: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(facts, |here, part| match here {
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        Value::Object(fields) => fields.get_mut(part),
        _ => None,
    })
}
