//! A command line cut into the simple commands that a shell would run, one after another.
//! Refuses to run, to substitute commands and to expand patterns; redirections are left out.

use std::collections::BTreeMap;

/// No command line is looked at further than this.
const LONGEST: usize = 64 << 10;

/// The words of each simple command, variables replaced where their values are known.
pub(super) fn commands(text: &str, variables: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let mut cutter = Cutter {
        done: Vec::new(),
        words: Vec::new(),
        word: None,
        redirected: false,
        variables,
    };
    let mut letters = text.chars().take(LONGEST).peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('\n') | None => {}
                Some(next) => cutter.letter(next),
            },
            '\'' => {
                cutter.start();
                while let Some(next) = letters.next().filter(|next| *next != '\'') {
                    cutter.letter(next);
                }
            }
            '"' => {
                cutter.start();
                while let Some(next) = letters.next().filter(|next| *next != '"') {
                    match (next, letters.peek().copied()) {
                        ('\\', Some(hidden @ ('"' | '\\' | '$' | '`'))) => {
                            letters.next();
                            cutter.letter(hidden);
                        }
                        ('$', _) => cutter.variable(&mut letters),
                        _ => cutter.letter(next),
                    }
                }
            }
            '$' => cutter.variable(&mut letters),
            '#' if cutter.word.is_none() => {
                while letters.next_if(|next| *next != '\n').is_some() {}
            }
            ' ' | '\t' | '\r' => cutter.end_word(),
            '>' | '<' => {
                // A number before it is the descriptor, no word; `&` behind it is part of it.
                if cutter
                    .word
                    .as_ref()
                    .is_some_and(|w| w.chars().all(|c| c.is_ascii_digit()))
                {
                    cutter.word = None;
                }
                cutter.end_word();
                while letters
                    .next_if(|next| matches!(next, '>' | '<' | '&' | '|'))
                    .is_some()
                {}
                cutter.redirected = true;
            }
            '&' if letters.peek() == Some(&'>') => {}
            ';' | '&' | '|' | '\n' | '(' | ')' | '`' => cutter.end_command(),
            other => cutter.letter(other),
        }
    }
    cutter.end_command();
    cutter.done
}

struct Cutter<'a> {
    done: Vec<Vec<String>>,
    words: Vec<String>,
    word: Option<String>,
    /// The next word is a file that output goes to.
    redirected: bool,
    variables: &'a BTreeMap<String, String>,
}

impl Cutter<'_> {
    fn start(&mut self) {
        self.word.get_or_insert_default();
    }

    fn letter(&mut self, letter: char) {
        self.word.get_or_insert_default().push(letter);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            if !self.redirected {
                self.words.push(word);
            }
            self.redirected = false;
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirected = false;
        if !self.words.is_empty() {
            self.done.push(std::mem::take(&mut self.words));
        }
    }

    /// `$NAME` or `${NAME}`; an unknown one stays, so that nobody takes the path for a whole one.
    fn variable(&mut self, letters: &mut std::iter::Peekable<impl Iterator<Item = char>>) {
        let braces = letters.next_if_eq(&'{').is_some();
        let mut name = String::new();
        while let Some(next) = letters.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(next);
        }
        if braces {
            letters.next_if_eq(&'}');
        }
        let value = self.variables.get(&name).cloned();
        let value = value.unwrap_or_else(|| format!("${name}"));
        self.word.get_or_insert_default().push_str(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_as_a_shell_does() {
        let variables = BTreeMap::from([("D".to_owned(), "/d".to_owned())]);
        let cases: [(&str, &[&[&str]]); 8] = [
            (
                "cd /a&&php 'x y'.php>/dev/null 2>&1",
                &[&["cd", "/a"], &["php", "x y.php"]],
            ),
            ("a \"b \\\" $D\" &>> /log; c", &[&["a", "b \" /d"], &["c"]]),
            ("${D}/x $E/y", &[&["/d/x", "$E/y"]]),
            ("a # b\nc#d", &[&["a"], &["c#d"]]),
            ("(a | b) & c\\ d", &[&["a"], &["b"], &["c d"]]),
            ("a </dev/null 2>>x b", &[&["a", "b"]]),
            ("x=$(a b)", &[&["x=$"], &["a", "b"]]),
            ("a ''", &[&["a", ""]]),
        ];
        for (text, expected) in cases {
            assert_eq!(commands(text, &variables), expected, "{text}");
        }
    }
}
