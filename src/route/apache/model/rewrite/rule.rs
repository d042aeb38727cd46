//! `RewriteRule` and `RewriteCond` as written: patterns, substitutions, flags. Refuses flags that
//! Apache does not know, as Apache does.

use super::super::expr::Condition;
use super::super::pattern::Expression;
use crate::route::Place;

/// What happens where a rule matches.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Flags {
    pub(super) last: bool,
    pub(super) end: bool,
    pub(super) next: Option<usize>,
    pub(super) chain: bool,
    pub(super) skip: usize,
    pub(super) proxy: bool,
    pub(super) pass_through: bool,
    pub(super) not_on_subrequests: bool,
    pub(super) no_escape: bool,
    pub(super) append_query: bool,
    pub(super) discard_query: bool,
    pub(super) query_last: bool,
    pub(super) discard_path_info: bool,
    pub(super) escape_groups: bool,
    pub(super) escapes: Option<Vec<u8>>,
    pub(super) no_plus: bool,
    pub(super) redirect: bool,
    /// `F`, `G`, `R=404`: the code is the answer, without a substitution.
    pub(super) answers: bool,
    pub(super) code: u16,
    pub(super) env: Vec<Vec<u8>>,
    pub(super) handler: Option<Vec<u8>>,
    pub(super) content_type: Option<Vec<u8>>,
    caseless: bool,
}

/// A rule and its conditions.
#[derive(Debug, Clone)]
pub(in super::super) struct Rule {
    pub(super) negated: bool,
    pub(super) pattern: Expression,
    /// None for `-`.
    pub(super) output: Option<Vec<u8>>,
    pub(super) flags: Flags,
    pub(super) tests: Vec<Test>,
    pub(super) at: Place,
    pub(super) written: String,
}

/// A condition.
#[derive(Debug, Clone)]
pub(in super::super) struct Test {
    pub(super) input: Vec<u8>,
    pub(super) negated: bool,
    pub(super) caseless: bool,
    pub(super) or_next: bool,
    pub(super) kind: Kind,
    pub(super) at: Place,
}

/// What a condition tests.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Regex(Expression),
    Text(Relation, Vec<u8>),
    Number(Relation, Vec<u8>),
    /// `-f`, `-d` and the like.
    File(u8),
    Expr(Condition),
}

/// Less, equal and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    LessEqual,
    Equal,
    Greater,
    GreaterEqual,
}

impl Rule {
    /// Reads the text after `RewriteRule`.
    pub(in super::super) fn read(raw: &[u8], tests: Vec<Test>, at: &Place) -> Result<Self, String> {
        let (pattern, output, flags) = arguments(raw).map_err(|e| format!("RewriteRule: {e}"))?;
        let flags = match flags {
            Some(text) => read_flags(&text).map_err(|e| format!("RewriteRule: {e}"))?,
            None => Flags {
                code: 302,
                ..Flags::default()
            },
        };
        let (negated, bare) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern.as_slice()),
        };
        let expression =
            Expression::new(bare, flags.caseless).map_err(|e| format!("RewriteRule: {e}"))?;
        Ok(Self {
            negated,
            pattern: expression,
            output: (output != b"-" && !flags.answers).then_some(output),
            flags,
            tests,
            at: at.clone(),
            written: format!("RewriteRule {}", String::from_utf8_lossy(raw)),
        })
    }
}

