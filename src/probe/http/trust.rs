//! TLS for the probe: this machine's trust store, a verifier that looks past a bad certificate and
//! notes why, and the one place where the provider of cryptography is named. Refuses to look past a
//! wrong signature: that would be another server.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls::{ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use std::sync::{Arc, Mutex};

/// Certificates as a server sent them, and what this machine makes of them.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The server's own certificate.
    pub(super) certificate: Vec<u8>,
    /// Whether the trust store vouches for it at some moment of its life; or why that cannot be told.
    pub(super) trusted: Result<bool, String>,
    /// What is wrong, as a sentence; name apart.
    pub(super) problem: String,
}

/// This machine's trust store.
#[derive(Clone)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    roots: Vec<CertificateDer<'static>>,
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

impl Trust {
    /// Reads the trust store (`SSL_CERT_FILE` and `SSL_CERT_DIR` say where, as for OpenSSL).
    pub(super) fn load() -> Self {
        let provider = Arc::new(ring::default_provider());
        let roots = rustls_native_certs::load_native_certs().certs;
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider))
                .build()
                .ok();
        Self {
            provider,
            roots,
            verifier,
        }
    }

    /// Bytes that nobody can guess.
    pub(super) fn random(&self) -> Result<[u8; 16], String> {
        let mut bytes = [0; 16];
        self.provider
            .secure_random
            .fill(&mut bytes)
            .map_err(|_| "the system gives no random bytes".to_owned())?;
        Ok(bytes)
    }

    /// A configuration that refuses what the trust store does not vouch for.
    pub(super) fn strict(&self) -> Option<ClientConfig> {
        let verifier = self.verifier.clone()?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions().ok()?;
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Some(builder.with_no_client_auth())
    }

    /// A configuration that takes any certificate and notes what is wrong with it.
    pub(super) fn noting(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        note: &Arc<Mutex<Option<Seen>>>,
    ) -> Result<ClientConfig, String> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)
            .map_err(|error| error.to_string())?;
        let verifier = Arc::new(Noting {
            trust: self.clone(),
            note: Arc::clone(note),
        });
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Ok(builder.with_no_client_auth())
    }

    fn judge(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Seen {
        let mut seen = Seen {
            certificate: own.to_vec(),
            trusted: Ok(true),
            problem: String::new(),
        };
        let Some(verifier) = &self.verifier else {
            seen.trusted = Err("this machine has no trust store to compare with (Debian: apt install ca-certificates)".to_owned());
            return seen;
        };
        let at = |moment| verifier.verify_server_cert(own, above, name, &[], moment);
        let mut result = at(now);
        if let Err(error) = &result
            && is_about_time(error)
        {
            seen.problem = sentence(error);
            if let Some(moment) = a_moment_within(own) {
                result = at(moment);
            }
        }
        match result {
            Ok(_) => {}
            Err(error) if is_about_name(&error) => {}
            // Put into the trust store by hand, it is trusted, whatever else it is.
            Err(_) if self.roots.iter().any(|root| root.as_ref() == own.as_ref()) => {}
            Err(error) => {
                seen.trusted = Ok(false);
                seen.problem = sentence(&error);
            }
        }
        seen
    }
}

const fn is_about_time(error: &Error) -> bool {
    use CertificateError as C;
    matches!(
        error,
        Error::InvalidCertificate(
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. }
        )
    )
}

const fn is_about_name(error: &Error) -> bool {
    use CertificateError as C;
    matches!(
        error,
        Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. })
    )
}

fn a_moment_within(certificate: &[u8]) -> Option<UnixTime> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    // Its last moment: what signed it lives longer, and may be younger.
    let end = u64::try_from(parsed.validity().not_after.timestamp()).ok()?;
    let moment = std::time::Duration::from_secs(end.checked_sub(1)?);
    Some(UnixTime::since_unix_epoch(moment))
}

fn sentence(error: &Error) -> String {
    use CertificateError as C;
    match error {
        Error::InvalidCertificate(C::UnknownIssuer) => {
            "nobody whom this machine trusts has signed it".to_owned()
        }
        Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => {
            "it has expired".to_owned()
        }
        Error::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => {
            "it is not valid yet".to_owned()
        }
        Error::InvalidCertificate(C::Other(other)) if other.to_string().contains("CaUsedAs") => {
            "it is self-signed (a certificate authority's own certificate)".to_owned()
        }
        Error::InvalidCertificate(other) => format!("{other:?}"),
        other => other.to_string(),
    }
}

/// Takes any certificate, checks every signature of the handshake, and notes what is wrong.
#[derive(Clone)]
struct Noting {
    trust: Trust,
    note: Arc<Mutex<Option<Seen>>>,
}

impl std::fmt::Debug for Noting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Noting")
    }
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = self.trust.judge(own, above, name, now);
        if let Ok(mut note) = self.note.lock() {
            *note = Some(seen);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.trust.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.trust.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = &self.trust.provider.signature_verification_algorithms;
        known.supported_schemes()
    }
}

/// As people write it.
pub(super) const fn version_word(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        _ => "another version",
    }
}
