//! What both servers' configurations become: directives in their order, each with its file and line.
//! Refuses to judge and to evaluate: variables, conditions and unknown names stay as written.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Blocks and files within one another, no deeper than this.
pub(super) const DEEPEST: usize = 200;
/// No configuration has more directives than this; one that includes itself sideways would.
pub(super) const MOST_DIRECTIVES: usize = 1_000_000;

/// No value that a request or a definition puts together is longer than this, in bytes: a line that
/// doubles itself a few dozen times would fill all memory.
pub(super) const LONGEST_VALUE: usize = 64 << 10;

/// A name or an argument, quotes and escapes taken off. Bytes, since paths and patterns are bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Word(Vec<u8>);

impl Word {
    /// The bytes that the server would see.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The word for people; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The word as a path, byte for byte.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    /// Whether the word is this one, ASCII case apart (Apache's names).
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other.as_bytes())
    }

    /// Whether the word holds this byte.
    #[must_use]
    pub fn holds(&self, byte: u8) -> bool {
        self.0.contains(&byte)
    }
}

impl From<Vec<u8>> for Word {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Word {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the configuration names it.
    pub file: Arc<Path>,
    /// The line, counted from one; zero means the file as a whole.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file.display()),
            line => write!(f, "{}:{line}", self.file.display()),
        }
    }
}

/// One directive, and what stands inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The name, as written; Apache's sections without the angle brackets.
    pub name: Word,
    /// The arguments.
    pub args: Vec<Word>,
    /// What the lexer did not split: Apache's text after the name, the body of a Lua block.
    pub raw: Option<Word>,
    /// What stands inside a block or a section; includes are already in their place.
    pub children: Option<Vec<Self>>,
    /// The line of the name.
    pub at: Place,
}

impl Directive {
    /// Whether the directive has this name, ASCII case apart.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.is(name)
    }

    /// What stands inside, nothing if it is no block.
    #[must_use]
    pub fn inside(&self) -> &[Self] {
        self.children.as_deref().unwrap_or_default()
    }

    /// The directives of this name directly inside.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.inside().iter().filter(move |child| child.is(name))
    }
}

/// What is wrong with a configuration, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Place,
    /// What, in the server's own words where it has some.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// A configuration, its includes in their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// What stands at the top.
    pub directives: Vec<Directive>,
    /// Every file that was read, in the order of the first reading.
    pub files: Vec<Arc<Path>>,
    /// Why the tree may lack something; a server would refuse most of these.
    pub problems: Vec<Problem>,
}

/// What a path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file's content.
    Text(Vec<u8>),
    /// A directory and its entries, full paths in the order of their bytes.
    Directory(Vec<PathBuf>),
    /// Nothing is there.
    Missing,
}

/// Where included text comes from. An error is a sentence that names the path.
pub trait Sources {
    /// What the path holds.
    ///
    /// # Errors
    /// Why nobody could look.
    fn read(&self, path: &Path) -> Result<Source, String>;

    /// The paths that match a pattern with `*`, `?` and `[…]`, in the order of their bytes.
    ///
    /// # Errors
    /// Why there may be others.
    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String>;
}

/// Nothing can be included from here.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn read(&self, _: &Path) -> Result<Source, String> {
        Ok(Source::Missing)
    }

    fn glob(&self, _: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

/// Whether a path is a pattern, by the rule that both servers share.
pub(super) fn is_pattern(path: &[u8]) -> bool {
    path.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// The files of one configuration while it is read: which are open, and how much was read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) tree: Tree,
    open: Vec<Arc<Path>>,
    directives: usize,
}

impl Progress {
    /// Notes a problem.
    pub(super) fn problem(&mut self, at: &Place, message: impl Into<String>) {
        self.tree.problems.push(Problem {
            at: at.clone(),
            message: message.into(),
        });
    }

    /// Opens a file, unless it is open already or files lie too deep.
    pub(super) fn enter(&mut self, file: &Arc<Path>) -> Result<(), String> {
        if self.open.contains(file) {
            return Err(format!("{} includes itself", file.display()));
        }
        if self.open.len() >= DEEPEST {
            return Err(format!("files are included more than {DEEPEST} deep"));
        }
        if !self.tree.files.contains(file) {
            self.tree.files.push(Arc::clone(file));
        }
        self.open.push(Arc::clone(file));
        Ok(())
    }

    /// Closes the file that was opened last.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// Counts a directive; false means that there were too many.
    pub(super) fn count(&mut self) -> bool {
        self.directives += 1;
        self.directives <= MOST_DIRECTIVES
    }
}
