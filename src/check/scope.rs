//! Facts as a condition sees them: known values as CEL values, unknown ones left out and kept with
//! their reasons. Integers become CEL's `int`, since arithmetic between `uint` and `int` fails.

use crate::facts::UNKNOWN_KEY;
use cel::{Context, Value as CelValue};
use serde_json::Value;
use std::collections::HashMap;

/// The facts that conditions are judged over, plus at most one row.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    values: HashMap<String, CelValue>,
    unknown: Vec<(Vec<String>, String)>,
}

impl Scope {
    /// Facts of a JSON object; each of its keys becomes a variable.
    #[must_use]
    pub fn new(facts: &Value) -> Self {
        let mut scope = Self::default();
        if let Some(object) = facts.as_object() {
            for (name, value) in object {
                scope.add(name, value);
            }
        }
        scope
    }

    /// Gives the variable `row` this value, in the place of any it had.
    pub fn set_row(&mut self, row: &Value) {
        self.set("row", row);
    }

    /// Gives the variable `rows` these values.
    pub fn set_rows(&mut self, rows: &[Value]) {
        self.set("rows", &Value::Array(rows.to_vec()));
    }

    fn set(&mut self, name: &str, value: &Value) {
        self.values.remove(name);
        self.unknown
            .retain(|(path, _)| path.first().is_none_or(|first| first != name));
        self.add(name, value);
    }

    fn add(&mut self, name: &str, value: &Value) {
        let mut path = vec![name.to_owned()];
        if let Some(known) = convert(value, &mut path, &mut self.unknown) {
            self.values.insert(name.to_owned(), known);
        }
    }

    /// Makes those known facts visible to an evaluation that it reads: a declaration copies.
    pub(super) fn declare(&self, context: &mut Context, roots: &[String]) {
        for name in roots {
            if let Some(value) = self.values.get(name) {
                context.add_variable_from_value(name.clone(), value.clone());
            }
        }
    }

    /// Why facts at, above or below this path are unknown.
    pub(super) fn reasons(&self, path: &[String]) -> Vec<String> {
        let overlaps = |dark: &[String]| {
            dark.iter()
                .zip(path)
                .all(|(one, other)| one == other || other == "*")
        };
        self.unknown
            .iter()
            .filter(|(dark, _)| overlaps(dark))
            .map(|(_, reason)| reason.clone())
            .collect()
    }
}

/// The value, or `None` where it is unknown. A list with an unknown element is unknown as a whole,
/// so that its size and emptiness cannot be taken for facts.
fn convert(
    value: &Value,
    path: &mut Vec<String>,
    unknown: &mut Vec<(Vec<String>, String)>,
) -> Option<CelValue> {
    Some(match value {
        Value::Null => CelValue::Null,
        Value::Bool(flag) => CelValue::Bool(*flag),
        Value::Number(number) => number.as_i64().map_or_else(
            || CelValue::Float(number.as_f64().unwrap_or(f64::MAX)),
            CelValue::Int,
        ),
        Value::String(text) => CelValue::String(text.clone().into()),
        Value::Array(items) => {
            let mut known = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                let element = convert(item, path, unknown);
                path.pop();
                known.push(element?);
            }
            CelValue::List(known.into())
        }
        Value::Object(fields) => {
            if let Some(reason) = fields.get(UNKNOWN_KEY) {
                let reason = reason.as_str().unwrap_or("unknown").to_owned();
                unknown.push((path.clone(), reason));
                return None;
            }
            let mut known: HashMap<String, CelValue> = HashMap::new();
            for (name, field) in fields {
                path.push(name.clone());
                if let Some(field) = convert(field, path, unknown) {
                    known.insert(name.clone(), field);
                }
                path.pop();
            }
            known.into()
        }
    })
}
