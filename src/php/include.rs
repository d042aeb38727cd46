//! Following `include` and `require` from file to file.
//!
//! It refuses to guess: an include that cannot be followed may have changed anything. Loops and chains
//! are cut with a note.

use super::convert::{string, truth};
use super::effect::Effects;
use super::evaluate::{Eval, Evaluator, Flow, Halt, Unit};
use super::parse::{Source, parse};
use super::value::{Unknown, Value};
use super::{Note, Place};
use php_ast::{Expr, IncludeKind, Span};
use php_rs_parser::bumpalo::Bump;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What became of an attempt to read a file.
enum Fetched {
    Bytes(Vec<u8>),
    Missing,
    Unknown(String),
}

pub(super) fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

impl Evaluator<'_> {
    pub(super) fn run_entry(&mut self, entry: &Path) -> Eval {
        self.state.included.insert(self.canonical(entry), true);
        match self.fetch(entry) {
            Fetched::Bytes(bytes) => self.run_file(entry, bytes),
            Fetched::Missing => {
                let at = self.unit_place();
                self.note(&at, "the file does not exist");
                Ok(Value::Null)
            }
            Fetched::Unknown(why) => {
                let why = self.unknown_at(self.unit_place(), why);
                self.unfollowed(&why);
                Ok(Value::Unknown(why))
            }
        }
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        match self.sources.realpath(path) {
            Ok(Some(path)) => path,
            _ => path.to_path_buf(),
        }
    }

    fn fetch(&self, path: &Path) -> Fetched {
        match self.sources.read(path) {
            Ok(Some(bytes)) if bytes.len() > self.limits.source_bytes => Fetched::Unknown(format!(
                "{} is larger than {} bytes",
                path.display(),
                self.limits.source_bytes
            )),
            Ok(Some(bytes)) => Fetched::Bytes(bytes),
            Ok(None) => Fetched::Missing,
            Err(why) => Fetched::Unknown(format!("{} could not be read: {why}", path.display())),
        }
    }

    /// Code that nobody saw has run: it may have written anything.
    pub(super) fn unfollowed(&mut self, why: &Unknown) {
        self.note(&why.at.clone(), why.why.clone());
        let effects = Effects {
            anything: Some("an include that could not be followed"),
            ..Effects::default()
        };
        self.havoc(&effects, why);
    }

    pub(super) fn include(
        &mut self,
        kind: IncludeKind,
        operand: &Expr<'_, '_>,
        span: Span,
    ) -> Eval {
        let target = self.expr(operand)?;
        let Ok(bytes) = string(&target) else {
            let cause = match target {
                Value::Unknown(unknown) => unknown.why,
                _ => "its path is not known".into(),
            };
            let why = self.unknown(span, format!("an include that cannot be followed: {cause}"));
            self.unfollowed(&why);
            return Ok(Value::Unknown(why));
        };
        let path = path_of(bytes);
        if !path.is_absolute() {
            let why = format!(
                "include of the relative path {}: PHP searches include_path",
                path.display()
            );
            let why = self.unknown(span, why);
            self.unfollowed(&why);
            return Ok(Value::Unknown(why));
        }
        let once = matches!(kind, IncludeKind::IncludeOnce | IncludeKind::RequireOnce);
        let canonical = self.canonical(&path);
        match self.state.included.get(&canonical).copied() {
            Some(true) if once => return Ok(Value::Bool(true)),
            Some(false) if once => {
                let why = self.unknown(span, "a file that was perhaps included before");
                return self.fork_values(
                    &why,
                    |_| Ok(Value::Bool(true)),
                    |this| this.follow(kind, &path, canonical, span),
                );
            }
            _ => {}
        }
        self.follow(kind, &path, canonical, span)
    }

    fn follow(&mut self, kind: IncludeKind, path: &Path, canonical: PathBuf, span: Span) -> Eval {
        let shown = path.display();
        let reason = if self.open_includes.len() >= self.limits.include_depth as usize {
            Some(format!("{shown} is included in a loop or too deep"))
        } else if self.files.len() >= self.limits.files {
            Some("too many files are included".to_owned())
        } else {
            None
        };
        if let Some(reason) = reason {
            let why = self.unknown(span, reason);
            self.unfollowed(&why);
            return Ok(Value::Unknown(why));
        }
        match self.fetch(path) {
            Fetched::Bytes(bytes) => {
                self.state.included.insert(canonical, true);
                self.run_file(path, bytes)
            }
            Fetched::Missing if matches!(kind, IncludeKind::Require | IncludeKind::RequireOnce) => {
                Err(self.die(span, &format!("{shown} does not exist")))
            }
            Fetched::Missing => {
                let at = self.place(span);
                self.note(&at, format!("{shown} does not exist"));
                Ok(Value::Bool(false))
            }
            Fetched::Unknown(why) => {
                let why = self.unknown(span, why);
                self.unfollowed(&why);
                Ok(Value::Unknown(why))
            }
        }
    }

    fn run_file(&mut self, path: &Path, bytes: Vec<u8>) -> Eval {
        self.files.push(path.to_path_buf());
        self.open_includes.push(path.to_path_buf());
        let unit = Unit {
            path: path.into(),
            source: Rc::new(Source::new(bytes)),
            namespace: String::new(),
            strict: false,
        };
        let outer = std::mem::replace(&mut self.unit, unit);
        let returned = self.returned.take();
        let result = self.run_unit();
        self.returned = returned;
        self.unit = outer;
        self.open_includes.pop();
        result
    }

    fn run_unit(&mut self) -> Eval {
        let source = Rc::clone(&self.unit.source);
        let arena = Bump::new();
        let parsed = match parse(&arena, &source.text) {
            Ok(parsed) => parsed,
            Err(why) => {
                let why = self.unknown_at(self.unit_place(), why);
                self.unfollowed(&why);
                return Ok(Value::Unknown(why));
            }
        };
        for error in &parsed.errors {
            let at = self.place(error.span());
            let text = format!("PHP refuses this file: {error}");
            self.syntax_errors.push(Note { at, text });
        }
        if !parsed.errors.is_empty() && self.open_includes.len() > 1 {
            return Err(self.die(Span::DUMMY, "an included file with a syntax error"));
        }
        let mut functions = std::mem::take(&mut self.functions);
        functions.of_functions(&parsed.program.stmts);
        self.functions = functions;
        let flow = self.unit_statements(&parsed.program.stmts);
        self.unit_result(flow)
    }

    fn unit_result(&mut self, flow: Eval<Flow>) -> Eval {
        let value = match flow {
            Ok(Flow::Return(value)) => value,
            Ok(_) => Value::Int(1),
            Err(Halt::Jump) => return Err(self.die(Span::DUMMY, "break outside of a loop")),
            Err(Halt::Exit) => {
                let Some((state, value)) = self.returned.take() else {
                    return Err(Halt::Exit);
                };
                let stopped = std::mem::replace(&mut self.state, state);
                let why =
                    self.unknown_at(self.unit_place(), "execution may have ended earlier".into());
                self.absorb_stop(stopped, &why);
                return Ok(value);
            }
            Err(Halt::Spent) => return Err(Halt::Spent),
        };
        match self.returned.take() {
            None => Ok(value),
            Some((state, earlier)) => {
                let why = self.unknown_at(
                    self.unit_place(),
                    "the file may have returned earlier".into(),
                );
                let current = std::mem::take(&mut self.state);
                self.state = current.join(state, &why);
                Ok(earlier.join(value, &why))
            }
        }
    }

    /// `file_exists` and its siblings.
    pub(super) fn file_question(&mut self, name: &str, path: &Value, at: &Place) -> Value {
        let Ok(bytes) = string(path) else {
            return path.clone();
        };
        let path = path_of(bytes);
        let relative = !path.is_absolute();
        let answer = match name {
            _ if relative => Err("a relative path depends on the working directory".to_owned()),
            "is_file" => self.sources.is_file(&path),
            "is_dir" => self.sources.is_dir(&path),
            "file_exists" => self.sources.exists(&path),
            _ => self.sources.exists(&path).and_then(|exists| match exists {
                true => Err("who PHP runs as decides whether it is allowed".into()),
                false => Ok(false),
            }),
        };
        match answer {
            Ok(answer) => Value::Bool(answer),
            Err(why) => {
                let why = format!("{name}({}): {why}", path.display());
                Value::Unknown(self.unknown_at(at.clone(), why))
            }
        }
    }

    /// Whether a condition holds, as far as it can be told.
    pub(super) fn decide(&self, value: &Value) -> Result<bool, Unknown> {
        truth(value).map_err(|refusal| match refusal {
            super::convert::Refusal::Unknown(unknown) => unknown,
            _ => self.unknown_at(self.unit_place(), "not modelled".into()),
        })
    }
}
