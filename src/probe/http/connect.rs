//! The way to the site: its name looked up, an address that answers, and what a TLS handshake there
//! shows. Refuses to wait longer than a few seconds for any of it.

use super::send::{Failure, broken};
use super::site::Site;
use super::trust::{Seen, Trust};
use crate::route::Scheme;
use rustls::pki_types::ServerName;
use rustls::{ProtocolVersion, SupportedProtocolVersion};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// No connection or handshake is waited for longer than this.
pub(super) const LONGEST_CONNECT: Duration = Duration::from_secs(5);

/// The address that answers, and this machine's own as seen from there.
pub(super) async fn reach(site: &Site, port: u16) -> Result<(IpAddr, IpAddr), Failure> {
    let url = site.home.url();
    let found = match timeout(
        LONGEST_CONNECT,
        tokio::net::lookup_host((site.host(), port)),
    )
    .await
    {
        Ok(Ok(found)) => found.collect::<Vec<SocketAddr>>(),
        Ok(Err(error)) => {
            return Err(Failure::Broken(format!(
                "the name {} leads to no address: {error}",
                site.host()
            )));
        }
        Err(_) => {
            return Err(Failure::Silent(format!(
                "the name {} was not looked up in time",
                site.host()
            )));
        }
    };
    let mut last = Failure::Broken(format!("the name {} leads to no address", site.host()));
    // A name may lead to addresses of a network that this machine has no part in.
    for address in found.into_iter().take(4) {
        match timeout(LONGEST_CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let from = stream.local_addr().map_or(address.ip(), |own| own.ip());
                return Ok((address.ip(), from));
            }
            Ok(Err(error)) => last = broken(&url, &error),
            Err(_) => {
                last = Failure::Silent(format!(
                    "{url}: no connection within {} seconds",
                    LONGEST_CONNECT.as_secs()
                ));
            }
        }
    }
    Err(last)
}

/// What a handshake showed.
#[derive(Debug, Clone)]
pub(super) struct Shaken {
    pub(super) seen: Seen,
    pub(super) version: Option<ProtocolVersion>,
}

/// Shakes hands over any of these versions, whatever the certificate.
pub(super) async fn shake(
    site: &Site,
    there: SocketAddr,
    trust: &Trust,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Shaken, Failure> {
    let url = site.over(Scheme::Https, there.port(), "/").url();
    let note = Arc::new(Mutex::new(None));
    let config = trust.noting(versions, &note).map_err(Failure::Broken)?;
    let name =
        ServerName::try_from(site.host().to_owned()).map_err(|error| broken(&url, &error))?;
    let attempt = async {
        let stream = TcpStream::connect(there).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    };
    let stream = timeout(LONGEST_CONNECT, attempt)
        .await
        .map_err(|_| {
            Failure::Silent(format!(
                "{url}: no TLS handshake within {} seconds",
                LONGEST_CONNECT.as_secs()
            ))
        })?
        .map_err(|error| broken(&url, &error))?;
    let version = stream.get_ref().1.protocol_version();
    let seen = note.lock().ok().and_then(|note| note.clone());
    let seen = seen.ok_or_else(|| Failure::Broken(format!("{url}: it sent no certificate")))?;
    Ok(Shaken { seen, version })
}
