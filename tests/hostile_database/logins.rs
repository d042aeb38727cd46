//! Ways to log in: MySQL's `caching_sha2_password` in each of its forms, and who gets which secret.

use crate::server::{Client, NONCE, Server, certificate};
use crate::{ELSEWHERE, HERE, PASSWORD, login, open};
use deskguard::mysql::Failure;
use rustls::ServerConfig;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What the client proves that it knows the password with: SHA256(p) xor SHA256(SHA256(SHA256(p)) + nonce).
fn scramble(password: &str) -> Vec<u8> {
    let first = Sha256::digest(password.as_bytes());
    let mut second = Sha256::new();
    second.update(Sha256::digest(first));
    second.update(NONCE);
    first
        .iter()
        .zip(second.finalize())
        .map(|(a, b)| a ^ b)
        .collect()
}

/// How a MySQL server goes on after the challenge.
enum Then {
    Fast,
    /// The password itself, in clear: only through TLS.
    Clear,
    /// The password encrypted with this key.
    Encrypted(tempfile::TempDir),
}

/// A server of MySQL 8.4, which lets in who knows the password.
fn mysql(then: Then, tls: Option<Arc<ServerConfig>>) -> Server {
    Server::start(move |mut client| {
        let Some(answer) = client.greet("caching_sha2_password", tls.as_ref()) else {
            return;
        };
        let proof = scramble(PASSWORD);
        if !answer.windows(proof.len()).any(|part| part == proof) {
            client.error(1045, "Access denied");
            return;
        }
        let known = match &then {
            Then::Fast => {
                client.write(&[1, 3]);
                true
            }
            Then::Clear => {
                client.write(&[1, 4]);
                client.read() == Some(format!("{PASSWORD}\0").into_bytes())
            }
            Then::Encrypted(folder) => {
                client.write(&[1, 4]);
                decrypted(&mut client, folder) == Some(format!("{PASSWORD}\0").into_bytes())
            }
        };
        if known {
            client.ok();
        } else {
            client.error(1045, "Access denied");
        }
        while let Some(command) = client.read() {
            client.settle(&command);
        }
    })
}

fn key() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let private = at("key");
    openssl(&["genrsa", "-out", private.to_str().unwrap(), "2048"], &[]);
    let public = ["rsa", "-in", private.to_str().unwrap(), "-pubout"];
    fs::write(at("public"), openssl(&public, &[])).unwrap();
    folder
}

