//! nginx's configuration language: text to a tree of directives, includes resolved in place.
//! Refuses to know what a directive means, but for `include` and bodies written in Lua.

mod dump;
mod inside;
mod inverse;
mod lexer;
mod lua;
mod model;
#[cfg(test)]
mod model_tests;
mod plan;
mod run;
#[cfg(test)]
mod tests;

pub use dump::Dump;
pub use inside::inside;
pub use model::Model;
pub use plan::Start;

use super::tree::{DEEPEST, Progress, is_pattern};
use super::{Directive, Place, Source, Sources, Tree, Word};
use lexer::{Event, Lexer, Statement};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads a configuration that starts with `text`, the content of `file`. What cannot be read or
/// understood is a problem with its place, and the rest is still there.
#[must_use]
pub fn parse(file: &Path, text: &[u8], sources: &dyn Sources) -> Tree {
    // `include` is relative to the directory of the main file, not to that of the including one.
    let mut reader = Reader {
        sources,
        directory: file.parent().unwrap_or(Path::new("/")).to_owned(),
        progress: Progress::default(),
    };
    let file: Arc<Path> = file.into();
    let top = reader.file(&file, text, 0);
    reader.progress.tree.directives = top;
    reader.progress.tree
}

/// Reads the output of `nginx -T`; nothing if the text is none.
#[must_use]
pub fn parse_dump(text: &[u8]) -> Option<Tree> {
    let dump = Dump::split(text)?;
    Some(parse(&dump.main, dump.text(), &dump))
}

struct Reader<'a> {
    sources: &'a dyn Sources,
    directory: PathBuf,
    progress: Progress,
}

impl Reader<'_> {
    fn file(&mut self, file: &Arc<Path>, text: &[u8], depth: usize) -> Vec<Directive> {
        let whole = Place {
            file: Arc::clone(file),
            line: 0,
        };
        if let Err(message) = self.progress.enter(file) {
            self.progress.problem(&whole, message);
            return Vec::new();
        }
        let mut blocks = Blocks::default();
        let mut lexer = Lexer::new(text);
        let read = self.blocks(&mut lexer, file, depth, &mut blocks);
        if let Err(message) = read {
            let at = Place {
                line: lexer.line,
                ..whole
            };
            self.progress.problem(&at, message);
        }
        self.progress.leave();
        blocks.close_all()
    }

    fn blocks(
        &mut self,
        lexer: &mut Lexer<'_>,
        file: &Arc<Path>,
        depth: usize,
        blocks: &mut Blocks,
    ) -> Result<(), String> {
        loop {
            match lexer.event()? {
                Event::Simple(statement) => {
                    let directive = self.directive(statement, file)?;
                    if directive.name == "include" {
                        let depth = depth + blocks.open.len();
                        blocks.extend(self.include(&directive, depth));
                    } else {
                        blocks.extend(vec![directive]);
                    }
                }
                Event::Open(statement) => {
                    let mut directive = self.directive(statement, file)?;
                    if directive.name.bytes().ends_with(b"_by_lua_block") {
                        directive.raw = Some(lua_body(lexer)?);
                        blocks.extend(vec![directive]);
                    } else if depth + blocks.open.len() >= DEEPEST {
                        return Err(format!("blocks are more than {DEEPEST} deep"));
                    } else {
                        directive.children = Some(Vec::new());
                        blocks.open.push(directive);
                    }
                }
                Event::Close => {
                    if !blocks.close() {
                        return Err("unexpected \"}\"".to_owned());
                    }
                }
                Event::End if blocks.open.is_empty() => return Ok(()),
                Event::End => return Err("unexpected end of file, expecting \"}\"".to_owned()),
            }
        }
    }

    fn directive(&mut self, words: Statement, file: &Arc<Path>) -> Result<Directive, String> {
        if !self.progress.count() {
            return Err("the configuration has too many directives".to_owned());
        }
        Ok(Directive {
            name: words.name,
            args: words.args,
            raw: None,
            children: None,
            at: Place {
                file: Arc::clone(file),
                line: words.line,
            },
        })
    }

    fn include(&mut self, include: &Directive, depth: usize) -> Vec<Directive> {
        let [path] = include.args.as_slice() else {
            let message = "invalid number of arguments in \"include\" directive";
            self.progress.problem(&include.at, message);
            return Vec::new();
        };
        let full = self.directory.join(path.path());
        // Only a plain name must be there; a pattern may match nothing.
        let found = if is_pattern(path.bytes()) {
            self.sources.glob(&full)
        } else {
            Ok(vec![full])
        };
        let files = found.unwrap_or_else(|message| {
            self.progress.problem(&include.at, message);
            Vec::new()
        });
        let mut directives = Vec::new();
        for file in files {
            match self.sources.read(&file) {
                Ok(Source::Text(text)) => {
                    directives.extend(self.file(&file.into(), &text, depth));
                }
                Ok(Source::Directory(_)) => {
                    let message = format!("{} is a directory", file.display());
                    self.progress.problem(&include.at, message);
                }
                Ok(Source::Missing) => {
                    let message = format!("{} does not exist", file.display());
                    self.progress.problem(&include.at, message);
                }
                Err(message) => self.progress.problem(&include.at, message),
            }
        }
        directives
    }
}

fn lua_body(lexer: &mut Lexer<'_>) -> Result<Word, String> {
    let rest = lexer.rest();
    let length = lua::body_length(rest).ok_or("the Lua block has no closing \"}\"")?;
    lexer.skip(length + 1);
    Ok(rest.get(..length).unwrap_or_default().into())
}

/// The blocks that are open; what was read stays where it belongs even if one is never closed.
#[derive(Default)]
struct Blocks {
    top: Vec<Directive>,
    open: Vec<Directive>,
}

impl Blocks {
    fn extend(&mut self, directives: Vec<Directive>) {
        match self.open.last_mut().and_then(|open| open.children.as_mut()) {
            Some(children) => children.extend(directives),
            None => self.top.extend(directives),
        }
    }

    fn close(&mut self) -> bool {
        let closed = self.open.pop();
        let was_open = closed.is_some();
        self.extend(closed.into_iter().collect());
        was_open
    }

    fn close_all(mut self) -> Vec<Directive> {
        while self.close() {}
        self.top
    }
}
