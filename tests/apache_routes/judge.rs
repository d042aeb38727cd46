//! What Apache did, in the model's words, and whether the model said the same.

use crate::real_apache::{Reply, exchange};
use deskguard::route::{Answer, Decision, Request};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What Apache did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) decision: Decision,
    pub(crate) status: u16,
    pub(crate) file: Option<PathBuf>,
    pub(crate) to: Option<String>,
}

/// Sends the request's own bytes.
pub(crate) fn ask(request: &Request) -> Option<Seen> {
    let mut bytes = [b"GET ", request.target.as_slice(), b" HTTP/1.1\r\n"].concat();
    for (name, value) in &request.headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    let to = SocketAddr::new(request.to.unwrap(), request.port);
    exchange(request.from, to, &bytes).map(|reply| seen(&reply))
}

/// Every file says its name, and whether PHP ran it.
fn seen(reply: &Reply) -> Seen {
    let body = &reply.body;
    let after = |mark: &str| {
        let rest = body.split(mark).nth(1)?;
        let name = rest.split([' ', '\n', '\r']).next()?;
        // The one name with a blank in it.
        let name = if rest.starts_with(&format!("{name} ace/f.txt")) {
            format!("{name} ace/f.txt")
        } else {
            name.to_owned()
        };
        Some(PathBuf::from(name))
    };
    let (decision, file) = if body.contains("PROXIED") {
        (Decision::Proxied, None)
    } else if body.contains("RAN /") {
        (Decision::Executed, after("RAN "))
    } else if (300..400).contains(&reply.status) {
        (Decision::Redirect, None)
    } else if reply.status == 404 {
        (Decision::NotFound, None)
    } else if reply.status >= 400 {
        (Decision::Denied, None)
    } else if body.contains("<title>Index of") {
        (Decision::Listing, None)
    } else if body.contains("Apache Status") || body.contains("Apache Server Status") {
        (Decision::Fixed, None)
    } else {
        (Decision::Static, after("IS "))
    };
    Seen {
        decision,
        status: reply.status,
        file,
        to: reply.location.clone(),
    }
}

/// Where model and Apache differ; nothing where they agree or the model does not know.
pub(crate) fn differ(answer: &Answer, seen: &Seen) -> Option<String> {
    if answer.decision == Decision::Undetermined {
        return None;
    }
    if answer.decision != seen.decision {
        let (status, file) = (seen.status, &seen.file);
        return Some(format!(
            "decision {:?}, Apache {:?} {status} {file:?}",
            answer.decision, seen.decision
        ));
    }
    if let Some(status) = answer.status
        && status != seen.status
    {
        return Some(format!("status {status}, Apache {}", seen.status));
    }
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    if let Some(file) = &seen.file
        && answer.file.as_ref().map(real) != Some(real(file))
    {
        return Some(format!("file {:?}, Apache {}", answer.file, file.display()));
    }
    if seen.decision == Decision::Redirect && answer.to != seen.to {
        return Some(format!("to {:?}, Apache {:?}", answer.to, seen.to));
    }
    None
}