/// Pattern, substitution, flags.
type Arguments = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// Up to three words; a backslash keeps a blank inside a word and stays (`parseargline`).
fn arguments(raw: &[u8]) -> Result<Arguments, String> {
    let mut rest = raw.trim_ascii();
    let mut words = Vec::new();
    while !rest.is_empty() && words.len() < 3 {
        let quote = rest
            .first()
            .copied()
            .filter(|byte| matches!(byte, b'"' | b'\''));
        if quote.is_some() {
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut end = 0;
        while let Some(&byte) = rest.get(end) {
            let next = rest.get(end + 1);
            if byte == b'\\'
                && next.is_some_and(|next| next.is_ascii_whitespace() || Some(*next) == quote)
            {
                end += 2;
                continue;
            }
            if quote.map_or(byte.is_ascii_whitespace(), |quote| byte == quote) {
                break;
            }
            end += 1;
        }
        let end = end.min(rest.len());
        words.push(rest.get(..end).unwrap_or_default().to_vec());
        rest = rest.get(end + 1..).unwrap_or_default().trim_ascii_start();
    }
    let mut words = words.into_iter();
    match (words.next(), words.next()) {
        (Some(first), Some(second)) => Ok((first, second, words.next())),
        _ => Err("bad argument line".to_owned()),
    }
}

/// `[L,R=301]`, as key and value.
fn fields(text: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let inner = text
        .strip_prefix(b"[")
        .and_then(|text| text.strip_suffix(b"]"));
    let inner = inner.ok_or("bad flag delimiters")?;
    let each = inner.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    Ok(each
        .filter(|field| !field.is_empty())
        .map(|field| match field.iter().position(|byte| *byte == b'=') {
            Some(at) => {
                let (key, value) = field.split_at(at);
                let key = String::from_utf8_lossy(key.trim_ascii()).to_ascii_lowercase();
                (key, value.get(1..).unwrap_or_default().to_vec())
            }
            None => (
                String::from_utf8_lossy(field).to_ascii_lowercase(),
                Vec::new(),
            ),
        })
        .collect())
}

fn read_flags(text: &[u8]) -> Result<Flags, String> {
    let mut flags = Flags {
        code: 302,
        ..Flags::default()
    };
    for (key, value) in fields(text)? {
        match key.as_str() {
            "b" | "backrefescaping" => {
                flags.escape_groups = true;
                flags.escapes = (!value.is_empty()).then_some(value);
            }
            "bnp" | "backrefernoplus" => flags.no_plus = true,
            "bctls" | "bne" | "unsafeallow3f" | "unsafeprefixstat" => {
                return Err(format!("not modelled: the flag {key}"));
            }
            "c" | "chain" => flags.chain = true,
            "co" | "cookie" => {}
            "dpi" | "discardpath" => flags.discard_path_info = true,
            "e" | "env" => flags.env.push(value),
            "end" => flags.end = true,
            "f" | "forbidden" => (flags.answers, flags.code) = (true, 403),
            "g" | "gone" => (flags.answers, flags.code) = (true, 410),
            "h" | "handler" => flags.handler = Some(value),
            "l" | "last" => flags.last = true,
            "n" | "next" => flags.next = Some(rounds(&value)),
            "nc" | "nocase" => flags.caseless = true,
            "ne" | "noescape" => flags.no_escape = true,
            "ns" | "nosubreq" => flags.not_on_subrequests = true,
            "p" | "proxy" => flags.proxy = true,
            "pt" | "passthrough" => flags.pass_through = true,
            "qsa" | "qsappend" => flags.append_query = true,
            "qsd" | "qsdiscard" => flags.discard_query = true,
            "qsl" | "qslast" => flags.query_last = true,
            "r" | "redirect" => redirect(&mut flags, &value)?,
            "s" | "skip" => {
                flags.skip = usize::try_from(super::super::expr::number(&value)).unwrap_or(0);
            }
            "t" | "type" => flags.content_type = Some(value),
            _ => return Err(format!("unknown flag '{key}'")),
        }
    }
    Ok(flags)
}

fn rounds(value: &[u8]) -> usize {
    let rounds = usize::try_from(super::super::expr::number(value)).unwrap_or(0);
    if value.is_empty() { 32_000 } else { rounds }
}

fn redirect(flags: &mut Flags, value: &[u8]) -> Result<(), String> {
    flags.redirect = true;
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let code = match text.as_str() {
        "" => flags.code,
        "temp" => 302,
        "permanent" => 301,
        "seeother" => 303,
        _ => {
            let code = u16::try_from(super::super::expr::number(value)).unwrap_or(0);
            if !is_code(code) {
                return Err(format!("invalid HTTP response code '{text}' for flag 'R'"));
            }
            code
        }
    };
    flags.code = code;
    flags.answers |= !(300..400).contains(&code);
    Ok(())
}

/// The status codes that Apache knows (modules/http/http_protocol.c, `status_lines`).
fn is_code(code: u16) -> bool {
    matches!(code, 100..=103 | 200..=208 | 226 | 300..=305 | 307 | 308 | 400..=417 | 421..=426
        | 428 | 429 | 431 | 451 | 500..=508 | 510 | 511)
}

impl Test {
    /// Reads the text after `RewriteCond`.
    pub(in super::super) fn read(raw: &[u8], at: &Place) -> Result<Self, String> {
        let (input, pattern, flags) = arguments(raw).map_err(|e| format!("RewriteCond: {e}"))?;
        let (mut caseless, mut or_next) = (false, false);
        for (key, _) in flags.map_or(Ok(Vec::new()), |text| fields(&text))? {
            match key.as_str() {
                "nc" | "nocase" => caseless = true,
                "or" | "ornext" => or_next = true,
                "nv" | "novary" => {}
                _ => return Err(format!("RewriteCond: unknown flag '{key}'")),
            }
        }
        let (mut negated, bare) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern.as_slice()),
        };
        let kind = if input.eq_ignore_ascii_case(b"expr") {
            Kind::Expr(Condition::read(bare)?)
        } else {
            kind(bare, caseless, &mut negated)?
        };
        Ok(Self {
            input,
            negated,
            caseless,
            or_next,
            kind,
            at: at.clone(),
        })
    }
}

fn kind(bare: &[u8], caseless: bool, negated: &mut bool) -> Result<Kind, String> {
    use Relation::{Equal, Greater, GreaterEqual, Less, LessEqual};
    let text = |relation, skip: usize| {
        Ok(Kind::Text(
            relation,
            bare.get(skip..).unwrap_or_default().to_vec(),
        ))
    };
    let number = |relation| {
        Ok(Kind::Number(
            relation,
            bare.get(3..).unwrap_or_default().to_vec(),
        ))
    };
    match bare {
        [
            b'-',
            test @ (b'f' | b's' | b'd' | b'x' | b'h' | b'L' | b'l' | b'U' | b'F'),
        ] => Ok(Kind::File(*test)),
        [b'-', b'l', b't', _, ..] => number(Less),
        [b'-', b'l', b'e', _, ..] => number(LessEqual),
        [b'-', b'g', b't', _, ..] => number(Greater),
        [b'-', b'g', b'e', _, ..] => number(GreaterEqual),
        [b'-', b'e', b'q', _, ..] => number(Equal),
        [b'-', b'n', b'e', _, ..] => {
            *negated = !*negated;
            number(Equal)
        }
        [b'>', b'=', ..] => text(GreaterEqual, 2),
        [b'<', b'=', ..] => text(LessEqual, 2),
        [b'>', _, ..] => text(Greater, 1),
        [b'<', _, ..] => text(Less, 1),
        [b'=', b'"', b'"'] => text(Equal, 3),
        [b'=', _, ..] => text(Equal, 1),
        _ => Ok(Kind::Regex(
            Expression::new(bare, caseless).map_err(|e| format!("RewriteCond: {e}"))?,
        )),
    }
}
