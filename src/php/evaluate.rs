//! The evaluator's own state: budget, branches that may or may not run, and what is left at the end.
//!
//! It refuses to go on when the budget is spent: then everything is unknown, with that reason.

use super::convert::{Answer, Refusal};
use super::effect::Effects;
use super::parse::Source;
use super::state::{IniSet, State};
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
    perhaps_over: bool,
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
        let returned = outcome.as_ref().ok().cloned();
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

    /// The reason given for what a condition left undecided.
    pub(super) fn condition(&self, why: &Unknown, span: php_ast::Span) -> Unknown {
        const PREFIX: &str = "depends on a condition that cannot be known: ";
        let cause = why.why.strip_prefix(PREFIX).unwrap_or(&why.why);
        self.unknown(span, format!("{PREFIX}{cause}"))
    }

    /// Runs both sides of a condition that cannot be known and keeps what they agree on.
    pub(super) fn fork(
        &mut self,
        why: &Unknown,
        yes: impl FnOnce(&mut Self) -> Eval<Flow>,
        no: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Flow> {
        self.spend(
            1 + self.state.variables.len() as u64 / 8,
            php_ast::Span::DUMMY,
        )?;
        self.undecided += 1;
        let before = self.state.clone();
        let first = yes(self);
        let after = std::mem::replace(&mut self.state, before);
        let second = if matches!(first, Err(Halt::Spent | Halt::Jump)) {
            Ok(Flow::Next)
        } else {
            no(self)
        };
        self.undecided -= 1;
        if let Err(halt @ (Halt::Spent | Halt::Jump)) =
            first.as_ref().and(second.as_ref()).map(|_| ())
        {
            return Err(*halt);
        }
        self.merge((first, after), second, why)
    }

    fn merge(
        &mut self,
        first: (Eval<Flow>, State),
        second: Eval<Flow>,
        why: &Unknown,
    ) -> Eval<Flow> {
        let state = std::mem::take(&mut self.state);
        let mut alive = Vec::new();
        for (flow, state) in [first, (second, state)] {
            match flow {
                Err(_) => self.absorb_stop(state, why),
                Ok(Flow::Return(value)) => self.absorb_return(state, value, why),
                Ok(flow) => alive.push((flow, state)),
            }
        }
        let (Some((flow, state)), other) = (alive.pop(), alive.pop()) else {
            return self.both_left();
        };
        let Some((other_flow, other_state)) = other else {
            self.state = state;
            return Ok(flow);
        };
        self.state = other_state.join(state, why);
        match (&flow, &other_flow) {
            (Flow::Next, Flow::Next) => Ok(flow),
            (Flow::Break(a), Flow::Break(b)) | (Flow::Continue(a), Flow::Continue(b)) if a == b => {
                Ok(flow)
            }
            _ => Err(Halt::Jump),
        }
    }

    fn both_left(&mut self) -> Eval<Flow> {
        if let Some((state, value)) = self.returned.take() {
            self.state = state;
            return Ok(Flow::Return(value));
        }
        if let Some(state) = self.stopped.take() {
            self.state = state;
        }
        Err(Halt::Exit)
    }

    pub(super) fn absorb_stop(&mut self, state: State, why: &Unknown) {
        self.perhaps_over = true;
        self.stopped = Some(match self.stopped.take() {
            Some(stopped) => stopped.join(state, why),
            None => state,
        });
    }

    pub(super) fn absorb_return(&mut self, state: State, value: Value, why: &Unknown) {
        self.perhaps_over = true;
        self.returned = Some(match self.returned.take() {
            Some((before, earlier)) => (before.join(state, why), earlier.join(value, why)),
            None => (state, value),
        });
    }

    /// A fork between two expressions.
    pub(super) fn fork_values(
        &mut self,
        why: &Unknown,
        yes: impl FnOnce(&mut Self) -> Eval,
        no: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        let mut results = (None, None);
        let (first, second) = (&mut results.0, &mut results.1);
        let flow = self.fork(
            why,
            |this| {
                yes(this).map(|value| {
                    *first = Some(value);
                    Flow::Next
                })
            },
            |this| {
                no(this).map(|value| {
                    *second = Some(value);
                    Flow::Next
                })
            },
        );
        flow?;
        Ok(match results {
            (Some(a), Some(b)) => a.join(b, why),
            (Some(value), None) | (None, Some(value)) => value,
            (None, None) => Value::Unknown(why.clone()),
        })
    }

    /// Applies what code may do that is not followed.
    pub(super) fn havoc(&mut self, effects: &Effects, why: &Unknown) {
        let quiet = effects.variables.is_empty() && effects.anything.is_none();
        self.unmodelled |= !quiet;
        if effects.leaves {
            let state = self.state.clone();
            self.absorb_stop(state.clone(), why);
            self.absorb_return(state, Value::Unknown(why.clone()), why);
        }
        if effects.anything.is_some() {
            self.state.forget_variables(why);
        }
        for name in &effects.variables {
            self.state.forget(name, why);
        }
        for name in &effects.references {
            self.taint(name, why);
        }
        for name in &effects.constants {
            self.state.perhaps_define(name, why);
        }
        if effects.any_constant || effects.anything.is_some() {
            self.state.open_constants(why);
        }
        for key in &effects.ini {
            self.state.ini.push(IniSet {
                key: key.clone(),
                value: Value::Unknown(why.clone()),
                at: why.at.clone(),
                certain: false,
            });
        }
        if effects.leaves {
            let (state, late) = (self.state.clone(), Value::Unknown(why.clone()));
            self.absorb_stop(state.clone(), why);
            self.absorb_return(state, late, why);
        }
    }

    /// A name shares its value with another by reference.
    pub(super) fn taint(&mut self, name: &[u8], why: &Unknown) {
        self.unmodelled = true;
        self.state.forget(name, why);
        self.state.tainted.insert(name.to_vec(), why.clone());
    }

    /// A function of the site's own code runs.
    pub(super) fn user_code(&mut self, why: &Unknown) {
        let effects = std::mem::take(&mut self.functions);
        // A throw inside a function leaves the script, not the file.
        let leaves = effects.leaves;
        let stays = Effects {
            leaves: false,
            ..effects.clone()
        };
        self.havoc(&stays, why);
        if leaves {
            let state = self.state.clone();
            self.absorb_stop(state, why);
        }
        self.functions = effects;
    }
}
