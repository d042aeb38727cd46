//! Constants: `define`, `const`, `defined`, `constant` and reading them.
//!
//! A constant never changes: PHP keeps the first value, and so does this.

use super::array::{Found, Key};
use super::constant;
use super::convert::string;
use super::evaluate::{Eval, Evaluator};
use super::value::{Located, Value};
use php_ast::Span;

impl Evaluator<'_> {
    pub(super) fn qualified(&self, name: &str) -> String {
        if self.unit.namespace.is_empty() {
            return name.to_owned();
        }
        format!("{}\\{name}", self.unit.namespace)
    }

    /// Defines a constant unless it exists: PHP keeps the first.
    pub(super) fn define(&mut self, name: Vec<u8>, value: Value, span: Span) -> Value {
        let at = self.place(span);
        let shown = String::from_utf8_lossy(&name).into_owned();
        if !matches!(constant::constant(&shown), constant::Constant::None) {
            self.note(
                &at,
                format!("{shown} is a constant of PHP itself and keeps its value"),
            );
            return Value::Bool(false);
        }
        let key = Key::Str(name);
        let (result, value) = match self.state.constants.get(&key) {
            Found::Missing => (Value::Bool(true), value),
            Found::Here(Located {
                value: Value::Unknown(unknown),
                ..
            })
            | Found::Unknown(unknown) => {
                let unknown = unknown.clone();
                (Value::Unknown(unknown.clone()), Value::Unknown(unknown))
            }
            Found::Here(held) => {
                let text = format!(
                    "{shown} is already defined on line {} and keeps that value",
                    held.at.line
                );
                self.note(&at, text);
                return Value::Bool(false);
            }
        };
        self.state.constants.set(key, Located { value, at });
        result
    }

    pub(super) fn define_call(&mut self, args: &[Value], span: Span) -> Eval {
        let [name, value, ..] = args else {
            return Err(self.die(span, "define() with too few arguments"));
        };
        match string(name) {
            Ok(name) if name.windows(2).any(|pair| pair == b"::") => {
                Err(self.die(span, "define() of a class constant"))
            }
            Ok(_) if matches!(name, Value::Array(_)) => {
                Err(self.die(span, "define() with an array as name"))
            }
            Ok(name) => {
                let name = name
                    .strip_prefix(b"\\")
                    .map_or(name.clone(), <[u8]>::to_vec);
                Ok(self.define(name, value.clone(), span))
            }
            Err(_) => {
                let why = self.unknown(span, "a constant whose name is computed");
                self.state.open_constants(&why);
                self.unmodelled = true;
                Ok(Value::Unknown(why))
            }
        }
    }

    pub(super) fn defined(&mut self, name: &Value, span: Span) -> Value {
        let Ok(name) = string(name) else {
            return name.clone();
        };
        let shown = String::from_utf8_lossy(&name).into_owned();
        match (
            self.state.constants.get(&Key::Str(name)),
            constant::constant(&shown),
        ) {
            (_, constant::Constant::Known(_) | constant::Constant::Exists) => Value::Bool(true),
            (_, constant::Constant::Perhaps) => Value::Unknown(self.unknown(
                span,
                format!("whether PHP has {shown} depends on the machine"),
            )),
            (
                Found::Here(Located {
                    value: Value::Unknown(unknown),
                    ..
                })
                | Found::Unknown(unknown),
                _,
            ) => Value::Unknown(unknown.clone()),
            (Found::Here(_), _) => Value::Bool(true),
            (Found::Missing, _) if shown.contains("::") => {
                Value::Unknown(self.unknown(span, "a class constant is not known here"))
            }
            (Found::Missing, _) => Value::Bool(false),
        }
    }

    pub(super) fn constant_call(&mut self, name: &Value, span: Span) -> Eval {
        let Ok(name) = string(name) else {
            return Ok(name.clone());
        };
        let name = String::from_utf8_lossy(&name).into_owned();
        Ok(self.constant_value(&name, &name, span))
    }

    pub(super) fn constant_value(&mut self, full: &str, plain: &str, span: Span) -> Value {
        let names = [self.qualified(full), full.to_owned(), plain.to_owned()];
        for name in &names {
            match self
                .state
                .constants
                .get(&Key::Str(name.clone().into_bytes()))
            {
                Found::Here(held) => return held.value.clone(),
                Found::Unknown(unknown) => match constant::constant(plain) {
                    constant::Constant::Known(value) => return value,
                    _ => return Value::Unknown(unknown.clone()),
                },
                Found::Missing => {}
            }
        }
        match constant::constant(plain) {
            constant::Constant::Known(value) => value,
            found => {
                let at = self.place(span);
                self.may_stop = true;
                if matches!(found, constant::Constant::None) {
                    let text = format!(
                        "PHP stops here unless something else defines the constant {plain}"
                    );
                    self.note(&at, text);
                }
                let why = format!("the constant {plain} is not defined in these files");
                Value::Unknown(self.unknown_at(at, why))
            }
        }
    }
}
