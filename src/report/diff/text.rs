//! The comparison for a terminal: the worst kind first, the score's movement last.

use super::super::page::{Ink, Page};
use super::super::summary::points as ends_of;
use super::super::text::Options;
use super::super::{Detail, Score};
use super::{Change, ChangeKind, Diff, Part, Piece};

/// Where texts begin, to the right of the labels.
const TEXT: usize = 15;
/// Findings of one kind that are listed, unless everything is asked for.
const PIECES: usize = 5;

/// The comparison as text.
#[must_use]
pub fn text(diff: &Diff, options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    let whole = options.detail == Detail::Verbose;
    if options.detail != Detail::Quiet {
        header(&mut page, diff);
    }
    if diff.changes.is_empty() {
        page.gap();
        page.prose(Ink::Good, 0, "Nothing became different.");
    }
    for change in &diff.changes {
        if options.detail != Detail::Quiet {
            page.gap();
        }
        headline(&mut page, change);
        if options.detail != Detail::Quiet {
            body(&mut page, change, whole);
        }
    }
    page.gap();
    if options.detail != Detail::Quiet {
        movement(&mut page, diff);
    }
    score(&mut page, diff);
    page.finish()
}

fn header(page: &mut Page, diff: &Diff) {
    let line = format!("From {} to {}", diff.old.started, diff.new.started);
    page.prose(Ink::Strong, 2, &line);
    if diff.old.root == diff.new.root {
        page.prose(Ink::Faint, 2, &diff.new.root);
    } else {
        let roots = format!("{} compared with {}", diff.old.root, diff.new.root);
        page.prose(Ink::Unsure, 2, &roots);
    }
    for sentence in differences(diff) {
        page.prose(Ink::Unsure, 2, &sentence);
    }
}

/// What makes the two reports less comparable.
pub(super) fn differences(diff: &Diff) -> Vec<String> {
    let mut sentences = Vec::new();
    if !diff.same_checks {
        sentences.push(format!(
            "The two were judged by different checks (deskguard {} and {}).",
            diff.old.version, diff.new.version
        ));
    }
    if diff.old.profile != diff.new.profile {
        sentences.push(format!(
            "The profiles differ: {} and {}.",
            diff.old.profile, diff.new.profile
        ));
    }
    if diff.old.score.formula != diff.new.score.formula {
        sentences.push(format!(
            "The scores were made with formula {} and {}; the movement is told by formula {}.",
            diff.old.score.formula,
            diff.new.score.formula,
            crate::score::FORMULA_VERSION
        ));
    }
    sentences
}

fn headline(page: &mut Page, change: &Change) {
    let ink = match change.kind {
        ChangeKind::New | ChangeKind::Worse => Ink::Bad(change.severity),
        ChangeKind::NewlyUnknown => Ink::Unsure,
        ChangeKind::Mended | ChangeKind::Judged => Ink::Good,
        ChangeKind::Changed | ChangeKind::Scope => Ink::Faint,
    };
    page.put(ink, &change.kind.words().to_uppercase());
    page.tab(TEXT);
    page.put(Ink::Strong, &change.id);
    let how = format!(
        "{}, {}",
        change.severity.word(),
        moved(change.from, change.to)
    );
    page.aside(Ink::Plain, TEXT, &how);
    page.end();
}

/// `was unknown, fails now`
pub(super) fn moved(from: Option<super::Outcome>, to: Option<super::Outcome>) -> String {
    use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
    let was = match from {
        None => "was not judged",
        Some(Fail) => "failed",
        Some(Unknown) => "was unknown",
        Some(Pass) => "passed",
        Some(NotApplicable) => "did not apply",
    };
    let is = match to {
        None => "is not judged now",
        Some(Fail) if from == Some(Fail) => "still fails",
        Some(Fail) => "fails now",
        Some(Unknown) => "is unknown now",
        Some(Pass) => "passes now",
        Some(NotApplicable) => "does not apply now",
    };
    format!("{was}, {is}")
}

