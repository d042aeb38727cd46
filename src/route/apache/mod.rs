//! Apache's configuration language: text to a tree of directives and sections, includes in place.
//! Refuses to evaluate: `<IfModule>`, `<IfDefine>` and `<If>` stay sections, whatever holds; `Define`
//! and `ServerRoot` are followed in their textual order because includes depend on them.

mod closing;
mod lines;
mod model;
#[cfg(test)]
mod tests;
mod variables;
mod words;

pub use closing::closing;
pub use model::{Model, Setup};
pub use variables::Variables;

use super::tree::{DEEPEST, Progress, is_pattern};
use super::{Directive, Place, Source, Sources, Tree};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a configuration is read against.
#[derive(Debug, Clone)]
pub struct Start {
    /// `ServerRoot` until the configuration says another: `-d`, or compiled in.
    pub server_root: PathBuf,
    /// The environment that Apache was started with, as far as it is known.
    pub variables: Variables,
}

/// A tree, and what its directives were read against in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The directives.
    pub tree: Tree,
    /// What relative paths are relative to.
    pub server_root: PathBuf,
    /// The environment, and every `Define` whatever section it stands in.
    pub variables: Variables,
}

/// Reads a configuration that starts with `text`, the content of `file`.
#[must_use]
pub fn parse(file: &Path, text: &[u8], start: Start, sources: &dyn Sources) -> Config {
    let mut reader = Reader {
        sources,
        server_root: start.server_root,
        variables: start.variables,
        progress: Progress::default(),
    };
    let top = reader.file(&file.into(), text, 0);
    reader.progress.tree.directives = top;
    Config {
        tree: reader.progress.tree,
        server_root: reader.server_root,
        variables: reader.variables,
    }
}

struct Reader<'a> {
    sources: &'a dyn Sources,
    server_root: PathBuf,
    variables: Variables,
    progress: Progress,
}

impl Reader<'_> {
    fn file(&mut self, file: &Arc<Path>, text: &[u8], depth: usize) -> Vec<Directive> {
        let mut at = Place {
            file: Arc::clone(file),
            line: 0,
        };
        if let Err(message) = self.progress.enter(file) {
            self.progress.problem(&at, message);
            return Vec::new();
        }
        let mut sections = Sections::default();
        for line in lines::lines(text) {
            at.line = line.number;
            if let Err(message) = self.line(&line.text, &at, depth, &mut sections) {
                self.progress.problem(&at, message);
                break;
            }
        }
        while let Some(open) = sections.open.last() {
            let message = format!("<{}> was not closed", open.name.text());
            let at = open.at.clone();
            self.progress.problem(&at, message);
            sections.close();
        }
        self.progress.leave();
        sections.top
    }

    /// One line. An error ends the file, as it does for Apache.
    fn line(
        &mut self,
        line: &[u8],
        at: &Place,
        depth: usize,
        sections: &mut Sections,
    ) -> Result<(), String> {
        if !self.progress.count() {
            return Err("the configuration has too many directives".to_owned());
        }
        if line.starts_with(b"</") {
            return sections.close_named(line);
        }
        if let Some(inner) = line.strip_prefix(b"<") {
            if depth + sections.open.len() >= DEEPEST {
                return Err(format!("sections are more than {DEEPEST} deep"));
            }
            sections.open.push(section(inner, at)?);
            return Ok(());
        }
        let Some(directive) = directive(line, at) else {
            return Ok(());
        };
        if directive.is("Include") || directive.is("IncludeOptional") {
            let depth = depth + sections.open.len();
            let included = self.include(&directive, depth, sections.are_conditional());
            sections.extend(included);
        } else {
            self.follow(&directive);
            sections.extend(vec![directive]);
        }
        Ok(())
    }

    /// What changes how the rest is read.
    fn follow(&mut self, directive: &Directive) {
        let args = directive.args.as_slice();
        if let [name, value] = args
            && directive.is("Define")
        {
            match self.variables.resolve(value) {
                Ok(value) => self.variables.define(name.bytes(), value.bytes()),
                Err(_) => self.variables.undefine(name.bytes()),
            }
        } else if let [name] = args
            && directive.is("UnDefine")
        {
            self.variables.undefine(name.bytes());
        } else if let [path] = args
            && directive.is("ServerRoot")
        {
            match self.variables.resolve(path) {
                Ok(path) => self.server_root = self.server_root.join(path.path()),
                Err(message) => self.progress.problem(&directive.at, message),
            }
        }
    }

    /// What a condition hides need not be there: if it held, Apache would not have started.
    fn include(&mut self, include: &Directive, depth: usize, conditional: bool) -> Vec<Directive> {
        let optional = conditional || include.is("IncludeOptional");
        let mut directives = Vec::new();
        for arg in &include.args {
            let files = self
                .variables
                .resolve(arg)
                .and_then(|path| self.find(&self.server_root.join(path.path()), optional));
            match files {
                Ok(files) => {
                    for file in files {
                        directives.extend(self.included(&file, include, optional, depth));
                    }
                }
                Err(message) => self.progress.problem(&include.at, message),
            }
        }
        directives
    }

    fn find(&self, path: &Path, optional: bool) -> Result<Vec<PathBuf>, String> {
        if !is_pattern(path.as_os_str().as_bytes()) {
            return Ok(vec![path.to_owned()]);
        }
        let found = self.sources.glob(path)?;
        if found.is_empty() && !optional {
            return Err(format!("nothing matches {}", path.display()));
        }
        Ok(found)
    }

    /// A file, or all files below a directory, which is Apache's old way of having a `conf.d`.
    fn included(
        &mut self,
        path: &Path,
        include: &Directive,
        optional: bool,
        depth: usize,
    ) -> Vec<Directive> {
        if depth >= DEEPEST {
            let message = format!("files are included more than {DEEPEST} deep");
            self.progress.problem(&include.at, message);
            return Vec::new();
        }
        match self.sources.read(path) {
            Ok(Source::Text(text)) => self.file(&path.into(), &text, depth),
            Ok(Source::Directory(entries)) => entries
                .iter()
                .flat_map(|entry| self.included(entry, include, optional, depth + 1))
                .collect(),
            Ok(Source::Missing) if optional => Vec::new(),
            Ok(Source::Missing) => {
                let message = format!("{} does not exist", path.display());
                self.progress.problem(&include.at, message);
                Vec::new()
            }
            Err(message) => {
                self.progress.problem(&include.at, message);
                Vec::new()
            }
        }
    }
}

