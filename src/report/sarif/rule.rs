//! Checks as SARIF rules: what they demand, why, and how they would have it mended.

use super::super::escape::{escape, escape_script};
use super::super::finding::{place_of, risk_of};
use super::super::markdown::{block, language, paragraph};
use super::super::{Check, Fix, Kind, Severity};
use super::form::{Configuration, Descriptor, Message, Properties};
use super::level;

pub(super) fn rule(check: &Check) -> Descriptor {
    let (_, name) = check.id.split_once('/').unwrap_or(("", &check.id));
    Descriptor {
        id: escape(&check.id).into_owned(),
        name: pascal(name),
        deprecated_ids: check.aliases.clone(),
        short_description: Message::sentence(&check.title),
        full_description: Message::sentence(&one_line(&check.why, &check.title)),
        help_uri: check.refs.iter().find(|it| is_link(it)).cloned(),
        help: Message {
            text: help_text(check),
            markdown: Some(help_markdown(check)),
        },
        default_configuration: Configuration {
            level: level(check.severity),
        },
        properties: Properties {
            tags: tags(check),
            precision: "very-high",
            severity: match check.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium | Severity::Low => "warning",
                Severity::Info => "recommendation",
            },
            security_severity: match check.severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.5",
                Severity::Info => "0.5",
            },
        },
    }
}

fn is_link(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
    text.starts_with("https://") && text.chars().all(plain)
}

fn one_line(text: &str, otherwise: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return otherwise.to_owned();
    }
    words.join(" ")
}

pub(super) fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars().filter(char::is_ascii_alphanumeric);
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let name: String = name.split('-').map(word).collect();
    if name.is_empty() {
        "Check".to_owned()
    } else {
        name
    }
}

/// `security`, the area, and CWE numbers as code scanning spells them.
fn tags(check: &Check) -> Vec<String> {
    const MOST: usize = 10;
    let mut tags = vec!["security".to_owned()];
    tags.extend(
        check
            .id
            .split_once('/')
            .map(|(area, _)| escape(area).into_owned()),
    );
    for reference in &check.refs {
        match reference.strip_prefix("CWE-") {
            Some(number) if number.bytes().all(|it| it.is_ascii_digit()) => {
                tags.push(format!("external/cwe/cwe-{number}"));
            }
            _ if is_link(reference) => {}
            _ => tags.push(escape(reference).into_owned()),
        }
    }
    tags.truncate(MOST);
    tags
}

fn help_text(check: &Check) -> String {
    let mut text = format!("Wanted: {}.\n\n{}\n", check.title, check.why.trim());
    for fix in &check.fixes {
        text.push_str(&format!(
            "\nMend {} ({}):\n{}\n",
            place_of(fix.kind),
            risk_of(fix.risk),
            shown(fix)
        ));
    }
    lines(&text)
}

fn help_markdown(check: &Check) -> String {
    let mut text = format!("{}\n", paragraph(&check.title));
    for part in check.why.split("\n\n").filter(|it| !it.trim().is_empty()) {
        text.push_str(&format!("\n{}\n", paragraph(part)));
    }
    for fix in &check.fixes {
        text.push_str(&format!(
            "\n**Mend** {} ({}):\n\n",
            place_of(fix.kind),
            risk_of(fix.risk)
        ));
        match fix.kind {
            Kind::Manual => text.push_str(&format!("{}\n", paragraph(&fix.run))),
            kind => text.push_str(&block(language(kind), 0, &shown(fix))),
        }
    }
    if !check.refs.is_empty() {
        let refs: Vec<String> = check.refs.iter().map(|it| paragraph(it)).collect();
        text.push_str(&format!("\nReferences: {}\n", refs.join(" · ")));
    }
    text
}

/// A step; one of more lines is cut to its beginning, which is said.
fn shown(fix: &Fix) -> String {
    const LINES: usize = 40;
    let total = fix.run.trim_end().lines().count();
    if total <= LINES {
        return fix.run.trim_end().to_owned();
    }
    let first: Vec<&str> = fix.run.lines().take(LINES).collect();
    format!(
        "{}\n# {} more lines; the JSON report holds them all",
        first.join("\n"),
        total - LINES
    )
}

/// A text of several lines, each made safe.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape_script).collect();
    lines.join("\n")
}
