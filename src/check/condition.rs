//! Conditions in CEL, with unknown facts carried through. A condition that meets an unknown fact is
//! unknown with that fact's reason, unless the rest decides (CEL's `&&` and `||` absorb errors).
//! Refuses `has()`, which would turn "nobody could look" into "is not there".

use super::scope::Scope;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, Program};
use std::collections::BTreeMap;

/// The longest condition that is compiled, in bytes: the parser eats stack.
const MAX_LENGTH: usize = 4096;

/// What a condition came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told; the reasons, each once.
    Unknown(Vec<String>),
}

/// A compiled condition.
#[derive(Debug)]
pub struct Condition {
    /// As written.
    pub source: String,
    program: Program,
    /// The dotted paths that it reads, `*` standing for any element of a list.
    pub reads: Vec<Vec<String>>,
    /// The variables that those paths start with.
    roots: Vec<String>,
}

impl Condition {
    /// Compiles a condition. Call it on a thread with a large stack ([`with_large_stack`]).
    ///
    /// # Errors
    /// A sentence that says what CEL refuses, or that `has()` is used.
    pub fn compile(source: &str) -> Result<Self, String> {
        if source.len() > MAX_LENGTH {
            return Err(format!("longer than {MAX_LENGTH} bytes"));
        }
        let program = Program::compile(source).map_err(|errors| errors.to_string())?;
        let mut reader = Reader::default();
        reader.visit(program.expression())?;
        reader.reads.sort();
        reader.reads.dedup();
        Ok(Self {
            source: source.to_owned(),
            roots: reader.roots(),
            reads: reader.reads,
            program,
        })
    }

    /// Judges the condition over the facts in scope.
    #[must_use]
    pub fn judge(&self, scope: &Scope) -> Truth {
        let mut context = Context::default();
        scope.declare(&mut context, &self.roots);
        match self.program.execute(&context) {
            Ok(cel::Value::Bool(true)) => Truth::True,
            Ok(cel::Value::Bool(false)) => Truth::False,
            Ok(other) => Truth::Unknown(vec![format!(
                "the condition `{}` gives {:?}, not true or false",
                self.source,
                other.type_of()
            )]),
            Err(error) => Truth::Unknown(self.reasons(scope, &error.to_string())),
        }
    }

    fn reasons(&self, scope: &Scope, error: &str) -> Vec<String> {
        let mut reasons: Vec<String> = self
            .reads
            .iter()
            .flat_map(|path| scope.reasons(path))
            .collect();
        reasons.sort();
        reasons.dedup();
        if reasons.is_empty() {
            reasons.push(format!(
                "the condition `{}` could not be evaluated: {error}",
                self.source
            ));
        }
        reasons
    }
}

/// Runs `work` where CEL's recursive parser has room: 64 MiB of stack.
///
/// # Errors
/// Where no thread can be started, or the work panicked.
pub fn with_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn_scoped(scope, work)
            .map_err(|error| format!("no thread: {error}"))?
            .join()
            .map_err(|_| "the work panicked".to_owned())
    })
}

/// Collects the paths that an expression reads.
#[derive(Default)]
struct Reader {
    reads: Vec<Vec<String>>,
    /// What the variables of enclosing macros stand for.
    bound: BTreeMap<String, Option<Vec<String>>>,
}

impl Reader {
    fn roots(&self) -> Vec<String> {
        let mut roots: Vec<String> = self
            .reads
            .iter()
            .filter_map(|path| path.first().cloned())
            .collect();
        roots.dedup();
        roots
    }

    fn visit(&mut self, node: &IdedExpr) -> Result<(), String> {
        if let Some(path) = self.path(&node.expr)? {
            self.reads.extend(path);
            return Ok(());
        }
        match &node.expr {
            Expr::Call(call) => {
                for part in call.target.iter().map(|target| &**target).chain(&call.args) {
                    self.visit(part)?;
                }
            }
            Expr::Comprehension(comprehension) => self.visit_comprehension(comprehension)?,
            Expr::List(list) => {
                for element in &list.elements {
                    self.visit(element)?;
                }
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key)?;
                        self.visit(&entry.value)?;
                    }
                }
            }
            Expr::Select(select) => self.visit(&select.operand)?,
            _ => {}
        }
        Ok(())
    }

    fn visit_comprehension(
        &mut self,
        it: &cel::common::ast::ComprehensionExpr,
    ) -> Result<(), String> {
        self.visit(&it.iter_range)?;
        let over = self.path(&it.iter_range.expr)?.flatten().map(|mut path| {
            path.push("*".to_owned());
            path
        });
        let before = self.bound.clone();
        self.bound.insert(it.iter_var.clone(), over);
        self.bound.insert(it.accu_var.clone(), None);
        for part in [&it.accu_init, &it.loop_cond, &it.loop_step, &it.result] {
            self.visit(part)?;
        }
        self.bound = before;
        Ok(())
    }

    /// `Some(Some(path))` for a fact, `Some(None)` for a bound variable that stands for none,
    /// `None` for anything that is not a name.
    fn path(&self, expr: &Expr) -> Result<Option<Option<Vec<String>>>, String> {
        match expr {
            Expr::Ident(name) => Ok(Some(
                self.bound
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| Some(vec![name.clone()])),
            )),
            Expr::Select(select) if select.test => Err(
                "`has()` is refused: it would take an unknown fact for a missing one".to_owned(),
            ),
            Expr::Select(select) => Ok(self.path(&select.operand.expr)?.map(|known| {
                known.map(|mut path| {
                    path.push(select.field.clone());
                    path
                })
            })),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judge(source: &str) -> Truth {
        let facts = json!({
            "a": { "yes": true, "no": false, "dark": {"$unknown": "permission denied on /a"} },
            "rows": [ {"ok": true}, {"ok": {"$unknown": "row is dark"}} ],
            "bad": [ {"ok": false}, {"ok": {"$unknown": "row is dark"}} ],
            "n": 3, "none": null
        });
        Condition::compile(source)
            .unwrap()
            .judge(&Scope::new(&facts))
    }

    #[test]
    fn unknown_is_carried_unless_the_rest_decides() {
        let dark = Truth::Unknown(vec!["permission denied on /a".to_owned()]);
        for (source, expected) in [
            ("a.yes", Truth::True),
            ("a.dark", dark.clone()),
            ("!a.dark", dark.clone()),
            ("a.dark == null", dark.clone()),
            ("a.dark && a.yes", dark.clone()),
            ("a.dark && a.no", Truth::False),
            ("a.no && a.dark", Truth::False),
            ("a.dark || a.yes", Truth::True),
            ("a.dark || a.no", dark.clone()),
            ("a.dark ? true : true", dark),
            ("n > 2 && n + 1 == 4", Truth::True),
            ("none == null", Truth::True),
            (
                "rows.all(r, r.ok)",
                Truth::Unknown(vec!["row is dark".to_owned()]),
            ),
            ("bad.all(r, r.ok)", Truth::False),
            ("rows.exists(r, r.ok)", Truth::True),
            (
                "bad.exists(r, r.ok)",
                Truth::Unknown(vec!["row is dark".to_owned()]),
            ),
        ] {
            assert_eq!(judge(source), expected, "{source}");
        }
    }

    #[test]
    fn has_is_refused_and_reads_are_listed() {
        assert!(Condition::compile("has(a.b)").is_err());
        let condition = Condition::compile("rows.all(r, r.ok && n > size(a.list))").unwrap();
        let reads: Vec<String> = condition.reads.iter().map(|path| path.join(".")).collect();
        assert_eq!(reads, ["a.list", "n", "rows", "rows.*.ok"]);
    }
}
