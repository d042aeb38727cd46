//! What comes after the phases: the handler that answers, internal redirects, error documents
//! (server/config.c `ap_invoke_handler`, modules/http/http_request.c).

use super::handler;
use super::phases;
use super::record::{Asking, Record, shown};
use super::said::{Step, Stop};
use super::uri;
use crate::route::{Because, Decision};
use std::path::PathBuf;
use std::sync::Arc;

/// Internal redirects of one request, no more than this (`LimitInternalRecursion`).
const MOST: usize = 10;

/// How a request ends.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) decision: Decision,
    pub(super) status: Option<u16>,
    pub(super) file: Option<PathBuf>,
    pub(super) to: Option<Vec<u8>>,
    pub(super) because: Vec<Because>,
}

/// What a handler does.
pub(super) enum Answered {
    /// It answers; the status is the request's own.
    With(Decision, Option<PathBuf>),
    /// Another program answers and chooses the status.
    Elsewhere(Decision),
    /// A status without an answer of its own.
    Status(u16),
    /// Another path is to answer.
    Redirect(Vec<u8>, Option<Vec<u8>>),
}

/// Answers a request from its first phase on.
pub(super) fn respond(asking: &Asking<'_>, mut r: Record) -> Step<Ending> {
    match phases::run(asking, &mut r) {
        Ok(status) => finish(asking, r, status),
        Err(stop) => {
            asking.until.replace(r.because);
            Err(stop)
        }
    }
}

fn finish(asking: &Asking<'_>, mut r: Record, status: Option<u16>) -> Step<Ending> {
    if let Some(status) = status {
        return die(asking, r, status);
    }
    let answered = handler::invoke(asking, &mut r).inspect_err(|_| {
        asking.until.replace(r.because.clone());
    })?;
    match answered {
        Answered::Status(status) => die(asking, r, status),
        Answered::Redirect(path, query) => redirect(asking, r, &path, query),
        Answered::Elsewhere(decision) => Ok(Ending {
            decision,
            status: None,
            file: None,
            to: None,
            because: r.because,
        }),
        Answered::With(decision, file) => {
            let ran = decision == Decision::Executed;
            let decision = if ran {
                decision
            } else {
                by_status(r.status).unwrap_or(decision)
            };
            let file = file.filter(|_| !matches!(decision, Decision::NotFound | Decision::Denied));
            Ok(Ending {
                decision,
                status: Some(r.status),
                file,
                to: None,
                because: r.because,
            })
        }
    }
}

/// What a status alone means.
const fn by_status(status: u16) -> Option<Decision> {
    match status {
        300..=399 => Some(Decision::Redirect),
        404 => Some(Decision::NotFound),
        400.. => Some(Decision::Denied),
        _ => None,
    }
}

/// Goes on with another path (`ap_internal_redirect`).
fn redirect(asking: &Asking<'_>, r: Record, path: &[u8], query: Option<Vec<u8>>) -> Step<Ending> {
    let most = asking.server.most_redirects.unwrap_or(MOST);
    if r.redirects >= most {
        let mut r = r;
        r.note_fact(format!("more than {most} internal redirects"));
        return die(asking, r, 500);
    }
    let mut next = Record::new(path, query, Arc::clone(&asking.server.defaults));
    next.redirects = r.redirects + 1;
    next.status = r.status;
    next.earlier_error = r.earlier_error.or((r.status != 200).then_some(r.status));
    next.before = Some(r.taken.clone());
    next.walked_before = r.walked.clone();
    next.rewriting_ended = r.rewriting_ended;
    next.env = r
        .env
        .iter()
        .map(|(name, value)| ([b"REDIRECT_", name.as_slice()].concat(), value.clone()))
        .collect();
    next.env.insert(
        b"REDIRECT_STATUS".to_vec(),
        r.status.to_string().into_bytes(),
    );
    next.because = r.because;
    for set in &asking.server.set_env {
        set.apply(asking, &mut next)?;
    }
    respond(asking, next)
}

/// A status ends the request, unless an error document takes over (`ap_die_r`).
fn die(asking: &Asking<'_>, mut r: Record, status: u16) -> Step<Ending> {
    // The client's own request is no answer to an error, whatever status a rule has set.
    let may_answer = r.redirects == 0 || r.status == 200;
    let document = r
        .per_dir
        .errors
        .get(&status)
        .cloned()
        .filter(|said| !said.value.is_empty() && may_answer);
    // A rule that redirects has put the status back, so that the redirect itself is the answer.
    let final_status = match r.earlier_error {
        Some(earlier) if r.status != 200 => earlier,
        _ => status,
    };
    let Some(said) = document else {
        return Ok(plain(r, final_status));
    };
    let value = said.value.clone();
    if value.starts_with(b"\"") {
        r.note(&said.at, format!("ErrorDocument {status} is a text"));
        return Ok(plain(r, status));
    }
    r.note(
        &said.at,
        format!("ErrorDocument {status} {}", shown(&value)),
    );
    if value.contains(&b'%') {
        return Err(Stop::at(
            &said.at,
            "not modelled: an ErrorDocument with an expression",
        ));
    }
    if value.starts_with(b"/") {
        r.status = status;
        let (path, query) = uri::split(&value);
        return redirect(asking, r, &path, query);
    }
    r.location = Some(value);
    Ok(plain(r, 302))
}

fn plain(r: Record, status: u16) -> Ending {
    let decision = by_status(status).unwrap_or(Decision::Fixed);
    Ending {
        decision,
        status: Some(status),
        file: None,
        to: r.location.filter(|_| (300..400).contains(&status)),
        because: r.because,
    }
}

/// A request that Apache refuses before it has a path.
pub(super) fn refused(r: Record, status: u16) -> Ending {
    plain(r, status)
}
