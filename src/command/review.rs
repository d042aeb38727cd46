//! `deskguard review`: what happened since the last review, on one screen where nothing did; and the word of
//! the person who looked, written into the settings. Refuses to attest what could not be read.

mod text;

use super::append::append;
use super::audit::wishes;
use super::settings::Settings;
use super::{Failure, print};
use crate::audit;
use crate::cli::{ReviewArgs, ReviewFormat};
use crate::config::{ATTESTABLE, DEFAULT_PATH};
use crate::helpdesk::review::Review;
use crate::host::Host;
use jiff::civil::{Date, date};
use std::path::Path;

pub(super) fn run(args: &ReviewArgs) -> Result<u8, Failure> {
    let settings = Settings::read(args.config.as_deref())?;
    let policy = settings.policy(None)?;
    let today = day_number(super::today());
    let attested = &policy.attested.logs_reviewed;
    let since = match &args.since {
        Some(typed) => since(typed, today)?,
        None if !attested.by.is_empty() => attested.day,
        None => today - policy.max_review_age_days,
    };
    let wishes = wishes(&args.observe, &settings.config)?;
    if wishes.database.dump.is_some() {
        return Err(Failure::Message(
            "a review reads the database itself: leave --db-dump and [database] dump out"
                .to_owned(),
        ));
    }
    let review = audit::review(&Host::default(), &wishes, since)?;
    match args.format {
        ReviewFormat::Text => print(&text::text(&review))?,
        ReviewFormat::Json => {
            let json = serde_json::to_string_pretty(&review).map_err(|error| error.to_string())?;
            print(&format!("{json}\n"))?;
        }
    }
    if let Some(name) = &args.attest {
        let said = attest(args, &settings, &review, name)?;
        if args.format == ReviewFormat::Text {
            print(&said)?;
        }
    }
    Ok(0)
}

fn since(typed: &str, today: i64) -> Result<i64, Failure> {
    let wrong = || format!("--since {typed}: write a day as 2026-11-01");
    let day: Date = typed.parse().map_err(|_| wrong())?;
    let day = day_number(day);
    if day > today {
        return Err(Failure::Message(format!(
            "--since {typed}: this day is still to come"
        )));
    }
    Ok(day)
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i64 {
    date(1970, 1, 1)
        .until(day)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// Appends the attestation.
fn attest(
    args: &ReviewArgs,
    settings: &Settings,
    review: &Review,
    name: &str,
) -> Result<String, Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Failure::Message("--attest: say who looked".to_owned()));
    }
    if review.until.is_empty() {
        return Err(Failure::Message(format!(
            "nothing is attested, because the database could not be read: {}",
            review
                .unknown
                .first()
                .map_or("no reason is known", String::as_str)
        )));
    }
    let lines = format!(
        "[[attest]]\ncheck = {}\nby = {}\non = {}\n",
        toml::Value::String(ATTESTABLE.to_owned()),
        toml::Value::String(name.to_owned()),
        super::today()
    );
    let named = args.config.as_deref().or(settings.file.as_deref());
    let file = append(
        named.unwrap_or_else(|| Path::new(DEFAULT_PATH)),
        &settings.text,
        &lines,
        ("attest", |config| config.attest.len()),
    )?;
    Ok(format!("\n{lines}Appended to {}.\n", file.display()))
}
