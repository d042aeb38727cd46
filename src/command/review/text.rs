//! A review as a person reads it: what deserves a look first, then what is usual, then what could not be
//! told. Everything from the database is escaped.

use crate::helpdesk::review::{Change, Review};
use crate::report::escape;
use std::fmt::Write as _;

/// How many changes of one kind are shown.
const MOST: usize = 40;

pub(super) fn text(review: &Review) -> String {
    let until = if review.until.is_empty() {
        "now"
    } else {
        &review.until
    };
    let mut out = format!("What happened from {} to {until} (UTC)\n", review.since);
    attacks(&mut out, review);
    part(&mut out, "New agents and admins", &review.accounts, |it| {
        let role = if it.admin { "an admin" } else { "an agent" };
        format!("{}  {}, {role}", it.when, it.who)
    });
    part(
        &mut out,
        "Settings that were changed",
        &review.settings,
        change,
    );
    part(
        &mut out,
        "API keys that were made or changed",
        &review.keys,
        change,
    );
    part(
        &mut out,
        "Agents at new addresses",
        &review.addresses,
        |it| {
            let name = match it.hostname.as_str() {
                "" => String::new(),
                hostname => format!(" ({hostname})"),
            };
            format!(
                "{}  {} from {}{name}, {} since",
                it.first,
                it.who,
                it.address,
                counted(it.logins, "login", "logins")
            )
        },
    );
    part(&mut out, "Other changes by admins", &review.changes, change);
    part(&mut out, "New kinds of error", &review.errors, |it| {
        format!(
            "{} in {}: {}",
            counted(it.count, "time", "times"),
            it.path,
            it.kind
        )
    });
    if !review.unknown.is_empty() {
        part(
            &mut out,
            "What could not be told",
            &review.unknown,
            Clone::clone,
        );
    }
    out
}

fn attacks(out: &mut String, review: &Review) {
    part(out, "Bursts of failed logins", &review.attacks, |it| {
        let (whose, others) = if it.kind == "account" {
            ("on", counted(it.others, "address", "addresses"))
        } else {
            ("from", counted(it.others, "account", "accounts"))
        };
        let then = if it.then_entered.is_empty() {
            String::new()
        } else {
            format!("; THEN LOGGED IN: {}", it.then_entered.join(", "))
        };
        format!(
            "{} failures {whose} {} ({others}), {} to {}{then}",
            it.failures, it.on, it.first, it.last
        )
    });
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn change(it: &Change) -> String {
    format!("{}  {} ({}), by {}", it.when, it.what, it.action, it.by)
}

fn part<T>(out: &mut String, title: &str, rows: &[T], line: impl Fn(&T) -> String) {
    // Writing to a string cannot fail.
    let _ = if rows.is_empty() {
        writeln!(out, "\n{title}: none")
    } else {
        writeln!(out, "\n{title}: {}", rows.len())
    };
    for row in rows.iter().take(MOST) {
        let _ = writeln!(out, "  {}", escape(&line(row)));
    }
    if rows.len() > MOST {
        let _ = writeln!(
            out,
            "  … and {} more (--format json lists them)",
            rows.len() - MOST
        );
    }
}
