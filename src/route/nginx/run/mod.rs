//! A request's way through nginx's phases. Refuses to guess: what is beyond the model ends the way
//! with its directive.

mod access;
mod arrive;
mod content;
mod error;
mod fastcgi;
mod find;
mod host;
mod path;
mod real_ip;
mod rewrite;
mod state;
mod test;
mod try_files;
mod uri;
mod value;

use super::plan::{Beyond, Plan};
use crate::route::{Answer, Because, Decision, Disk, Entrance, Fpm, Request};
use state::State;
use std::path::PathBuf;

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    ServerRewrite,
    FindConfig,
    /// The rewrite phase of the location that is chosen.
    Rewrite,
    Access,
    Content,
    /// A status ends the request (`ngx_http_finalize_request`).
    Finalize {
        status: u16,
        to: Option<Vec<u8>>,
    },
    Done(End),
}

impl Step {
    const fn status(status: u16) -> Self {
        Self::Finalize { status, to: None }
    }
}

/// What is sent in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    /// What it would be but for its status.
    decision: Decision,
    status: Option<u16>,
    file: Option<PathBuf>,
    to: Option<Vec<u8>>,
}

/// What nginx does with a request.
pub(super) fn answer(plan: &Plan, fpm: &[Fpm], request: &Request, disk: &dyn Disk) -> Answer {
    let mut state = State::new(plan, fpm, request, disk);
    match state.run() {
        Ok(mut end) => {
            // 204 sends no body, whatever it would have been.
            if end.status == Some(204)
                && matches!(end.decision, Decision::Static | Decision::Listing)
            {
                end.decision = Decision::Fixed;
                end.file = None;
            }
            let decision = match (end.decision, end.status) {
                (decision @ (Decision::Executed | Decision::Proxied), _) => decision,
                (_, Some(300..=399)) => Decision::Redirect,
                (_, Some(404)) => Decision::NotFound,
                (_, Some(400..)) => Decision::Denied,
                (decision, _) => decision,
            };
            Answer {
                decision,
                status: end.status,
                file: end.file,
                to: end.to.map(|to| String::from_utf8_lossy(&to).into_owned()),
                because: state.because,
            }
        }
        Err(beyond) => {
            let mut because = state.because;
            because.push(Because {
                at: beyond.at,
                text: beyond.text,
            });
            Answer {
                decision: Decision::Undetermined,
                status: None,
                file: None,
                to: None,
                because,
            }
        }
    }
}

/// Where a request arrives.
pub(super) fn entrance(
    plan: &Plan,
    request: &Request,
    disk: &dyn Disk,
) -> Result<Entrance, String> {
    let found = State::new(plan, &[], request, disk).entrance();
    found.map_err(|beyond| match beyond.at {
        Some(at) => format!("{at}: {}", beyond.text),
        None => beyond.text,
    })
}

impl State<'_> {
    fn run(&mut self) -> Result<End, Beyond> {
        let mut step = self.arrive()?;
        loop {
            step = match step {
                Step::ServerRewrite => self.server_rewrite()?,
                Step::FindConfig => self.find_config()?,
                Step::Rewrite => self.location_rewrite()?,
                Step::Access => self.access_phases()?,
                Step::Content => self.content()?,
                Step::Finalize { status, to } => self.finalize(status, to)?,
                Step::Done(mut end) => {
                    if matches!(end.status, Some(300..=399)) {
                        let to = self.redirect.take();
                        end.to = to.map(|to| self.location_header(to)).transpose()?;
                    }
                    return Ok(end);
                }
            };
        }
    }

    fn server_rewrite(&mut self) -> Result<Step, Beyond> {
        self.obstacles()?;
        let codes = &self.server()?.codes;
        self.codes(codes, Step::FindConfig)
    }

    fn location_rewrite(&mut self) -> Result<Step, Beyond> {
        let location = self.location()?;
        let step = if self.location == self.server()?.location {
            // The server itself has no location phase.
            Step::Access
        } else {
            self.codes(&location.codes, Step::Access)?
        };
        if step != Step::Access {
            return Ok(step);
        }
        self.obstacles()?;
        self.post_rewrite()
    }

    /// `ngx_http_core_post_rewrite_phase`.
    fn post_rewrite(&mut self) -> Result<Step, Beyond> {
        if !self.uri_changed {
            return Ok(Step::Access);
        }
        self.changes_left = self.changes_left.saturating_sub(1);
        if self.changes_left == 0 {
            self.note("the URI was rewritten more than ten times: a cycle");
            return Ok(Step::status(500));
        }
        self.location = self.server()?.location;
        Ok(Step::FindConfig)
    }

    fn access_phases(&mut self) -> Result<Step, Beyond> {
        self.real_ip()?;
        if let Some(status) = self.access()? {
            return Ok(Step::status(status));
        }
        self.try_files()
    }

    /// `ngx_http_internal_redirect`.
    fn internal_redirect(&mut self, uri: Vec<u8>, args: Vec<u8>) -> Result<Step, Beyond> {
        self.changes_left = self.changes_left.saturating_sub(1);
        if self.changes_left == 0 {
            self.note("there were more than ten internal redirects: a cycle");
            return Ok(Step::status(500));
        }
        self.uri = uri;
        self.args = args;
        self.location = self.server()?.location;
        self.internal = true;
        self.add_uri_to_alias = false;
        self.valid_location = true;
        Ok(Step::ServerRewrite)
    }

    /// `ngx_http_named_location`.
    fn named_location(&mut self, name: &[u8]) -> Result<Step, Beyond> {
        self.changes_left = self.changes_left.saturating_sub(1);
        if self.changes_left == 0 {
            self.note("there were more than ten internal redirects: a cycle");
            return Ok(Step::status(500));
        }
        let named = &self.server()?.named;
        let Some((_, index)) = named.iter().find(|(known, _)| known == name) else {
            let name = String::from_utf8_lossy(name).into_owned();
            self.note(format!("there is no location {name}"));
            return Ok(Step::status(500));
        };
        self.internal = true;
        self.uri_changed = false;
        self.handler = None;
        self.enter(*index)?;
        let location = self.at(*index)?;
        self.say(&location.at, location.label.clone());
        Ok(Step::Rewrite)
    }

    /// `ngx_http_update_location_config`.
    fn enter(&mut self, index: usize) -> Result<(), Beyond> {
        self.location = index;
        if let Some(inner) = self.location()?.limit_except {
            self.location = inner;
            let location = self.at(inner)?;
            self.say(
                &location.at,
                format!("{} does not name GET", location.label),
            );
        }
        if self.location()?.handler.is_some() {
            self.handler = Some(self.location);
        }
        Ok(())
    }
}
