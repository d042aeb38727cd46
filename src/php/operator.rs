//! Operators with an order of evaluation: short circuits, chains, assignment, counting.
//!
//! What the operators compute is in `operate`.

use super::assign::{Step, Target};
use super::convert::{Answer, Refusal, dies, unmodelled};
use super::evaluate::{Eval, Evaluator};
use super::operate::binary;
use super::value::Value;
use php_ast::{AssignExpr, AssignOp, BinaryExpr, BinaryOp, Expr, ExprKind, Span, UnaryPrefixOp};

impl Evaluator<'_> {
    pub(super) fn operation(&mut self, operation: &BinaryExpr<'_, '_>, span: Span) -> Eval {
        match operation.op {
            BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => {
                return self.logical(operation, false, span);
            }
            BinaryOp::BooleanOr | BinaryOp::LogicalOr => {
                return self.logical(operation, true, span);
            }
            BinaryOp::Instanceof => {
                let value = self.expr(operation.left)?;
                return Ok(match value {
                    Value::Unknown(_) => value,
                    _ => Value::Bool(false),
                });
            }
            BinaryOp::Pipe => {
                self.pair(operation.left, operation.right)?;
                let why = self.unknown(span, "|> is not modelled");
                self.user_code(&why);
                return Ok(Value::Unknown(why));
            }
            _ => {}
        }
        if let ExprKind::Binary(first) = &operation.left.kind
            && first.op == operation.op
            && operation.op == BinaryOp::Concat
        {
            return self.chain(operation, span);
        }
        let (left, right) = self.pair(operation.left, operation.right)?;
        self.apply(operation.op, &left, &right, span)
    }

    /// `a . b . c . …` without recursion, since configuration does this at length.
    pub(super) fn chain(&mut self, operation: &BinaryExpr<'_, '_>, span: Span) -> Eval {
        let mut rights = vec![operation.right];
        let mut left = operation.left;
        while let ExprKind::Binary(inner) = &left.kind
            && inner.op == BinaryOp::Concat
        {
            rights.push(inner.right);
            left = inner.left;
        }
        let Some(first) = rights.pop() else {
            return self.expr(left);
        };
        let (mut value, right) = self.pair(left, first)?;
        value = self.apply(BinaryOp::Concat, &value, &right, span)?;
        while let Some(right) = rights.pop() {
            let right = self.expr(right)?;
            value = self.apply(BinaryOp::Concat, &value, &right, span)?;
        }
        Ok(value)
    }

    pub(super) fn apply(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Eval {
        self.spend((left.weight() + right.weight()) / 4, span)?;
        let answer = binary(op, left, right);
        self.settle(answer, span)
    }

    pub(super) fn logical(
        &mut self,
        operation: &BinaryExpr<'_, '_>,
        decided_by: bool,
        span: Span,
    ) -> Eval {
        let left = self.expr(operation.left)?;
        match self.decide(&left) {
            Ok(truth) if truth == decided_by => Ok(Value::Bool(decided_by)),
            Ok(_) => self.as_bool(operation.right),
            Err(why) => {
                let why = self.condition(&why, span);
                let decided = |_: &mut Self| Ok(Value::Bool(decided_by));
                self.fork_values(&why, decided, |this| this.as_bool(operation.right))
            }
        }
    }

    pub(super) fn as_bool(&mut self, expr: &Expr<'_, '_>) -> Eval {
        let value = self.expr(expr)?;
        Ok(self.decide(&value).map_or_else(Value::Unknown, Value::Bool))
    }

    pub(super) fn prefix(&mut self, op: UnaryPrefixOp, operand: &Expr<'_, '_>, span: Span) -> Eval {
        match op {
            UnaryPrefixOp::PreIncrement => return self.count(operand, 1, span).map(|(_, new)| new),
            UnaryPrefixOp::PreDecrement => {
                return self.count(operand, -1, span).map(|(_, new)| new);
            }
            _ => {}
        }
        let value = self.expr(operand)?;
        let answer = match op {
            UnaryPrefixOp::BooleanNot => {
                super::convert::truth(&value).map(|truth| Value::Bool(!truth))
            }
            UnaryPrefixOp::Negate => binary(BinaryOp::Mul, &value, &Value::Int(-1)),
            UnaryPrefixOp::Plus => binary(BinaryOp::Mul, &value, &Value::Int(1)),
            _ => match &value {
                Value::Int(number) => Ok(Value::Int(!number)),
                Value::Float(number) => Ok(Value::Int(!super::convert::wrapped(*number))),
                Value::Str(bytes) => Ok(Value::Str(bytes.iter().map(|byte| !byte).collect())),
                Value::Unknown(unknown) => Err(Refusal::Unknown(unknown.clone())),
                _ => dies("~ on something that has no bits"),
            },
        };
        self.settle(answer, span)
    }

    /// `++` and `--`: the old value and the new one.
    pub(super) fn count(
        &mut self,
        operand: &Expr<'_, '_>,
        by: i64,
        span: Span,
    ) -> Eval<(Value, Value)> {
        let Some(mut target) = self.target(operand)? else {
            self.write_elsewhere(operand)?;
            let why = Value::Unknown(self.unknown(span, "a write that is not modelled"));
            return Ok((why.clone(), why));
        };
        self.settle_target(&mut target)?;
        let old = self.current(&target, span)?;
        let answer = counted(&old, by);
        let new = self.settle(answer, span)?;
        self.write(&target, new.clone(), span)?;
        Ok((old, new))
    }

    /// What a target holds now.
    pub(super) fn current(&mut self, target: &Target, span: Span) -> Eval {
        let mut value = self.variable(&target.name, span)?;
        for step in &target.steps {
            value = match step {
                Step::Key(key) => {
                    let answer = self.element(&value, &key.to_value());
                    self.settle(answer, span)?
                }
                Step::Unknown(unknown) => Value::Unknown(unknown.clone()),
                Step::Append => Value::Null,
                Step::Late(..) | Step::Bad => {
                    return Err(self.die(span, "an array used as an array key"));
                }
            };
        }
        Ok(value)
    }

    pub(super) fn assignment(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
        if assign.by_ref {
            self.refer(assign.target, span)?;
            self.refer(assign.value, span)?;
            return Ok(Value::Unknown(
                self.unknown(span, "a reference (&) is not followed"),
            ));
        }
        if assign.op == AssignOp::Coalesce {
            return self.assign_missing(assign, span);
        }
        if let ExprKind::Array(_) = assign.target.kind {
            let value = self.expr(assign.value)?;
            self.assign_to(assign.target, value.clone())?;
            return Ok(value);
        }
        let target = self.target(assign.target)?;
        let value = self.expr(assign.value)?;
        let Some(mut target) = target else {
            self.write_elsewhere(assign.target)?;
            return Ok(value);
        };
        self.settle_target(&mut target)?;
        let value = match operator(assign.op) {
            None => value,
            Some(op) => {
                let old = self.current(&target, span)?;
                self.apply(op, &old, &value, span)?
            }
        };
        self.write(&target, value.clone(), span)?;
        Ok(value)
    }

    pub(super) fn assign_missing(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
        let old = self.quiet(assign.target)?;
        match old {
            Value::Null => self.assign_now(assign, span),
            Value::Unknown(why) => {
                let why = self.condition(&why, span);
                let old = Value::Unknown(why.clone());
                self.fork_values(&why, |_| Ok(old), |this| this.assign_now(assign, span))
            }
            known => Ok(known),
        }
    }

    pub(super) fn assign_now(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
        let value = self.expr(assign.value)?;
        match self.target(assign.target)? {
            Some(mut target) => {
                self.settle_target(&mut target)?;
                self.write(&target, value.clone(), span)?;
            }
            None => self.write_elsewhere(assign.target)?,
        }
        Ok(value)
    }
}