fn body(page: &mut Page, change: &Change, whole: bool) {
    page.tab(TEXT);
    page.prose(Ink::Faint, TEXT, &change.title);
    if change.kind == ChangeKind::Mended {
        return;
    }
    list(page, '+', &change.appeared, whole);
    list(page, '~', &change.altered, whole);
    list(page, '-', &change.gone, whole);
    if let Some(reason) = &change.reason {
        page.tab(TEXT);
        page.prose(Ink::Unsure, TEXT, reason);
    }
}

fn list(page: &mut Page, mark: char, pieces: &[Piece], whole: bool) {
    let most = if whole { usize::MAX } else { PIECES };
    for piece in pieces.iter().take(most) {
        page.tab(TEXT);
        let ink = match mark {
            '+' => Ink::Plain,
            _ => Ink::Faint,
        };
        page.prose(ink, TEXT + 2, &format!("{mark} {}", said(piece)));
    }
    let more = pieces.len().saturating_sub(most);
    if more > 0 {
        page.tab(TEXT);
        let line = format!("{mark} and {more} more (--verbose lists them)");
        page.prose(Ink::Faint, TEXT + 2, &line);
    }
}

/// The message, with the subject where it does not name it, and the figures where they moved.
pub(super) fn said(piece: &Piece) -> String {
    let mut text = piece.message.clone();
    if !text.contains(&piece.subject) && !piece.subject.is_empty() {
        text = format!("{}: {text}", piece.subject);
    }
    if piece.before != piece.now && piece.before > 0 && piece.now > 0 {
        text.push_str(&format!(" ({} before, {} now)", piece.before, piece.now));
    }
    text
}

fn movement(page: &mut Page, diff: &Diff) {
    for part in &diff.movement.parts {
        points(page, part.points);
        page.put(Ink::Plain, &part.id);
        page.aside(Ink::Faint, 12, &moved(part.from, part.to));
        page.end();
    }
    if diff.movement.caps != 0 {
        points(page, diff.movement.caps);
        page.prose(Ink::Plain, 12, &caps(&diff.old.score, &diff.new.score));
    }
}

fn points(page: &mut Page, hundredths: i64) {
    let text = signed(hundredths);
    page.tab(10_usize.saturating_sub(text.len()));
    let ink = if hundredths > 0 {
        Ink::Good
    } else {
        Ink::Unsure
    };
    page.put(ink, &text);
    page.tab(12);
}

/// `+12.50`
pub(super) fn signed(hundredths: i64) -> String {
    let sign = if hundredths < 0 { '-' } else { '+' };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Which cap came or went.
pub(super) fn caps(old: &Score, new: &Score) -> String {
    let cap = |score: &Score| {
        score
            .low_capped_by
            .map(|it| format!("a {} check caps it", it.word()))
    };
    match (cap(old), cap(new)) {
        (None, None) => "rounding down to whole points".to_owned(),
        (Some(before), None) => format!("the cap is gone ({before} before), and rounding"),
        (None, Some(now)) => format!("a cap holds now ({now}), and rounding"),
        (Some(before), Some(now)) if before == now => {
            format!("the cap holds as before ({now}), and rounding")
        }
        (Some(before), Some(now)) => {
            format!("another cap holds ({before} before, {now} now), and rounding")
        }
    }
}

fn score(page: &mut Page, diff: &Diff) {
    let (old, new) = (&diff.old.score, &diff.new.score);
    let count = |kind| diff.changes.iter().filter(|it| it.kind == kind).count();
    let mut parts = vec![
        format!("Score {} -> {} of 100", ends_of(old), ends_of(new)),
        format!("low end {}", signed(diff.movement.total)),
        format!("coverage {} -> {} %", old.coverage, new.coverage),
    ];
    for kind in [
        ChangeKind::New,
        ChangeKind::Worse,
        ChangeKind::NewlyUnknown,
        ChangeKind::Changed,
        ChangeKind::Mended,
    ] {
        if count(kind) > 0 {
            parts.push(format!("{} {}", count(kind), kind.words()));
        }
    }
    let ink = match diff.movement.total {
        0 => Ink::Plain,
        total if total > 0 => Ink::Good,
        _ => Ink::Unsure,
    };
    page.parts(ink, 6, &parts);
}

/// Contributions in words, for other formats.
pub(super) fn contribution(part: &Part) -> String {
    moved(part.from, part.to)
}
