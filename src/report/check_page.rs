//! What the checks are: all of them in a list, or one explained. Shows conditions and fixes as they
//! are written in the check's file, so that a reader can judge the judge; judges nothing itself.

use super::finding::{TEXT, place_of, risk_of};
use super::page::{Ink, Page};
use super::text::Options;
use crate::check::{Catalogue, Check, Condition, Expect, FixStep};

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

/// One check: what it demands and why, and how it would have it mended.
#[must_use]
pub fn explain(check: &Check, options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    page.prose(Ink::Strong, 0, &check.title);
    page.put(Ink::Plain, &check.id);
    page.put(Ink::Plain, " · ");
    page.put(Ink::Bad(check.severity.into()), check.severity.word());
    page.put(Ink::Plain, " · ");
    page.prose(Ink::Plain, 2, &check.source);
    if !check.aliases.is_empty() {
        let names = check.aliases.join(", ");
        page.prose(Ink::Faint, 2, &format!("formerly {names}"));
    }
    section(&mut page, "Why");
    page.paragraphs(2, &check.why);
    conditions(&mut page, check);
    section(&mut page, "Reads");
    for path in reads(check) {
        page.block(2, [path.as_str()]);
    }
    section(&mut page, "Shows when it fails");
    page.block(2, check.found.trim().lines());
    page.block(
        2,
        check.require_found.iter().flat_map(|it| it.trim().lines()),
    );
    fixes(&mut page, &check.fixes);
    examples(&mut page, check);
    if !check.refs.is_empty() {
        section(&mut page, "References");
        page.block(2, check.refs.iter().map(String::as_str));
    }
    page.finish()
}

fn section(page: &mut Page, name: &str) {
    page.gap();
    page.put(Ink::Strong, name);
    page.end();
}

fn conditions(page: &mut Page, check: &Check) {
    let passes = if check.each.is_some() {
        "Passes when every row fulfils"
    } else {
        "Passes when"
    };
    for (name, condition) in [
        ("Applies when", check.when.as_ref()),
        ("Looks at every row of", check.each.as_ref()),
        (passes, Some(&check.pass)),
        ("And when", check.require.as_ref()),
    ] {
        let Some(condition) = condition else { continue };
        section(page, name);
        page.block(2, condition.source.trim().lines());
    }
}

/// The facts' paths, those of a row under the listing that the row is from.
fn reads(check: &Check) -> Vec<String> {
    let listing = check.each.as_ref().map(|each| each.source.as_str());
    let mut paths: Vec<String> = [
        check.when.as_ref(),
        Some(&check.pass),
        check.require.as_ref(),
    ]
    .into_iter()
    .flatten()
    .flat_map(|condition: &Condition| &condition.reads)
    .map(|path| match (path.split_first(), listing) {
        (Some((first, rest)), Some(listing)) if first == "row" => {
            format!("{listing}.rows.*.{}", rest.join("."))
        }
        _ => path.join("."),
    })
    .chain(listing.map(str::to_owned))
    .collect();
    paths.sort();
    paths.dedup();
    paths
}

fn fixes(page: &mut Page, fixes: &[FixStep]) {
    section(page, "Mend");
    for (number, fix) in fixes.iter().enumerate() {
        let (place, risk) = (place_of(fix.kind.into()), risk_of(fix.risk.into()));
        let step = format!("{}. {place} ({risk})", number + 1);
        let when = fix.when.as_ref();
        let when = when.map_or_else(String::new, |it| format!(", when {}", it.trim()));
        page.tab(2);
        page.prose(Ink::Plain, 5, &format!("{step}{when}"));
        page.block(TEXT - 2, fix.run.trim_end().lines());
        if let Some(check) = &fix.check {
            page.tab(5);
            page.put(Ink::Faint, "check:");
            page.end();
            page.block(TEXT - 2, check.trim().lines());
        }
    }
    if fixes.iter().any(|fix| fix.run.contains("{{")) {
        page.tab(2);
        let note = "{{ }} stands for a value of the audited host; it is quoted when it is put in.";
        page.prose(Ink::Faint, 2, note);
    }
}

fn examples(page: &mut Page, check: &Check) {
    section(page, "Examples that it is tested with");
    let counted = |word: &str, expect: Expect| {
        let same = check.examples.iter().filter(|it| it.expect == expect);
        let number = same.count();
        (number > 0).then(|| format!("{number} {word}"))
    };
    let words: Vec<String> = [
        counted("pass", Expect::Pass),
        counted("fail", Expect::Fail),
        counted("unknown", Expect::Unknown),
        counted("not applicable", Expect::NotApplicable),
    ]
    .into_iter()
    .flatten()
    .collect();
    page.tab(2);
    page.prose(Ink::Plain, 2, &words.join(", "));
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
