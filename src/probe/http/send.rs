//! Sends requests and reads answers, within limits of time, number and size. Sends GET only, to one
//! host only, follows nothing by itself, uses no proxy, and never changes a path on its way out:
//! what reqwest would normalise goes out through hyper instead.

use super::reply::{MOST_BODY, Reply};
use super::site::Site;
use crate::route::{Request, Scheme};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::error::Error;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// No more requests are sent to one site.
const MOST_REQUESTS: u64 = 400;
/// After so many silent or broken answers in a row the site is left alone.
const MOST_FAILURES: u32 = 3;
/// No answer is waited for longer than this.
const LONGEST_ANSWER: Duration = Duration::from_secs(8);
const NAME: &str = concat!("deskguard/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody listens there.
    Refused(String),
    /// No answer came in time.
    Silent(String),
    /// The site asks to be left alone for a while (429).
    Busy(String),
    /// Something came that is no answer, or the connection broke.
    Broken(String),
    /// The probe's own limits are reached.
    Spent(String),
}

impl Failure {
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Refused(why)
            | Self::Silent(why)
            | Self::Busy(why)
            | Self::Broken(why)
            | Self::Spent(why) => why,
        }
    }
}

/// How to reach one site.
pub(super) struct Sender {
    /// Whom requests go to.
    pub(super) site: Site,
    /// The address that the site's name led to; every request goes there.
    pub(super) address: IpAddr,
    /// This machine's address as the site sees it.
    pub(super) from: IpAddr,
    /// Requests sent.
    pub(super) sent: u64,
    ordinary: reqwest::Client,
    tls: Arc<ClientConfig>,
    deadline: Instant,
    failures: u32,
    given_up: Option<String>,
}

impl Sender {
    /// A sender for the site at this address, over TLS as the configuration says.
    pub(super) fn new(
        site: Site,
        ends: (IpAddr, IpAddr),
        tls: &ClientConfig,
        deadline: Instant,
    ) -> Result<Self, String> {
        let (address, from) = ends;
        let ordinary = reqwest::Client::builder()
            .user_agent(NAME)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tls_backend_preconfigured(tls.clone())
            // Port 0: the URL's own.
            .resolve(site.host(), SocketAddr::new(address, 0))
            .build()
            .map_err(|error| format!("no HTTP client can be made: {}", chain(&error)))?;
        Ok(Self {
            site,
            address,
            from,
            sent: 0,
            ordinary,
            tls: Arc::new(tls.clone()),
            deadline,
            failures: 0,
            given_up: None,
        })
    }

