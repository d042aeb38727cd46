//! How the site speaks TLS: versions, and the certificate's trust, name and dates. Each is a fact of its
//! own, so that an expired certificate does not hide that it is for another name.

use super::connect::{Shaken, shake};
use super::old_tls::{self, Minor};
use super::send::Failure;
use super::site::Site;
use super::trust::{Trust, version_word};
use super::unseen::unseen_tls;
use crate::facts::{Known, Tls};
use crate::route::Scheme;
use rustls::ALL_VERSIONS;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::net::{IpAddr, SocketAddr};

const SECONDS_A_DAY: i64 = 86_400;

/// The port that speaks TLS for this site. What listens on 443 is another site's where the helpdesk's
/// own port is a special one.
pub(super) fn port(site: &Site) -> Option<u16> {
    match (site.home.scheme, site.home.port) {
        (Scheme::Https, port) => Some(port),
        (Scheme::Http, 80) => Some(Scheme::Https.port()),
        (Scheme::Http, _) => None,
    }
}

/// Shakes hands in every version.
pub(super) async fn observe(site: &Site, address: IpAddr, trust: &Trust) -> Tls {
    let Some(port) = port(site) else {
        return not_offered(&site.home.url());
    };
    let there = SocketAddr::new(address, port);
    let shaken = shake(site, there, trust, ALL_VERSIONS).await;
    let mut tls = match &shaken {
        Ok(shaken) => of_certificate(site, shaken),
        Err(Failure::Refused(_)) => {
            return not_offered(&format!("{}:{port}", site.home.host));
        }
        Err(failure) => unseen_tls(failure.reason()),
    };
    tls.address = format!("{}:{port}", site.home.host);
    let name = site.host();
    // An address is no server name (RFC 6066 section 3).
    let name = name.parse::<IpAddr>().is_err().then_some(name);
    let mut old = Ok(Vec::new());
    let mut modern = shaken.is_ok();
    for minor in [1, 2, 3].map(Minor) {
        let accepted = match trust.random() {
            Ok(random) => old_tls::accepts(there, name, minor, &random).await,
            Err(problem) => Err(problem),
        };
        match (accepted, minor) {
            (Ok(accepted), Minor(3)) => modern |= accepted,
            (Ok(true), _) => {
                if let Ok(list) = &mut old {
                    list.push(minor.word());
                }
            }
            (Ok(false), _) => {}
            (Err(why), _) => old = Err(why),
        }
    }
    if old.as_ref().is_ok_and(|old| !old.is_empty()) || modern {
        tls.offered = Known::Known(true);
        tls.modern = Known::Known(modern);
    }
    tls.old_versions = Known::from(old);
    tls.says = sentence(&tls);
    tls
}

/// All of it in a sentence, what is wrong first.
fn sentence(tls: &Tls) -> String {
    let mut parts = Vec::new();
    if let Some(old) = tls.old_versions.known().filter(|old| !old.is_empty()) {
        parts.push(format!("it accepts {}", old.join(" and ")));
    }
    if tls.modern == Known::Known(false) {
        parts.push("it accepts neither TLS 1.2 nor 1.3".to_owned());
    }
    let until = tls.until.known().map_or("an unknown day", String::as_str);
    if tls.problem.is_empty() {
        parts.push(format!("its certificate is valid until {until}"));
    } else {
        parts.push(format!("its certificate (until {until}): {}", tls.problem));
    }
    parts.join("; ")
}

fn not_offered(address: &str) -> Tls {
    Tls {
        offered: Known::Known(false),
        address: address.to_owned(),
        ..unseen_tls("TLS is not offered")
    }
}

fn of_certificate(site: &Site, shaken: &Shaken) -> Tls {
    let seen = &shaken.seen;
    let mut tls = Tls {
        offered: Known::Known(true),
        trusted: Known::from(seen.trusted.clone()),
        name_matches: Known::Known(is_for(site, &seen.certificate)),
        problem: seen.problem.clone(),
        ..unseen_tls("the certificate cannot be read")
    };
    if tls.name_matches == Known::Known(false) {
        let names = names(&seen.certificate);
        let other = format!("it is for {names}, not for {}", site.host());
        if tls.problem.is_empty() {
            tls.problem = other;
        } else {
            tls.problem = format!("{}; {other}", tls.problem);
        }
    }
    if let Some(version) = shaken.version
        && tls.problem.is_empty()
    {
        tls.modern = Known::Known(version_word(version).starts_with("TLS 1."));
    }
    if let Ok((_, parsed)) = x509_parser::parse_x509_certificate(&seen.certificate) {
        let validity = parsed.validity();
        let last = validity.not_after.timestamp();
        tls.last_day = Known::Known(last.div_euclid(SECONDS_A_DAY));
        tls.until = jiff::Timestamp::from_second(last).map_or_else(
            |_| Known::unknown("its last day is no date"),
            |moment| Known::Known(moment.strftime("%Y-%m-%d").to_string()),
        );
        let about_time = seen.problem.contains("expired") || seen.problem.contains("not valid yet");
        tls.in_time = Known::Known(!about_time);
    }
    tls
}

/// Whether the certificate is for the site's name.
pub(super) fn is_for(site: &Site, certificate: &[u8]) -> bool {
    let der = CertificateDer::from(certificate.to_vec());
    let Ok(name) = ServerName::try_from(site.host().to_owned()) else {
        return false;
    };
    ParsedCertificate::try_from(&der)
        .is_ok_and(|parsed| rustls::client::verify_server_name(&parsed, &name).is_ok())
}

/// The names that a certificate is for, as far as they fit a line.
fn names(certificate: &[u8]) -> String {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else {
        return "an unreadable name".to_owned();
    };
    let alternative = parsed.subject_alternative_name().ok().flatten();
    let names: Vec<String> = alternative
        .map(|names| {
            let all = names.value.general_names.iter();
            all.filter_map(|name| match name {
                x509_parser::extensions::GeneralName::DNSName(name) => {
                    Some(name.chars().take(80).collect())
                }
                _ => None,
            })
            .take(3)
            .collect()
        })
        .unwrap_or_default();
    if names.is_empty() {
        parsed.subject().to_string().chars().take(80).collect()
    } else {
        names.join(", ")
    }
}
