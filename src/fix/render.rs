//! Templates of checks rendered over facts. Undefined and unknown values are errors: a step that
//! names "unknown" would be worse than none.

use super::action::Action;
use super::quote::quote;
use super::{recipe, shell};
use crate::check::{FixStep, Risk, StepKind};
use crate::facts::UNKNOWN_KEY;
use crate::sql;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Why a step is not written whose template itself has an expression without a value. A fact that is
/// not known is named instead.
pub(crate) const NAMELESS: &str = "a value that the step needs is unknown";

/// How a step begins that could not be written.
pub(crate) const NO_COMMAND: &str = "No command is given, because ";

/// A step that a person can read and run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Which of its check's fixes, from 0.
    #[serde(skip)]
    pub number: usize,
    /// Which language.
    pub kind: StepKind,
    /// What it may disturb.
    pub risk: Risk,
    /// The step.
    pub run: String,
    /// A command that shows that it took effect.
    pub check: Option<String>,
    /// The same as deeds; none where a person does it.
    #[serde(skip)]
    pub actions: Vec<Action>,
    /// What a person should know of it, a sentence or two; it stands in `run` as well, as a comment.
    #[serde(skip)]
    pub note: Option<String>,
}

impl Step {
    /// The step of a check whose every fix came to nothing over what was found.
    #[must_use]
    pub fn by_hand() -> Self {
        Self::refused(
            Risk::None,
            "nothing in what was read says what would mend it",
        )
    }

    fn refused(risk: Risk, problem: &str) -> Self {
        Self {
            number: 0,
            kind: StepKind::Manual,
            risk,
            run: format!("{NO_COMMAND}{problem}. Mend it by hand."),
            check: None,
            actions: Vec::new(),
            note: None,
        }
    }
}

/// What templates see.
pub(super) type Scoped = minijinja::Value;

/// Renders messages and fixes over one set of facts, which is made ready once.
pub struct Templates {
    plain: Environment<'static>,
    /// For sentences: unknown facts read as the word `unknown`.
    worded: minijinja::Value,
    /// For steps: unknown facts are not there, so that a step that needs one fails to render.
    known: minijinja::Value,
}

impl Templates {
    /// Templates over these facts.
    #[must_use]
    pub fn new(facts: &Value) -> Self {
        let mut plain = environment();
        plain.set_undefined_behavior(UndefinedBehavior::Strict);
        Self {
            plain,
            worded: value::Value::from(value::Serde(word_unknown(facts))),
            known: value::Value::from(value::Serde(drop_unknown(facts))),
        }
    }

    /// A message or subject about a row, or about the facts, unquoted: whoever prints it escapes it.
    ///
    /// # Errors
    /// What the template asks for that is not there.
    pub fn message(&self, template: &str, row: Option<&Value>) -> Result<String, String> {
        let row = row.map(|row| value::Value::from(value::Serde(word_unknown(row))));
        let scope = match row {
            Some(row) => minijinja::context! { row, ..self.worded.clone() },
            None => self.worded.clone(),
        };
        self.plain
            .render_str(template, scope)
            .map(|text| text.trim_end_matches('\n').to_owned())
            .map_err(|error| explain(&error))
    }

    /// A step for the failing rows; where its values are unknown or unsafe, a manual step that says
    /// so. Over these rows it may come to nothing: then `run` is empty.
    #[must_use]
    pub fn step(&self, step: &FixStep, rows: &[Value]) -> Step {
        self.rendered(step, &self.scope(rows))
            .unwrap_or_else(|problem| Step::refused(step.risk, &problem))
    }

    /// Values of facts: every text is a template over the facts, `row` and `rows`; one that is a single
    /// expression keeps its type.
    ///
    /// # Errors
    /// What the templates ask for that is not known.
    pub fn values(
        &self,
        fields: &Map<String, Value>,
        row: Option<&Value>,
        rows: &[Value],
    ) -> Result<Map<String, Value>, String> {
        let known: Vec<Value> = rows.iter().map(drop_unknown).collect();
        let rows = value::Value::from(value::Serde(known));
        let row = row.map(|row| value::Value::from(value::Serde(drop_unknown(row))));
        let scope = minijinja::context! { row, rows, ..self.known.clone() };
        recipe::fields(&self.plain, fields, &scope)
    }

