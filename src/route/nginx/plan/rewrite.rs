//! The directives of `ngx_http_rewrite_module`, in their order.

use super::level::obstacle;
use super::location::{Kind, Reader};
use super::named::Pattern;
use super::{Part, Template, Variable};
use crate::route::{Directive, Place, Word};

/// One step of the rewrite phase.
#[derive(Debug)]
pub(in crate::route::nginx) enum Code {
    Set {
        target: Target,
        value: Template,
    },
    Rewrite(Box<Rewrite>),
    Return {
        at: Place,
        status: u16,
        /// The body, or where the redirect leads.
        text: Option<Template>,
    },
    Break,
    If {
        at: Place,
        label: String,
        condition: Box<Condition>,
        /// The settings inside; none at the level of a server.
        location: Option<usize>,
        inside: Vec<Self>,
    },
    /// Not modelled.
    Unknown(Place, String),
}

/// What `set` changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::route::nginx) enum Target {
    Slot(usize),
    Args,
    /// A variable that changes no decision.
    Nothing,
}

/// `rewrite`.
#[derive(Debug)]
pub(in crate::route::nginx) struct Rewrite {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) label: String,
    pub(in crate::route::nginx) pattern: Pattern,
    pub(in crate::route::nginx) replacement: Template,
    /// Whether the request's query is kept.
    pub(in crate::route::nginx) keeps_args: bool,
    /// The status of a redirect.
    pub(in crate::route::nginx) redirect: Option<u16>,
    /// `break`.
    pub(in crate::route::nginx) breaks: bool,
    /// Whether the steps end here when it matches.
    pub(in crate::route::nginx) is_last: bool,
}

/// What `if` asks.
#[derive(Debug)]
pub(in crate::route::nginx) enum Condition {
    True(Variable, Place),
    Equal {
        variable: Variable,
        value: Template,
        negated: bool,
    },
    Matches {
        variable: Variable,
        pattern: Box<Pattern>,
        negated: bool,
        at: Place,
    },
    File {
        test: FileTest,
        path: Template,
        negated: bool,
    },
    Unknown(Place),
}

/// `-f`, `-d`, `-e`, `-x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::route::nginx) enum FileTest {
    File,
    Directory,
    Exists,
    Executable,
}

