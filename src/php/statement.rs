//! Statements: sequence, branches, loops.
//!
//! A loop that cannot be followed to its end makes what it writes unknown instead of being guessed at.

use super::effect::Effects;
use super::evaluate::{Eval, Evaluator, Flow, Halt};
use super::operate::equal;
use super::value::{Located, Unknown, Value};
use php_ast::{
    DoWhileStmt, Expr, ExprKind, ForStmt, ForeachStmt, FunctionDecl, IfStmt, NamespaceBody, Span,
    Stmt, StmtKind, SwitchStmt, WhileStmt,
};

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

    fn statement(&mut self, statement: &Stmt<'_, '_>) -> Eval<Flow> {
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

    fn each_expr(&mut self, parts: &[Expr<'_, '_>]) -> Eval<Flow> {
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
    fn region(&mut self, statement: &Stmt<'_, '_>, why: &Unknown) {
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

    /// Runs a loop or switch; if it cannot be followed, takes everything back and forgets what it writes.
    fn attempt(&mut self, statement: &Stmt<'_, '_>) -> Eval<Flow> {
        let saved = (
            self.state.clone(),
            self.stopped.clone(),
            self.returned.clone(),
        );
        self.spend(self.state.variables.len() as u64 / 8, statement.span)?;
        let undecided = self.undecided;
        let result = match &statement.kind {
            StmtKind::While(body) => self.run_while(body),
            StmtKind::DoWhile(body) => self.run_do(body),
            StmtKind::For(body) => self.run_for(body),
            StmtKind::Foreach(each) => self.run_foreach(each),
            StmtKind::Switch(switch) => self.run_switch(switch),
            _ => Ok(Flow::Next),
        };
        if result.as_ref().err() != Some(&Halt::Jump) {
            return result;
        }
        (self.state, self.stopped, self.returned) = saved;
        self.undecided = undecided;
        let why = self.unknown(
            statement.span,
            "a loop or switch that cannot be followed to its end",
        );
        self.note(&why.at.clone(), why.why.clone());
        self.region(statement, &why);
        Ok(Flow::Next)
    }

    /// One turn; `Some` when the loop is over.
    fn turn(&mut self, body: &Stmt<'_, '_>) -> Eval<Option<Flow>> {
        Ok(match self.statement(body)? {
            Flow::Next | Flow::Continue(1) => None,
            Flow::Break(1) => Some(Flow::Next),
            Flow::Break(levels) => Some(Flow::Break(levels - 1)),
            Flow::Continue(levels) => Some(Flow::Continue(levels - 1)),
            leave @ Flow::Return(_) => Some(leave),
        })
    }

    fn holds(&mut self, conditions: &[Expr<'_, '_>]) -> Eval<bool> {
        let mut holds = true;
        for condition in conditions {
            let value = self.expr(condition)?;
            holds = self.decide(&value).map_err(|_| Halt::Jump)?;
        }
        Ok(holds)
    }

    fn run_while(&mut self, each: &WhileStmt<'_, '_>) -> Eval<Flow> {
        for _ in 0..self.limits.loop_turns {
            if !self.holds(std::slice::from_ref(&each.condition))? {
                return Ok(Flow::Next);
            }
            if let Some(flow) = self.turn(each.body)? {
                return Ok(flow);
            }
        }
        Err(Halt::Jump)
    }

    fn run_do(&mut self, each: &DoWhileStmt<'_, '_>) -> Eval<Flow> {
        for _ in 0..self.limits.loop_turns {
            if let Some(flow) = self.turn(each.body)? {
                return Ok(flow);
            }
            if !self.holds(std::slice::from_ref(&each.condition))? {
                return Ok(Flow::Next);
            }
        }
        Err(Halt::Jump)
    }

    fn run_for(&mut self, each: &ForStmt<'_, '_>) -> Eval<Flow> {
        self.each_expr(&each.init)?;
        for _ in 0..self.limits.loop_turns {
            if !self.holds(&each.condition)? {
                return Ok(Flow::Next);
            }
            if let Some(flow) = self.turn(each.body)? {
                return Ok(flow);
            }
            self.each_expr(&each.update)?;
        }
        Err(Halt::Jump)
    }

    fn run_foreach(&mut self, each: &ForeachStmt<'_, '_>) -> Eval<Flow> {
        let array = match self.expr(&each.expr)? {
            Value::Array(array) if !each.by_ref => array,
            Value::Unknown(_) | Value::Array(_) => return Err(Halt::Jump),
            _ => return Ok(Flow::Next),
        };
        if array.loose().is_some() || array.len() > self.limits.loop_turns as usize {
            return Err(Halt::Jump);
        }
        for (key, Located { value, .. }) in array.iter() {
            self.assign_to(&each.value, value.clone())?;
            if let Some(target) = &each.key {
                self.assign_to(target, key.to_value())?;
            }
            if let Some(flow) = self.turn(each.body)? {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn run_switch(&mut self, switch: &SwitchStmt<'_, '_>) -> Eval<Flow> {
        let subject = self.expr(&switch.expr)?;
        self.switch_from(switch, &subject, 0)
    }

    fn switch_from(
        &mut self,
        switch: &SwitchStmt<'_, '_>,
        subject: &Value,
        at: usize,
    ) -> Eval<Flow> {
        let cases = &switch.body.cases;
        let Some(case) = cases.get(at) else {
            let default = cases.iter().position(|case| case.value.is_none());
            return default.map_or(Ok(Flow::Next), |at| self.fall_through(switch, at));
        };
        let Some(value) = &case.value else {
            return self.switch_from(switch, subject, at + 1);
        };
        self.spend(1, case.span)?;
        let candidate = self.expr(value)?;
        let answer = equal(subject, &candidate).map(Value::Bool);
        let answer = self.settle(answer, case.span)?;
        match self.decide(&answer) {
            Ok(true) => self.fall_through(switch, at),
            Ok(false) => self.switch_from(switch, subject, at + 1),
            Err(why) => {
                let why = self.condition(&why, switch.expr.span);
                self.depth += 1;
                if self.depth > self.limits.nesting {
                    return Err(self.give_up(case.span, "a switch with too many unknown cases"));
                }
                let flow = self.fork(
                    &why,
                    |this| this.fall_through(switch, at),
                    |this| this.switch_from(switch, subject, at + 1),
                );
                self.depth -= 1;
                flow
            }
        }
    }

    fn fall_through(&mut self, switch: &SwitchStmt<'_, '_>, from: usize) -> Eval<Flow> {
        for case in switch.body.cases.iter().skip(from) {
            match self.statements(&case.body)? {
                Flow::Next => {}
                Flow::Break(1) | Flow::Continue(1) => return Ok(Flow::Next),
                Flow::Break(levels) => return Ok(Flow::Break(levels - 1)),
                Flow::Continue(levels) => return Ok(Flow::Continue(levels - 1)),
                leave @ Flow::Return(_) => return Ok(leave),
            }
        }
        Ok(Flow::Next)
    }

    /// Something here changes the rules: everything is unknown.
    pub(super) fn give_up(&mut self, span: Span, why: &str) -> Halt {
        let why = self.unknown(span, why);
        self.out_of_reach(why);
        Halt::Spent
    }
}
