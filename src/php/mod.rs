//! PHP configuration files read without running PHP.
//!
//! A pure room: it gets files through [`Sources`] and gives back variables, constants and ini settings,
//! each with the line that set it. What depends on the environment, on time or on code it does not model
//! is unknown with a reason and a line; it refuses to guess, and survives hostile files.

mod array;
mod assign;
mod branch;
mod builtin;
mod changed;
mod constant;
mod convert;
mod define;
mod effect;
mod element;
mod evaluate;
mod expression;
mod format;
mod function;
mod include;
mod inside;
mod json;
mod merge;
mod operate;
mod operator;
mod parse;
mod part;
mod path;
mod repeat;
mod state;
mod statement;
mod text;
mod value;
mod written;

pub use array::{Array, Found, Key};
pub use changed::{Leaf, doubt, leaves};
pub use part::{Part, PartKind, end, parts};
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

impl Value {
    /// Whether PHP takes the value for true; `None` where that depends on something unknown.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        convert::truth(self).ok()
    }
}

impl Evaluation {
    /// Why the file itself could not be read.
    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        let first = self
            .notes
            .first()
            .map_or("it could not be read", |note| note.text.as_str());
        self.files.is_empty().then_some(first)
    }

    /// Why PHP would not run the file to its end: a syntax error, or an error while it runs.
    pub fn failures(&self) -> impl Iterator<Item = &Note> {
        self.syntax_errors.iter().chain(&self.dies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(&'static str);

    impl Sources for One {
        fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
            match path.to_str() {
                Some("/c/config.php") => Ok(Some(self.0.as_bytes().to_vec())),
                Some("/c/closed.php") => Err("permission denied".into()),
                _ => Ok(None),
            }
        }
        fn exists(&self, _: &Path) -> Result<bool, String> {
            Err("permission denied".into())
        }
        fn is_file(&self, _: &Path) -> Result<bool, String> {
            Ok(false)
        }
        fn is_dir(&self, _: &Path) -> Result<bool, String> {
            Ok(false)
        }
        fn realpath(&self, _: &Path) -> Result<Option<PathBuf>, String> {
            Ok(None)
        }
    }

    fn read(source: &'static str) -> Evaluation {
        evaluate(Path::new("/c/config.php"), &One(source), &Limits::default())
    }

    fn known(result: &Evaluation, path: &[&str]) -> (String, u32) {
        match result.get("c", path) {
            Lookup::Known(value, at) => {
                let text = convert::string(value).unwrap();
                (String::from_utf8(text).unwrap(), at.line)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_element_keeps_the_line_of_its_last_write() {
        let result = read(
            "<?php\n$c = ['a' => 1,\n 'b' => ['x' => 2]];\n$c['b']['x'] = 3;\n$c['b']['y'] = 4;\n",
        );
        assert_eq!(known(&result, &["a"]), ("1".into(), 2));
        assert_eq!(known(&result, &["b", "x"]), ("3".into(), 4));
        assert_eq!(known(&result, &["b", "y"]), ("4".into(), 5));
        assert!(matches!(result.get("c", &["b"]), Lookup::Known(_, at) if at.line == 3));
        assert!(matches!(result.get("c", &["nope"]), Lookup::Missing));
        assert!(result.fully_known);
    }

    #[test]
    fn an_unknown_condition_is_named_with_its_line_and_leaves_the_rest_known() {
        let result = read(
            "<?php $c = ['a' => 1, 'b' => 1];\nif (getenv('X')) { $c['a'] = 2; }\nif (getenv('Y')) exit; $d = 1;",
        );
        let Lookup::Unknown(unknown) = result.get("c", &["a"]) else {
            panic!()
        };
        assert!(unknown.why.contains("getenv('X')") && unknown.at.line == 2);
        assert_eq!(known(&result, &["b"]).0, "1");
        assert!(matches!(result.get("d", &[]), Lookup::Unknown(_)));
    }

    #[test]
    fn a_guard_on_the_application_needs_its_constant() {
        let source = "<?php if (!defined('DP_ROOT')) exit('No access'); $c = DP_ROOT . '/x';";
        assert!(matches!(read(source).get("c", &[]), Lookup::Missing));
        let mut limits = Limits::default();
        limits
            .constants
            .push(("DP_ROOT".into(), Value::text("/srv/app")));
        let result = evaluate(Path::new("/c/config.php"), &One(source), &limits);
        assert_eq!(known(&result, &[]).0, "/srv/app/x");
    }

    #[test]
    fn what_could_not_be_read_makes_everything_unknown() {
        let result = read("<?php $c = 1;\nrequire '/c/closed.php';\n$d = 2;");
        let Lookup::Unknown(unknown) = result.get("c", &[]) else {
            panic!()
        };
        assert!(unknown.why.contains("permission denied") && unknown.at.line == 2);
        assert!(matches!(
            result.get("d", &[]),
            Lookup::Known(Value::Int(2), _)
        ));
        assert!(matches!(result.get("new", &[]), Lookup::Unknown(_)));
        assert!(!result.fully_known);
    }

    #[test]
    fn constants_keep_their_first_value() {
        let result =
            read("<?php define('A', 1); define('A', 2); defined('B') || define('B', 'y');");
        assert!(matches!(
            result.constant("A"),
            Lookup::Known(Value::Int(1), _)
        ));
        assert!(matches!(
            result.constant("B"),
            Lookup::Known(Value::Str(_), _)
        ));
    }

    #[test]
    fn syntax_errors_are_told_and_the_rest_is_still_read() {
        let result = read("<?php define('A', 'root');\n$c = array('x' => true;\ndefine('B', 1);");
        assert_eq!(
            result.syntax_errors.first().map(|note| note.at.line),
            Some(2)
        );
        assert!(matches!(result.constant("A"), Lookup::Known(_, _)));
    }

    #[test]
    fn options_of_the_database_driver_have_their_numbers() {
        let result =
            read("<?php $c = ['user' => 'u', PDO::MYSQL_ATTR_SSL_CA => '/ca.pem', Other::X => 1];");
        assert!(
            matches!(result.get("c", &["1009"]), Lookup::Unknown(_)),
            "the last key may be any"
        );
        let result = read("<?php $c = ['user' => 'u', \\PDO::MYSQL_ATTR_SSL_CA => '/ca.pem'];");
        assert_eq!(known(&result, &["1009"]).0, "/ca.pem");
    }

    #[test]
    fn a_function_that_takes_values_changes_nothing_else() {
        let result =
            read("<?php function f($x) { return $x; } function g(&$x) {} $c = 'a'; f($c);");
        assert_eq!(known(&result, &[]).0, "a");
        let result = read("<?php function g(&$x) {} $c = 'a'; g($c);");
        assert!(matches!(result.get("c", &[]), Lookup::Unknown(_)));
    }

    #[test]
    fn passwords_are_not_in_debug_output() {
        let result = read(
            "<?php $c['password'] = 'hunter2'; define('P', 'hunter2'); ini_set('k', 'hunter2');",
        );
        let shown = format!("{result:?}");
        assert!(shown.contains("Str(** 7 bytes)") && !shown.contains("hunter2"));
    }
}
