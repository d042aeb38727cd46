//! Expressions: literals, variables, operators with short circuits, calls.
//!
//! What reads the environment, the request, the clock or an object is unknown, with its line.

use super::array::{Array, Found, Key};
use super::convert::{Answer, Refusal, array, dies, float, integer, key, string, unmodelled};
use super::effect::Effects;
use super::evaluate::{Eval, Evaluator};
use super::operate::{binary, identical};
use super::value::{Located, Unknown, Value};
use php_ast::{
    ArrayElement, ArrayElementKind, BinaryOp, CastKind, Expr, ExprKind, MagicConstKind, MatchArm,
    MatchExpr, Name, Span, StaticAccessExpr, StringPart, TernaryExpr, UnaryPostfixOp,
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
                    let answer = self.element(&base, &index);
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
            ExprKind::ClassConstAccess(access) => match class_constant(access) {
                Some(number) => Ok(Value::Int(number)),
                None => self.not_followed(expr),
            },
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
                    match super::merge::spread(&mut result, &value) {
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
}

fn class_constant(access: &StaticAccessExpr<'_, '_>) -> Option<i64> {
    match (&access.class.kind, access.member.name_str()) {
        (ExprKind::Name(class), Some(name)) => super::constant::of_class(&class.join_parts(), name),
        _ => None,
    }
}
