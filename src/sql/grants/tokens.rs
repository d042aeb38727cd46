//! A line of `SHOW GRANTS` in words, quoted names and signs. Names come in backticks, in MySQL 5.7 and for
//! `PROXY` in single quotes, under `ANSI_QUOTES` in double quotes, and bare under `sql_quote_show_create=0`.

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word, as written.
    Word(String),
    /// A quoted name or text, unquoted.
    Quoted(String),
    /// Any other sign.
    Sign(char),
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    pub(super) const fn is_sign(&self, sign: char) -> bool {
        matches!(self, Self::Sign(own) if *own == sign)
    }

    /// The name that the token is, quoted or bare.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

/// The tokens of a line; `None` where a quote is never closed.
pub(super) fn tokens(line: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '`' | '\'' | '"' => found.push(Token::Quoted(quoted(c, &mut rest)?)),
            c if c.is_whitespace() => {}
            c if is_bare(c) => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| is_bare(*next)) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
            c => found.push(Token::Sign(c)),
        }
    }
    Some(found)
}

/// `%`, `$` and `\` stand in bare names; `-` and `.` do not.
fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '%' | '\\')
}

fn quoted(quote: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            c if c == quote => {
                if rest.next_if_eq(&quote).is_none() {
                    return Some(text);
                }
                text.push(quote);
            }
            // Names in backticks know no escape: `my\_schema` keeps its backslash.
            '\\' if quote == '\'' => text.push(rest.next()?),
            c => text.push(c),
        }
    }
}
