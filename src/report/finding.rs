//! One failed check as a person reads it: what was found, where, why it matters, how to mend it.
//! Refuses to wrap a command, and to hide that it shows only a part.

use super::identity::stands_for;
use super::page::{Ink, Page};
use super::{Check, Evidence, Fix, Kind, Risk, Standing};

/// Where texts begin, to the right of the labels.
pub(super) const TEXT: usize = 10;
/// Pieces of evidence in a finding that is not shown whole.
const PIECES: usize = 5;
/// A step of more lines is cut to its beginning, likewise.
const LINES: usize = 20;
/// What is left of it.
const BEGINNING: usize = 10;
/// Characters of one foreign text, likewise.
const CHARACTERS: usize = 300;

/// One line for one failed check. Titles say what should be true, so "failed" must stand before it.
pub(super) fn headline(page: &mut Page, check: &Check) {
    severity(page, check);
    let failed = match (&check.waived, check.is_known()) {
        (Some(_), _) => "failed (waived)",
        (None, true) => "failed (known)",
        (None, false) => "failed",
    };
    let text = format!("{} {failed}: {}", check.id, check.title);
    page.prose(Ink::Plain, TEXT, &text);
}

fn severity(page: &mut Page, check: &Check) {
    let word = check.severity.word().to_uppercase();
    page.put(Ink::Bad(check.severity), &word);
    page.tab(TEXT);
}

