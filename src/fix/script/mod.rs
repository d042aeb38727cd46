//! A plan as one script of POSIX shell, to be read before it is run: what is done, why, what it may
//! disturb. It changes nothing twice, and nothing at all in a dry run. Secrets are made by the script
//! where it runs. Refuses values that no quoting makes readable: such a deed is left out, and said.

mod deed;
mod functions;

use super::plan::{ByHand, Plan, Planned};
use crate::check::{Risk, StepKind};
use deed::calls;
use functions::FUNCTIONS;
use std::collections::{BTreeMap, BTreeSet};

/// What a script says about itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The install's root directory.
    pub root: &'a str,
    /// When the plan was made, RFC 3339 in UTC.
    pub made: &'a str,
    /// What each check demands, by its id.
    pub titles: &'a BTreeMap<String, String>,
}

/// Columns of a comment.
const WIDTH: usize = 100;

/// The plan as a script.
#[must_use]
pub fn script(plan: &Plan, about: &About<'_>) -> String {
    let mut used: BTreeSet<&str> = BTreeSet::from(["would"]);
    let mut body = String::new();
    for (number, step) in plan.steps.iter().enumerate() {
        section(&mut body, number + 1, step, about, &mut used);
    }
    let mut text = head(about);
    need(&mut used);
    for function in FUNCTIONS.iter().filter(|it| used.contains(it.name)) {
        text.push('\n');
        text.push_str(function.text);
    }
    text.push_str(&body);
    conflicts(&mut text, plan);
    refused(&mut text, plan);
    by_hand(&mut text, plan, about);
    text.push_str("\nif [ -n \"$left\" ]; then exit 1; fi\n");
    text
}

/// Functions that are called by those that are called.
fn need(used: &mut BTreeSet<&str>) {
    // The list is short, and a function stands behind those that it calls.
    for function in FUNCTIONS.iter().rev() {
        if used.contains(function.name) {
            used.extend(function.needs);
        }
    }
}

fn head(about: &About<'_>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = String::from("#!/bin/sh\n");
    comment(
        &mut text,
        "",
        &format!(
            "Mends the helpdesk in {}. Written by deskguard {version} on {}.",
            about.root, about.made
        ),
    );
    let plan: String = about.made.chars().filter(char::is_ascii_digit).collect();
    text.push_str(&format!(
        "#
#   sh THIS-FILE --dry-run    says what it would change, and changes nothing
#   sh THIS-FILE              as root: changes it, and stops at the first thing that is not as expected
#
# A second run changes nothing more. Nobody else should change these files meanwhile: where an
# attacker may own part of the tree, `deskguard fix --apply` does the same without following links,
# and can take it back.
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077

dry=
left=
plan={plan}
case ${{1-}} in
  '') ;;
  --dry-run) dry=yes ;;
  *)
    echo \"usage: $0 [--dry-run]\" >&2
    exit 2
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf -- \"$work\"' EXIT
: \"$dry$left$plan$work\"
"
    ));
    text
}

fn section(
    text: &mut String,
    number: usize,
    step: &Planned,
    about: &About<'_>,
    used: &mut BTreeSet<&str>,
) {
    text.push_str(&format!("\n# {}\n", "-".repeat(WIDTH - 2)));
    comment(text, "", &format!("{number}. {}", step.title));
    for check in step.checks() {
        let title = about.titles.get(check).map_or("", String::as_str);
        comment(text, "mends:   ", &format!("{check}: {title}"));
    }
    comment(text, "risk:    ", risk(step.risk));
    for note in &step.notes {
        comment(text, "note:    ", &note.text);
    }
    for (number, what) in step.touches.iter().enumerate() {
        if number == TOUCHED {
            let more = step.touches.len() - TOUCHED;
            comment(text, "", &format!("         and {more} more, as below"));
            break;
        }
        comment(text, "touches: ", what);
    }
    for command in &step.verify {
        for line in command.lines() {
            comment(text, "check:   ", line);
        }
    }
    for call in calls(&step.actions) {
        match call {
            Ok(call) => {
                used.extend(call.functions);
                text.push_str(&call.lines.join("\n"));
                text.push('\n');
            }
            Err(problem) => {
                comment(text, "", &format!("Left out: {problem}"));
                text.push_str("left=yes\n");
            }
        }
    }
}

/// So many things that a step touches are listed above it.
const TOUCHED: usize = 6;

const fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::None => "disturbs nothing",
        Risk::Reload => "a service is reloaded",
        Risk::Outage => "the helpdesk may be away for a while",
    }
}

fn conflicts(text: &mut String, plan: &Plan) {
    for conflict in &plan.conflicts {
        text.push('\n');
        let about = &conflict.about;
        comment(
            text,
            "",
            &format!("Two fixes disagree about {about}; neither is done:"),
        );
        for (action, checks) in &conflict.sides {
            let names: Vec<&str> = checks.iter().map(String::as_str).collect();
            comment(text, "  ", &format!("{} wants", names.join(", ")));
            for line in super::shell::line(action).unwrap_or_default().lines() {
                comment(text, "    ", line);
            }
        }
        text.push_str("left=yes\n");
    }
}

fn refused(text: &mut String, plan: &Plan) {
    for refused in &plan.refused {
        text.push('\n');
        let words = format!(
            "{} is not mended: the helpdesk would lose something that it needs: {}",
            refused.check, refused.because
        );
        comment(text, "", &words);
        text.push_str("left=yes\n");
    }
}

fn by_hand(text: &mut String, plan: &Plan, about: &About<'_>) {
    if plan.by_hand.is_empty() {
        return;
    }
    text.push_str(&format!("\n# {}\n", "-".repeat(WIDTH - 2)));
    comment(
        text,
        "",
        "By hand, since it takes a person to decide. Nothing below is run.",
    );
    for hand in &plan.by_hand {
        text.push_str("#\n");
        person(text, hand, about);
    }
}

fn person(text: &mut String, hand: &ByHand, about: &About<'_>) {
    for check in &hand.checks {
        let title = about.titles.get(check).map_or("", String::as_str);
        comment(text, "", &format!("{check}: {title}"));
    }
    if hand.risk != Risk::None {
        comment(text, "risk: ", risk(hand.risk));
    }
    for line in hand.run.lines() {
        if hand.kind == StepKind::Manual {
            comment(text, "  ", line);
        } else {
            raw(text, &format!("  {line}"));
        }
    }
}

/// A wrapped comment, in which nothing can end the comment or steer a terminal.
fn comment(text: &mut String, label: &str, words: &str) {
    let hang = " ".repeat(label.chars().count());
    let options = textwrap::Options::new(WIDTH - 2)
        .initial_indent(label)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    for line in textwrap::wrap(words, options) {
        raw(text, &line);
    }
}

/// One line of comment as it is.
fn raw(text: &mut String, line: &str) {
    let shown: String = line
        .chars()
        .map(|c| {
            if crate::sql::quote::is_unsafe(c) && c != '\t' {
                '?'
            } else {
                c
            }
        })
        .collect();
    text.push_str(format!("# {shown}").trim_end());
    text.push('\n');
}
