//! Reads conditions (server/util_expr_scan.l, util_expr_parse.y). None means that something is not
//! modelled, or wrong.

use super::expr::{Comparison, Condition, Operator, word};
use super::pattern::Expression;
use super::text::{Part, Text};

/// Conditions within one another, no deeper than this.
const DEEPEST: usize = 50;

pub(super) struct Reader<'t> {
    rest: &'t [u8],
    depth: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            rest: text,
            depth: 0,
        }
    }

    /// The whole text as one condition.
    pub(super) fn whole(&mut self) -> Option<Condition> {
        let condition = self.or()?;
        self.blanks();
        self.rest.is_empty().then_some(condition)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, token: &[u8]) -> bool {
        self.blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<Condition> {
        let mut left = self.and()?;
        while self.take(b"||") {
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Condition> {
        let mut left = self.not()?;
        while self.take(b"&&") {
            left = Condition::And(Box::new(left), Box::new(self.not()?));
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Condition> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let found = if self.take(b"!") {
            Condition::Not(Box::new(self.not()?))
        } else if self.take(b"(") {
            let inner = self.or()?;
            if !self.take(b")") {
                return None;
            }
            inner
        } else {
            self.simple()?
        };
        self.depth -= 1;
        Some(found)
    }

    fn simple(&mut self) -> Option<Condition> {
        for (name, value) in [(&b"true"[..], true), (b"false", false)] {
            if self.name() == name {
                self.take(name);
                return Some(Condition::Constant(value));
            }
        }
        if let [b'-', operator, next, ..] = self.rest
            && operator.is_ascii_alphabetic()
            && !next.is_ascii_alphanumeric()
        {
            let operator = *operator;
            self.rest = self.rest.get(2..)?;
            let operand = self.word()?;
            if !b"nzTRdef".contains(&operator) {
                return None;
            }
            return Some(Condition::Unary(operator, operand));
        }
        let left = self.word()?;
        self.comparison(left)
    }

    fn comparison(&mut self, left: Text) -> Option<Condition> {
        for (token, negated) in [(&b"=~"[..], false), (b"!~", true)] {
            if self.take(token) {
                return Some(Condition::Match(left, self.regex()?, negated));
            }
        }
        if self.name() == b"in" {
            self.take(b"in");
            return self.list(left);
        }
        let how = self.operator()?;
        Some(Condition::Compare(left, how, self.word()?))
    }

    fn operator(&mut self) -> Option<Comparison> {
        use Operator::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        self.blanks();
        if self.rest.starts_with(b"-") {
            self.rest = self.rest.get(1..)?;
            let name = self.name().to_vec();
            self.rest = self.rest.get(name.len()..)?;
            return Some(match name.as_slice() {
                b"eq" => Comparison::Number(Equal),
                b"ne" => Comparison::Number(NotEqual),
                b"lt" => Comparison::Number(Less),
                b"le" => Comparison::Number(LessEqual),
                b"gt" => Comparison::Number(Greater),
                b"ge" => Comparison::Number(GreaterEqual),
                b"ipmatch" => Comparison::Address,
                b"strmatch" => Comparison::Wild {
                    caseless: false,
                    path: false,
                },
                b"strcmatch" => Comparison::Wild {
                    caseless: true,
                    path: false,
                },
                b"fnmatch" => Comparison::Wild {
                    caseless: false,
                    path: true,
                },
                _ => return None,
            });
        }
        let words: [(&[u8], Operator); 6] = [
            (b"eq", Equal),
            (b"ne", NotEqual),
            (b"lt", Less),
            (b"le", LessEqual),
            (b"gt", Greater),
            (b"ge", GreaterEqual),
        ];
        if let Some((name, operator)) = words.iter().find(|(name, _)| *name == self.name()) {
            self.take(name);
            return Some(Comparison::Number(*operator));
        }
        let signs: [(&[u8], Operator); 7] = [
            (b"==", Equal),
            (b"!=", NotEqual),
            (b"<=", LessEqual),
            (b">=", GreaterEqual),
            (b"<", Less),
            (b">", Greater),
            (b"=", Equal),
        ];
        let (_, operator) = signs.into_iter().find(|(token, _)| self.take(token))?;
        Some(Comparison::Text(operator))
    }

    fn list(&mut self, left: Text) -> Option<Condition> {
        if !self.take(b"{") {
            return None;
        }
        let mut words = vec![self.word()?];
        while self.take(b",") {
            words.push(self.word()?);
        }
        self.take(b"}").then_some(Condition::In(left, words))
    }

    /// `/…/flags` or `m#…#flags`.
    fn regex(&mut self) -> Option<Expression> {
        self.blanks();
        if self.rest.starts_with(b"m") {
            self.rest = self.rest.get(1..)?;
        }
        let (&quote, inner) = self.rest.split_first()?;
        let end = inner.iter().position(|byte| *byte == quote)?;
        let pattern = inner.get(..end)?;
        self.rest = inner.get(end + 1..)?;
        let flags = self.name().to_vec();
        self.rest = self.rest.get(flags.len()..)?;
        if quote.is_ascii_alphanumeric() || !flags.iter().all(|flag| *flag == b'i') {
            return None;
        }
        Expression::new(pattern, flags.contains(&b'i')).ok()
    }

    /// The letters and digits that come next.
    fn name(&mut self) -> &'t [u8] {
        self.blanks();
        let end = self
            .rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
        self.rest
            .get(..end.unwrap_or(self.rest.len()))
            .unwrap_or_default()
    }

    /// A word and those that dots join to it.
    fn word(&mut self) -> Option<Text> {
        let mut parts = vec![self.single()?];
        while self.take(b".") {
            parts.push(self.single()?);
        }
        Some(if parts.len() == 1 {
            parts.pop()?
        } else {
            word(
                parts
                    .into_iter()
                    .map(|part| Part::Call("concat".to_owned(), part))
                    .collect(),
            )
        })
    }

    fn single(&mut self) -> Option<Text> {
        self.blanks();
        match self.rest {
            [quote @ (b'"' | b'\''), inner @ ..] => {
                let mut end = 0;
                while inner.get(end)? != quote {
                    end += if inner.get(end) == Some(&b'\\') { 2 } else { 1 };
                }
                self.rest = inner.get(end + 1..)?;
                Text::read(inner.get(..end)?).ok()
            }
            [b'%', b'{', ..] => {
                let end = self.rest.iter().position(|byte| *byte == b'}')?;
                let (token, rest) = self.rest.split_at(end + 1);
                self.rest = rest;
                Text::read(token).ok()
            }
            [b'$', digit, ..] if digit.is_ascii_digit() => {
                let (token, rest) = self.rest.split_at(2);
                self.rest = rest;
                Text::read(token).ok()
            }
            [byte, ..] if byte.is_ascii_alphanumeric() => {
                let name = self.name().to_vec();
                self.rest = self.rest.get(name.len()..)?;
                if !self.rest.starts_with(b"(") {
                    // Bare words are numbers only.
                    return name
                        .iter()
                        .all(u8::is_ascii_digit)
                        .then(|| Text::literal(&name));
                }
                self.take(b"(");
                let argument = self.word()?;
                let function = String::from_utf8(name).ok()?;
                self.take(b")")
                    .then(|| word(vec![Part::Call(function, argument)]))
            }
            _ => None,
        }
    }
}