/// Gives the key out when it is asked for, and reads what was encrypted with it.
fn decrypted(client: &mut Client, folder: &tempfile::TempDir) -> Option<Vec<u8>> {
    if client.read()? != [2] {
        return None;
    }
    let mut public = vec![1];
    public.extend(fs::read(folder.path().join("public")).unwrap());
    client.write(&public);
    let encrypted = client.read()?;
    let key = folder.path().join("key");
    let decrypt = [
        "pkeyutl",
        "-decrypt",
        "-inkey",
        key.to_str().unwrap(),
        "-pkeyopt",
        "rsa_padding_mode:oaep",
    ];
    let masked = openssl(&decrypt, &encrypted);
    let mask = NONCE.iter().cycle();
    Some(masked.iter().zip(mask).map(|(a, b)| a ^ b).collect())
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut run = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(input).unwrap();
    let output = run.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[test]
fn a_known_password_needs_a_challenge_only() {
    for host in [HERE, ELSEWHERE] {
        let server = mysql(Then::Fast, None);
        let session = open(host, &server, &login(|_| {})).unwrap();
        assert!(!session.is_mariadb() && !session.transport.offered);
        assert!(!server.was_sent(PASSWORD.as_bytes()));
    }
}

#[test]
fn a_wrong_password_is_a_clear_answer() {
    let server = mysql(Then::Fast, None);
    let wrong = login(|login| login.password = deskguard::facts::Secret::new(b"wrong"));
    let failure = open(HERE, &server, &wrong).err().unwrap();
    assert!(matches!(failure, Failure::LoginRefused(_)), "{failure}");
}

/// On this machine the password goes out encrypted with the server's key.
#[test]
fn without_tls_the_password_is_encrypted_for_this_machine() {
    let server = mysql(Then::Encrypted(key()), None);
    open(HERE, &server, &login(|_| {})).unwrap();
    assert!(!server.was_sent(PASSWORD.as_bytes()));
}

/// Elsewhere anybody could have sent that key.
#[test]
fn a_key_from_anybody_is_refused_unless_told_to() {
    let server = mysql(Then::Encrypted(key()), None);
    let failure = open(ELSEWHERE, &server, &login(|_| {})).err().unwrap();
    assert!(matches!(failure, Failure::Unsafe(_)), "{failure}");
    assert!(
        failure.to_string().contains("allow_unverified"),
        "{failure}"
    );
    let told = login(|login| login.trusts_anybody = true);
    open(ELSEWHERE, &server, &told).unwrap();
    assert!(!server.was_sent(PASSWORD.as_bytes()));
}

#[test]
fn through_verified_tls_the_password_itself_is_shown() {
    let (authority, config, _) = certificate();
    let server = mysql(Then::Clear, Some(config));
    let known = login(|login| login.authorities = Some(authority.into_bytes()));
    let session = open(ELSEWHERE, &server, &known).unwrap();
    assert_eq!(session.transport.problem, "");
    assert!(
        session.transport.protocol.starts_with("TLS"),
        "{:?}",
        session.transport
    );
    assert!(!session.transport.cipher.is_empty());
}

#[test]
fn through_tls_with_anybody_it_is_not() {
    let (_, config, _) = certificate();
    let (other, _, _) = certificate();
    let server = mysql(Then::Clear, Some(config));
    for authorities in [None, Some(other.into_bytes())] {
        let wrong = login(|login| login.authorities = authorities);
        let failure = open(ELSEWHERE, &server, &wrong).err().unwrap();
        assert!(matches!(failure, Failure::Unsafe(_)), "{failure}");
    }
    assert!(!server.was_sent(PASSWORD.as_bytes()));
    let told = login(|login| login.trusts_anybody = true);
    let session = open(ELSEWHERE, &server, &told).unwrap();
    assert!(!session.transport.problem.is_empty());
}

/// A certificate that is not right is no obstacle to a challenge, and a finding.
#[test]
fn what_is_wrong_with_a_certificate_is_told() {
    let (authority, config, own) = certificate();
    let server = mysql(Then::Fast, Some(config));
    let problem = |authorities: Option<Vec<u8>>| {
        let login = login(|login| login.authorities = authorities);
        open(ELSEWHERE, &server, &login).unwrap().transport.problem
    };
    assert_eq!(
        problem(None),
        "no authority is known that could have signed it"
    );
    let (other, _, _) = certificate();
    assert_eq!(
        problem(Some(other.into_bytes())),
        "it is signed by an unknown authority"
    );
    assert_eq!(problem(Some(authority.into_bytes())), "");
    // Named by itself.
    let text = openssl(&["x509", "-inform", "DER"], &own);
    assert_eq!(problem(Some(text)), "");
}

#[test]
fn the_clear_password_plugin_gets_nothing() {
    let (authority, config, _) = certificate();
    for tls in [None, Some(config)] {
        let server = Server::start(move |mut client| {
            client.greet("mysql_native_password", tls.as_ref());
            client.write(b"\xfemysql_clear_password\0");
            client.read();
        });
        let known = login(|login| login.authorities = Some(authority.clone().into_bytes()));
        let failure = open(HERE, &server, &known).err().unwrap();
        assert!(matches!(failure, Failure::Unsafe(_)), "{failure}");
        assert!(
            failure.to_string().contains("mysql_clear_password"),
            "{failure}"
        );
        assert!(!server.was_sent(PASSWORD.as_bytes()));
    }
}

#[test]
fn odd_greetings_are_clear_answers() {
    let greeted = |bytes: &'static [u8]| {
        let server = Server::start(move |mut client| {
            client.write(bytes);
            client.read();
        });
        open(HERE, &server, &login(|_| {}))
            .err()
            .unwrap()
            .to_string()
    };
    assert!(greeted(b"\xff\x69\x04Host is blocked").contains("error 1129: Host is blocked"));
    assert!(greeted(b"SSH-2.0-OpenSSH").contains("does not greet as a database server does"));
    assert!(greeted(b"\x0a8.0").contains("does not greet"));
    assert!(greeted(b"").contains("does not greet"));
    let server = Server::start(|mut client| client.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let text = open(HERE, &server, &login(|_| {}))
        .err()
        .unwrap()
        .to_string();
    assert!(text.contains("announces a packet of"), "{text}");
}

#[test]
fn a_silent_server_and_a_login_without_end_have_an_end() {
    let silent = Server::start(|mut client| {
        client.read();
    });
    let text = open(HERE, &silent, &login(|_| {}))
        .err()
        .unwrap()
        .to_string();
    assert!(text.contains("did not come within 3 s"), "{text}");
    let circling = Server::start(|mut client| {
        client.greet("caching_sha2_password", None);
        loop {
            client.write(&[1, 3]);
        }
    });
    let text = open(HERE, &circling, &login(|_| {}))
        .err()
        .unwrap()
        .to_string();
    assert!(!text.is_empty());
}

#[test]
fn nobody_at_home_is_a_clear_answer() {
    let place = deskguard::mysql::Place::Tcp {
        host: HERE.to_owned(),
        port: 1,
    };
    let failure = deskguard::mysql::Session::open(&place, &login(|_| {}), crate::bounds());
    let text = failure.err().unwrap().to_string();
    assert!(text.contains("127.0.0.1:1"), "{text}");
    assert!(text.contains("cannot be reached"), "{text}");
}
