//! Reading elements: `$a[...]`, offsets into strings, and reading without complaint.
//!
//! It writes nothing.

use super::array::{Found, Key};
use super::convert::{Answer, Number, Refusal, dies, integer, key, leading_number, unmodelled};
use super::evaluate::{Eval, Evaluator};
use super::expression::SUPERGLOBALS;
use super::value::Value;
use php_ast::{Expr, ExprKind, Span};

impl Evaluator<'_> {
    /// Both operands in PHP's order: a plain variable on the left is read last.
    pub(super) fn pair(
        &mut self,
        left: &Expr<'_, '_>,
        right: &Expr<'_, '_>,
    ) -> Eval<(Value, Value)> {
        if let ExprKind::Variable(_) = left.kind
            && !matches!(right.kind, ExprKind::Variable(_))
        {
            let right = self.expr(right)?;
            return Ok((self.expr(left)?, right));
        }
        let left = self.expr(left)?;
        Ok((left, self.expr(right)?))
    }

    /// `$base[index]`
    pub(super) fn element(&self, base: &Value, index: &Value) -> Answer {
        match base {
            Value::Unknown(unknown) => Err(Refusal::Unknown(unknown.clone())),
            Value::Array(array) => {
                let key = match key(index) {
                    Err(Refusal::Unknown(_)) if array.is_empty() && !array.is_open() => {
                        return Ok(Value::Null);
                    }
                    key => key?,
                };
                Ok(match array.get(&key) {
                    Found::Here(held) => held.value.clone(),
                    Found::Missing => Value::Null,
                    Found::Unknown(unknown) => Value::Unknown(unknown.clone()),
                })
            }
            Value::Str(text) => offset(text, index),
            _ => Ok(Value::Null),
        }
    }

    /// A value without complaint when it is missing: `isset`, `empty`, `??`.
    pub(super) fn quiet(&mut self, expr: &Expr<'_, '_>) -> Eval {
        match &expr.kind {
            ExprKind::Variable(name) => {
                let slot = Key::Str(name.as_str().as_bytes().to_vec());
                let tainted = self.state.tainted.contains_key(name.as_str().as_bytes());
                let outside = SUPERGLOBALS.contains(&name.as_str().as_bytes())
                    || matches!(name.as_str(), "GLOBALS" | "this");
                if !tainted && !outside && self.state.variables.get(&slot).is_missing() {
                    return Ok(Value::Null);
                }
                self.expr(expr)
            }
            ExprKind::ArrayAccess(access) => {
                self.spend(1, expr.span)?;
                let Some(index) = access.index else {
                    return Err(self.die(expr.span, "[] is read"));
                };
                self.depth += 1;
                let deep = self.depth > self.limits.nesting;
                let base = if deep {
                    self.expr(access.array)
                } else {
                    self.quiet(access.array)
                };
                self.depth -= 1;
                let base = base?;
                let index = self.expr(index)?;
                let answer = match (&base, &index) {
                    (Value::Str(text), Value::Str(_) | Value::Int(_)) => quiet_offset(text, &index),
                    (Value::Str(_), _) => unmodelled("an odd offset into a string"),
                    _ => self.element(&base, &index),
                };
                self.settle(answer, expr.span)
            }
            _ => self.expr(expr),
        }
    }

    pub(super) fn isset(&mut self, items: &[Expr<'_, '_>], span: Span) -> Eval {
        let Some((item, rest)) = items.split_first() else {
            return Ok(Value::Bool(true));
        };
        match self.quiet(item)? {
            Value::Null => Ok(Value::Bool(false)),
            Value::Unknown(why) => {
                let why = self.condition(&why, span);
                self.fork_values(
                    &why,
                    |this| match rest {
                        [] => Ok(Value::Bool(true)),
                        rest => this.isset(rest, span),
                    },
                    |_| Ok(Value::Bool(false)),
                )
            }
            _ => self.isset(rest, span),
        }
    }
}

/// `"text"[index]`
fn offset(text: &[u8], index: &Value) -> Answer {
    let position = match index {
        Value::Unknown(unknown) => return Err(Refusal::Unknown(unknown.clone())),
        Value::Array(_) => return dies("an array used as an offset into a string"),
        Value::Str(digits) => match (Key::from_bytes(digits), leading_number(digits)) {
            (Key::Int(position), _) => position,
            (_, Some((Number::Int(_), _))) => return unmodelled("an odd offset into a string"),
            _ => return dies("text used as an offset into a string"),
        },
        other => integer(other)?,
    };
    Ok(Value::Str(
        byte_at(text, position).map_or(Vec::new(), |byte| vec![byte]),
    ))
}

fn quiet_offset(text: &[u8], index: &Value) -> Answer {
    let position = match index {
        Value::Int(position) => *position,
        Value::Str(digits) => match (Key::from_bytes(digits), leading_number(digits)) {
            (Key::Int(position), _) => position,
            (_, Some((Number::Int(_), _))) => return unmodelled("an odd offset into a string"),
            _ => return Ok(Value::Null),
        },
        _ => return unmodelled("an odd offset into a string"),
    };
    Ok(byte_at(text, position).map_or(Value::Null, |byte| Value::Str(vec![byte])))
}

fn byte_at(text: &[u8], position: i64) -> Option<u8> {
    let length = i64::try_from(text.len()).ok()?;
    let position = if position < 0 {
        position.checked_add(length)?
    } else {
        position
    };
    text.get(usize::try_from(position).ok()?).copied()
}
