//! One thing that is asked for, and the judgement of its answer: given, not given, or not to be told
//! and why. Refuses to take a refusal for one where the site refuses everything.

use super::control::{Controls, Likeness, Shape};
use super::marker::{self, Marker};
use super::reply::Reply;
use super::send::{Failure, Sender};
use crate::facts::{Asked, Known};
use crate::route::Request;

/// No more redirects are followed.
const MOST_REDIRECTS: usize = 4;

/// What is asked for. It cannot be formatted: the file's start may hold a password.
#[derive(Clone)]
pub(super) struct Ask {
    /// In words: `the data directory's index.html`.
    pub(super) what: String,
    /// `data`, `config`, `admin` …
    pub(super) kind: &'static str,
    /// As it goes out.
    pub(super) request: Request,
    pub(super) shape: Shape,
    pub(super) marker: Marker,
    /// The file's start, where it lies on this machine.
    pub(super) disk: Option<(String, Vec<u8>)>,
}

/// What is known of the site when answers are judged.
pub(super) struct Ground {
    pub(super) controls: Controls,
    /// Why no answer of this site says that something is not given; none where answers mean something.
    pub(super) doubt: Option<String>,
    /// Whether deskguard stands outside.
    pub(super) outside: bool,
}

/// An answer with the way it came.
pub(super) struct Answered {
    /// The first answer.
    pub(super) first: Reply,
    /// The last one, redirects on the same host followed.
    pub(super) last: Reply,
    /// The host that a redirect leads to and that was not followed.
    pub(super) elsewhere: Option<String>,
    /// Where the last answer came from.
    pub(super) at: Request,
    /// Every answer on the way, with what was asked.
    pub(super) way: Vec<(Request, Reply)>,
}

/// Asks, and follows redirects on the same host by hand.
pub(super) async fn follow(sender: &mut Sender, request: &Request) -> Result<Answered, Failure> {
    let first = sender.get(request).await?;
    let mut answered = Answered {
        way: vec![(request.clone(), first.clone())],
        last: first.clone(),
        first,
        elsewhere: None,
        at: request.clone(),
    };
    for _ in 0..MOST_REDIRECTS {
        let Some(to) = answered.last.redirect() else {
            break;
        };
        let next = match sender.site.follow(&answered.at, &to) {
            Ok(next) if answered.way.iter().any(|(known, _)| *known == next) => break,
            Ok(next) => next,
            Err(host) => {
                answered.elsewhere = Some(host);
                break;
            }
        };
        // What was answered so far stands, whatever becomes of this.
        let Ok(reply) = sender.get(&next).await else {
            break;
        };
        answered.way.push((next.clone(), reply.clone()));
        answered.last = reply;
        answered.at = next;
    }
    Ok(answered)
}

impl Ask {
    /// The row before anything was answered.
    fn row(&self, status: u16) -> Asked {
        Asked {
            what: self.what.clone(),
            kind: self.kind.to_owned(),
            url: self.request.url(),
            status,
            ..Asked::default()
        }
    }

    /// Judges what was answered.
    pub(super) fn judge(&self, ground: &Ground, result: &Result<Answered, Failure>) -> Asked {
        let answered = match result {
            Ok(answered) => answered,
            Err(failure) => {
                let mut row = self.row(0);
                row.given = Known::unknown(failure.reason());
                row.given_outside = Known::unknown(failure.reason());
                return row;
            }
        };
        let mut row = self.row(answered.first.status);
        let (given, shows) = self.given(ground, answered);
        row.shows = shows;
        row.given_outside = match &given {
            Known::Known(_) if !ground.outside => Known::unknown(
                "it was asked from inside; what an outsider gets is said by the web server's configuration, or by a run with --vantage outside",
            ),
            known => known.clone(),
        };
        row.given = given;
        row
    }

    fn given(&self, ground: &Ground, answered: &Answered) -> (Known<bool>, String) {
        let reply = &answered.last;
        let disk = self.disk.as_ref().map(|(_, bytes)| bytes.as_slice());
        // Any page may hold a form to log in, also the answer to nothing.
        if self.marker != Marker::Login
            && let Some(shows) = marker::shown(&self.marker, reply, disk)
        {
            return (Known::Known(true), shows);
        }
        if let Some(doubt) = &ground.doubt {
            return (Known::unknown(doubt.clone()), String::new());
        }
        if let Some(host) = &answered.elsewhere {
            return (Known::Known(false), format!("sent to the host {host}"));
        }
        if !(200..300).contains(&reply.status) {
            let refused = format!("status {}", reply.status);
            return (Known::Known(false), refused);
        }
        if self.marker == Marker::Login && !self.is_below(&answered.at) {
            return (
                Known::Known(false),
                format!("sent to {}", answered.at.url()),
            );
        }
        if !reply.unreadable.is_empty() {
            let why = format!("{}: {}", self.request.url(), reply.unreadable);
            return (Known::unknown(why), String::new());
        }
        let path = String::from_utf8_lossy(&self.request.target).into_owned();
        let words: Vec<&str> = path.split(['/', '.', '?', '=']).collect();
        match ground.controls.likeness(self.shape, reply, &words) {
            Likeness::Same => (
                Known::Known(false),
                "the same page as for a path that does not exist".to_owned(),
            ),
            likeness => self.without_marker(reply, likeness),
        }
    }

    /// Whether the answer still came from below the path that was asked for.
    fn is_below(&self, at: &Request) -> bool {
        let asked = self.request.raw_path();
        let asked = asked.strip_suffix(b"/").unwrap_or(asked);
        at.raw_path().starts_with(asked)
    }

    /// A 200 that shows no marker and is not the site's answer to nothing.
    fn without_marker(&self, reply: &Reply, likeness: Likeness) -> (Known<bool>, String) {
        let url = self.request.url();
        if self.kind == "config" && reply.body.is_empty() && likeness == Likeness::Different {
            return (Known::Known(true), "nothing: the script was run".to_owned());
        }
        if self.marker.is_certain() {
            return (
                Known::Known(false),
                "another page, without what was asked for".to_owned(),
            );
        }
        match likeness {
            Likeness::Different if reply.body.is_empty() => {
                (Known::Known(false), "an empty answer".to_owned())
            }
            Likeness::Different if self.marker == Marker::Login => {
                let form = marker::shown(&self.marker, reply, None);
                (
                    Known::Known(true),
                    form.unwrap_or_else(|| "a page of its own".to_owned()),
                )
            }
            Likeness::Different if !reply.is_page() => (
                Known::Known(true),
                format!("{} bytes that are no page", reply.body.len()),
            ),
            Likeness::Different | Likeness::Same => (
                Known::unknown(format!(
                    "{url} answers 200 with a page that deskguard does not know"
                )),
                String::new(),
            ),
            Likeness::Unforeseeable => (
                Known::unknown(format!(
                    "{url} answers 200, but this site answers 200 with ever new content to paths that do not exist"
                )),
                String::new(),
            ),
        }
    }
}
