//! What makes a check file trustworthy: it reads facts that exist, proves itself by examples, and
//! does not pass when nothing is known. Run by the tests and by `deskguard lint`.

use super::catalogue::Catalogue;
use super::condition::{Condition, with_large_stack};
use super::read::{Check, Example, Expect, Recipe, StepKind};
use crate::complaint::Complaint;
use crate::engine::{Bench, NAMELESS, NO_COMMAND, Outcome};
use crate::facts::{FactSchema, Shape};
use crate::prediction::unproven;
use minijinja::Environment;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every complaint about these checks.
#[must_use]
pub fn lint(catalogue: &Catalogue, files: &[(String, PathBuf)]) -> Vec<Complaint> {
    let schema = FactSchema::new();
    let file_of = |id: &str| {
        files.iter().find(|(known, _)| known == id).map_or_else(
            || PathBuf::from(format!("checks/{id}.toml")),
            |(_, file)| file.clone(),
        )
    };
    let mut complaints = with_large_stack(|| {
        catalogue
            .checks
            .iter()
            .flat_map(|check| Linter::new(check, &schema, file_of(&check.id)).run())
            .collect()
    })
    .unwrap_or_else(|problem| vec![Complaint::about(Path::new("checks"), problem)]);
    complaints.extend(aliases(catalogue).into_iter().map(|(id, message)| {
        Complaint::about(&file_of(id), message).help(
            "`aliases` lists the ids that this check had before, so that waivers and baselines survive a renaming",
        )
    }));
    complaints
}

/// A former id must be one, and may not be claimed twice: a waiver would cover another check.
fn aliases(catalogue: &Catalogue) -> Vec<(&str, String)> {
    let mut owners: BTreeMap<&str, &str> = catalogue
        .checks
        .iter()
        .map(|check| (check.id.as_str(), check.id.as_str()))
        .collect();
    let mut wrong = Vec::new();
    for check in &catalogue.checks {
        for alias in &check.aliases {
            if !is_well_named(alias) {
                wrong.push((
                    check.id.as_str(),
                    format!("the alias `{alias}` is no id of a check"),
                ));
            }
            if let Some(owner) = owners.insert(alias, &check.id) {
                wrong.push((
                    check.id.as_str(),
                    format!("the alias `{alias}` belongs to {owner} already"),
                ));
            }
        }
    }
    wrong
}

/// `area/good-state` in kebab-case.
fn is_well_named(id: &str) -> bool {
    let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-');
    id.split('/').count() == 2 && id.chars().all(usual)
}

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

struct Linter<'a> {
    check: &'a Check,
    schema: &'a FactSchema,
    file: PathBuf,
    complaints: Vec<Complaint>,
}

