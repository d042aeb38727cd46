//! What is wrong with a file that a person wrote (a check, `deskguard.toml`): the file, the place,
//! the message and the remedy, drawn with a caret by one function.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One complaint about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The file.
    pub file: PathBuf,
    text: String,
    span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    help: Option<String>,
}

impl Complaint {
    /// A complaint about a file as a whole.
    #[must_use]
    pub fn about(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            text: String::new(),
            span: None,
            message: message.into(),
            help: None,
        }
    }

    /// A complaint about a place in a file's text.
    #[must_use]
    pub fn in_text(file: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            span: span.filter(|span| span.end <= text.len()),
            message: message.to_owned(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The complaint as a person reads it in a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let path = self.file.to_string_lossy();
        let mut group = Level::ERROR.primary_title(self.message.as_str());
        let mut drawn = if let Some(span) = &self.span {
            group.element(
                Snippet::source(self.text.as_str())
                    .path(&*path)
                    .annotation(AnnotationKind::Primary.span(span.clone())),
            )
        } else {
            group = Level::ERROR.primary_title(self.message.as_str());
            group.element(annotate_snippets::Origin::path(&*path))
        };
        if let Some(help) = &self.help {
            drawn = drawn.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[drawn])
    }
}
