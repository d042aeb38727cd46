//! The deeds of fixes: each names what exists. Refuses a step that is written twice.

use super::Linter;
use crate::check::{Recipe, StepKind};
use minijinja::Environment;
use serde_json::Value;

impl Linter<'_> {
    /// A step is written once: as text, or as deeds that the text is spelled from. Lines for a server and
    /// SQL are both, since the deeds take their text from `run`.
    pub(super) fn recipes(&mut self) {
        let check = self.check;
        for (number, fix) in check.fixes.iter().enumerate() {
            let number = number + 1;
            match (fix.run.trim().is_empty(), fix.does.is_empty()) {
                (true, true) => {
                    self.complain(format!("[[fix]] {number} has neither `run` nor `do`"));
                }
                (false, false) if fix.kind == StepKind::Shell => self.complain(format!(
                    "[[fix]] {number} has `run` and `do`: the commands are spelled from `do`; what a person should know is a `note`"
                )),
                _ => {}
            }
            for recipe in &fix.does {
                self.recipe(number, recipe);
            }
        }
    }

    fn recipe(&mut self, number: usize, recipe: &Recipe) {
        if !recipe.fields.contains_key("action") {
            self.complain(format!(
                "a [[fix.do]] of [[fix]] {number} names no `action`"
            ));
        }
        let mut texts = Vec::new();
        for value in recipe.fields.values() {
            texts_in(value, &mut texts);
        }
        let expressions = [&recipe.each, &recipe.only_if];
        texts.extend(
            expressions
                .into_iter()
                .flatten()
                .map(|it| format!("{{{{ {it} }}}}")),
        );
        // `row` is an item of what `each` gives: the check's own rows, a listing's, or something made.
        let of = match recipe.each.as_deref().map(str::trim) {
            None => None,
            Some("rows") => self.check.each.as_ref().map(|it| it.source.clone()),
            Some(other) => other
                .strip_suffix(".rows")
                .filter(|path| path.chars().all(|c| matches!(c, 'a'..='z' | '_' | '.')))
                .map(str::to_owned),
        };
        let environment = Environment::new();
        for text in texts {
            let template = match environment.template_from_str(&text) {
                Ok(template) => template,
                Err(problem) => {
                    self.complain(format!(
                        "a template of a [[fix.do]] does not parse: {problem}"
                    ));
                    continue;
                }
            };
            for name in template.undeclared_variables(true) {
                let mut path: Vec<String> = name.split('.').map(str::to_owned).collect();
                match (path.first().map(String::as_str), &of) {
                    (Some("run"), _) => continue,
                    (Some("row"), None) => {
                        if recipe.each.is_none() {
                            self.complain(format!("`{name}` is used without `each`"));
                        }
                        continue;
                    }
                    (Some("row"), Some(listing)) => {
                        let mut full: Vec<String> = listing.split('.').map(str::to_owned).collect();
                        full.extend(["rows".to_owned(), "*".to_owned()]);
                        full.extend(path.drain(1..));
                        path = full;
                    }
                    _ => {}
                }
                self.path(&path);
            }
        }
    }
}

fn texts_in(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| texts_in(it, texts)),
        Value::Object(fields) => fields.values().for_each(|it| texts_in(it, texts)),
        _ => {}
    }
}