impl<'a> Linter<'a> {
    const fn new(check: &'a Check, schema: &'a FactSchema, file: PathBuf) -> Self {
        Self {
            check,
            schema,
            file,
            complaints: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Complaint> {
        self.texts();
        self.listing();
        self.conditions();
        self.templates();
        self.recipes();
        self.examples();
        self.effects();
        self.darkness();
        self.complaints
    }

    fn complain(&mut self, message: impl Into<String>) {
        self.complaints.push(Complaint::about(&self.file, message));
    }

    fn texts(&mut self) {
        let check = self.check;
        for (name, text) in [
            ("title", &check.title),
            ("source", &check.source),
            ("found", &check.found),
            ("why", &check.why),
        ] {
            if text.trim().is_empty() {
                self.complain(format!("`{name}` is empty"));
            }
        }
        if !is_well_named(&check.id) {
            self.complain(format!(
                "`{}` is not `area/good-state` in kebab-case",
                check.id
            ));
        }
        if check.fixes.is_empty() {
            self.complain(
                "there is no [[fix]]: say at least by hand how to mend it (kind = \"manual\")",
            );
        }
    }

    fn listing(&mut self) {
        let Some(each) = &self.check.each else { return };
        let path: Vec<String> = each.source.split('.').map(str::to_owned).collect();
        match self.schema.follow(&path) {
            Ok(Shape::Listing) => {}
            Ok(Shape::Plain) => self.complain(format!(
                "`each` names `{}`, which is no listing",
                each.source
            )),
            Err(problem) => self.complain(problem),
        }
    }

    fn conditions(&mut self) {
        let check = self.check;
        let fixes: Vec<Condition> = check
            .fixes
            .iter()
            .filter_map(|fix| fix.when.as_deref())
            .filter_map(|when| match Condition::compile(when) {
                Ok(condition) => Some(condition),
                Err(problem) => {
                    self.complain(format!("a fix's `when` does not compile: {problem}"));
                    None
                }
            })
            .collect();
        let all = [
            check.when.as_ref(),
            check.require.as_ref(),
            Some(&check.pass),
        ];
        for condition in all.into_iter().flatten().chain(&fixes) {
            for path in &condition.reads {
                self.path(path);
            }
        }
        for condition in all.into_iter().flatten() {
            self.wholeness(condition);
        }
    }

    /// Rows of a listing may only be counted together with what was missed.
    fn wholeness(&mut self, condition: &Condition) {
        for path in &condition.reads {
            let Some((last, listing)) = path.split_last() else {
                continue;
            };
            let asks_missed = condition.reads.iter().any(|other| {
                other
                    .split_last()
                    .is_some_and(|(name, base)| name == "missed" && base == listing)
            });
            if last == "rows" && self.schema.follow(listing) == Ok(Shape::Listing) && !asks_missed {
                self.complain(format!(
                    "`{}` reads the rows of `{}` but not what was missed; use `each`",
                    condition.source,
                    listing.join(".")
                ));
            }
        }
    }

    fn path(&mut self, path: &[String]) {
        let mut full: Vec<String> = path.to_vec();
        if path
            .first()
            .is_some_and(|first| first == "row" || first == "rows")
        {
            let Some(each) = &self.check.each else {
                self.complain(format!("`{}` is used without `each`", path.join(".")));
                return;
            };
            full = each.source.split('.').map(str::to_owned).collect();
            full.extend(["rows".to_owned(), "*".to_owned()]);
            full.extend(path.iter().skip(1).cloned());
        }
        if let Err(problem) = self.schema.follow(&full) {
            self.complain(problem);
        }
    }

    fn templates(&mut self) {
        let check = self.check;
        let mut texts: Vec<&str> = vec![&check.found];
        texts.extend(check.subject.as_deref());
        texts.extend(check.require_found.as_deref());
        for fix in &check.fixes {
            texts.push(&fix.run);
            texts.extend(fix.check.as_deref());
            texts.extend(fix.note.as_deref());
        }
        let environment = Environment::new();
        for text in texts {
            if text.contains("|safe") || text.contains("| safe") {
                self.complain("`safe` is refused: every value is quoted");
            }
            match environment.template_from_str(text) {
                Err(problem) => self.complain(format!("a template does not parse: {problem}")),
                Ok(template) => {
                    for name in template.undeclared_variables(true) {
                        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
                        self.path(&path);
                    }
                }
            }
        }
        if let Some(at) = &check.at {
            let path: Vec<String> = format!("{at}.path").split('.').map(str::to_owned).collect();
            self.path(&path);
        }
    }

    /// A step is written once: as text, or as deeds that the text is spelled from. Lines for a server and
    /// SQL are both, since the deeds take their text from `run`.
    fn recipes(&mut self) {
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

    fn examples(&mut self) {
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
            let outcome = Bench::new(complete(facts, self.schema)).judge(check);
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
            if outcome.fixes.iter().any(|it| it.run.contains(NAMELESS)) {
                self.complain(format!(
                    "example {} cannot render a [[fix]]: an expression gives nothing, such as an `if` without `else`",
                    number + 1
                ));
            }
            for fix in &outcome.fixes {
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
    fn effects(&mut self) {
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
    fn darkness(&mut self) {
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

fn texts_in(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| texts_in(it, texts)),
        Value::Object(fields) => fields.values().for_each(|it| texts_in(it, texts)),
        _ => {}
    }
}

/// An example's facts with everything it does not name unknown.
fn complete(facts: Value, schema: &FactSchema) -> Value {
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
