//! PHP configuration files read without running PHP.
//!
//! A pure room: it gets files through [`Sources`] and gives back variables, constants and ini settings,
//! each with the line that set it. What depends on the environment, on time or on code it does not model
//! is unknown with a reason and a line; it refuses to guess, and survives hostile files.

mod array;
mod assign;
mod builtin;
mod convert;
mod effect;
mod evaluate;
mod expression;
mod function;
mod include;
mod operate;
mod parse;
mod state;
mod statement;
mod text;
mod value;

pub use array::{Array, Found, Key};
pub use state::IniSet;
pub use value::{Located, Place, Unknown, Value};

use std::path::{Path, PathBuf};

/// Where file contents come from.
pub trait Sources: Sync {
    /// The bytes of a file; `None` when it does not exist, an error when nobody could look.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String>;
    /// Whether anything has this path.
    fn exists(&self, path: &Path) -> Result<bool, String>;
    /// Whether it is a regular file, links followed.
    fn is_file(&self, path: &Path) -> Result<bool, String>;
    /// Whether it is a directory, links followed.
    fn is_dir(&self, path: &Path) -> Result<bool, String>;
    /// The path without links and dots; `None` when it does not exist.
    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String>;
}

/// How much an evaluation may cost, and what the application defines before it reads its configuration.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Expressions and statements, all files together.
    pub steps: u64,
    /// How deep expressions, statements and arrays may nest.
    pub nesting: u32,
    /// The size of one source file in bytes.
    pub source_bytes: usize,
    /// The size of one string in bytes.
    pub string_bytes: usize,
    /// The number of values in one array, nested ones included.
    pub array_values: u64,
    /// How many turns a loop may take before it counts as not known.
    pub loop_turns: u32,
    /// How many includes may be open at once.
    pub include_depth: u32,
    /// How many files may be read.
    pub files: usize,
    /// Constants that exist before the first line, such as `DP_ROOT`.
    pub constants: Vec<(String, Value)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 1_000_000,
            nesting: 200,
            source_bytes: 4 << 20,
            string_bytes: 1 << 20,
            array_values: 100_000,
            loop_turns: 1_000,
            include_depth: 32,
            files: 500,
            constants: Vec::new(),
        }
    }
}

/// Something a reader of the file should know.
#[derive(Clone, Debug)]
pub struct Note {
    /// Where.
    pub at: Place,
    /// What.
    pub text: String,
}

/// What a configuration file amounts to.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Every global variable, by name without `$`.
    pub variables: Array,
    /// Every constant that the files define.
    pub constants: Array,
    /// Every setting of an ini value, certain or perhaps, in order.
    pub ini: Vec<IniSet>,
    /// Every file read, in order.
    pub files: Vec<PathBuf>,
    /// What could not be followed or is odd.
    pub notes: Vec<Note>,
    /// Where PHP would refuse the file; not empty means that PHP runs none of that file.
    pub syntax_errors: Vec<Note>,
    /// What the file returns to an `include`.
    pub returned: Option<Value>,
    /// PHP stops with an error here, so that nothing below counts.
    pub dies: Option<Note>,
    /// An unknown value or code that is not modelled may make PHP stop before the end.
    pub may_stop: bool,
    /// Nothing that is not modelled could have changed any variable.
    pub fully_known: bool,
}

/// What is known of one setting.
#[derive(Clone, Debug)]
pub enum Lookup<'a> {
    /// It is certainly not set.
    Missing,
    /// Its value and the line that set it.
    Known(&'a Value, &'a Place),
    /// It cannot be told.
    Unknown(&'a Unknown),
}

/// Evaluates a configuration file.
pub fn evaluate(entry: &Path, sources: &dyn Sources, limits: &Limits) -> Evaluation {
    evaluate::on_large_stack(entry, sources, limits)
}

impl Evaluation {
    /// Looks up a variable or an element below it.
    #[must_use]
    pub fn get(&self, variable: &str, path: &[&str]) -> Lookup<'_> {
        descend(&self.variables, variable, path)
    }

    /// Looks up a constant.
    #[must_use]
    pub fn constant(&self, name: &str) -> Lookup<'_> {
        descend(&self.constants, name, &[])
    }
}

fn descend<'a>(roots: &'a Array, name: &str, path: &[&str]) -> Lookup<'a> {
    let mut found = roots.get(&Key::Str(name.as_bytes().to_vec()));
    for step in path {
        found = match found {
            Found::Here(held) => match &held.value {
                Value::Array(array) => array.get(&Key::from_bytes(step.as_bytes())),
                Value::Unknown(unknown) => Found::Unknown(unknown),
                _ => Found::Missing,
            },
            other => other,
        };
    }
    match found {
        Found::Missing => Lookup::Missing,
        Found::Unknown(unknown) => Lookup::Unknown(unknown),
        Found::Here(held) => match &held.value {
            Value::Unknown(unknown) => Lookup::Unknown(unknown),
            value => Lookup::Known(value, &held.at),
        },
    }
}
