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