impl Reader<'_> {
    /// The steps of a level; `location` is the level itself, for the settings of its conditions.
    pub(super) fn codes(
        &mut self,
        block: &Directive,
        location: usize,
        is_regex: bool,
    ) -> Vec<Code> {
        let mut codes = Vec::new();
        for directive in block.inside() {
            match directive.name.bytes() {
                b"if" => codes.push(self.condition(directive, Some((location, is_regex)))),
                _ => codes.extend(self.code(directive)),
            }
        }
        codes
    }

    /// The steps of a server.
    pub(super) fn server_codes(&mut self, block: &Directive) -> Vec<Code> {
        let mut codes = Vec::new();
        for directive in block.inside() {
            match directive.name.bytes() {
                b"if" => codes.push(self.condition(directive, None)),
                _ => codes.extend(self.code(directive)),
            }
        }
        codes
    }

    fn condition(&mut self, block: &Directive, within: Option<(usize, bool)>) -> Code {
        let words: Vec<_> = block.args.iter().map(Word::text).collect();
        let condition = Box::new(self.test(block));
        let (location, inside) = match within {
            Some((outer, is_regex)) => self.inner(block, outer, is_regex),
            None => (None, self.server_codes(block)),
        };
        Code::If {
            at: block.at.clone(),
            label: format!("if {}", words.join(" ")),
            condition,
            location,
            inside,
        }
    }

    /// An `if` is a location of its own that takes over the content handler, not `try_files`.
    fn inner(
        &mut self,
        block: &Directive,
        outer: usize,
        is_regex: bool,
    ) -> (Option<usize>, Vec<Code>) {
        let Some(location) = self.plan.locations.get(outer) else {
            return (None, Vec::new());
        };
        let (name, outside) = (location.name.clone(), location.settings.clone());
        let alias_name = (!is_regex).then_some(name.len());
        let settings = self.settings(block, alias_name, &outside);
        let inner = self.push(block, Kind::Inner, name, settings);
        self.handler(block, inner);
        (Some(inner), self.codes(block, inner, is_regex))
    }

    fn code(&mut self, directive: &Directive) -> Option<Code> {
        let at = directive.at.clone();
        match (directive.name.bytes(), directive.args.as_slice()) {
            (b"break", _) => Some(Code::Break),
            (b"set", [name, value]) => {
                let target = match name.bytes().strip_prefix(b"$").unwrap_or_default() {
                    b"args" => Target::Args,
                    b"limit_rate" => Target::Nothing,
                    name => Target::Slot(self.plan.slot(name)),
                };
                let value = Template::new(value.bytes(), &at, self.plan, false);
                Some(Code::Set { target, value })
            }
            (b"return", args) => Some(self.returned(directive, args)),
            (b"rewrite", [pattern, replacement, flag @ ..]) => {
                Some(self.rewrite(directive, pattern, replacement, flag.first()))
            }
            (b"rewrite" | b"set", _) => {
                let (at, text) = obstacle(directive);
                Some(Code::Unknown(at, text))
            }
            _ => None,
        }
    }

    fn returned(&self, directive: &Directive, args: &[Word]) -> Code {
        let at = directive.at.clone();
        let template = |word: &Word| Template::new(word.bytes(), &at, self.plan, false);
        match args {
            [url] if super::error_page::number(url.bytes()).is_none() => Code::Return {
                status: 302,
                text: Some(template(url)),
                at,
            },
            [status, text @ ..] => match super::error_page::number(status.bytes()) {
                Some(status) => Code::Return {
                    status,
                    text: text
                        .first()
                        .map(template)
                        .filter(|text| !text.parts.is_empty()),
                    at,
                },
                None => Code::Unknown(at, "return is not understood".to_owned()),
            },
            [] => Code::Unknown(at, "return is not understood".to_owned()),
        }
    }

    fn rewrite(
        &mut self,
        directive: &Directive,
        pattern: &Word,
        replacement: &Word,
        flag: Option<&Word>,
    ) -> Code {
        let mut text = replacement.bytes();
        let keeps_args = !text.ends_with(b"?");
        text = text.strip_suffix(b"?").unwrap_or(text);
        let leaves = ["http://", "https://", "$scheme"]
            .iter()
            .any(|start| text.starts_with(start.as_bytes()));
        let flag = flag.map(Word::bytes).unwrap_or_default();
        let redirect = match flag {
            b"permanent" => Some(301),
            b"redirect" => Some(302),
            _ => leaves.then_some(302),
        };
        Code::Rewrite(Box::new(Rewrite {
            at: directive.at.clone(),
            label: format!("rewrite {} {}", pattern.text(), replacement.text()),
            pattern: self.plan.pattern(pattern.bytes(), false),
            replacement: Template::new(text, &directive.at, self.plan, redirect.is_none()),
            keeps_args,
            redirect,
            breaks: flag == b"break",
            is_last: redirect.is_some() || matches!(flag, b"last" | b"break"),
        }))
    }

    /// `ngx_http_rewrite_if_condition`: the parentheses stick to the first and the last word.
    fn test(&mut self, block: &Directive) -> Condition {
        let at = &block.at;
        let mut words: Vec<&[u8]> = block.args.iter().map(Word::bytes).collect();
        let open = words.first().and_then(|word| word.strip_prefix(b"("));
        if let (Some(open), Some(first)) = (open, words.first_mut()) {
            *first = open;
        }
        let close = words.last().and_then(|word| word.strip_suffix(b")"));
        if let (Some(close), Some(last)) = (close, words.last_mut()) {
            *last = close;
        }
        if words.first().is_some_and(|word| word.is_empty()) {
            words.remove(0);
        }
        if words.len() > 1 && words.last().is_some_and(|word| word.is_empty()) {
            // `( $a = "" )`: an empty value before the closing word is a word of its own.
            if block.args.last().is_some_and(|word| word.bytes() == b")") {
                words.pop();
            }
        }
        let variable = |name: &[u8], plan: &super::Plan| {
            name.strip_prefix(b"$")
                .map(|name| Variable::new(name, plan))
        };
        let value = |text: &[u8], plan: &super::Plan| Template::new(text, at, plan, false);
        let found = match words.as_slice() {
            [name] => variable(name, self.plan).map(|v| Condition::True(v, at.clone())),
            [test, path] if test.starts_with(b"-") || test.starts_with(b"!-") => file_test(test)
                .map(|(test, negated)| Condition::File {
                    test,
                    path: value(path, self.plan),
                    negated,
                }),
            [name, op @ (b"=" | b"!="), text] => {
                variable(name, self.plan).map(|variable| Condition::Equal {
                    variable,
                    value: value(text, self.plan),
                    negated: op.starts_with(b"!"),
                })
            }
            [name, op @ (b"~" | b"~*" | b"!~" | b"!~*"), pattern] => {
                let pattern = Box::new(self.plan.pattern(pattern, op.ends_with(b"*")));
                variable(name, self.plan).map(|variable| Condition::Matches {
                    variable,
                    pattern,
                    negated: op.starts_with(b"!"),
                    at: at.clone(),
                })
            }
            _ => None,
        };
        found.unwrap_or_else(|| Condition::Unknown(at.clone()))
    }
}

fn file_test(word: &[u8]) -> Option<(FileTest, bool)> {
    let (word, negated) = match word.strip_prefix(b"!") {
        Some(word) => (word, true),
        None => (word, false),
    };
    let test = match word {
        b"-f" => FileTest::File,
        b"-d" => FileTest::Directory,
        b"-e" => FileTest::Exists,
        b"-x" => FileTest::Executable,
        _ => return None,
    };
    Some((test, negated))
}

impl Template {
    /// Whether a rewrite's replacement has a query of its own.
    pub(in crate::route::nginx) fn has_query(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Query => true,
            Part::Literal(text) => text.contains(&b'?'),
            _ => false,
        })
    }
}
