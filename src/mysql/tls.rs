//! TLS to the server, with the certificate looked at rather than insisted on: what is wrong with it is a
//! finding, and decides what may be said over the connection.

use super::failure::Failure;
use super::packet::Stream;
use super::place::{Login, Place};
use super::transport::Transport;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::TlsConnector;

/// Wraps the connection.
///
/// # Errors
/// That no TLS could be agreed upon.
pub(super) async fn wrap(
    stream: Box<dyn Stream>,
    place: &Place,
    login: &Login,
    transport: &mut Transport,
) -> Result<Box<dyn Stream>, Failure> {
    let failed = |why: String| Failure::Unreachable(format!("no TLS could be agreed upon: {why}"));
    let Place::Tcp { host, .. } = place else {
        return Ok(stream);
    };
    let name = ServerName::try_from(host.clone())
        .map_err(|_| failed(format!("{host} is no name for a certificate")))?;
    let provider = Arc::new(ring::default_provider());
    let looker = Arc::new(Looker::new(login, &provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&looker) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let connected = connected.map_err(|error| failed(error.to_string()))?;
    let (_, agreed) = connected.get_ref();
    let protocol = agreed
        .protocol_version()
        .and_then(|version| version.as_str().map(str::to_owned));
    let suite = agreed.negotiated_cipher_suite();
    transport.protocol = protocol
        .unwrap_or_else(|| "TLS".to_owned())
        .replace('_', ".");
    transport.cipher = suite
        .and_then(|suite| suite.suite().as_str().map(str::to_owned))
        .unwrap_or_default();
    let problem = looker
        .problem
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    transport.problem.clone_from(&problem);
    drop(problem);
    Ok(Box::new(connected))
}

/// Verifies as always and lets everything pass, remembering what is wrong.
#[derive(Debug)]
struct Looker {
    verifier: Option<Arc<WebPkiServerVerifier>>,
    authorities: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    problem: Mutex<String>,
}

impl Looker {
    fn new(login: &Login, provider: &Arc<CryptoProvider>) -> Self {
        let text = login.authorities.as_deref().unwrap_or_default();
        let authorities: Vec<_> = CertificateDer::pem_slice_iter(text)
            .filter_map(Result::ok)
            .collect();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().cloned());
        Self {
            verifier: WebPkiServerVerifier::builder_with_provider(
                Arc::new(roots),
                Arc::clone(provider),
            )
            .build()
            .ok(),
            authorities,
            provider: Arc::clone(provider),
            problem: Mutex::default(),
        }
    }
}

impl ServerCertVerifier for Looker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // A certificate that signs itself and is named as an authority is known by itself: OpenSSL, and so
        // PHP, takes it; webpki does not (`CaUsedAsEndEntity`).
        let named = self.authorities.iter().any(|own| own == end_entity);
        let verified = self.verifier.as_ref().map(|verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        let problem = match verified {
            _ if named => String::new(),
            Some(Ok(_)) => String::new(),
            Some(Err(error)) => wrong(&error),
            None => "no authority is known that could have signed it".to_owned(),
        };
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// What is wrong with a certificate, in a few words.
fn wrong(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "it has expired".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "it is made out to another name".to_owned()
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "it is signed by an unknown authority".to_owned()
            }
            other => format!("{other:?}"),
        },
        other => other.to_string(),
    }
}
