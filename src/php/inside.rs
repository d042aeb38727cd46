//! What functions, methods and closures may do to the world outside them.
//!
//! It reads their bodies only; nothing is called.

use super::effect::{DEEPEST, Effects, Root, plain, root};
use php_ast::visitor::{Visitor, walk_expr, walk_stmt};
use php_ast::{Expr, ExprKind, FunctionDecl, Stmt, StmtKind};
use std::ops::ControlFlow;

impl Effects {
    /// What functions, methods and closures in these statements may change from inside.
    pub(super) fn of_functions(&mut self, statements: &[Stmt<'_, '_>]) {
        let mut finder = FunctionFinder {
            inside: 0,
            found: self,
            depth: 0,
        };
        for statement in statements {
            let _ = finder.visit_stmt(statement);
        }
    }
}

/// Looks into function bodies for what they may do to the world outside them.
struct FunctionFinder<'e> {
    inside: u32,
    found: &'e mut Effects,
    depth: u32,
}

impl FunctionFinder<'_> {
    fn deeper<R>(&mut self, walk: impl FnOnce(&mut Self) -> ControlFlow<R>) -> ControlFlow<R> {
        self.depth += 1;
        let flow = if self.depth > DEEPEST {
            self.found.anything = Some("a function nested too deep");
            ControlFlow::Continue(())
        } else {
            walk(self)
        };
        self.depth -= 1;
        flow
    }

    /// Two functions of one name count as one that takes references where either does.
    fn signature(&mut self, declared: &FunctionDecl<'_, '_>) {
        let name = declared.name.or_error().to_ascii_lowercase();
        let arguments = self.found.declared.entry(name).or_default();
        for (position, param) in declared.params.iter().enumerate() {
            let last = if param.variadic && param.by_ref {
                64
            } else {
                position
            };
            arguments.resize(arguments.len().max(last + 1), false);
            for by_ref in arguments.iter_mut().take(last + 1).skip(position) {
                *by_ref |= param.by_ref;
            }
        }
    }

    fn global_access(&mut self, expr: &Expr<'_, '_>) {
        let ExprKind::ArrayAccess(access) = &expr.kind else {
            return;
        };
        let is_globals =
            matches!(&access.array.kind, ExprKind::Variable(name) if name.as_str() == "GLOBALS");
        if !is_globals {
            return;
        }
        match access.index.map(|index| &index.kind) {
            Some(ExprKind::String(name)) => {
                self.found.variables.insert(name.as_bytes().to_vec());
            }
            _ => self.found.anything = Some("a function that uses $GLOBALS"),
        }
    }
}

impl<'arena, 'src> Visitor<'arena, 'src> for FunctionFinder<'_> {
    type Break = ();

    fn visit_stmt(&mut self, stmt: &Stmt<'arena, 'src>) -> ControlFlow<()> {
        let function = matches!(
            stmt.kind,
            StmtKind::Function(_) | StmtKind::Class(_) | StmtKind::Trait(_) | StmtKind::Enum(_)
        );
        if let StmtKind::Function(declared) = &stmt.kind {
            self.signature(declared);
        }
        self.inside += u32::from(function);
        if self.inside > 0 {
            match &stmt.kind {
                StmtKind::Global(names) => {
                    for name in names.iter() {
                        match root(name) {
                            Root::Name(name) => {
                                self.found.variables.insert(name.to_vec());
                            }
                            _ => self.found.anything = Some("a function with a computed global"),
                        }
                    }
                }
                StmtKind::Throw(_) => self.found.leaves = true,
                _ => {}
            }
        }
        let flow = self.deeper(|finder| walk_stmt(finder, stmt));
        self.inside -= u32::from(function);
        flow
    }

    fn visit_expr(&mut self, expr: &Expr<'arena, 'src>) -> ControlFlow<()> {
        let function = matches!(
            expr.kind,
            ExprKind::Closure(_) | ExprKind::ArrowFunction(_) | ExprKind::AnonymousClass(_)
        );
        self.inside += u32::from(function);
        if self.inside > 0 {
            self.global_access(expr);
            match &expr.kind {
                ExprKind::FunctionCall(call) => {
                    if let ExprKind::Name(name) = &call.name.kind {
                        let mut probe = Effects {
                            inside_function: true,
                            ..Effects::default()
                        };
                        probe.call(&plain(name), &call.args);
                        self.found.constants.extend(probe.constants);
                        self.found.ini.extend(probe.ini);
                        self.found.any_constant |= probe.any_constant;
                    }
                }
                ExprKind::Eval(_) => self.found.anything = Some("a function that uses eval"),
                ExprKind::Include(..) => {
                    self.found.anything = Some("a function that includes a file");
                }
                ExprKind::Exit(_) | ExprKind::Throw(_) => self.found.leaves = true,
                _ => {}
            }
        }
        let flow = self.deeper(|finder| walk_expr(finder, expr));
        self.inside -= u32::from(function);
        flow
    }
}
