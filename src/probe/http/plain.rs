//! What plain HTTP gives: closed, a redirect to HTTPS, a refusal, or the helpdesk itself in the clear.

use super::ask::{Answered, Ground, follow};
use super::control::{Likeness, Shape};
use super::send::{Failure, Sender};
use crate::facts::{Known, PlainHttp};
use crate::route::Scheme;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A port that is filtered says nothing; longer than this it is not waited for.
const LONGEST_CONNECT: Duration = Duration::from_secs(3);

/// Asks for the first page and for where agents log in. `port` is the URL's own where it is a plain
/// one, else 80.
pub(super) async fn observe(
    sender: &mut Sender,
    ground: &Ground,
    home: &Answered,
    port: &Option<u16>,
) -> PlainHttp {
    let port = port.unwrap_or(Scheme::Http.port());
    let prefix = String::from_utf8_lossy(&sender.site.home.target).into_owned();
    let prefix = prefix.trim_end_matches('/');
    let first = sender.site.over(Scheme::Http, port, &format!("{prefix}/"));
    let mut found = PlainHttp {
        url: first.url(),
        ends_at_https: Known::Known(home.at.scheme == Scheme::Https),
        ..PlainHttp::default()
    };
    let there = SocketAddr::new(sender.address, port);
    let closed = match timeout(LONGEST_CONNECT, TcpStream::connect(there)).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no connection".to_owned()),
    };
    if let Some(because) = closed {
        found.state = Known::Known("closed".to_owned());
        found.because = because;
        return found;
    }
    // A site may redirect its first page and still let agents log in without encryption.
    for path in ["/", "/agent/", "/index.php/agent/"] {
        let request = sender
            .site
            .over(Scheme::Http, port, &format!("{prefix}{path}"));
        let result = follow(sender, &request).await;
        let (state, because) = judge(ground, home, path, &result);
        let worse = matches!(&state, Known::Known(state) if state == "answers");
        if path == "/" || worse {
            found.url = request.url();
            found.state = state;
            found.because = because;
        }
        if worse {
            break;
        }
    }
    found
}

fn judge(
    ground: &Ground,
    home: &Answered,
    path: &str,
    result: &Result<Answered, Failure>,
) -> (Known<String>, String) {
    let known = |state: &str, because: String| (Known::Known(state.to_owned()), because);
    let answered = match result {
        Ok(answered) => answered,
        Err(Failure::Refused(why)) => return known("closed", why.clone()),
        Err(failure) => return (Known::unknown(failure.reason()), String::new()),
    };
    let status = answered.first.status;
    let to = answered.first.redirect().unwrap_or_default();
    if answered.at.scheme == Scheme::Https || to.to_ascii_lowercase().starts_with("https://") {
        return known("redirects", format!("status {status} to {to}"));
    }
    if answered.last.status >= 400 || answered.elsewhere.is_some() {
        return known("refuses", format!("status {}", answered.last.status));
    }
    let is_helpdesk = answered
        .last
        .text()
        .to_ascii_lowercase()
        .contains("deskpro")
        || (answered.last.title() == home.last.title() && !home.last.title().is_empty())
        || answered.last.body == home.last.body;
    let nothing = ground
        .controls
        .likeness(Shape::Directory, &answered.last, &[]);
    if is_helpdesk || (path != "/" && nothing == Likeness::Different) {
        return known("answers", format!("status {status} without encryption"));
    }
    let why = format!(
        "{} answers {status} with a page that is not known to be the helpdesk's",
        answered.at.url()
    );
    (Known::unknown(why), String::new())
}
