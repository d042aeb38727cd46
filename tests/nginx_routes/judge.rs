//! What the server did, read from the body first, and whether the model said the same.

use super::real_nginx::Reply;
use deskguard::route::{Answer, Decision};
use std::path::{Path, PathBuf};

/// What the server did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) decision: Decision,
    pub(crate) status: u16,
    pub(crate) file: Option<PathBuf>,
    pub(crate) to: Option<String>,
}

pub(crate) fn read(reply: &Reply) -> Done {
    let body = reply.body_text();
    let Some(status) = reply.status else {
        return Done {
            decision: Decision::Denied,
            status: 444,
            file: None,
            to: None,
        };
    };
    let mut done = Done {
        decision: Decision::Fixed,
        status,
        file: None,
        to: reply.header("location").map(str::to_owned),
    };
    if let Some(file) = reply.header("x-ran") {
        done.decision = Decision::Executed;
        done.file = Some(file.into());
    } else if reply.header("x-backend").is_some() {
        done.decision = Decision::Proxied;
    } else if (300..400).contains(&status) {
        done.decision = Decision::Redirect;
    } else if status == 404 {
        done.decision = Decision::NotFound;
    } else if status >= 400 {
        done.decision = Decision::Denied;
    } else if body.contains("\n<?php") {
        done.decision = Decision::Static;
        let first = body.lines().next().unwrap_or_default();
        done.file = first.strip_prefix("FILE ").map(PathBuf::from);
    } else if body.contains("<title>Index of") {
        done.decision = Decision::Listing;
    }
    done
}

/// Nothing if model and server agree.
pub(crate) fn difference(answer: &Answer, done: &Done) -> Option<String> {
    if answer.decision == Decision::Undetermined {
        return None;
    }
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let same_file = match (&answer.file, &done.file, done.decision) {
        (Some(ours), Some(theirs), Decision::Static | Decision::Executed) => {
            real(ours) == real(theirs)
        }
        (None, Some(_), Decision::Static | Decision::Executed) => false,
        _ => true,
    };
    let same_target = answer.decision != Decision::Redirect || answer.to == done.to;
    let agree = answer.decision == done.decision
        && answer.status.is_none_or(|status| status == done.status)
        && same_file
        && same_target;
    (!agree).then(|| {
        format!(
            "model: {} {:?} {:?} {:?}\nnginx: {} {} {:?} {:?}",
            answer.decision.word(),
            answer.status,
            answer.file,
            answer.to,
            done.decision.word(),
            done.status,
            done.file,
            done.to
        )
    })
}