    /// The deeds of each recipe of a step, in the order of the recipes.
    ///
    /// # Errors
    /// What they ask for that is not known.
    pub(crate) fn deeds(&self, step: &FixStep, rows: &[Value]) -> Result<Vec<Vec<Action>>, String> {
        let scope = self.scope(rows);
        let written = quoted(step.kind, &step.run, &scope)?;
        self.made(step, &written, &scope)
    }

    fn scope(&self, rows: &[Value]) -> Scoped {
        let rows: Vec<Value> = rows.iter().map(drop_unknown).collect();
        let rows = value::Value::from(value::Serde(rows));
        minijinja::context! { rows, ..self.known.clone() }
    }

    fn made(
        &self,
        step: &FixStep,
        written: &str,
        scope: &Scoped,
    ) -> Result<Vec<Vec<Action>>, String> {
        let scope = minijinja::context! { run => written.trim_end(), ..scope.clone() };
        let recipes = step.does.iter();
        recipes
            .map(|recipe| recipe::actions(&self.plain, recipe, &scope))
            .collect()
    }

    fn rendered(&self, step: &FixStep, scope: &Scoped) -> Result<Step, String> {
        let written = quoted(step.kind, &step.run, scope)?;
        let actions = self.made(step, &written, scope)?.concat();
        let run = if step.run.is_empty() {
            spelled(&actions)?
        } else {
            written
        };
        let note = step
            .note
            .as_deref()
            .map(|note| quoted(StepKind::Manual, note, scope))
            .transpose()?;
        let run = run.trim_end();
        let run = match &note {
            Some(note) if !run.is_empty() => format!("# {note}\n{run}"),
            _ => run.to_owned(),
        };
        let check = step
            .check
            .as_deref()
            .map(|check| quoted(StepKind::Shell, check, scope))
            .transpose()?;
        Ok(Step {
            number: 0,
            kind: step.kind,
            risk: step.risk,
            run,
            check: check.map(|check| check.trim_end().to_owned()),
            actions,
            note,
        })
    }
}

fn spelled(actions: &[Action]) -> Result<String, String> {
    let lines: Vec<String> = actions.iter().map(shell::line).collect::<Result<_, _>>()?;
    Ok(lines.join("\n"))
}

/// A template whose every value is quoted for its language.
fn quoted(kind: StepKind, template: &str, scope: &minijinja::Value) -> Result<String, String> {
    let mut environment = environment();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    if kind == StepKind::Sql {
        environment.add_filter("identifier", |name: String| {
            sql::quote::identifier(&name).map(raw).map_err(refused)
        });
        environment.add_filter("privileges", |names: Vec<String>| {
            sql::quote::privileges(&names).map(raw).map_err(refused)
        });
    }
    environment.set_formatter(move |out, _, value| {
        if let Some(Raw(text)) = value.downcast_object_ref::<Raw>() {
            return out.write_str(text).map_err(minijinja::Error::from);
        }
        if value.is_undefined() {
            return Err(minijinja::Error::new(ErrorKind::UndefinedError, NAMELESS));
        }
        let text = quote(kind, &value.to_string()).map_err(refused)?;
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    environment
        .render_str(template, scope.clone())
        .map_err(|error| explain(&error))
}

/// A text that a filter of ours made ready: no template can make one by other means.
#[derive(Debug)]
struct Raw(String);

impl value::Object for Raw {}

fn raw(text: String) -> value::Value {
    value::Value::from_object(Raw(text))
}

fn refused(problem: String) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, problem)
}

/// One place for the syntax that check files may use.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    if let Ok(syntax) = SyntaxConfig::builder()
        // What a deed writes ends as it was written: cron(8) passes over a last line without an end.
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_recursion_limit(64);
    // For deeds, whose values are not quoted: a text of PHP, and a name that needs no quoting anywhere.
    environment.add_filter("php", |text: String| {
        quote(StepKind::Php, &text).map_err(refused)
    });
    environment.add_filter("plain", |text: String| plain(text).map_err(refused));
    environment
}

/// A path of letters, digits and a few marks that no configuration language takes for its own.
fn plain(text: String) -> Result<String, String> {
    let usual =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@');
    if text.chars().all(usual) {
        Ok(text)
    } else {
        Err("a name holds characters that cannot stand in that file".to_owned())
    }
}

