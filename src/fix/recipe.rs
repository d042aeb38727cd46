//! The `[[fix.do]]` of a check: templates of deeds, rendered over facts and failing rows into
//! [`Action`]s. Values arrive as they are, since no language is written here; refuses names that are
//! not text, and values that are unknown.

use super::action::Action;
use super::render::{Scoped, explain};
use crate::check::Recipe;
use minijinja::{Environment, value};
use serde_json::{Map, Value};

/// The deeds of one recipe.
///
/// # Errors
/// What is not known, or what is no deed.
pub(super) fn actions(
    environment: &Environment<'_>,
    recipe: &Recipe,
    scope: &Scoped,
) -> Result<Vec<Action>, String> {
    let items = match &recipe.each {
        None => vec![value::Value::UNDEFINED],
        Some(each) => expression(environment, each, scope)?
            .try_iter()
            .map_err(|error| explain(&error))?
            .collect(),
    };
    let mut actions = Vec::new();
    for item in items {
        let scope = match &recipe.each {
            None => scope.clone(),
            Some(_) => minijinja::context! { row => item, ..scope.clone() },
        };
        if let Some(condition) = &recipe.only_if
            && !expression(environment, condition, &scope)?.is_true()
        {
            continue;
        }
        let fields = fields(environment, &recipe.fields, &scope)?;
        actions.push(
            serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?,
        );
    }
    Ok(actions)
}

/// Every field rendered.
pub(super) fn fields(
    environment: &Environment<'_>,
    templates: &Map<String, Value>,
    scope: &Scoped,
) -> Result<Map<String, Value>, String> {
    templates
        .iter()
        .map(|(name, field)| Ok((name.clone(), rendered(environment, field, scope)?)))
        .collect()
}

/// Every text of it rendered. A text that is one expression and nothing else keeps its type.
fn rendered(
    environment: &Environment<'_>,
    template: &Value,
    scope: &Scoped,
) -> Result<Value, String> {
    Ok(match template {
        Value::String(text) => match whole_expression(text) {
            Some(inner) => {
                let value = expression(environment, inner, scope)?;
                serde_json::to_value(value).map_err(|error| error.to_string())?
            }
            None => Value::String(
                environment
                    .render_str(text, scope.clone())
                    .map_err(|error| explain(&error))?,
            ),
        },
        Value::Array(items) => items
            .iter()
            .map(|item| rendered(environment, item, scope))
            .collect::<Result<_, _>>()?,
        Value::Object(templates) => Value::Object(fields(environment, templates, scope)?),
        other => other.clone(),
    })
}

fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then_some(inner.trim())
}

fn expression(
    environment: &Environment<'_>,
    source: &str,
    scope: &Scoped,
) -> Result<value::Value, String> {
    let value = environment
        .compile_expression(source)
        .and_then(|compiled| compiled.eval(scope.clone()))
        .map_err(|error| explain(&error))?;
    if value.is_undefined() {
        return Err(super::NAMELESS.to_owned());
    }
    Ok(value)
}
