//! The session against a real MariaDB: what it reads, what it refuses, and that every wait has an end.

// A test may fail by panicking, in its own functions too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod real_mariadb;

use deskguard::facts::Secret;
use deskguard::mysql::{Bounds, Login, Place, Session};
use real_mariadb::{MariaDb, V4, V5};
use std::sync::Arc;

fn login(user: &str, password: &str) -> Arc<Login> {
    Arc::new(Login {
        user: user.to_owned(),
        password: Secret::new(password.as_bytes()),
        schema: None,
        authorities: None,
        trusts_anybody: false,
    })
}

#[test]
fn it_logs_in_over_socket_and_port() {
    let server = MariaDb::start(&[]);
    server.load("v4", V4);
    server.load("v5", V5);
    server.sql("CREATE USER 'deskpro'@'localhost' IDENTIFIED BY 'nS7-pLq0_vTz92'");
    for place in [
        Place::Socket(server.socket()),
        Place::Tcp {
            host: "127.0.0.1".to_owned(),
            port: server.port,
        },
    ] {
        let session = Session::open(
            &place,
            &login("deskpro", "nS7-pLq0_vTz92"),
            Bounds::default(),
        );
        let session = session.unwrap_or_else(|failure| panic!("{place}: {failure}"));
        assert_eq!(session.account, "deskpro@localhost");
        assert!(session.is_mariadb());
        let refused = Session::open(&place, &login("deskpro", "wrong"), Bounds::default());
        let refused = refused.err().unwrap().to_string();
        assert!(refused.contains("refuses the login"), "{refused}");
    }
}

/// A MariaDB with a certificate: right, signed by somebody else, signed by itself.
#[test]
fn certificates_of_a_real_server_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let signed = own.signed_by(&key, &issuer).unwrap().pem();
    let by_itself = own.self_signed(&key).unwrap().pem();
    let at = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let key = at("key", &key.serialize_pem());
    for (certificate, authorities, expected) in [
        (&signed, Some(&authority_pem), ""),
        (
            &signed,
            Some(&by_itself),
            "it is signed by an unknown authority",
        ),
        (
            &by_itself,
            None,
            "no authority is known that could have signed it",
        ),
        (&by_itself, Some(&by_itself), ""),
    ] {
        let server = MariaDb::start(&[
            &format!("--ssl-key={key}"),
            &format!("--ssl-cert={}", at("certificate", certificate)),
            "--require-secure-transport=1",
        ]);
        server.sql("CREATE USER 'deskpro'@'localhost' IDENTIFIED BY 'nS7-pLq0_vTz92' REQUIRE SSL");
        let place = Place::Tcp {
            host: "127.0.0.1".to_owned(),
            port: server.port,
        };
        let mut login = login("deskpro", "nS7-pLq0_vTz92");
        Arc::get_mut(&mut login).unwrap().authorities =
            authorities.map(|text| text.clone().into_bytes());
        let session = Session::open(&place, &login, Bounds::default());
        let session = session.unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(session.transport.problem, expected);
        assert!(session.transport.offered);
        assert!(
            session.transport.protocol.starts_with("TLSv1"),
            "{:?}",
            session.transport
        );
    }
}

/// The session cannot write, whatever the account may do.
#[test]
fn the_session_is_read_only() {
    let server = MariaDb::start(&[]);
    server.sql("CREATE DATABASE d; CREATE TABLE d.t (a INT); CREATE USER 'deskpro'@'localhost' IDENTIFIED BY 'nS7-pLq0_vTz92'; GRANT ALL ON *.* TO 'deskpro'@'localhost'; SET GLOBAL general_log = 1; SET GLOBAL log_output = 'TABLE'");
    let place = Place::Socket(server.socket());
    let session = Session::open(
        &place,
        &login("deskpro", "nS7-pLq0_vTz92"),
        Bounds::default(),
    );
    let session = session.unwrap_or_else(|failure| panic!("{failure}"));
    let sent = server.sql("SELECT argument FROM mysql.general_log WHERE user_host LIKE 'deskpro%' AND command_type IN ('Query', 'Prepare', 'Execute') ORDER BY event_time");
    let known: Vec<&str> = deskguard::mysql::statements::all()
        .map(|one| one.text())
        .collect();
    assert!(sent.lines().count() >= 4, "{sent}");
    for line in sent.lines() {
        assert!(known.contains(&line), "{line} is in no list of statements");
    }
    assert!(
        sent.lines()
            .next()
            .unwrap()
            .contains("TRANSACTION READ ONLY")
    );
    drop(session);
}