    /// Asks, and reads the answer.
    pub(super) async fn get(&mut self, request: &Request) -> Result<Reply, Failure> {
        if let Some(why) = &self.given_up {
            return Err(Failure::Spent(why.clone()));
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || self.sent >= MOST_REQUESTS {
            return Err(Failure::Spent(if left.is_zero() {
                "the time for HTTP requests was used up; --timeout gives more".to_owned()
            } else {
                format!("deskguard sends no more than {MOST_REQUESTS} requests")
            }));
        }
        self.sent += 1;
        let limit = LONGEST_ANSWER.min(left);
        let result = tokio::time::timeout(limit, self.send(request))
            .await
            .unwrap_or_else(|_| Err(silent(request, limit)));
        let result = result.and_then(|reply| match reply.status {
            429 => Err(Failure::Busy(format!(
                "{} answers 429: it wants fewer requests",
                request.url()
            ))),
            _ => Ok(reply),
        });
        self.learn(result.as_ref().err());
        result
    }

    /// A site that says nothing, or asks to be left alone, is left alone after a few tries.
    fn learn(&mut self, failure: Option<&Failure>) {
        match failure {
            Some(Failure::Silent(why) | Failure::Busy(why) | Failure::Broken(why)) => {
                self.failures += 1;
                if self.failures >= MOST_FAILURES {
                    self.given_up = Some(format!(
                        "after {MOST_FAILURES} such answers in a row nothing more was asked: {why}"
                    ));
                }
            }
            Some(Failure::Refused(_) | Failure::Spent(_)) => {}
            None => self.failures = 0,
        }
    }

    async fn send(&self, request: &Request) -> Result<Reply, Failure> {
        let url = request.url();
        match reqwest::Url::parse(&url) {
            Ok(parsed) if sent_as(&parsed) == request.target => self.ordinary(parsed, &url).await,
            _ => self.byte_for_byte(request).await,
        }
    }

    async fn ordinary(&self, parsed: reqwest::Url, url: &str) -> Result<Reply, Failure> {
        let asked = self.ordinary.get(parsed);
        let mut response = asked
            .header(reqwest::header::ACCEPT_ENCODING, "identity")
            .send()
            .await
            .map_err(|error| broken(url, &error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut cut = false;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| broken(url, &error))?
        {
            cut |= keep(&mut body, &chunk);
            if cut {
                break;
            }
        }
        Ok(Reply::new(status, headers, body, cut))
    }

    /// A target that a URL parser would have changed.
    async fn byte_for_byte(&self, request: &Request) -> Result<Reply, Failure> {
        let url = request.url();
        let there = SocketAddr::new(self.address, request.port);
        let stream = TcpStream::connect(there)
            .await
            .map_err(|error| broken(&url, &error))?;
        if request.scheme == Scheme::Http {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(self.site.host().to_owned())
            .map_err(|error| broken(&url, &error))?;
        let stream = TlsConnector::from(Arc::clone(&self.tls))
            .connect(name, stream)
            .await
            .map_err(|error| broken(&url, &error))?;
        exchange(stream, request).await
    }
}

async fn exchange<S>(stream: S, request: &Request) -> Result<Reply, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let url = request.url();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&url, &error))?;
    let driver = tokio::spawn(connection);
    let asked = hyper::Request::builder()
        .uri(request.target.as_slice())
        .header("host", request.host_header())
        .header("user-agent", NAME)
        .header("accept", "*/*")
        .header("accept-encoding", "identity")
        .body(Empty::<Bytes>::new())
        .map_err(|error| broken(&url, &error))?;
    let mut response = sender
        .send_request(asked)
        .await
        .map_err(|error| broken(&url, &error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    let mut cut = false;
    while let Some(frame) = response.body_mut().frame().await {
        let frame = frame.map_err(|error| broken(&url, &error))?;
        cut |= frame.data_ref().is_some_and(|chunk| keep(&mut body, chunk));
        if cut {
            break;
        }
    }
    driver.abort();
    Ok(Reply::new(status, headers, body, cut))
}

/// What reqwest would put into the request line.
fn sent_as(url: &reqwest::Url) -> Vec<u8> {
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target.push('?');
        target.push_str(query);
    }
    target.into_bytes()
}

/// Keeps what fits; whether something did not.
fn keep(body: &mut Vec<u8>, chunk: &[u8]) -> bool {
    let room = MOST_BODY.saturating_sub(body.len());
    body.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
    chunk.len() > room
}

fn silent(request: &Request, limit: Duration) -> Failure {
    Failure::Silent(format!(
        "{} gave no whole answer within {:.1} seconds",
        request.url(),
        limit.as_secs_f32()
    ))
}

/// Names what lies at the bottom of an error.
pub(super) fn broken(url: &str, error: &(dyn Error + 'static)) -> Failure {
    let mut here = Some(error);
    while let Some(error) = here {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            match io.kind() {
                ErrorKind::ConnectionRefused => {
                    return Failure::Refused(format!("{url}: connection refused"));
                }
                ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                    return Failure::Silent(format!("{url}: {io}"));
                }
                _ => {}
            }
        }
        here = error.source();
    }
    Failure::Broken(format!("{url}: {}", chain(error)))
}

/// An error and what lies below it, each once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut here = Some(error);
    while let Some(error) = here {
        let text = error.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        here = error.source();
    }
    // The first parts only say that a request failed.
    parts.split_off(parts.len().saturating_sub(2)).join(": ")
}