fn operator(op: AssignOp) -> Option<BinaryOp> {
    Some(match op {
        AssignOp::Plus => BinaryOp::Add,
        AssignOp::Minus => BinaryOp::Sub,
        AssignOp::Mul => BinaryOp::Mul,
        AssignOp::Div => BinaryOp::Div,
        AssignOp::Mod => BinaryOp::Mod,
        AssignOp::Pow => BinaryOp::Pow,
        AssignOp::Concat => BinaryOp::Concat,
        AssignOp::BitwiseAnd => BinaryOp::BitwiseAnd,
        AssignOp::BitwiseOr => BinaryOp::BitwiseOr,
        AssignOp::BitwiseXor => BinaryOp::BitwiseXor,
        AssignOp::ShiftLeft => BinaryOp::ShiftLeft,
        AssignOp::ShiftRight => BinaryOp::ShiftRight,
        _ => return None,
    })
}

fn counted(value: &Value, by: i64) -> Answer {
    match value {
        Value::Null => Ok(if by > 0 { Value::Int(1) } else { Value::Null }),
        Value::Bool(_) => Ok(value.clone()),
        Value::Int(_) | Value::Float(_) => binary(BinaryOp::Add, value, &Value::Int(by)),
        Value::Str(text) => match super::convert::whole_number(text) {
            Some(number) => binary(BinaryOp::Add, &number.value(), &Value::Int(by)),
            None => unmodelled("++ or -- on text"),
        },
        Value::Array(_) => dies("++ or -- on an array"),
        Value::Unknown(unknown) => Err(Refusal::Unknown(unknown.clone())),
    }
}