/// A failure that was accepted: what it is, and by what right nobody needs to act.
pub(super) fn brief(page: &mut Page, check: &Check) {
    severity(page, check);
    let word = match check.waived {
        Some(_) => "failed, waived",
        None => "failed, known",
    };
    page.put(Ink::Strong, &format!("{} {word}", check.id));
    let findings = match check.evidence_total {
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    page.aside(Ink::Faint, TEXT, &findings);
    page.end();
    label(page, "Wanted");
    page.prose(Ink::Plain, TEXT, &check.title);
    accepted(page, check);
}

fn accepted(page: &mut Page, check: &Check) {
    if let Some(waived) = &check.waived {
        label(page, "Waived");
        page.prose(Ink::Unsure, TEXT, &waived.sentence());
    }
    let standing = match check.standing {
        None => return,
        Some(Standing::New) => "new since the baseline",
        Some(Standing::Worse) => "worse than in the baseline",
        Some(Standing::Known) => "known from the baseline, where it is no worse",
    };
    label(page, "Since");
    page.prose(Ink::Unsure, TEXT, standing);
}

/// The finding; with `whole`, all of it however long.
pub(super) fn finding(page: &mut Page, check: &Check, root: &str, whole: bool) {
    severity(page, check);
    page.put(Ink::Strong, &format!("{} failed", check.id));
    match check.gain {
        0 => {}
        1 => page.aside(Ink::Faint, TEXT, "mending it gains 1 point"),
        points => page.aside(
            Ink::Faint,
            TEXT,
            &format!("mending it gains {points} points"),
        ),
    }
    page.end();
    label(page, "Wanted");
    page.prose(Ink::Plain, TEXT, &check.title);
    accepted(page, check);
    found(page, check, root, whole);
    if !check.why.is_empty() {
        label(page, "Why");
        page.paragraphs(TEXT, &check.why);
    }
    for (number, fix) in check.fixes.iter().enumerate() {
        let number = (check.fixes.len() > 1).then_some(number + 1);
        mend(page, fix, number, whole);
    }
    references(page, check, whole);
}

fn label(page: &mut Page, word: &str) {
    page.tab(2);
    page.put(Ink::Faint, word);
    page.tab(TEXT);
}

/// The evidence, one message with all its places.
fn found(page: &mut Page, check: &Check, root: &str, whole: bool) {
    let most = if whole { usize::MAX } else { PIECES };
    let shown: Vec<&Evidence> = check.evidence.iter().take(most).collect();
    let stands_for: u64 = shown.iter().map(|it| stands_for(it)).sum();
    let more = check.evidence_total.saturating_sub(stands_for);
    let mut groups: Vec<(&str, Vec<&Evidence>)> = Vec::new();
    for evidence in shown {
        match groups.iter_mut().find(|(it, _)| *it == evidence.message) {
            Some((_, alike)) => alike.push(evidence),
            None => groups.push((&evidence.message, vec![evidence])),
        }
    }
    label(page, "Found");
    if groups.is_empty() {
        page.prose(Ink::Plain, TEXT, "no detail");
    }
    let listed = groups.len() > 1;
    for (message, alike) in &groups {
        page.tab_to(TEXT);
        let text = if listed { TEXT + 2 } else { TEXT };
        if listed {
            page.put(Ink::Plain, "- ");
        }
        let waived = alike.iter().filter(|it| it.waived).count();
        let mark = match waived {
            _ if check.waived.is_some() => String::new(),
            0 => String::new(),
            all if all == alike.len() => " (waived)".to_owned(),
            some => format!(" ({some} of {} waived)", alike.len()),
        };
        page.prose(
            Ink::Plain,
            text,
            &format!("{}{mark}", clip(message.trim(), whole)),
        );
        for place in alike.iter().filter_map(|it| place(it, root)) {
            page.tab_to(text + 2);
            page.put(Ink::Plain, &clip(&place, whole));
            page.end();
        }
    }
    if more > 0 {
        page.tab_to(TEXT);
        let hint = match check.evidence.len().saturating_sub(PIECES) {
            _ if whole => String::new(),
            listed if listed as u64 >= more => " (--verbose lists them)".to_owned(),
            0 => String::new(),
            listed => format!(" (--verbose lists {listed} of them)"),
        };
        page.prose(Ink::Plain, TEXT, &format!("and {more} more{hint}"));
    }
    if let Some(reason) = &check.reason {
        page.tab_to(TEXT);
        page.prose(Ink::Unsure, TEXT, &clip(reason, whole));
    }
}

/// What the message itself does not say about the place.
fn place(evidence: &Evidence, root: &str) -> Option<String> {
    let said = |text: &str| evidence.message.contains(text);
    let subject = Some(evidence.subject.as_str())
        .filter(|it| !it.is_empty() && *it != root && !said(it))
        .map(str::to_owned);
    let Some(location) = &evidence.location else {
        return subject;
    };
    let place = match location.line {
        Some(line) => format!("{}:{line}", location.path),
        None if said(&location.path) => return subject,
        None => location.path.clone(),
    };
    Some(match subject {
        Some(subject) if subject != location.path => format!("{subject}, {place}"),
        _ => place,
    })
}

fn mend(page: &mut Page, fix: &Fix, number: Option<usize>, whole: bool) {
    // The number is in the label, so that a step's `Check` above does not seem to cover the next.
    let word = number.map_or_else(|| "Mend".to_owned(), |it| format!("Mend {it}"));
    label(page, &word);
    let (place, risk) = (place_of(fix.kind), risk_of(fix.risk));
    page.prose(Ink::Plain, TEXT, &format!("{place} ({risk}):"));
    if fix.kind == Kind::Manual {
        page.paragraphs(TEXT + 2, &fix.run);
    } else {
        script(page, &fix.run, whole);
    }
    if let Some(check) = &fix.check {
        label(page, "Check");
        page.block(TEXT, check.trim().lines());
    }
}

/// Commands. A cut is announced before them, so that nobody runs half a script unawares.
fn script(page: &mut Page, run: &str, whole: bool) {
    let lines: Vec<&str> = run.trim_end().lines().collect();
    let cut = !whole && lines.len() > LINES;
    let shown = if cut { BEGINNING } else { lines.len() };
    if cut {
        page.tab_to(TEXT);
        let total = lines.len();
        let note = format!("the first {shown} of {total} lines; --verbose gives all of them");
        page.prose(Ink::Strong, TEXT, &note);
    }
    page.block(TEXT + 2, lines.iter().take(shown).copied());
    if cut {
        page.tab_to(TEXT + 2);
        page.put(
            Ink::Strong,
            &format!("# {} more lines", lines.len() - shown),
        );
        page.end();
    }
}

pub(super) const fn place_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Shell => "in a shell",
        Kind::Sql => "in MySQL",
        Kind::Nginx => "in the nginx configuration",
        Kind::Apache => "in the Apache configuration",
        Kind::Php => "in the PHP file",
        Kind::Toml => "in deskguard.toml",
        Kind::Manual => "by hand",
    }
}

pub(super) const fn risk_of(risk: Risk) -> &'static str {
    match risk {
        Risk::None => "disturbs nothing",
        Risk::Reload => "a service is reloaded",
        Risk::Outage => "the helpdesk may be away for a while",
    }
}

/// Links are long: they are shown only where there is nothing shorter.
fn references(page: &mut Page, check: &Check, whole: bool) {
    let is_link = |it: &&str| it.starts_with("https://") || it.starts_with("http://");
    let mut refs: Vec<&str> = check.refs.iter().map(String::as_str).collect();
    if !whole && !refs.iter().all(is_link) {
        refs.retain(|it| !is_link(it));
    }
    refs.insert(0, &check.source);
    refs.retain(|it| !it.is_empty());
    if !refs.is_empty() {
        label(page, "Refs");
        page.parts(Ink::Faint, TEXT, &refs);
    }
}

/// A foreign text of bearable length.
fn clip(text: &str, whole: bool) -> String {
    let more = text.chars().count().saturating_sub(CHARACTERS);
    if whole || more == 0 {
        return text.to_owned();
    }
    let start: String = text.chars().take(CHARACTERS).collect();
    format!("{start}… ({more} more characters)")
}
