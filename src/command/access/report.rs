//! Answers as text for people and as JSON for programs.
//! Refuses to send a name from disk to a terminal as it is: controls and direction marks are escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::access::{Answer, Answers, Principal, Right};

/// Text wraps here.
const COLUMNS: usize = 80;
/// Where reasons begin.
const MARGIN: &str = "                 ";

/// One path in JSON.
#[derive(Serialize)]
struct PathRow<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes_hex: Option<String>,
    principal: &'a str,
    exists: Option<bool>,
    /// Security modules that may refuse what is allowed here; absent where none enforces.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_modelled: &'a [&'static str],
    read: RightRow<'a>,
    write: RightRow<'a>,
    create: RightRow<'a>,
    delete: RightRow<'a>,
    replace: RightRow<'a>,
    chmod: RightRow<'a>,
    traverse: RightRow<'a>,
}

/// One right in JSON.
#[derive(Serialize)]
struct RightRow<'a> {
    allowed: Option<bool>,
    because: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flip: Option<&'a str>,
}

/// The deciding link in JSON.
#[derive(Serialize)]
struct LinkRow {
    path: String,
    mechanism: Option<&'static str>,
}

impl<'a> From<&'a Answer> for RightRow<'a> {
    fn from(answer: &'a Answer) -> Self {
        let link = answer.link.as_ref().map(|link| LinkRow {
            path: String::from_utf8_lossy(&link.path).into_owned(),
            mechanism: link.mechanism.map(|mechanism| mechanism.word()),
        });
        Self {
            allowed: answer.allowed,
            because: &answer.because,
            link,
            flip: answer.flip.as_deref(),
        }
    }
}

/// A list, one object a path, written as they come.
pub(super) fn json<'a>(
    answers: impl Iterator<Item = (&'a [u8], Answers)>,
    who: &Principal,
    besides: &'a [&'static str],
    out: &mut dyn Write,
) -> io::Result<()> {
    let principal = who.label();
    let mut opening = "[\n";
    for (path, answers) in answers {
        let row = PathRow {
            path: String::from_utf8_lossy(path).into_owned(),
            path_bytes_hex: std::str::from_utf8(path).is_err().then(|| hex(path)),
            principal: &principal,
            exists: answers.exists,
            not_modelled: besides,
            read: (&answers.read).into(),
            write: (&answers.write).into(),
            create: (&answers.create).into(),
            delete: (&answers.delete).into(),
            replace: (&answers.replace).into(),
            chmod: (&answers.chmod).into(),
            traverse: (&answers.traverse).into(),
        };
        out.write_all(opening.as_bytes())?;
        serde_json::to_writer(&mut *out, &row)?;
        opening = ",\n";
    }
    out.write_all(if opening == "[\n" { b"[]\n" } else { b"\n]\n" })?;
    out.flush()
}

/// A paragraph a path, a line a right.
pub(super) fn text<'a>(
    answers: impl Iterator<Item = (&'a [u8], Answers)>,
    who: &Principal,
    besides: &[&str],
    out: &mut dyn Write,
) -> io::Result<()> {
    let principal = escape(&who.label());
    for (index, (path, answers)) in answers.enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let exists = match answers.exists {
            Some(true) => "",
            Some(false) => "  (does not exist)",
            None => "  (cannot be seen)",
        };
        writeln!(
            out,
            "{}{exists}\n  as {principal}",
            escape(&String::from_utf8_lossy(path))
        )?;
        for right in Right::ALL {
            out.write_all(line(right, &answers).as_bytes())?;
        }
    }
    if !besides.is_empty() {
        let said = format!(
            "{} enforces a policy that deskguard does not read: it may refuse what is allowed here.",
            besides.join(" and ")
        );
        writeln!(out, "\n{}", textwrap::fill(&said, COLUMNS))?;
    }
    out.flush()
}

fn line(right: Right, answers: &Answers) -> String {
    let answer = answers.of(right);
    let allowed = match answer.allowed {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let head = format!("  {:<9} {allowed:<4} ", right.word());
    let same = Right::ALL
        .into_iter()
        .take_while(|earlier| *earlier != right)
        .find(|earlier| answers.of(*earlier) == answer);
    let reason = match (same, &answer.flip) {
        (Some(earlier), _) => format!("as for {}", earlier.word()),
        (None, Some(flip)) => escape(&format!("{}; {}", answer.because, short(flip, answer))),
        (None, None) => escape(&answer.because),
    };
    let options = textwrap::Options::new(COLUMNS)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .initial_indent(&head)
        .subsequent_indent(MARGIN);
    let mut line = textwrap::fill(&reason, options);
    line.push('\n');
    line
}

/// The reason has just named the deciding entry: the advice need not spell its path again.
fn short(flip: &str, answer: &Answer) -> String {
    let Some(link) = &answer.link else {
        return flip.to_owned();
    };
    let path = format!(" {} ", String::from_utf8_lossy(&link.path));
    flip.replace(&path, " it ")
}

/// Controls, direction marks and invisible characters as `\u{…}`: a name cannot move the cursor or reorder a line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let unseen = matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
        if character.is_control() || unseen {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        assert_eq!(
            escape("a\u{1b}[2Jb\u{202e}c\n"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{a}"
        );
        assert_eq!(escape("plain é 名"), "plain é 名");
    }

    #[test]
    fn an_enforcing_module_is_named_once() {
        let mut out = Vec::new();
        text(
            std::iter::empty(),
            &Principal::root(),
            &["SELinux"],
            &mut out,
        )
        .unwrap();
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("SELinux enforces a policy")
        );
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0xff, 0x0a]), "ff0a");
    }
}
