//! Pieces of Markdown that foreign text cannot break out of: it is either escaped, mark by mark, or
//! lies in a code span or block with a longer fence than any that it holds. Control characters are
//! made visible first. Names in code spans ping nobody and link nowhere.

use super::super::escape::{escape, escape_script};
use std::fmt::Write as _;

/// A text in which nothing is markup.
pub(in super::super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in escape(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An address, a name or a number would otherwise ping or link.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$'
            | '=' | '+' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // What begins a line could begin a list.
    if out.starts_with(['-', '.']) || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "&#8203;");
    }
    out
}

/// A check author's text: single newlines are spaces.
pub(in super::super) fn paragraph(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    prose(&words.join(" "))
}

/// A text in a code span.
pub(in super::super) fn code(text: &str) -> String {
    let shown = escape(text);
    if shown.trim().is_empty() {
        return "*(empty)*".to_owned();
    }
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Lines in a code block, indented as a whole, with a newline at the end.
pub(in super::super) fn block(language: &str, indent: usize, text: &str) -> String {
    let indent = " ".repeat(indent);
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let mut out = format!("{indent}{fence}{language}\n");
    for line in text.trim_end().lines() {
        let line = escape_script(line);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{indent}{line}");
    }
    let _ = writeln!(out, "{indent}{fence}");
    out
}

/// A text of bearable length.
pub(in super::super) fn clip(text: &str, most: usize) -> String {
    let more = text.chars().count().saturating_sub(most);
    if more == 0 {
        return text.to_owned();
    }
    let start: String = text.chars().take(most).collect();
    format!("{start}… ({more} more characters)")
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(
            prose("<b> @root #1 [x](https://e) *a*_b_"),
            "&lt;b&gt; &#64;root &#35;1 \\[x\\]\\(https&#58;//e\\) \\*a\\*\\_b\\_"
        );
        assert_eq!(prose("1. one"), "&#8203;1. one");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "*(empty)*");
        assert_eq!(code("a\nb"), "`a\\nb`");
        assert_eq!(
            block("sh", 2, "a\n```\nb"),
            "  ````sh\n  a\n  ```\n  b\n  ````\n"
        );
    }
}
