//! The sheet that text is laid out on. Everything that comes to it is escaped here, so that no
//! section can forget it. Prose is wrapped, commands never are. Whether there is colour is an
//! argument, not a global. Refuses to know what it prints.

use super::Severity;
use super::escape::{escape, escape_script};
use textwrap::{WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr as _;

/// Longer lines of prose are hard to read, however wide the terminal is.
const PROSE: usize = 100;

/// How a piece of text stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Good,
    Unsure,
    Bad(Severity),
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Unsure => "35",
            Self::Bad(Severity::Critical) => "1;31",
            Self::Bad(Severity::High) => "31",
            Self::Bad(Severity::Medium) => "33",
            Self::Bad(Severity::Low) => "36",
            Self::Bad(Severity::Info) => "34",
        }
    }
}

/// A growing text.
pub(super) struct Page {
    out: String,
    width: usize,
    color: bool,
    /// Where on the line the next piece begins.
    column: usize,
}

impl Page {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self {
            out: String::new(),
            width: width.max(40),
            color,
            column: 0,
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// A piece of a line.
    pub(super) fn put(&mut self, ink: Ink, text: &str) {
        let shown = escape(text);
        self.column += shown.width();
        self.push(ink, &shown);
    }

    /// Blanks up to a column; at least one where something stands before it.
    pub(super) fn tab(&mut self, column: usize) {
        let blanks = column
            .saturating_sub(self.column)
            .max(usize::from(self.column > 0));
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.column += blanks;
    }

    /// The end of a line.
    pub(super) fn end(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// One empty line, never two.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// One wrapped paragraph from here, further lines beginning at `hang`. Words are never broken,
    /// so that paths can be copied.
    pub(super) fn prose(&mut self, ink: Ink, hang: usize, text: &str) {
        let shown = escape(text);
        let (first, rest) = (" ".repeat(self.column), " ".repeat(hang));
        let options = textwrap::Options::new(self.width.min(PROSE))
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        for (number, line) in textwrap::wrap(&shown, options).iter().enumerate() {
            let indent = if number == 0 { &first } else { &rest };
            if number > 0 {
                self.end();
                self.out.push_str(indent);
            }
            let words = line.strip_prefix(indent.as_str()).unwrap_or(line.trim());
            self.push(ink, words);
        }
        self.end();
    }

    /// Short texts side by side, broken only between them.
    pub(super) fn parts<S: AsRef<str>>(&mut self, ink: Ink, hang: usize, parts: &[S]) {
        for (number, part) in parts.iter().enumerate() {
            if number == 0 {
                self.put(ink, part.as_ref());
            } else {
                self.aside(ink, hang, part.as_ref());
            }
        }
        self.end();
    }

    /// One more text beside what stands on the line; on the next line where it does not fit.
    pub(super) fn aside(&mut self, ink: Ink, hang: usize, text: &str) {
        const BETWEEN: &str = " · ";
        if self.column + BETWEEN.width() + escape(text).width() > self.width {
            self.end();
            self.tab(hang);
        } else {
            self.put(ink, BETWEEN);
        }
        self.put(ink, text);
    }

    /// What an author wrote on several lines: paragraphs and lists, each wrapped anew.
    pub(super) fn paragraphs(&mut self, hang: usize, text: &str) {
        let mut paragraph = String::new();
        for line in text.lines().map(str::trim).chain([""]) {
            if (line.is_empty() || is_item(line)) && !paragraph.is_empty() {
                self.tab_to(hang);
                let inner = if is_item(&paragraph) { hang + 2 } else { hang };
                self.prose(Ink::Plain, inner, &paragraph);
                paragraph.clear();
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
        if self.column > 0 {
            self.end();
        }
    }

    /// Lines exactly as they are, so that they can be copied.
    pub(super) fn block<'a>(&mut self, indent: usize, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            if !line.trim().is_empty() {
                self.tab_to(indent);
                let shown = escape_script(line);
                self.out.push_str(&shown);
            }
            self.end();
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Like `tab`, but nothing where the cursor is already there.
    pub(super) fn tab_to(&mut self, column: usize) {
        if self.column < column {
            self.tab(column);
        }
    }

    fn push(&mut self, ink: Ink, shown: &str) {
        if self.color && ink != Ink::Plain && !shown.is_empty() {
            self.out.push_str("\u{1b}[");
            self.out.push_str(ink.code());
            self.out.push('m');
            self.out.push_str(shown);
            self.out.push_str("\u{1b}[0m");
        } else {
            self.out.push_str(shown);
        }
    }
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || (rest != line && rest.starts_with(". "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(write: impl Fn(&mut Page)) -> String {
        let mut page = Page::new(40, false);
        write(&mut page);
        page.finish()
    }

    #[test]
    fn prose_hangs_and_words_stay_whole() {
        let text = page(|page| {
            page.put(Ink::Strong, "Why");
            page.tab(6);
            page.prose(
                Ink::Plain,
                6,
                "short words and /a/very/long/path/that/is/not/to/be/broken at all",
            );
        });
        assert_eq!(
            text,
            "Why   short words and\n      /a/very/long/path/that/is/not/to/be/broken\n      at all\n"
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let text =
            page(|page| page.prose(Ink::Plain, 0, "日本語日本語日本語 日本語日本語 日本語日本"));
        assert_eq!(text, "日本語日本語日本語 日本語日本語\n日本語日本\n");
    }

    #[test]
    fn lists_keep_their_items() {
        let text = page(|page| page.paragraphs(2, "One\ntwo.\n\n- three\n  four\n- five\n"));
        assert_eq!(text, "  One two.\n  - three four\n  - five\n");
    }

    #[test]
    fn colour_is_an_argument_and_foreign_colour_is_not_obeyed() {
        let mut page = Page::new(40, true);
        page.put(Ink::Good, "fine\u{1b}[31m");
        assert_eq!(page.finish(), "\u{1b}[32mfine\\x1b[31m\u{1b}[0m");
    }
}
