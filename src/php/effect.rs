//! What a piece of code could change if it ran in a way that cannot be told.
//!
//! It reads the syntax tree only and errs on the side of too much.

use php_ast::visitor::{Visitor, walk_expr, walk_stmt};
use php_ast::{
    Arg, ArrayElementKind, ClosureUseVar, Expr, ExprKind, Name, Stmt, StmtKind, UnaryPrefixOp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Names that may be written, and whatever else may happen.
#[derive(Clone, Default, Debug)]
pub(super) struct Effects {
    pub(super) variables: BTreeSet<Vec<u8>>,
    pub(super) constants: BTreeSet<Vec<u8>>,
    pub(super) ini: BTreeSet<String>,
    /// Code that may write any variable.
    pub(super) anything: Option<&'static str>,
    pub(super) any_constant: bool,
    /// `return`, `exit`, `throw`.
    pub(super) leaves: bool,
    /// A function is called that is not built in.
    pub(super) calls: bool,
    /// `&`
    pub(super) references: BTreeSet<Vec<u8>>,
    /// The functions that the files declare, and which of their arguments are references.
    pub(super) declared: BTreeMap<String, Vec<bool>>,
    pub(super) depth: u32,
    pub(super) inside_function: bool,
}

/// Deeper trees are taken to do anything.
pub(super) const DEEPEST: u32 = 600;

impl Effects {
    /// What the statements may change in their own scope.
    pub(super) fn of(statements: &[Stmt<'_, '_>]) -> Self {
        let mut effects = Self::default();
        for statement in statements {
            let _ = effects.visit_stmt(statement);
        }
        effects
    }

    /// What one expression may change.
    pub(super) fn of_expression(expression: &Expr<'_, '_>) -> Self {
        let mut effects = Self::default();
        let _ = effects.visit_expr(expression);
        effects
    }

    fn target(&mut self, expr: &Expr<'_, '_>) {
        match root(expr) {
            Root::Name(name) => {
                self.variables.insert(name.to_vec());
            }
            Root::List(elements) => {
                for element in elements {
                    self.target(element.value());
                }
            }
            Root::Any => self.anything = Some("a variable whose name is computed"),
            Root::Nothing => {}
        }
    }

    fn reference(&mut self, expr: &Expr<'_, '_>) {
        self.target(expr);
        if let Root::Name(name) = root(expr) {
            self.references.insert(name.to_vec());
        }
    }

    pub(super) fn call(&mut self, name: &str, args: &[Arg<'_, '_>]) {
        let text = |at: usize| match args.get(at).and_then(Arg::value).map(|arg| &arg.kind) {
            Some(ExprKind::String(text)) => Some(text.as_bytes().to_vec()),
            _ => None,
        };
        match name {
            "define" => match text(0) {
                Some(name) => {
                    self.constants.insert(name);
                }
                None => self.any_constant = true,
            },
            "ini_set" | "ini_alter" => {
                let key =
                    text(0).map_or("*".into(), |key| String::from_utf8_lossy(&key).into_owned());
                self.ini.insert(key);
            }
            "set_time_limit" => {
                self.ini.insert("max_execution_time".into());
            }
            "error_reporting" => {
                self.ini.insert("error_reporting".into());
            }
            "extract" | "parse_str" if !self.inside_function => {
                self.anything = Some("extract or parse_str");
            }
            _ if super::function::takes_values_only(name) => {}
            _ => {
                self.calls = true;
                for arg in args.iter().filter_map(Arg::value) {
                    self.target(arg);
                }
            }
        }
    }
}

/// The variable at the root of something that is written to.
pub(super) enum Root<'a, 'arena, 'src> {
    Name(&'a [u8]),
    List(&'a [php_ast::ArrayElement<'arena, 'src>]),
    Any,
    Nothing,
}

pub(super) fn root<'a, 'arena, 'src>(expr: &'a Expr<'arena, 'src>) -> Root<'a, 'arena, 'src> {
    let mut expr = expr;
    loop {
        expr = match &expr.kind {
            ExprKind::Variable(name) => return Root::Name(name.as_str().as_bytes()),
            ExprKind::ArrayAccess(access) => access.array,
            ExprKind::Parenthesized(inner) | ExprKind::ErrorSuppress(inner) => inner,
            ExprKind::Array(elements) => return Root::List(elements),
            ExprKind::VariableVariable(_) => return Root::Any,
            ExprKind::PropertyAccess(access) | ExprKind::NullsafePropertyAccess(access) => {
                access.object
            }
            _ => return Root::Nothing,
        };
    }
}

impl<'arena, 'src> Visitor<'arena, 'src> for Effects {
    type Break = ();