fn directive(line: &[u8], at: &Place) -> Option<Directive> {
    let (name, rest) = words::first_word(line)?;
    Some(Directive {
        name,
        args: words::words(rest),
        raw: Some(rest.into()),
        children: None,
        at: at.clone(),
    })
}

/// A section's line without its `<`. The last `>` ends it.
fn section(inner: &[u8], at: &Place) -> Result<Directive, String> {
    if inner.first().is_none_or(u8::is_ascii_whitespace) {
        return Err("the section has no name".to_owned());
    }
    let end = inner.iter().rposition(|byte| *byte == b'>');
    let line = end.and_then(|end| inner.get(..end));
    let mut section = line
        .and_then(|line| directive(line, at))
        .ok_or("the section has no closing \">\"")?;
    section.children = Some(Vec::new());
    Ok(section)
}

/// The sections that are open.
#[derive(Default)]
struct Sections {
    top: Vec<Directive>,
    open: Vec<Directive>,
}

impl Sections {
    fn extend(&mut self, directives: Vec<Directive>) {
        match self.open.last_mut().and_then(|open| open.children.as_mut()) {
            Some(children) => children.extend(directives),
            None => self.top.extend(directives),
        }
    }

    /// Whether a section that is open may not hold.
    fn are_conditional(&self) -> bool {
        let names = ["IfModule", "IfDefine", "IfVersion", "IfFile"];
        let is_one = |open: &Directive| names.iter().any(|name| open.is(name));
        self.open.iter().any(is_one)
    }

    fn close(&mut self) {
        let closed = self.open.pop();
        self.extend(closed.into_iter().collect());
    }

    /// The name ends with its `>`, blanks before that are an error; what follows is not looked at.
    fn close_named(&mut self, line: &[u8]) -> Result<(), String> {
        let word = line.split(u8::is_ascii_whitespace).next();
        let word = word.unwrap_or_default();
        let name = word.get(2..).unwrap_or_default();
        let shown = OsStr::from_bytes(name.strip_suffix(b">").unwrap_or(name));
        let shown = shown.display().to_string();
        let Some(name) = name.strip_suffix(b">") else {
            return Err(format!("</{shown}> directive missing closing '>'"));
        };
        let Some(open) = self.open.last() else {
            return Err(format!("</{shown}> without matching <{shown}> section"));
        };
        if !open.name.bytes().eq_ignore_ascii_case(name) {
            let expected = open.name.text();
            return Err(format!("expected </{expected}> but saw </{shown}>"));
        }
        self.close();
        Ok(())
    }
}
