//! The evaluator's own state: budget, branches that may or may not run, and what is left at the end.
//!
//! It refuses to go on when the budget is spent: then everything is unknown, with that reason.

use super::convert::{Answer, Refusal};
use super::effect::Effects;
use super::parse::Source;
use super::state::State;
use super::value::{Located, Place, Unknown, Value};
use super::{Evaluation, Limits, Note, Sources, array::Key};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Why evaluation cannot go on at this point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Halt {
    /// `exit`, an uncaught error, or a file that PHP refuses.
    Exit,
    /// `break` or `continue` that perhaps happens; the loop around it takes over.
    Jump,
    /// The budget is spent.
    Spent,
}

/// A result, unless evaluation ends here.
pub(super) type Eval<T = Value> = Result<T, Halt>;

/// Where a statement leaves off.
#[derive(Clone, Debug)]
pub(super) enum Flow {
    Next,
    Break(u32),
    Continue(u32),
    Return(Value),
}

/// The file that is being evaluated.
pub(super) struct Unit {
    pub(super) path: Arc<Path>,
    pub(super) source: Rc<Source>,
    pub(super) namespace: String,
    pub(super) strict: bool,
}

pub(super) struct Evaluator<'s> {
    pub(super) sources: &'s dyn Sources,
    pub(super) limits: &'s Limits,
    pub(super) state: State,
    /// Where execution perhaps ended.
    pub(super) stopped: Option<State>,
    /// Where the current file perhaps returned, and what.
    pub(super) returned: Option<(State, Value)>,
    pub(super) unit: Unit,
    pub(super) open_includes: Vec<PathBuf>,
    pub(super) functions: Effects,
    pub(super) files: Vec<PathBuf>,
    pub(super) notes: Vec<Note>,
    pub(super) syntax_errors: Vec<Note>,
    pub(super) dies: Option<Note>,
    /// How many undecided branches are open.
    pub(super) undecided: u32,
    pub(super) depth: u32,
    pub(super) unmodelled: bool,
    /// Execution perhaps ended before.
    pub(super) perhaps_over: bool,
    /// Something that cannot be told may make PHP stop.
    pub(super) may_stop: bool,
    steps: u64,
    spent: Option<Unknown>,
}

/// Room for the parser and the evaluator on hostile nesting.
const STACK: usize = 64 << 20;
const MOST_NOTES: usize = 500;

pub(super) fn on_large_stack(entry: &Path, sources: &dyn Sources, limits: &Limits) -> Evaluation {
    let run = || run(entry, sources, limits);
    let result = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let thread = builder
            .spawn_scoped(scope, run)
            .map_err(|error| error.to_string())?;
        thread
            .join()
            .map_err(|_| "the evaluator failed on this file".to_owned())
    });
    result.unwrap_or_else(|why| failed(entry, &why))
}

fn failed(entry: &Path, why: &str) -> Evaluation {
    let at = Place {
        file: entry.into(),
        line: 1,
    };
    let why = Unknown {
        why: why.to_owned(),
        at: at.clone(),
    };
    let mut state = State::default();
    state.forget_variables(&why);
    state.open_constants(&why);
    let text = why.why;
    Evaluation {
        variables: state.variables,
        constants: state.constants,
        ini: Vec::new(),
        files: Vec::new(),
        notes: vec![Note { at, text }],
        syntax_errors: Vec::new(),
        returned: None,
        dies: None,
        may_stop: true,
        fully_known: false,
    }
}

fn run(entry: &Path, sources: &dyn Sources, limits: &Limits) -> Evaluation {
    let mut evaluator = Evaluator::new(entry, sources, limits);
    for (name, value) in &limits.constants {
        let held = Located {
            value: value.clone(),
            at: evaluator.unit_place(),
        };
        evaluator
            .state
            .constants
            .set(Key::Str(name.clone().into_bytes()), held);
    }
    let outcome = evaluator.run_entry(entry);
    evaluator.finish(outcome)
}

impl<'s> Evaluator<'s> {
    fn new(entry: &Path, sources: &'s dyn Sources, limits: &'s Limits) -> Self {
        let unit = Unit {
            path: entry.into(),
            source: Rc::new(Source::new(Vec::new())),
            namespace: String::new(),
            strict: false,
        };
        Self {
            sources,
            limits,
            state: State::default(),
            stopped: None,
            returned: None,
            unit,
            open_includes: Vec::new(),
            functions: Effects::default(),
            files: Vec::new(),
            notes: Vec::new(),
            syntax_errors: Vec::new(),
            dies: None,
            undecided: 0,
            depth: 0,
            unmodelled: false,
            perhaps_over: false,
            may_stop: false,
            steps: 0,
            spent: None,
        }
    }

