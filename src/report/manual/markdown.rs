//! The reference manual in Markdown: a table of contents by area, then a section for each check.

use super::super::markdown::{block, code, paragraph, prose};
use super::Entry;
use crate::check::Catalogue;
use crate::facts::FactSchema;
use std::fmt::Write as _;

/// These checks as a manual.
#[must_use]
pub fn markdown(catalogue: &Catalogue) -> String {
    let schema = FactSchema::new();
    let entries: Vec<Entry> = catalogue
        .checks
        .iter()
        .map(|check| Entry::new(check, &schema))
        .collect();
    let mut out = format!(
        "# The checks of deskguard {}\n\n{} checks. This manual is generated: `deskguard checks --format markdown`.\n",
        env!("CARGO_PKG_VERSION"),
        entries.len()
    );
    for alike in entries.chunk_by(|one, other| area(one) == area(other)) {
        let _ = writeln!(out, "\n**{}**\n", prose(alike.first().map_or("", area)));
        for entry in alike {
            let _ = writeln!(
                out,
                "- [{}](#{}) ({}): {}",
                prose(&entry.id),
                anchor(&entry.id),
                entry.severity,
                prose(&entry.title)
            );
        }
    }
    for entry in &entries {
        section(&mut out, entry);
    }
    out
}

fn area(entry: &Entry) -> &str {
    entry.id.split('/').next().unwrap_or_default()
}

/// As GitHub and GitLab name a heading: letters, digits and hyphens in lower case.
fn anchor(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn section(out: &mut String, entry: &Entry) {
    let _ = writeln!(
        out,
        "\n## {}\n\n{}\n",
        prose(&entry.id),
        prose(&entry.title)
    );
    let _ = writeln!(
        out,
        "**{}** · {} · {}",
        entry.severity,
        prose(&entry.source),
        prose(&entry.weighs)
    );
    if !entry.aliases.is_empty() {
        let _ = writeln!(out, "\nFormerly {}.", prose(&entry.aliases.join(", ")));
    }
    out.push_str("\n### Why\n");
    for part in &entry.why {
        let _ = writeln!(out, "\n{}", paragraph(part));
    }
    out.push_str("\n### How it is judged\n\n");
    for (name, source) in &entry.conditions {
        let _ = writeln!(out, "- {name} {}", code(source));
    }
    out.push_str("\nIt reads:\n\n");
    for read in &entry.reads {
        let meaning = read
            .meaning
            .as_deref()
            .map_or_else(String::new, |it| format!(": {}", paragraph(it)));
        let _ = writeln!(out, "- {}{meaning}", code(&read.path));
    }
    if !entry.looks_like.is_empty() {
        out.push_str("\nA finding looks like this:\n\n");
        for line in &entry.looks_like {
            let _ = writeln!(out, "- {}", prose(line));
        }
    }
    out.push_str("\n### How to mend it\n");
    for (number, fix) in entry.fixes.iter().enumerate() {
        let when = fix
            .when
            .as_deref()
            .map_or_else(String::new, |when| format!(", when {}", code(when)));
        let _ = writeln!(
            out,
            "\n{}. {} ({}){when}\n",
            number + 1,
            fix.place,
            fix.risk
        );
        if fix.language.is_empty() {
            let _ = writeln!(out, "   {}", paragraph(&fix.run));
        } else {
            out.push_str(&block(fix.language, 3, &fix.run));
        }
        if let Some(check) = &fix.check {
            out.push_str("\n   Check afterwards:\n\n");
            out.push_str(&block("sh", 3, check));
        }
    }
    if entry.templates {
        let _ = writeln!(
            out,
            "\nWhat stands in double braces is a value of the audited host; it is quoted when it is put in."
        );
    }
    if !entry.refs.is_empty() {
        let refs: Vec<String> = entry.refs.iter().map(|it| prose(it)).collect();
        let _ = writeln!(out, "\nReferences: {}", refs.join(" · "));
    }
}
