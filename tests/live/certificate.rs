//! Certificates as sites have them: right, expired, for another name, self-signed; and the authority that
//! signs the right ones.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Good,
    Expired,
    EndsSoon,
    WrongName,
    SelfSigned,
    /// What `openssl req -x509` makes.
    OwnAuthority,
}

/// Writes `site.pem`, `site.key` and the authority's `ca.pem` into the folder.
pub(crate) fn write(folder: &Path, kind: Kind) {
    write_for(folder, kind, "localhost");
}

/// The same for a name or address.
pub(crate) fn write_for(folder: &Path, kind: Kind, name: &str) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "deskguard test authority");
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);

    let name = match kind {
        Kind::WrongName => "other.example.com",
        _ => name,
    };
    let key = KeyPair::generate().unwrap();
    let mut site = CertificateParams::new(vec![name.to_owned()]).unwrap();
    site.distinguished_name.push(DnType::CommonName, name);
    site.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let day = |from_now: i64| {
        let today = jiff::Timestamp::now().as_second() / 86_400;
        let days = u64::try_from(today + from_now).unwrap();
        date_time_ymd(1970, 1, 1) + Duration::from_secs(days * 86_400)
    };
    let (from, until) = match kind {
        Kind::Expired => (-90, -3),
        Kind::EndsSoon => (-80, 5),
        _ => (-10, 80),
    };
    site.not_before = day(from);
    site.not_after = day(until);
    let certificate = match kind {
        Kind::SelfSigned => site.self_signed(&key),
        Kind::OwnAuthority => {
            site.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            site.self_signed(&key)
        }
        _ => site.signed_by(&key, &issuer),
    };
    fs::write(folder.join("site.pem"), certificate.unwrap().pem()).unwrap();
    fs::write(folder.join("site.key"), key.serialize_pem()).unwrap();
    fs::write(folder.join("ca.pem"), authority_certificate.pem()).unwrap();
}
