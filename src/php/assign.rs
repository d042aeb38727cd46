//! Writing: variables, elements however deep, destructuring, references, `unset`.
//!
//! A write through an unknown key may hit any element, so it makes the whole array unknown.

use super::array::{Found, Key};
use super::convert::Refusal;
use super::effect::{Effects, Root, root};
use super::evaluate::{Eval, Evaluator, Halt};
use super::expression::SUPERGLOBALS;
use super::value::{Located, Unknown, Value};
use super::written::{removed, step_of, written};
use php_ast::{ArrayElement, ArrayElementKind, Expr, ExprKind, Span};

/// One step into an array on the way to what is written.
#[derive(Clone)]
pub(super) enum Step {
    Key(Key),
    Append,
    Unknown(Unknown),
    /// A plain variable as index: PHP reads it last of all.
    Late(Vec<u8>, Span),
    Bad,
}

/// What a write goes to.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) name: Vec<u8>,
    pub(super) steps: Vec<Step>,
}

impl Evaluator<'_> {
    /// Evaluates the indices on the way; `None` when what is written is no plain variable.
    pub(super) fn target(&mut self, expr: &Expr<'_, '_>) -> Eval<Option<Target>> {
        match &expr.kind {
            ExprKind::Variable(name) => Ok(Some(Target {
                name: name.as_str().as_bytes().to_vec(),
                steps: Vec::new(),
            })),
            ExprKind::Parenthesized(inner) => self.target(inner),
            ExprKind::ArrayAccess(access) => {
                self.spend(1, expr.span)?;
                self.depth += 1;
                let deep = self.depth > self.limits.nesting;
                let base = if deep {
                    Ok(None)
                } else {
                    self.target(access.array)
                };
                self.depth -= 1;
                let Some(mut target) = base? else {
                    if let Some(index) = access.index {
                        self.expr(index)?;
                    }
                    return Ok(None);
                };
                target.steps.push(match access.index {
                    None => Step::Append,
                    Some(index) => self.step(index)?,
                });
                Ok(Some(target))
            }
            _ => Ok(None),
        }
    }

    fn step(&mut self, index: &Expr<'_, '_>) -> Eval<Step> {
        if let ExprKind::Variable(name) = &index.kind {
            return Ok(Step::Late(name.as_str().as_bytes().to_vec(), index.span));
        }
        let value = self.expr(index)?;
        Ok(step_of(&value))
    }

    /// Reads the indices that PHP reads last.
    pub(super) fn settle_target(&mut self, target: &mut Target) -> Eval<()> {
        for step in &mut target.steps {
            let Step::Late(name, span) = step else {
                continue;
            };
            *step = if *name == target.name {
                Step::Unknown(self.unknown(*span, "an array that is its own index"))
            } else {
                let value = self.variable(name, *span)?;
                step_of(&value)
            };
        }
        Ok(())
    }

    /// `target = value`, where the target may be a list.
    pub(super) fn assign_to(&mut self, expr: &Expr<'_, '_>, value: Value) -> Eval<()> {
        if let ExprKind::Array(elements) = &expr.kind {
            return self.destructure(elements, &value, expr.span);
        }
        match self.target(expr)? {
            Some(mut target) => {
                self.settle_target(&mut target)?;
                self.write(&target, value, expr.span)
            }
            None => self.write_elsewhere(expr),
        }
    }

    /// A write to something that is not modelled.
    pub(super) fn write_elsewhere(&mut self, expr: &Expr<'_, '_>) -> Eval<()> {
        let why = self.unknown(expr.span, "a write that is not modelled");
        match root(expr) {
            Root::Name(name) => {
                self.unmodelled = true;
                self.state.forget(name, &why);
            }
            Root::Any => {
                if let ExprKind::VariableVariable(inner) = &expr.kind {
                    self.expr(inner)?;
                }
                let why = self.unknown(
                    expr.span,
                    "a variable whose name is computed may be any variable",
                );
                self.note(&why.at.clone(), why.why.clone());
                let effects = Effects {
                    anything: Some("a computed name"),
                    ..Effects::default()
                };
                self.havoc(&effects, &why);
            }
            Root::List(_) | Root::Nothing => {}
        }
        Ok(())
    }

    fn destructure(
        &mut self,
        elements: &[ArrayElement<'_, '_>],
        value: &Value,
        span: Span,
    ) -> Eval<()> {
        for (position, element) in elements.iter().enumerate() {
            if matches!(element.value().kind, ExprKind::Omit) {
                continue;
            }
            self.spend(1, element.span)?;
            let index = match &element.key {
                Some(key) => self.expr(key)?,
                None => Value::Int(i64::try_from(position).unwrap_or(i64::MAX)),
            };
            let part = match value {
                Value::Array(_) | Value::Unknown(_) => {
                    let answer = self.element(value, &index);
                    self.settle(answer, span)?
                }
                _ => Value::Null,
            };
            match &element.kind {
                ArrayElementKind::ByRef(target) => self.refer(target, span)?,
                _ => self.assign_to(element.value(), part)?,
            }
        }
        Ok(())
    }

    /// `&$x`: from here on the name is not followed.
    pub(super) fn refer(&mut self, expr: &Expr<'_, '_>, span: Span) -> Eval<()> {
        let why = self.unknown(span, "a reference (&) is not followed");
        match root(expr) {
            Root::Name(name) => self.taint(name, &why),
            Root::Nothing => {
                self.expr(expr)?;
            }
            _ => self.write_elsewhere(expr)?,
        }
        self.note(&why.at.clone(), why.why.clone());
        Ok(())
    }

    pub(super) fn write(&mut self, target: &Target, value: Value, span: Span) -> Eval<()> {
        let name = target.name.as_slice();
        if name == b"GLOBALS" {
            return self.write_global(target, span);
        }
        if SUPERGLOBALS.contains(&name) || self.state.tainted.contains_key(name) {
            return Ok(());
        }
        let value = self.fit(value, span)?;
        let at = self.place(span);
        let slot = Key::Str(name.to_vec());
        let unset = match self.state.variables.get(&slot) {
            Found::Unknown(unknown) => Value::Unknown(unknown.clone()),
            _ => Value::Null,
        };
        let old = self.state.variables.take(&slot);
        let (old, since) = match old {
            Some(held) if !target.steps.is_empty() => (held.value, held.at),
            Some(held) => (held.value, at.clone()),
            None => (unset, at.clone()),
        };
        let mut cost = 0;
        let (new, fault) = written(old, &target.steps, value, &at, &mut cost);
        let new = self.fit(new, span)?;
        let held = Located {
            value: new,
            at: since,
        };
        self.state.variables.set(slot, held);
        self.spend(cost, span)?;
        match fault {
            Some(Refusal::Dies(text)) => Err(self.die(span, &text)),
            Some(_) => {
                self.may_stop = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn write_global(&mut self, target: &Target, span: Span) -> Eval<()> {
        let why = self.unknown(span, "a write through $GLOBALS is not followed");
        self.unmodelled = true;
        match target.steps.first() {
            Some(Step::Key(Key::Str(name))) => self.state.forget(name, &why),
            _ => self.state.forget_variables(&why),
        }
        Ok(())
    }

    pub(super) fn unset(&mut self, expr: &Expr<'_, '_>) -> Eval<()> {
        let Some(mut target) = self.target(expr)? else {
            return self.write_elsewhere(expr);
        };
        self.settle_target(&mut target)?;
        let slot = Key::Str(target.name.clone());
        if target.name == b"GLOBALS" {
            return self.write_global(&target, expr.span);
        }
        if self.state.tainted.contains_key(&target.name)
            || SUPERGLOBALS.contains(&target.name.as_slice())
        {
            return Ok(());
        }
        if target.steps.is_empty() {
            if self.state.variables.is_open() {
                let value = Value::Null;
                let at = self.place(expr.span);
                self.state.variables.set(slot, Located { value, at });
            } else {
                self.state.variables.remove(&slot);
            }
            return Ok(());
        }
        let Some(mut held) = self.state.variables.take(&slot) else {
            return Ok(());
        };
        let (value, fault) = removed(held.value, &target.steps);
        held.value = value;
        self.state.variables.set(slot, held);
        match fault {
            Some(Refusal::Dies(text)) => Err(self.die(expr.span, &text)),
            _ => Ok::<(), Halt>(()),
        }
    }
}
