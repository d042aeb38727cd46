//! Servers that mean harm: each is survived within the time given, with a clear answer or a clear
//! unknown. Prints how long each took.

use crate::install::{Install, asking, given, unknown};
use crate::server::Server;
use deskguard::facts::{Known, LiveFacts};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// What a visit may take; a machine with other work to do may add a few seconds.
const LIMIT: Duration = Duration::from_secs(3);

fn visit(name: &str, server: &Server) -> LiveFacts {
    let install = Install::v4();
    let mut asking = asking(&server.url());
    asking.limit = LIMIT;
    let clock = Instant::now();
    let live = install.ask(asking).live;
    let took = clock.elapsed();
    println!(
        "{name}: {:.2} s, {} requests",
        took.as_secs_f32(),
        server.asked()
    );
    assert!(took < LIMIT + Duration::from_secs(4), "{name}: {took:?}");
    assert_eq!(given(&live.data.rows), Vec::<&str>::new(), "{name}");
    assert_eq!(given(&live.files.rows), Vec::<&str>::new(), "{name}");
    live
}

/// Nothing can be told, and the reason holds this.
fn nothing_known(live: &LiveFacts, part: &str) {
    let mut reasons = unknown(&live.data.rows);
    reasons.extend(live.data.missed.iter().map(String::as_str));
    assert!(!reasons.is_empty());
    for row in live.data.rows.iter().chain(&live.interfaces.rows) {
        assert!(matches!(row.given, Known::Unknown(_)), "{row:?}");
    }
    assert!(reasons.iter().any(|it| it.contains(part)), "{reasons:?}");
}

#[test]
fn silence_after_accept() {
    let server = Server::new(|_, _, _| std::thread::sleep(Duration::from_secs(30)));
    nothing_known(&visit("silence", &server), "no whole answer within");
}

/// TLS that is never spoken: the handshake is given up as well.
#[test]
fn silence_instead_of_a_handshake() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let mut asking = asking(&url);
    asking.limit = LIMIT;
    let clock = Instant::now();
    let live = Install::v4().ask(asking).live;
    println!("no handshake: {:.2} s", clock.elapsed().as_secs_f32());
    assert!(clock.elapsed() < LIMIT + Duration::from_secs(4));
    nothing_known(&live, "the time for HTTP requests was used up");
}

#[test]
fn a_body_that_drips_for_ever() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    nothing_known(&visit("dripping body", &server), "no whole answer within");
}

#[test]
fn a_body_without_end() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 65536]).is_ok() {}
    });
    // All answers are alike, and none is the helpdesk's.
    nothing_known(
        &visit("endless body", &server),
        "nothing shows that the helpdesk",
    );
}

#[test]
fn headers_without_end() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream
            .write_all(b"X-Endless: yes and yes and yes\r\n")
            .is_ok()
        {}
    });
    let live = visit("endless headers", &server);
    nothing_known(&live, "http://127.0.0.1");
}

#[test]
fn redirects_in_a_circle() {
    let server = Server::pages(|target| {
        let to = if target == "/a" { "/b" } else { "/a" };
        (302, format!("Location: {to}\r\n"), String::new())
    });
    nothing_known(
        &visit("redirect circle", &server),
        "sends every request to /a",
    );
}

#[test]
fn a_redirect_that_grows() {
    let server = Server::pages(|target| (302, format!("Location: {target}x/\r\n"), String::new()));
    nothing_known(&visit("growing redirect", &server), "nothing shows that");
}

#[test]
fn redirects_to_another_host_are_not_followed() {
    let other = Server::pages(|_| (200, String::new(), "DESKPRO_READABLE_FILE".into()));
    let to = other.url().replace("127.0.0.1", "127.0.0.2");
    let server = Server::pages(move |_| (302, format!("Location: {to}\r\n"), String::new()));
    let live = visit("another host", &server);
    nothing_known(&live, "another host, 127.0.0.2, which was not asked");
    assert_eq!(other.asked(), 0);
}

#[test]
fn a_packed_bomb() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..1024 {
        encoder.write_all(&[b'x'; 256 << 10]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    println!("{} bytes unpack to 256 MiB", bomb.len());
    let server = Server::new(move |_, head, stream| {
        assert!(
            head.to_ascii_lowercase()
                .contains("accept-encoding: identity")
        );
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            bomb.len()
        );
        let _ = stream.write_all(&bomb);
    });
    nothing_known(
        &visit("packed bomb", &server),
        "nothing shows that the helpdesk",
    );
}

#[test]
fn no_http_at_all() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"220 mail.example.com ESMTP\r\n");
    });
    nothing_known(&visit("no HTTP", &server), "http://127.0.0.1");
}

#[test]
fn terminal_escapes_and_bytes_in_headers() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\nServer: evil/1\x80\xff\r\nSet-Cookie: sid=\x80; path=/\r\nConnection: close\r\n\r\n<html><title>DeskPRO</title>\x1b]0;owned\x07",
        );
    });
    let live = visit("hostile bytes", &server);
    assert!(
        live.versions
            .rows
            .iter()
            .any(|row| row.value.starts_with("evil/1"))
    );
    assert_eq!(live.cookies.rows[0].name, "sid");
}

#[test]
fn fewer_requests_are_asked_for() {
    let server = Server::pages(|_| (429, String::new(), String::new()));
    let live = visit("429", &server);
    nothing_known(&live, "429");
    assert!(server.asked() < 5, "{}", server.asked());
}

#[test]
fn nobody_listens() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let live = Install::v4().live(&format!("http://{address}/"));
    assert_eq!(live.site.answers, Known::Known(false));
    assert!(
        live.data.missed[0].contains("connection refused"),
        "{:?}",
        live.data.missed
    );
}

#[test]
fn a_name_that_leads_nowhere() {
    let live = Install::v4().live("http://no-such-host.invalid/");
    assert!(
        live.data.missed[0].contains("no-such-host.invalid"),
        "{:?}",
        live.data.missed
    );
}
