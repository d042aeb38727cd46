//! Answers that lie about their length, their columns, their encoding, or that ask back.

use crate::server::{Client, Server};
use crate::{HERE, PASSWORD, login, open};
use deskguard::mysql::{Answer, Failure, statements};
use std::time::{Duration, Instant};

/// What becomes of a statement that is answered so, and that the session says so afterwards.
fn asked(answer: impl Fn(&mut Client) + Send + 'static) -> (Result<Answer, Failure>, Server) {
    let server = Server::start(move |client| client.serve(&answer));
    let mut session = open(HERE, &server, &login(|_| {})).unwrap();
    let begun = Instant::now();
    let found = session.ask(&statements::SCHEMAS, &[]);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    if let Err(Failure::Unsafe(_) | Failure::Lie(_)) = &found {
        let again = session.ask(&statements::SCHEMAS, &[]);
        assert!(matches!(again, Err(Failure::Unreachable(_))), "{again:?}");
    }
    (found, server)
}

fn sentence(answer: impl Fn(&mut Client) + Send + 'static) -> String {
    asked(answer).0.unwrap_err().to_string()
}

#[test]
fn a_request_for_a_local_file_gets_none() {
    let (found, server) = asked(|client| {
        client.write(b"\xfb/etc/passwd");
        // Whatever comes next would be the file.
        client.read();
    });
    let failure = found.unwrap_err();
    assert!(matches!(failure, Failure::Unsafe(_)), "{failure}");
    assert!(
        failure
            .to_string()
            .contains("asks for a local file, and gets none")
    );
    assert!(!server.was_sent(b"root:"));
}

#[test]
fn a_local_file_asked_for_during_the_login_gets_none() {
    let server = Server::start(|mut client| {
        client.greet("mysql_native_password", None);
        client.ok();
        while client.read().is_some() {
            client.write(b"\xfb/etc/passwd");
        }
    });
    let failure = open(HERE, &server, &login(|_| {})).err().unwrap();
    assert!(failure.to_string().contains("gets none"), "{failure}");
    assert!(!server.was_sent(b"root:"));
}

#[test]
fn columns_beyond_number_cost_nothing() {
    for head in [
        b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f".as_slice(),
        b"\xfe\x00\x00\x00\x00\x00\x01\x00\x00",
        b"\xfd\xff\xff\xff",
        b"\xfc\xff\xff",
    ] {
        let text = sentence(move |client| client.write(head));
        assert!(text.contains("columns"), "{text}");
    }
    for head in [b"\xfc".as_slice(), b"\xfe\x01", b""] {
        let text = sentence(move |client| client.write(head));
        assert!(text.contains("counts for nothing"), "{text}");
    }
}

#[test]
fn a_value_that_is_longer_than_its_packet_counts_for_nothing() {
    for row in [
        b"\x20short".as_slice(),
        b"\xfe\xff\xff\xff\xff\xff\xff\xff\xffx",
        b"\xfd\xff\xff\xffx",
        b"\xfc",
    ] {
        let text = sentence(move |client| {
            client.write(&[1]);
            client.column("name");
            client.end(2);
            client.write(row);
            client.end(2);
        });
        assert!(text.contains("counts for nothing"), "{row:?}: {text}");
    }
}

#[test]
fn packets_larger_than_anything_that_is_asked_for_are_refused() {
    let text = sentence(|client| client.raw(&[0xff, 0xff, 0xff, 1]));
    assert!(
        text.contains("announces a packet of 16777215 bytes"),
        "{text}"
    );
}

#[test]
fn rows_without_end_are_cut_off() {
    let text = sentence(|client| {
        client.write(&[1]);
        client.column("name");
        client.end(2);
        for _ in 0..5_000 {
            client.write(b"\x01x");
        }
    });
    assert!(text.contains("more than 1000 rows"), "{text}");
}

#[test]
fn another_result_than_the_one_asked_for_is_refused() {
    let text = sentence(|client| {
        client.write(&[1]);
        client.column("name");
        client.end(2);
        client.end(0x0a);
        client.write(b"\xfb/etc/passwd");
    });
    assert!(text.contains("another result"), "{text}");
    let text = sentence(|client| client.write(&[0, 0, 0, 0x0a, 0, 0, 0]));
    assert!(text.contains("another result"), "{text}");
}

#[test]
fn silence_has_an_end() {
    let text = sentence(|client| {
        client.read();
    });
    assert!(text.contains("did not come within 1 s"), "{text}");
}

#[test]
fn a_server_that_hangs_up_is_said() {
    let server = Server::start(|mut client| {
        client.greet("mysql_native_password", None);
        client.ok();
        while let Some(command) = client.read() {
            if !client.settle(&command) {
                return;
            }
        }
    });
    let mut session = open(HERE, &server, &login(|_| {})).unwrap();
    let text = session
        .ask(&statements::SCHEMAS, &[])
        .unwrap_err()
        .to_string();
    assert!(text.contains("cannot be reached"), "{text}");
}

/// Bytes arrive as they were sent; what is asked for as a text must be one.
#[test]
fn values_are_lossless_and_typed() {
    let (found, _) = asked(|client| {
        client.result(
            &["name", "count"],
            &[
                &[b"a\0b", b"12"],
                &[b"\xff\xfe", b"12x"],
                &[b"", b"99999999999999999999"],
            ],
        );
    });
    let answer = found.unwrap();
    assert_eq!(answer.rows[0].text("name").unwrap(), "a\0b");
    assert_eq!(answer.rows[0].integer("count").unwrap(), 12);
    assert_eq!(answer.rows[1].bytes("name").unwrap().unwrap(), b"\xff\xfe");
    let wrong = answer.rows[1].text("name").unwrap_err();
    assert_eq!(
        wrong,
        "in the answer to `visible schemas`, name is not UTF-8"
    );
    assert!(answer.rows[1].integer("count").is_err());
    assert!(answer.rows[2].integer("count").is_err());
    assert!(
        answer.rows[2]
            .text("other")
            .unwrap_err()
            .contains("missing")
    );
}

#[test]
fn errors_of_the_server_keep_their_meaning() {
    for (code, expected) in [
        (1146, "does not exist"),
        (1142, "may not look"),
        (3024, "broke off"),
        (1064, "error 1064"),
    ] {
        let (found, server) = asked(move |client| client.error(code, "broke off or so"));
        let text = found.unwrap_err().to_string();
        assert!(text.contains(expected), "{code}: {text}");
        assert!(!server.was_sent(PASSWORD.as_bytes()));
    }
}