    fn visit_stmt(&mut self, stmt: &Stmt<'arena, 'src>) -> ControlFlow<()> {
        match &stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) | StmtKind::Interface(_) => {
                return ControlFlow::Continue(());
            }
            StmtKind::Trait(_) | StmtKind::Enum(_) => return ControlFlow::Continue(()),
            StmtKind::Foreach(each) => {
                self.target(&each.value);
                if let Some(key) = &each.key {
                    self.target(key);
                }
                if each.by_ref {
                    self.reference(&each.value);
                    self.reference(&each.expr);
                }
            }
            StmtKind::Unset(targets) => targets.iter().for_each(|target| self.target(target)),
            StmtKind::Global(names) => names.iter().for_each(|name| self.reference(name)),
            StmtKind::StaticVar(names) => {
                let names = names.iter().filter_map(|item| item.name.as_str());
                self.variables
                    .extend(names.map(|name| name.as_bytes().to_vec()));
            }
            StmtKind::TryCatch(attempt) => {
                let names = attempt
                    .catches
                    .iter()
                    .filter_map(|clause| clause.var?.as_str());
                let bare = names.map(|name| name.trim_start_matches('$').as_bytes().to_vec());
                self.variables.extend(bare);
            }
            StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::HaltCompiler(_) => {
                self.leaves = true;
            }
            StmtKind::Const(items) => {
                let names = items.iter().filter_map(|item| item.name.as_str());
                self.constants
                    .extend(names.map(|name| name.as_bytes().to_vec()));
            }
            StmtKind::Goto(_) | StmtKind::Label(_) => self.anything = Some("goto"),
            _ => {}
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            self.anything = Some("code nested too deep");
            self.depth -= 1;
            return ControlFlow::Break(());
        }
        let flow = walk_stmt(self, stmt);
        self.depth -= 1;
        flow
    }

    fn visit_expr(&mut self, expr: &Expr<'arena, 'src>) -> ControlFlow<()> {
        match &expr.kind {
            ExprKind::Assign(assign) => {
                self.target(assign.target);
                if assign.by_ref {
                    self.reference(assign.target);
                    self.reference(assign.value);
                }
            }
            ExprKind::UnaryPrefix(unary)
                if matches!(
                    unary.op,
                    UnaryPrefixOp::PreIncrement | UnaryPrefixOp::PreDecrement
                ) =>
            {
                self.target(unary.operand);
            }
            ExprKind::UnaryPostfix(unary) => self.target(unary.operand),
            ExprKind::Array(elements) => {
                for element in elements.iter() {
                    if let ArrayElementKind::ByRef(target) = &element.kind {
                        self.reference(target);
                    }
                }
            }
            ExprKind::FunctionCall(call) => match &call.name.kind {
                ExprKind::Name(name) => self.call(&plain(name), &call.args),
                _ => self.call("", &call.args),
            },
            ExprKind::MethodCall(call) | ExprKind::NullsafeMethodCall(call) => {
                self.call("", &call.args);
            }
            ExprKind::StaticMethodCall(call) => self.call("", &call.args),
            ExprKind::StaticMethodCallDynamic(call) => self.call("", &call.args),
            ExprKind::New(new) => self.call("", &new.args),
            ExprKind::AnonymousClass(_) | ExprKind::Yield(_) => self.calls = true,
            ExprKind::Include(..) if !self.inside_function => {
                self.anything = Some("an included file");
            }
            ExprKind::Include(..) => self.any_constant = true,
            ExprKind::Eval(_) => self.anything = Some("eval"),
            ExprKind::Exit(_) | ExprKind::Throw(_) => self.leaves = true,
            ExprKind::Closure(closure) => {
                for captured in closure.use_vars.iter() {
                    self.captured(captured);
                }
                return ControlFlow::Continue(());
            }
            ExprKind::ArrowFunction(_) => return ControlFlow::Continue(()),
            _ => {}
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            self.anything = Some("code nested too deep");
            self.depth -= 1;
            return ControlFlow::Break(());
        }
        let flow = walk_expr(self, expr);
        self.depth -= 1;
        flow
    }
}

impl Effects {
    fn captured(&mut self, captured: &ClosureUseVar<'_>) {
        if captured.by_ref
            && let Some(name) = captured.name.as_str()
        {
            let name = name.trim_start_matches('$').as_bytes().to_vec();
            self.variables.insert(name.clone());
            self.references.insert(name);
        }
    }
}

/// A function name in lower case without its namespace.
pub(super) fn plain(name: &Name<'_, '_>) -> String {
    name.parts_slice()
        .last()
        .map_or(String::new(), |part| part.to_ascii_lowercase())
}
