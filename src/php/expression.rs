//! Expressions: literals, variables, operators with short circuits, calls.
//!
//! What reads the environment, the request, the clock or an object is unknown, with its line.

use super::array::{Array, Found, Key};
use super::assign::Target;
use super::convert::{
    Answer, Number, Refusal, array, dies, float, integer, key, leading_number, string, unmodelled,
};
use super::effect::Effects;
use super::evaluate::{Eval, Evaluator};
use super::operate::{binary, identical};
use super::value::{Located, Unknown, Value};
use php_ast::{
    ArrayElement, ArrayElementKind, AssignExpr, AssignOp, BinaryExpr, BinaryOp, CastKind, Expr,
    ExprKind, MagicConstKind, MatchArm, MatchExpr, Name, Span, StringPart, TernaryExpr,
    UnaryPostfixOp, UnaryPrefixOp,
};

/// Variables that come from outside.
pub(super) const SUPERGLOBALS: [&[u8]; 10] = [
    b"_SERVER",
    b"_ENV",
    b"_GET",
    b"_POST",
    b"_COOKIE",
    b"_REQUEST",
    b"_FILES",
    b"_SESSION",
    b"argv",
    b"argc",
];

impl Evaluator<'_> {
    pub(super) fn expr(&mut self, expr: &Expr<'_, '_>) -> Eval {
        self.spend(1, expr.span)?;
        if self.depth > self.limits.nesting {
            let why = self.unknown(expr.span, "an expression nested too deep to follow");
            self.unmodelled = true;
            self.havoc(&Effects::of_expression(expr), &why);
            return Ok(Value::Unknown(why));
        }
        self.depth += 1;
        let value = self.evaluate(expr);
        self.depth -= 1;
        value
    }

    fn evaluate(&mut self, expr: &Expr<'_, '_>) -> Eval {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Int(number) => Ok(Value::Int(*number)),
            ExprKind::Float(number) => Ok(Value::Float(*number)),
            ExprKind::String(bytes) => Ok(Value::Str(self.unit.source.bytes(bytes.as_bytes()))),
            ExprKind::Nowdoc { value, .. } => {
                Ok(Value::Str(self.unit.source.bytes(value.as_bytes())))
            }
            ExprKind::Heredoc { parts, .. } | ExprKind::InterpolatedString(parts) => {
                self.interpolated(parts, span)
            }
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Null => Ok(Value::Null),
            ExprKind::Variable(name) => self.variable(name.as_str().as_bytes(), span),
            ExprKind::Name(name) => self.constant(name, span),
            ExprKind::MagicConst(kind) => Ok(self.magic(*kind, span)),
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) => self.expr(inner),
            ExprKind::Print(inner) => self.expr(inner).map(|_| Value::Int(1)),
            ExprKind::Array(elements) => self.literal(elements, span),
            ExprKind::ArrayAccess(access) => match access.index {
                Some(index) => {
                    let (base, index) = self.pair(access.array, index)?;
                    let answer = self.element(&base, &index, span);
                    self.settle(answer, span)
                }
                None => Err(self.die(span, "[] is read")),
            },
            ExprKind::Assign(assign) => self.assignment(assign, span),
            ExprKind::Binary(operation) => self.operation(operation, span),
            ExprKind::UnaryPrefix(unary) => self.prefix(unary.op, unary.operand, span),
            ExprKind::UnaryPostfix(unary) => {
                let by = if unary.op == UnaryPostfixOp::PostIncrement {
                    1
                } else {
                    -1
                };
                self.count(unary.operand, by, span).map(|(old, _)| old)
            }
            ExprKind::Ternary(ternary) => self.ternary(ternary),
            ExprKind::NullCoalesce(coalesce) => {
                let left = self.quiet(coalesce.left)?;
                match left {
                    Value::Null => self.expr(coalesce.right),
                    Value::Unknown(why) => {
                        let why = self.condition(&why, span);
                        let left = Value::Unknown(why.clone());
                        self.fork_values(&why, |_| Ok(left), |this| this.expr(coalesce.right))
                    }
                    known => Ok(known),
                }
            }
            ExprKind::Cast(kind, inner) => {
                let value = self.expr(inner)?;
                let answer = self.cast(*kind, value, span);
                self.settle(answer, span)
            }
            ExprKind::Isset(items) => self.isset(items, span),
            ExprKind::Empty(inner) => {
                let value = self.quiet(inner)?;
                Ok(self
                    .decide(&value)
                    .map_or_else(Value::Unknown, |truth| Value::Bool(!truth)))
            }
            ExprKind::Match(choice) => self.choose(choice, span),
            ExprKind::Include(kind, operand) => self.include(*kind, operand, span),
            ExprKind::Exit(status) => {
                if let Some(status) = status {
                    self.expr(status)?;
                }
                Err(super::evaluate::Halt::Exit)
            }
            ExprKind::Throw(inner) => {
                self.expr(inner)?;
                Err(self.die(span, "an exception is thrown"))
            }
            ExprKind::FunctionCall(call) => self.call(call, span),
            _ => self.not_followed(expr),
        }
    }

    /// Objects, closures, `eval`, shell commands: the value is unknown and so is what they write.
    fn not_followed(&mut self, expr: &Expr<'_, '_>) -> Eval {
        let what = match &expr.kind {
            ExprKind::Eval(_) => "eval may change any variable",
            ExprKind::ShellExec(_) => "the output of a command is not known",
            ExprKind::Closure(_) | ExprKind::ArrowFunction(_) | ExprKind::CallableCreate(_) => {
                "a function is a value that is not followed"
            }
            ExprKind::VariableVariable(_) => "a variable whose name is computed",
            ExprKind::ClassConstAccess(_) => "a class constant is not known here",
            ExprKind::Error => "code that could not be read",
            _ => "code with objects is not followed",
        };
        let why = self.unknown(expr.span, what);
        let effects = Effects::of_expression(expr);
        if effects.anything.is_some() {
            self.note(&why.at.clone(), why.why.clone());
        }
        self.havoc(&effects, &why);
        if effects.calls {
            self.user_code(&why);
        }
        Ok(Value::Unknown(why))
    }

    fn interpolated(&mut self, parts: &[StringPart<'_, '_>], span: Span) -> Eval {
        let mut text = Value::Str(Vec::new());
        for part in parts {
            let piece = match part {
                StringPart::Literal(bytes) => Value::Str(self.unit.source.bytes(bytes.as_bytes())),
                StringPart::Expr(expr) => self.expr(expr)?,
                _ => Value::Unknown(self.unknown(span, "a string part that is not modelled")),
            };
            self.spend(text.weight(), span)?;
            let answer = binary(BinaryOp::Concat, &text, &piece);
            text = self.settle(answer, span)?;
        }
        Ok(text)
    }

    pub(super) fn variable(&mut self, name: &[u8], span: Span) -> Eval {
        if let Some(unknown) = self.state.tainted.get(name) {
            return Ok(Value::Unknown(unknown.clone()));
        }
        let shown = String::from_utf8_lossy(name).into_owned();
        if SUPERGLOBALS.contains(&name) || matches!(name, b"GLOBALS" | b"this") {
            let why = format!("${shown} depends on how PHP is started");
            return Ok(Value::Unknown(self.unknown(span, why)));
        }
        let value = match self.state.variables.get(&Key::Str(name.to_vec())) {
            Found::Here(held) => held.value.clone(),
            Found::Unknown(unknown) => Value::Unknown(unknown.clone()),
            Found::Missing => {
                let at = self.place(span);
                self.note(
                    &at,
                    format!("${shown} is read before anything is assigned to it"),
                );
                Value::Null
            }
        };
        if let Value::Str(_) = value {
            self.spend(value.weight(), span)?;
        }
        Ok(value)
    }

    fn constant(&mut self, name: &Name<'_, '_>, span: Span) -> Eval {
        let full = name.join_parts();
        let plain = name.parts_slice().last().copied().unwrap_or_default();
        Ok(self.constant_value(&full, plain, span))
    }

    fn magic(&mut self, kind: MagicConstKind, span: Span) -> Value {
        use std::os::unix::ffi::OsStrExt;
        let path = &self.unit.path;
        match kind {
            MagicConstKind::Line => Value::Int(i64::from(self.unit.source.line(span.start))),
            MagicConstKind::File => Value::Str(path.as_os_str().as_bytes().to_vec()),
            MagicConstKind::Dir => {
                let parent = path.parent().unwrap_or(path);
                Value::Str(parent.as_os_str().as_bytes().to_vec())
            }
            MagicConstKind::Namespace => Value::text(&self.unit.namespace),
            _ => Value::text(""),
        }
    }

    fn literal(&mut self, elements: &[ArrayElement<'_, '_>], span: Span) -> Eval {
        let mut result = Array::default();
        for element in elements {
            self.spend(1, element.span)?;
            let at = self.place(element.span);
            let index = match &element.key {
                Some(index) => Some(self.expr(index)?),
                None => None,
            };
            let value = match &element.kind {
                ArrayElementKind::ByRef(target) => {
                    self.refer(target, element.span)?;
                    Value::Unknown(self.unknown(element.span, "a reference (&) is not followed"))
                }
                ArrayElementKind::Spread(inner) => {
                    let value = self.expr(inner)?;
                    self.spend(value.weight(), span)?;
                    match super::builtin::spread(&mut result, &value) {
                        Ok(()) => continue,
                        Err(Refusal::Dies(text)) => return Err(self.die(element.span, &text)),
                        Err(_) => continue,
                    }
                }
                _ => self.expr(element.value())?,
            };
            let held = Located { value, at };
            match index.map(|index| key(&index)) {
                Some(Ok(key)) => result.set(key, held),
                Some(Err(Refusal::Dies(text))) => return Err(self.die(element.span, &text)),
                Some(Err(_)) => {
                    let why = self.unknown(element.span, "an array key that is not known");
                    result = Array::default();
                    result.open(&why);
                }
                None if result.next_key().is_some() => result.push(held),
                None if result.is_full() => return Err(self.die(element.span, "no index is left")),
                None => {
                    let why = self.unknown(element.span, "an array index that is not known");
                    result.open(&why);
                }
            }
        }
        self.fit(Value::Array(result), span)
    }

    /// Both operands in PHP's order: a plain variable on the left is read last.
    fn pair(&mut self, left: &Expr<'_, '_>, right: &Expr<'_, '_>) -> Eval<(Value, Value)> {
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
    pub(super) fn element(&self, base: &Value, index: &Value, span: Span) -> Answer {
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
            _ => {
                let _ = span;
                Ok(Value::Null)
            }
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
                    _ => self.element(&base, &index, expr.span),
                };
                self.settle(answer, expr.span)
            }
            _ => self.expr(expr),
        }
    }

    fn isset(&mut self, items: &[Expr<'_, '_>], span: Span) -> Eval {
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

    fn operation(&mut self, operation: &BinaryExpr<'_, '_>, span: Span) -> Eval {
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
    fn chain(&mut self, operation: &BinaryExpr<'_, '_>, span: Span) -> Eval {
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

    fn logical(&mut self, operation: &BinaryExpr<'_, '_>, decided_by: bool, span: Span) -> Eval {
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

    fn as_bool(&mut self, expr: &Expr<'_, '_>) -> Eval {
        let value = self.expr(expr)?;
        Ok(self.decide(&value).map_or_else(Value::Unknown, Value::Bool))
    }

    fn ternary(&mut self, ternary: &TernaryExpr<'_, '_>) -> Eval {
        let condition = self.expr(ternary.condition)?;
        match (self.decide(&condition), ternary.then_expr) {
            (Ok(true), Some(then)) => self.expr(then),
            (Ok(true), None) => Ok(condition),
            (Ok(false), _) => self.expr(ternary.else_expr),
            (Err(why), then) => {
                let why = match then {
                    Some(_) => self.condition(&why, ternary.condition.span),
                    None => why,
                };
                self.fork_values(
                    &why,
                    |this| then.map_or(Ok(condition), |then| this.expr(then)),
                    |this| this.expr(ternary.else_expr),
                )
            }
        }
    }

    fn choose(&mut self, choice: &MatchExpr<'_, '_>, span: Span) -> Eval {
        let subject = self.expr(choice.subject)?;
        for arm in choice.arms.iter() {
            for candidate in arm
                .conditions
                .iter()
                .flat_map(|conditions| conditions.iter())
            {
                let candidate = self.expr(candidate)?;
                match identical(&subject, &candidate) {
                    Ok(true) => return self.expr(&arm.body),
                    Ok(false) => {}
                    Err(Refusal::Unknown(why)) => {
                        let why = self.condition(&why, span);
                        let (last, first): (Vec<_>, Vec<_>) =
                            choice.arms.iter().partition(|arm| arm.conditions.is_none());
                        let arms: Vec<_> = first.into_iter().chain(last).collect();
                        return self.choose_any(&arms, &why, span);
                    }
                    Err(_) => return self.not_modelled(span),
                }
            }
        }
        match choice.arms.iter().find(|arm| arm.conditions.is_none()) {
            Some(arm) => self.expr(&arm.body),
            None => Err(self.die(span, "no arm of the match fits")),
        }
    }

    /// A match on what is not known: any arm may be taken.
    fn choose_any(&mut self, arms: &[&MatchArm<'_, '_>], why: &Unknown, span: Span) -> Eval {
        let Some((arm, rest)) = arms.split_first() else {
            return Err(self.die(span, "no arm of the match fits"));
        };
        self.depth += 1;
        if self.depth > self.limits.nesting {
            return Err(self.give_up(span, "a match with too many unknown arms"));
        }
        let exhaustive = arm.conditions.is_none() && rest.is_empty();
        let value = if exhaustive {
            self.expr(&arm.body)
        } else {
            self.fork_values(
                why,
                |this| this.expr(&arm.body),
                |this| this.choose_any(rest, why, span),
            )
        };
        self.depth -= 1;
        value
    }

    fn not_modelled(&mut self, span: Span) -> Eval {
        Ok(Value::Unknown(
            self.unknown(span, "an operation that is not modelled"),
        ))
    }

    fn cast(&mut self, kind: CastKind, value: Value, span: Span) -> Answer {
        Ok(match kind {
            CastKind::Int => Value::Int(integer(&value)?),
            CastKind::Float => Value::Float(float(&value)?),
            CastKind::String => Value::Str(string(&value)?),
            CastKind::Bool => Value::Bool(super::convert::truth(&value)?),
            CastKind::Array => Value::Array(array(value, &self.place(span))?),
            CastKind::Unset => return dies("(unset) was removed in PHP 8"),
            _ => return unmodelled("an object is not followed"),
        })
    }

    fn prefix(&mut self, op: UnaryPrefixOp, operand: &Expr<'_, '_>, span: Span) -> Eval {
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
    fn count(&mut self, operand: &Expr<'_, '_>, by: i64, span: Span) -> Eval<(Value, Value)> {
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
    fn current(&mut self, target: &Target, span: Span) -> Eval {
        use super::assign::Step;
        let mut value = self.variable(&target.name, span)?;
        for step in &target.steps {
            value = match step {
                Step::Key(key) => {
                    let answer = self.element(&value, &key.to_value(), span);
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

    fn assignment(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
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

    fn assign_missing(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
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

    fn assign_now(&mut self, assign: &AssignExpr<'_, '_>, span: Span) -> Eval {
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
