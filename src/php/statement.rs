//! Statements: sequence, branches, loops.
//!
//! A loop that cannot be followed to its end makes what it writes unknown instead of being guessed at.

use super::effect::Effects;
use super::evaluate::{Eval, Evaluator, Flow, Halt};
use super::value::{Unknown, Value};
use php_ast::{Expr, ExprKind, FunctionDecl, IfStmt, NamespaceBody, Span, Stmt, StmtKind};

impl Evaluator<'_> {
    pub(super) fn statements(&mut self, statements: &[Stmt<'_, '_>]) -> Eval<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn statement(&mut self, statement: &Stmt<'_, '_>) -> Eval<Flow> {
        self.spend(1, statement.span)?;
        if self.depth > self.limits.nesting {
            let why = self.unknown(statement.span, "statements nested too deep to follow");
            self.region(statement, &why);
            return Ok(Flow::Next);
        }
        self.depth += 1;
        let flow = self.dispatch(statement);
        self.depth -= 1;
        flow
    }

    fn dispatch(&mut self, statement: &Stmt<'_, '_>) -> Eval<Flow> {
        let span = statement.span;
        match &statement.kind {
            StmtKind::Expression(expr) => self.expr(expr).map(|_| Flow::Next),
            StmtKind::Echo(parts) => self.each_expr(parts),
            StmtKind::Return(value) => Ok(Flow::Return(match value {
                Some(value) => self.expr(value)?,
                None => Value::Null,
            })),
            StmtKind::Block(block) => self.statements(&block.stmts),
            StmtKind::If(branch) => self.branch(branch, 0),
            StmtKind::While(_)
            | StmtKind::For(_)
            | StmtKind::Foreach(_)
            | StmtKind::DoWhile(_)
            | StmtKind::Switch(_) => self.attempt(statement),
            StmtKind::Break(levels) => Ok(Flow::Break(self.levels(*levels))),
            StmtKind::Continue(levels) => Ok(Flow::Continue(self.levels(*levels))),
            StmtKind::Unset(targets) => {
                for target in targets.iter() {
                    self.unset(target)?;
                }
                Ok(Flow::Next)
            }
            StmtKind::Const(items) => {
                for item in items.iter() {
                    let value = self.expr(&item.value)?;
                    let name = item.name.as_str().unwrap_or_default();
                    let name = self.qualified(name);
                    self.define(name.into_bytes(), value, item.span);
                }
                Ok(Flow::Next)
            }
            StmtKind::Declare(declare) => {
                let strict = |(name, value): &(&str, Expr<'_, '_>)| {
                    name.eq_ignore_ascii_case("strict_types")
                        && matches!(value.kind, ExprKind::Int(1))
                };
                self.unit.strict |= declare.directives.iter().any(strict);
                declare
                    .body
                    .map_or(Ok(Flow::Next), |body| self.statement(body))
            }
            StmtKind::Namespace(namespace) => {
                self.unit.namespace = namespace
                    .name
                    .as_ref()
                    .map_or(String::new(), |name| name.join_parts().into_owned());
                match namespace.body {
                    NamespaceBody::Braced(block) => self.statements(&block.stmts),
                    _ => Ok(Flow::Next),
                }
            }
            StmtKind::Global(_) | StmtKind::StaticVar(_) | StmtKind::TryCatch(_) => {
                let why = self.unknown(
                    span,
                    "a statement (global, static or try) that is not modelled",
                );
                self.note(&why.at.clone(), why.why.clone());
                self.region(statement, &why);
                Ok(Flow::Next)
            }
            StmtKind::Throw(value) => {
                self.expr(value)?;
                Err(self.die(span, "an exception is thrown"))
            }
            StmtKind::HaltCompiler(_) => Ok(Flow::Return(Value::Int(1))),
            StmtKind::Function(declared) => self.declare(declared).map(|()| Flow::Next),
            StmtKind::Goto(_) => Err(self.give_up(span, "goto is not modelled")),
            _ => Ok(Flow::Next),
        }
    }

    /// PHP declares the functions of a file before it runs the file, others when it gets there.
    pub(super) fn unit_statements(&mut self, statements: &[Stmt<'_, '_>]) -> Eval<Flow> {
        for statement in statements {
            if let StmtKind::Function(declared) = &statement.kind {
                self.declare(declared)?;
            }
        }
        for statement in statements {
            if matches!(statement.kind, StmtKind::Function(_)) {
                continue;
            }
            match self.statement(statement)? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    fn declare(&mut self, declared: &FunctionDecl<'_, '_>) -> Eval<()> {
        let name = declared.name.or_error().to_ascii_lowercase();
        let name = self.qualified(&name);
        match self.state.functions.insert(name, true) {
            Some(true) => Err(self.die(declared.name.span, "a function is declared twice")),
            Some(false) => {
                let at = self.place(declared.name.span);
                self.may_stop = true;
                self.note(&at, "PHP stops here if the function was declared before");
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn each_expr(&mut self, parts: &[Expr<'_, '_>]) -> Eval<Flow> {
        for part in parts {
            self.expr(part)?;
        }
        Ok(Flow::Next)
    }

    fn levels(&self, levels: Option<&Expr<'_, '_>>) -> u32 {
        match levels.map(|levels| &levels.kind) {
            Some(ExprKind::Int(count)) => u32::try_from(*count).unwrap_or(1).max(1),
            _ => 1,
        }
    }

    /// Everything the statement writes is unknown from here on.
    pub(super) fn region(&mut self, statement: &Stmt<'_, '_>, why: &Unknown) {
        let effects = Effects::of(std::slice::from_ref(statement));
        self.unmodelled = true;
        self.havoc(&effects, why);
        if effects.calls {
            self.user_code(why);
        }
    }

    fn branch(&mut self, branch: &IfStmt<'_, '_>, at: usize) -> Eval<Flow> {
        let other = at
            .checked_sub(1)
            .and_then(|at| branch.elseif_branches.get(at));
        let (condition, body) = match (at, other) {
            (0, _) => (&branch.condition, branch.then_branch),
            (_, Some(other)) => (&other.condition, &other.body),
            (_, None) => {
                return branch
                    .else_branch
                    .map_or(Ok(Flow::Next), |body| self.statement(body));
            }
        };
        let value = self.expr(condition)?;
        match self.decide(&value) {
            Ok(true) => self.statement(body),
            Ok(false) => self.branch(branch, at + 1),
            Err(why) => {
                let why = self.condition(&why, condition.span);
                self.fork(
                    &why,
                    |this| this.statement(body),
                    |this| this.branch(branch, at + 1),
                )
            }
        }
    }

    /// Something here changes the rules: everything is unknown.
    pub(super) fn give_up(&mut self, span: Span, why: &str) -> Halt {
        let why = self.unknown(span, why);
        self.out_of_reach(why);
        Halt::Spent
    }
}