pub(super) fn explain(error: &minijinja::Error) -> String {
    error.detail().map_or_else(
        || NAMELESS.to_owned(),
        |detail| detail.replace(" is undefined", " is not known"),
    )
}

/// Unknown facts as the word `unknown`, for sentences.
fn word_unknown(facts: &Value) -> Value {
    match facts {
        Value::Object(fields) if fields.contains_key(UNKNOWN_KEY) => "unknown".into(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), word_unknown(field)))
            .collect(),
        Value::Array(items) => items.iter().map(word_unknown).collect(),
        other => other.clone(),
    }
}

/// Unknown facts left out, so that a step that needs them fails to render.
fn drop_unknown(facts: &Value) -> Value {
    match facts {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, field)| field.get(UNKNOWN_KEY).is_none())
            .map(|(name, field)| (name.clone(), drop_unknown(field)))
            .collect(),
        Value::Array(items) => items.iter().map(drop_unknown).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(run: &str) -> FixStep {
        FixStep {
            kind: StepKind::Shell,
            when: None,
            risk: Risk::None,
            run: run.to_owned(),
            note: None,
            check: None,
            does: Vec::new(),
            after: Vec::new(),
        }
    }

    #[test]
    fn names_of_sql_are_quoted_as_names() {
        let facts =
            json!({"schema": "my`desk", "much": ["EVENT", "CREATE VIEW"], "bad": ["X; DROP"]});
        let templates = Templates::new(&facts);
        let sql = |run: &str| {
            let step = FixStep {
                kind: StepKind::Sql,
                ..step(run)
            };
            templates.step(&step, &[])
        };
        let revoke =
            sql("REVOKE {{ much | privileges }} ON {{ schema | identifier }}.* FROM {{ schema }};");
        assert_eq!(
            revoke.run,
            "REVOKE EVENT, CREATE VIEW ON `my``desk`.* FROM 'my`desk';"
        );
        assert_eq!(sql("REVOKE {{ bad | privileges }}").kind, StepKind::Manual);
    }

    #[test]
    fn values_are_quoted_and_unknown_ones_refuse_the_step() {
        let facts = json!({"user": {"$unknown": "why"}});
        let rows = [json!({"path": "/a b"}), json!({"path": "/c"})];
        let templates = Templates::new(&facts);
        let run = "{% for row in rows %}\nchmod o-w -- {{ row.path }}\n{% endfor %}";
        let rendered = templates.step(&step(run), &rows);
        assert_eq!(rendered.run, "chmod o-w -- '/a b'\nchmod o-w -- /c");
        let refused = templates.step(&step("chown {{ user }} /x"), &rows);
        assert_eq!(refused.kind, StepKind::Manual, "{}", refused.run);
        let hostile = [json!({"path": "/a\nrm -rf /"})];
        let refused = templates.step(&step("rm {{ rows[0].path }}"), &hostile);
        assert_eq!(refused.kind, StepKind::Manual);
        let message = templates.message("{{ user }} is {{ row.path }}", rows.first());
        assert_eq!(message.unwrap(), "unknown is /a b");
    }

    #[test]
    fn a_deed_keeps_types_and_the_end_of_the_last_line() {
        let facts = json!({"rows": [{"path": "/a b", "name": "{{ 7 }}"}], "all": ["/x", "/y"]});
        let recipes = json!([
            {"each": "rows", "if": "row.name != 'other'", "action": "write", "path": "{{ row.path }}", "mode": "0644", "content": "{{ row.name }}\n"},
            {"action": "close-tree", "path": "/t", "except": "{{ all }}", "from": "a", "user": "b", "mode": "go-w"},
        ]);
        let template = FixStep {
            does: serde_json::from_value(recipes).unwrap(),
            ..step("")
        };
        let rows = [json!({"path": "/a b", "name": "{{ 7 }}"})];
        let made = Templates::new(&facts).step(&template, &rows);
        let write = Action::Write {
            path: "/a b".to_owned(),
            content: "{{ 7 }}\n".to_owned(),
            mode: "0644".to_owned(),
            server: None,
        };
        assert_eq!(made.actions.first(), Some(&write), "{}", made.run);
        let Some(Action::CloseTree { except, .. }) = made.actions.last() else {
            panic!("{:?}", made.actions);
        };
        assert_eq!(except, &["/x", "/y"]);
    }
}
