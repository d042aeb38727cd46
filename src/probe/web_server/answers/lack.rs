//! What the answers lack, by what was seen of them, and the words that give it. Refuses what would do
//! harm: headers that the product itself sends on other pages, HTTPS only where HTTPS does not work, and
//! marks of cookies that browsers would then keep to themselves.

use crate::facts::{CookieSet, Known, LiveFacts, PageHeaders};
use crate::needs;
use regex::Regex;
use std::sync::LazyLock;

/// One thing that answers lack.
pub(super) struct Lack {
    /// As [`crate::facts::AnswerLine`] has it.
    pub(super) about: &'static str,
    pub(super) what: What,
    /// What it is lacking of, and the page that shows it.
    pub(super) subjects: Vec<(String, String)>,
    /// Whether something is sent in its place that does not protect.
    pub(super) is_wrong: bool,
    /// A page that has it.
    pub(super) elsewhere: Option<String>,
}

/// How it is given.
pub(super) enum What {
    /// A header with this value.
    Header(&'static str),
    /// `X-Frame-Options` for all but the pages that are made to be framed: a pattern over the path and
    /// query of a request, or why there is none.
    Framing(Result<String, String>),
    /// Strict-Transport-Security.
    Hsts,
    /// The server tells its version.
    Version,
    /// PHP, or what runs in it, tells its version.
    PoweredBy,
    /// The attributes that cookies are set without, which are named by the subjects.
    Cookies(Vec<&'static str>),
}

static AGE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(max-age\s*=\s*["']?)(\d+)"#).ok());

/// Browsers remember it for a year.
pub(super) const HSTS: &str = "max-age=31536000";
/// The same in seconds.
pub(super) const HSTS_SECONDS: u64 = 31_536_000;

pub(super) fn lacks(live: &LiveFacts, missed: &mut Vec<String>) -> Vec<Lack> {
    let mut found = vec![
        header(
            live,
            "X-Content-Type-Options",
            What::Header("nosniff"),
            |row| row.nosniff,
        ),
        header(live, "X-Frame-Options", framing(live), |row| row.framing),
        header(
            live,
            "Referrer-Policy",
            What::Header("strict-origin-when-cross-origin"),
            |row| row.referrer,
        ),
    ];
    match hsts(live) {
        Ok(lack) => found.push(lack),
        Err(reason) => missed.push(format!("Strict-Transport-Security: {reason}")),
    }
    found.extend(versions(live));
    for row in &live.cookies.rows {
        match marks(row) {
            Ok(marks) if marks.is_empty() => {}
            Ok(marks) => cookie(row, marks, &mut found),
            Err(reason) => missed.push(format!("Set-Cookie: {reason}")),
        }
    }
    found.retain(|lack| !lack.subjects.is_empty());
    found.retain(|lack| {
        let reason = open(live, lack);
        missed.extend(
            reason
                .iter()
                .map(|reason| format!("{}: {reason}", lack.about)),
        );
        reason.is_none()
    });
    found
}

fn header(
    live: &LiveFacts,
    about: &'static str,
    what: What,
    has: impl Fn(&PageHeaders) -> bool,
) -> Lack {
    let (with, without): (Vec<_>, Vec<_>) = live.headers.rows.iter().partition(|row| has(row));
    let sends = |row: &&PageHeaders| row.wrong.iter().any(|it| it == about);
    Lack {
        about,
        what,
        is_wrong: without.iter().any(sends),
        subjects: without
            .iter()
            .map(|row| (row.url.clone(), row.url.clone()))
            .collect(),
        elsewhere: with.first().map(|row| row.url.clone()),
    }
}

/// What a person has to decide about framing.
fn open(live: &LiveFacts, lack: &Lack) -> Option<String> {
    let What::Framing(pattern) = &lack.what else {
        return None;
    };
    if let Err(reason) = pattern {
        return Some(reason.clone());
    }
    let sends = |name: &str| {
        let rows = live.headers.rows.iter().filter(|row| !row.framing);
        rows.filter(|row| row.wrong.iter().any(|it| it == name))
            .map(|row| row.url.clone())
            .next()
    };
    if let Some(url) = sends("Content-Security-Policy") {
        return Some(format!(
            "the Content-Security-Policy of {url} names with frame-ancestors who may frame it, and browsers then pass over X-Frame-Options: let it name nobody but 'self' and sites that you know"
        ));
    }
    sends("X-Frame-Options").map(|url| {
        format!("{url} sends one that no browser heeds: who may frame the helpdesk is for a person to decide")
    })
}

/// Pages that other sites embed are asked for under the helpdesk's own address, whatever script leads
/// there.
fn framing(live: &LiveFacts) -> What {
    let url = live.site.url.known().map_or("", String::as_str);
    let path = url.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let prefix = match path.rsplit_once('/') {
        Some((before, last)) if last.contains('.') => before,
        None if path.contains('.') => "",
        _ => path.trim_end_matches('/'),
    };
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    if !prefix.chars().all(is_usual) {
        return What::Framing(Err(format!(
            "the path of {url} holds marks that a rule would misread"
        )));
    }
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        format!("/+{}", prefix.replace('.', r"\."))
    };
    // No escapes in the path: what a server takes for a slash must not make another page of it.
    What::Framing(Ok(format!(
        r"^{prefix}/+(index\.php/+)?({})(/[\w./-]*)?(\?|$)",
        needs::EMBEDDED.join("|")
    )))
}

/// Only where this machine's browsers could come back over HTTPS: a name that answers nothing else any
/// more must answer that (RFC 6797 section 8.4).
fn hsts(live: &LiveFacts) -> Result<Lack, String> {
    let lack = |subjects| Lack {
        about: "Strict-Transport-Security",
        what: What::Hsts,
        is_wrong: !live.hsts.value.is_empty(),
        subjects,
        elsewhere: None,
    };
    if live.site.scheme.known().map(String::as_str) != Some("https") || live.hsts.url.is_empty() {
        return Ok(lack(Vec::new()));
    }
    for (fact, what) in [
        (&live.tls.trusted, "is trusted"),
        (&live.tls.name_matches, "is for this name"),
        (&live.tls.in_time, "is valid today"),
    ] {
        match fact {
            Known::Known(true) => {}
            Known::Known(false) => {
                return Err(format!(
                    "not while the certificate is a bad one ({}): browsers that know the header let nobody past that",
                    live.tls.problem
                ));
            }
            Known::Unknown(reason) => {
                return Err(format!(
                    "whether the certificate {what} is not known: {reason}"
                ));
            }
        }
    }
    let url = live.hsts.url.clone();
    Ok(lack(vec![(url.clone(), url)]))
}

/// What headers tell. The product's own pages and elements are its own business.
fn versions(live: &LiveFacts) -> Vec<Lack> {
    let of = |about: &'static str, what: What| {
        let rows = live.versions.rows.iter().filter(|row| row.place == about);
        Lack {
            about,
            what,
            subjects: rows.map(|row| (row.url.clone(), row.url.clone())).collect(),
            is_wrong: false,
            elsewhere: None,
        }
    };
    vec![
        of("Server", What::Version),
        of("X-Powered-By", What::PoweredBy),
    ]
}

/// Every attribute that a session's cookie lacks, or none of them.
fn marks(row: &CookieSet) -> Result<Vec<&'static str>, String> {
    if !row.is_session {
        return Ok(Vec::new());
    }
    let name = &row.name;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.chars().all(is_plain) {
        return Err(format!(
            "the name of the cookie {name} holds marks that a rule would misread"
        ));
    }
    let mark = |missing: &String| match missing.as_str() {
        "Secure" if !row.url.starts_with("https://") => Err(format!(
            "{name} is set over plain HTTP, where browsers would not take it with Secure: HTTPS comes first"
        )),
        "Secure" => Ok("Secure"),
        "HttpOnly" => Ok("HttpOnly"),
        // Somebody has said that other sites may send it.
        "SameSite" if !row.same_site.is_empty() => Err(format!(
            "{name} says SameSite={}: whether other sites embed the helpdesk is for a person to decide",
            row.same_site
        )),
        "SameSite" => Ok("SameSite=Lax"),
        _ => Err(format!("{name} lacks {missing}")),
    };
    row.missing.iter().map(mark).collect()
}

/// Cookies that lack the same are mended together.
fn cookie(row: &CookieSet, marks: Vec<&'static str>, found: &mut Vec<Lack>) {
    let subject = (row.name.clone(), row.url.clone());
    let same = |lack: &&mut Lack| matches!(&lack.what, What::Cookies(known) if *known == marks);
    match found.iter_mut().find(same) {
        Some(lack) => lack.subjects.push(subject),
        None => found.push(Lack {
            about: "Set-Cookie",
            what: What::Cookies(marks),
            subjects: vec![subject],
            is_wrong: false,
            elsewhere: None,
        }),
    }
}

/// For how long a value tells browsers to use HTTPS only, in seconds.
pub(super) fn max_age(value: &str) -> Option<u64> {
    let age = AGE.as_ref()?.captures(value)?.get(2)?;
    age.as_str().parse().ok()
}

/// A line about Strict-Transport-Security with a longer time and nothing else changed; one without any
/// time gets the usual value.
pub(super) fn a_year(line: &str) -> Option<String> {
    let age = AGE.as_ref()?;
    age.is_match(line).then(|| {
        age.replace(line, format!("${{1}}{HSTS_SECONDS}"))
            .into_owned()
    })
}
