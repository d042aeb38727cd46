//! What the checks are: all of them in a list, or one explained. Shows conditions and fixes as they
//! are written in the check's file, so that a reader can judge the judge; judges nothing itself.

use super::finding::TEXT;
use super::manual::Entry;
use super::page::{Ink, Page};
use super::text::Options;
use crate::check::{Catalogue, Check};
use crate::facts::FactSchema;

/// Columns of the severity in the list.
const SEVERITY: usize = 10;

/// All checks, by area.
#[must_use]
pub fn list(catalogue: &Catalogue, options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    let widest = catalogue.checks.iter().map(|it| it.id.len()).max();
    let title = SEVERITY + 4 + widest.unwrap_or(0);
    for area in catalogue
        .checks
        .chunk_by(|one, other| area(one) == area(other))
    {
        page.gap();
        page.put(
            Ink::Strong,
            area.first().map_or("", |check| self::area(check)),
        );
        page.end();
        for check in area {
            row(&mut page, check, title);
        }
    }
    page.gap();
    let number = catalogue.checks.len();
    page.prose(
        Ink::Faint,
        0,
        &format!("{number} checks; `deskguard checks ID` explains one"),
    );
    page.finish()
}

fn area(check: &Check) -> &str {
    check.id.split('/').next().unwrap_or_default()
}

/// Beside the id where there is room for it, below otherwise.
fn row(page: &mut Page, check: &Check, title: usize) {
    page.tab(2);
    page.put(Ink::Bad(check.severity.into()), check.severity.word());
    page.tab(2 + SEVERITY);
    page.put(Ink::Plain, &check.id);
    if page.width() >= title + 40 {
        page.tab(title);
        page.prose(Ink::Faint, title, &check.title);
    } else {
        page.end();
        page.tab(4 + SEVERITY);
        page.prose(Ink::Faint, 4 + SEVERITY, &check.title);
    }
}

/// One check: what it demands and why, how it is judged, and how it would have it mended.
#[must_use]
pub fn explain(check: &Check, options: &Options) -> String {
    let entry = Entry::new(check, &FactSchema::new());
    let mut page = Page::new(options.width, options.color);
    page.prose(Ink::Strong, 0, &entry.title);
    page.put(Ink::Plain, &entry.id);
    page.put(Ink::Plain, " · ");
    page.put(Ink::Bad(check.severity.into()), entry.severity);
    page.put(Ink::Plain, " · ");
    page.prose(Ink::Plain, 2, &entry.source);
    if !entry.aliases.is_empty() {
        let names = entry.aliases.join(", ");
        page.prose(Ink::Faint, 2, &format!("formerly {names}"));
    }
    section(&mut page, "Why");
    page.paragraphs(2, &check.why);
    for (name, source) in &entry.conditions {
        section(&mut page, name);
        page.block(2, source.lines());
    }
    reads(&mut page, &entry);
    looks_like(&mut page, &entry);
    fixes(&mut page, &entry);
    section(&mut page, "In the score");
    page.tab(2);
    page.prose(Ink::Plain, 2, &entry.weighs);
    section(&mut page, "To accept it for a while");
    let waive = format!("deskguard waive {} --reason '…' --until DATE", entry.id);
    page.block(2, [waive.as_str()]);
    section(&mut page, "Tested with examples");
    page.tab(2);
    page.prose(Ink::Plain, 2, &entry.examples);
    if !entry.refs.is_empty() {
        section(&mut page, "References");
        page.block(2, entry.refs.iter().map(String::as_str));
    }
    page.finish()
}

fn section(page: &mut Page, name: &str) {
    page.gap();
    page.put(Ink::Strong, name);
    page.end();
}

fn reads(page: &mut Page, entry: &Entry) {
    section(page, "Reads");
    for read in &entry.reads {
        page.tab(2);
        page.put(Ink::Plain, &read.path);
        page.end();
        if let Some(meaning) = &read.meaning {
            page.tab(6);
            page.prose(Ink::Faint, 6, meaning);
        }
    }
}

fn looks_like(page: &mut Page, entry: &Entry) {
    if entry.looks_like.is_empty() {
        return;
    }
    section(page, "A finding looks like this");
    for line in &entry.looks_like {
        page.tab(2);
        page.prose(Ink::Plain, 4, &format!("- {line}"));
    }
}

fn fixes(page: &mut Page, entry: &Entry) {
    section(page, "Mend");
    for (number, fix) in entry.fixes.iter().enumerate() {
        let step = format!("{}. {} ({})", number + 1, fix.place, fix.risk);
        let when = fix.when.as_ref();
        let when = when.map_or_else(String::new, |it| format!(", when {it}"));
        page.tab(2);
        page.prose(Ink::Plain, 5, &format!("{step}{when}"));
        if fix.language.is_empty() {
            page.paragraphs(TEXT - 2, &fix.run);
        } else {
            page.block(TEXT - 2, fix.run.lines());
        }
        if let Some(check) = &fix.check {
            page.tab(5);
            page.put(Ink::Faint, "check:");
            page.end();
            page.block(TEXT - 2, check.lines());
        }
    }
    if entry.templates {
        page.tab(2);
        let note = "{{ }} stands for a value of the audited host; it is quoted when it is put in.";
        page.prose(Ink::Faint, 2, note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::report::text::Detail;

    const OPTIONS: Options = Options {
        width: 80,
        color: false,
        detail: Detail::Normal,
    };

    #[test]
    fn the_list_names_every_check_under_its_area() {
        let catalogue = samples::catalogue();
        for width in [60, 80, 160] {
            let text = list(&catalogue, &Options { width, ..OPTIONS });
            for check in &catalogue.checks {
                assert!(text.contains(&check.id), "{}", check.id);
            }
            assert!(text.starts_with("config\n"), "{text}");
            assert!(text.lines().all(|line| line.len() <= width), "{text}");
        }
    }

    #[test]
    fn a_check_is_explained_with_its_conditions_as_written() {
        let catalogue = samples::catalogue();
        let text = explain(catalogue.find(samples::CHANGEABLE).unwrap(), &OPTIONS);
        for part in [
            "Looks at every row of\n  files.changeable\n",
            "row.role != \"web\"",
            "files.changeable.rows.*.role",
            "chmod go-w -- {{ row.path }}",
            "1 pass, 1 fail",
            "CWE-732",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
