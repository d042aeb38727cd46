//! The comparison for a comment on a merge request.

use super::super::markdown::{clip, code, prose};
use super::super::summary::points;
use super::text::{caps, contribution, differences, moved, said, signed};
use super::{Change, ChangeKind, Diff, Piece};
use std::fmt::Write as _;

/// Findings of one kind that are listed.
const PIECES: usize = 10;
/// Bytes after which changes are only counted.
const MOST: usize = 60_000;

/// The comparison as Markdown.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    let mut out = format!(
        "## deskguard: score {} → {} of 100 (low end {})\n\n",
        points(&diff.old.score),
        points(&diff.new.score),
        signed(diff.movement.total)
    );
    let _ = writeln!(
        out,
        "From {} to {}; coverage {} → {} %.",
        prose(&diff.old.started),
        prose(&diff.new.started),
        diff.old.score.coverage,
        diff.new.score.coverage
    );
    for sentence in differences(diff) {
        let _ = writeln!(out, "\n{}", prose(&sentence));
    }
    if diff.changes.is_empty() {
        out.push_str("\nNothing became different.\n");
    }
    let mut kind = None;
    let mut left = 0;
    for change in &diff.changes {
        let mut section = String::new();
        if kind != Some(change.kind) {
            let _ = writeln!(section, "\n### {}\n", heading(change.kind));
        }
        section.push_str(&one(change));
        if out.len() + section.len() > MOST {
            left += 1;
            continue;
        }
        kind = Some(change.kind);
        out.push_str(&section);
    }
    if left > 0 {
        let _ = writeln!(
            out,
            "\n> **Cut to the length of a comment.** {left} more changes."
        );
    }
    movement(&mut out, diff);
    out
}

const fn heading(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "New",
        ChangeKind::Worse => "Worse",
        ChangeKind::NewlyUnknown => "Newly unknown",
        ChangeKind::Changed => "Changed",
        ChangeKind::Mended => "Mended",
        ChangeKind::Judged => "Judged now",
        ChangeKind::Scope => "Other checks",
    }
}

fn one(change: &Change) -> String {
    let mut out = format!(
        "- **{}** ({}): {}, {}\n",
        prose(&change.id),
        change.severity.word(),
        prose(&change.title),
        moved(change.from, change.to)
    );
    if change.kind == ChangeKind::Mended {
        return out;
    }
    for (word, pieces) in [
        ("new", &change.appeared),
        ("changed", &change.altered),
        ("gone", &change.gone),
    ] {
        list(&mut out, word, pieces);
    }
    if let Some(reason) = &change.reason {
        let _ = writeln!(out, "  - {}", prose(&clip(reason, 300)));
    }
    out
}

fn list(out: &mut String, word: &str, pieces: &[Piece]) {
    for piece in pieces.iter().take(PIECES) {
        let _ = writeln!(out, "  - {word}: {}", code(&clip(&said(piece), 300)));
    }
    let more = pieces.len().saturating_sub(PIECES);
    if more > 0 {
        let _ = writeln!(out, "  - {word}: and {more} more");
    }
}

fn movement(out: &mut String, diff: &Diff) {
    if diff.movement.parts.is_empty() && diff.movement.caps == 0 {
        return;
    }
    const ROWS: usize = 40;
    out.push_str("\n<details><summary>How the score moved</summary>\n\n| points | check | |\n|---:|---|---|\n");
    for part in diff.movement.parts.iter().take(ROWS) {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            signed(part.points),
            prose(&part.id),
            contribution(part)
        );
    }
    let rest: Vec<i64> = diff
        .movement
        .parts
        .iter()
        .skip(ROWS)
        .map(|it| it.points)
        .collect();
    if !rest.is_empty() {
        let _ = writeln!(
            out,
            "| {} | {} more checks | |",
            signed(rest.iter().sum()),
            rest.len()
        );
    }
    if diff.movement.caps != 0 {
        let _ = writeln!(
            out,
            "| {} | {} | |",
            signed(diff.movement.caps),
            caps(&diff.old.score, &diff.new.score)
        );
    }
    out.push_str("\n</details>\n");
}
