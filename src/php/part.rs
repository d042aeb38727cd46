//! The pieces of a PHP file that can be taken out or replaced as a whole: statements, elements of
//! arrays, assigned values, each with its bytes. Refuses files that PHP refuses; evaluates nothing.

use super::parse::{Source, parse};
use php_ast::visitor::{Visitor, walk_expr, walk_program, walk_stmt};
use php_ast::{Arg, AssignOp, Expr, ExprKind, Program, Span, Stmt, StmtKind};
use php_rs_parser::bumpalo::Bump;
use std::ops::{ControlFlow, Range};

/// Room for the parser on hostile nesting.
const STACK: usize = 64 << 20;

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its bytes in the file.
    pub bytes: Range<usize>,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A statement among others.
    Statement,
    /// The statement that an `if`, `else` or loop without braces governs.
    Body,
    /// An element of an array, without the comma after it.
    Element,
    /// What is assigned, defined, or set by `ini_set`.
    Value,
}

/// The pieces that touch the line (counted from 1), smaller ones first.
///
/// # Errors
/// Why the file has no pieces.
pub fn parts(text: &[u8], line: u32) -> Result<Vec<Part>, String> {
    let mut found = with_program(text, |program, source| {
        let mut reader = Reader {
            line,
            source,
            bodies: Vec::new(),
            found: Vec::new(),
        };
        let _ = walk_program(&mut reader, program);
        reader.found
    })?;
    found.sort_by_key(|part| part.bytes.len());
    Ok(found)
}

/// Where one more statement can stand at the end: behind the last one that is neither a `return` nor
/// text outside of PHP.
///
/// # Errors
/// Why there is no such place.
pub fn end(text: &[u8]) -> Result<usize, String> {
    with_program(text, |program, source| {
        let last = program.stmts.iter().rev().find(|statement| {
            !matches!(
                statement.kind,
                StmtKind::Return(_)
                    | StmtKind::InlineHtml(_)
                    | StmtKind::HaltCompiler(_)
                    | StmtKind::Nop
            )
        });
        last.map(|last| source.offset(last.span.end))
    })?
    .ok_or_else(|| "it holds no statement".to_owned())
}

fn with_program<T: Send>(
    text: &[u8],
    read: impl FnOnce(&Program<'_, '_>, &Source) -> T + Send,
) -> Result<T, String> {
    let work = || {
        let source = Source::new(text.to_vec());
        let arena = Bump::new();
        let parsed = parse(&arena, &source.text)?;
        match parsed.errors.first() {
            Some(error) => Err(format!("PHP refuses it: {error}")),
            None => Ok(read(&parsed.program, &source)),
        }
    };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let thread = builder
            .spawn_scoped(scope, work)
            .map_err(|error| error.to_string())?;
        thread
            .join()
            .map_err(|_| "the PHP parser failed on this file".to_owned())?
    })
}

struct Reader<'s> {
    line: u32,
    source: &'s Source,
    /// Statements that stand without braces where one statement must stand.
    bodies: Vec<Span>,
    found: Vec<Part>,
}

impl Reader<'_> {
    fn add(&mut self, kind: PartKind, span: Span) {
        let last = span.end.saturating_sub(1).max(span.start);
        let lines = self.source.line(span.start)..=self.source.line(last);
        if lines.contains(&self.line) {
            let bytes = self.source.offset(span.start)..self.source.offset(span.end);
            self.found.push(Part { kind, bytes });
        }
    }

    fn body(&mut self, statement: &Stmt<'_, '_>) {
        if !matches!(statement.kind, StmtKind::Block(_)) {
            self.bodies.push(statement.span);
        }
    }

    fn argument(&mut self, argument: Option<&Arg<'_, '_>>) {
        if let Some(value) = argument.and_then(Arg::value) {
            self.add(PartKind::Value, value.span);
        }
    }
}

impl<'arena, 'src> Visitor<'arena, 'src> for Reader<'_> {
    type Break = ();

    fn visit_stmt(&mut self, statement: &Stmt<'arena, 'src>) -> ControlFlow<()> {
        match &statement.kind {
            StmtKind::Expression(_) | StmtKind::Const(_) => {
                let kind = if self.bodies.contains(&statement.span) {
                    PartKind::Body
                } else {
                    PartKind::Statement
                };
                self.add(kind, statement.span);
                if let StmtKind::Const(items) = &statement.kind {
                    for item in items.iter() {
                        self.add(PartKind::Value, item.value.span);
                    }
                }
            }
            StmtKind::If(branch) => {
                self.body(branch.then_branch);
                for other in branch.elseif_branches.iter() {
                    self.body(&other.body);
                }
                if let Some(other) = branch.else_branch {
                    self.body(other);
                }
            }
            StmtKind::While(repeat) => self.body(repeat.body),
            StmtKind::For(repeat) => self.body(repeat.body),
            StmtKind::Foreach(repeat) => self.body(repeat.body),
            StmtKind::DoWhile(repeat) => self.body(repeat.body),
            _ => {}
        }
        walk_stmt(self, statement)
    }

    fn visit_expr(&mut self, expression: &Expr<'arena, 'src>) -> ControlFlow<()> {
        match &expression.kind {
            ExprKind::Array(elements) => {
                for element in elements.iter() {
                    self.add(PartKind::Element, element.span);
                    if element.key.is_some() {
                        self.add(PartKind::Value, element.value().span);
                    }
                }
            }
            ExprKind::Assign(assign) if matches!(assign.op, AssignOp::Assign) => {
                self.add(PartKind::Value, assign.value.span);
            }
            ExprKind::FunctionCall(call) => self.argument(call.args.get(1)),
            _ => {}
        }
        walk_expr(self, expression)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: u32) -> Vec<(PartKind, String)> {
        let found = parts(text.as_bytes(), line).unwrap();
        let each = found.into_iter();
        each.map(|part| (part.kind, text[part.bytes].to_owned()))
            .collect()
    }

    #[test]
    fn a_line_has_its_statements_elements_and_values() {
        let text = "<?php\n$a['x'] = 1; define('B', 2);\n";
        let expected = [
            (PartKind::Value, "1"),
            (PartKind::Value, "2"),
            (PartKind::Statement, "$a['x'] = 1;"),
            (PartKind::Statement, "define('B', 2);"),
        ];
        assert_eq!(
            shown(text, 2),
            expected.map(|(kind, it)| (kind, it.to_owned()))
        );
        let text = "<?php\nif ($x)\n  $a = ['k' =>\n   1,\n 'l' => 2];\nreturn $a;";
        let expected = [
            (PartKind::Value, "1"),
            (PartKind::Element, "'k' =>\n   1"),
            (PartKind::Value, "['k' =>\n   1,\n 'l' => 2]"),
            (PartKind::Body, "$a = ['k' =>\n   1,\n 'l' => 2];"),
        ];
        assert_eq!(
            shown(text, 4),
            expected.map(|(kind, it)| (kind, it.to_owned()))
        );
        assert_eq!(&text[end(text.as_bytes()).unwrap()..], "\nreturn $a;");
    }

    #[test]
    fn bytes_that_are_no_utf_8_keep_their_places() {
        let text = b"<?php $n = 'caf\xe9'; $b = '\xff'; $c = 3;";
        let found = parts(text, 1).unwrap();
        let last = found.iter().find(|part| part.bytes.end == text.len());
        assert_eq!(&text[last.unwrap().bytes.clone()], b"$c = 3;");
        assert!(parts(b"<?php $a = ;", 1).is_err());
    }
}
