//! Two futures: what is left when nobody can tell which branch ran, or what code did that is not followed.
//!
//! It decides nothing; it keeps what both futures agree on.

use super::effect::Effects;
use super::evaluate::{Eval, Evaluator, Flow, Halt};
use super::state::{IniSet, State};
use super::value::{Unknown, Value};

impl Evaluator<'_> {
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

    pub(super) fn merge(
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

    pub(super) fn both_left(&mut self) -> Eval<Flow> {
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