    fn finish(mut self, outcome: Eval) -> Evaluation {
        let returned = outcome.ok();
        if let Some(why) = self.spent.take() {
            self.state.forget_variables(&why);
            self.state.open_constants(&why);
            self.unmodelled = true;
            self.note(&why.at.clone(), why.why);
        } else if let Some(stopped) = self.stopped.take() {
            let why = self.unknown_at(self.unit_place(), "execution may have ended earlier".into());
            self.state = self.state.join(stopped, &why);
        }
        Evaluation {
            fully_known: !self.unmodelled,
            variables: self.state.variables,
            constants: self.state.constants,
            ini: self.state.ini,
            files: self.files,
            notes: self.notes,
            syntax_errors: self.syntax_errors,
            returned,
            dies: self.dies,
            may_stop: self.may_stop || self.unmodelled,
        }
    }

    pub(super) fn unit_place(&self) -> Place {
        self.place_of_line(1)
    }

    pub(super) fn place_of_line(&self, line: u32) -> Place {
        Place {
            file: Arc::clone(&self.unit.path),
            line,
        }
    }

    pub(super) fn place(&self, span: php_ast::Span) -> Place {
        self.place_of_line(self.unit.source.line(span.start))
    }

    pub(super) fn unknown_at(&self, at: Place, why: String) -> Unknown {
        Unknown { why, at }
    }

    pub(super) fn unknown(&self, span: php_ast::Span, why: impl Into<String>) -> Unknown {
        self.unknown_at(self.place(span), why.into())
    }

    pub(super) fn note(&mut self, at: &Place, text: impl Into<String>) {
        let text = text.into();
        let known = |note: &Note| note.at == *at && note.text == text;
        if self.notes.len() < MOST_NOTES && !self.notes.iter().any(known) {
            let at = at.clone();
            self.notes.push(Note { at, text });
        }
    }

    /// Pays for work; evaluation ends when there is nothing left to pay with.
    pub(super) fn spend(&mut self, steps: u64, span: php_ast::Span) -> Eval<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.limits.steps {
            let why = format!(
                "the file takes more than {} steps to evaluate",
                self.limits.steps
            );
            let why = self.unknown(span, why);
            self.spent.get_or_insert(why);
            return Err(Halt::Spent);
        }
        Ok(())
    }

    /// Nothing can be told any more.
    pub(super) fn out_of_reach(&mut self, why: Unknown) {
        self.spent.get_or_insert(why);
    }

    /// PHP stops here with an error.
    pub(super) fn die(&mut self, span: php_ast::Span, text: &str) -> Halt {
        let at = self.place(span);
        let text = format!("PHP stops here: {text}");
        self.note(&at, text.clone());
        if self.undecided == 0 && !self.perhaps_over && self.dies.is_none() {
            self.dies = Some(Note { at, text });
        }
        Halt::Exit
    }

    /// A refusal becomes an unknown value, or the end.
    pub(super) fn settle(&mut self, answer: Answer, span: php_ast::Span) -> Eval {
        match answer {
            Ok(value) => self.fit(value, span),
            Err(Refusal::Dies(text)) => Err(self.die(span, &text)),
            Err(refusal) => Ok(self.beyond(refusal, span)),
        }
    }

    /// What cannot be told may also be what makes PHP stop.
    fn beyond(&mut self, refusal: Refusal, span: php_ast::Span) -> Value {
        self.may_stop = true;
        match refusal {
            Refusal::Unknown(unknown) => Value::Unknown(unknown),
            Refusal::Dies(text) | Refusal::Unmodelled(text) => {
                Value::Unknown(self.unknown(span, text))
            }
        }
    }

    /// Values that are too large become unknown.
    pub(super) fn fit(&mut self, value: Value, span: php_ast::Span) -> Eval {
        let why = match &value {
            Value::Str(bytes) if bytes.len() > self.limits.string_bytes => {
                "a string too long to follow"
            }
            Value::Array(array) if array.weight() > self.limits.array_values => {
                "an array too large to follow"
            }
            Value::Array(array) if array.depth() > self.limits.nesting => {
                "an array nested too deep"
            }
            _ => return Ok(value),
        };
        self.unmodelled = true;
        Ok(Value::Unknown(self.unknown(span, why)))
    }
}
