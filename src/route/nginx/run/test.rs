//! What `if` asks.

use super::state::State;
use crate::route::Entry;
use crate::route::nginx::plan::{Beyond, Condition, FileTest, Template};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

impl State<'_> {
    pub(super) fn holds(&mut self, condition: &Condition, quote: bool) -> Result<bool, Beyond> {
        match condition {
            Condition::True(variable, at) => {
                let value = self.variable(variable, at)?;
                Ok(!value.is_empty() && value != b"0")
            }
            Condition::Equal {
                variable,
                value,
                negated,
            } => {
                let left = self.variable(variable, &value.at)?;
                let right = self.value(value, quote)?;
                Ok((left == right) != *negated)
            }
            Condition::Matches {
                variable,
                pattern,
                negated,
                at,
            } => {
                let text = self.variable(variable, at)?;
                let found = self.matches(pattern, &text, at)?;
                if !found {
                    self.captures.clear();
                }
                Ok(found != *negated)
            }
            Condition::File {
                test,
                path,
                negated,
            } => Ok(self.file_test(*test, path, quote)? != *negated),
            Condition::Unknown(at) => Err(Beyond::at(at, "this condition is not understood")),
        }
    }

    fn file_test(&mut self, test: FileTest, path: &Template, quote: bool) -> Result<bool, Beyond> {
        let at = path.at.clone();
        let name = self.value(path, quote)?;
        if !name.starts_with(b"/") {
            return Err(Beyond::at(
                &at,
                "a test of a relative path depends on where nginx was started",
            ));
        }
        let name = Path::new(OsStr::from_bytes(&name));
        let entry = self.opened(name)?;
        let is_there = matches!(entry, Entry::File { .. } | Entry::Directory { .. });
        match test {
            FileTest::File => Ok(matches!(entry, Entry::File { .. })),
            FileTest::Directory => Ok(matches!(entry, Entry::Directory { .. })),
            FileTest::Exists => Ok(is_there),
            FileTest::Executable if is_there || entry == Entry::Other => Err(Beyond::at(
                &at,
                "-x asks for a bit of the file's mode, which is not modelled",
            )),
            FileTest::Executable => Ok(false),
        }
    }
}
