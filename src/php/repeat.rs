//! Loops and `switch`.
//!
//! What cannot be followed to its end is taken back, and what it writes becomes unknown.

use super::evaluate::{Eval, Evaluator, Flow, Halt};
use super::operate::equal;
use super::value::{Located, Value};
use php_ast::{DoWhileStmt, Expr, ForStmt, ForeachStmt, Stmt, StmtKind, SwitchStmt, WhileStmt};

impl Evaluator<'_> {
    /// Runs a loop or switch; if it cannot be followed, takes everything back and forgets what it writes.
    pub(super) fn attempt(&mut self, statement: &Stmt<'_, '_>) -> Eval<Flow> {
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
}
