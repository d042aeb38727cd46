//! The real nginx judges our lexer: a token is accepted by both or by neither, and means the same bytes.
//! Fails, and does not skip, where nginx is missing.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

use deskguard::route::{NoSources, Word, nginx};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RANDOM_TOKENS: usize = 2500;

/// Spellings that have cost other parsers points.
fn tricky() -> Vec<Vec<u8>> {
    let written: &[&str] = &[
        "a",
        "\"\"",
        "''",
        "\"a b\"",
        "'a b'",
        "a\"b",
        "a'b",
        "a\"b c\"",
        "\"a\"b",
        "'a'\"b\"",
        "\"a\")",
        "\"a\";",
        "\"a\"{",
        "\"a\"#c",
        "\"a\" #c\n",
        "a#b",
        "#a",
        "#a\nb",
        "a}b",
        "}a",
        "a}",
        "}",
        "{",
        "a{",
        "a{b",
        "${a}",
        "a${b}c",
        "$a",
        "a$",
        "$",
        "${",
        "${{{",
        "$${a}",
        "${a",
        "a\\",
        "\\",
        "\\;",
        "a\\;b",
        "a\\ b",
        "\\#a",
        "\\\"a\\\"",
        "a\\\"b",
        "\"a\\\"b\"",
        "'a\\'b'",
        "\"a\\'b\"",
        "'a\\\"b'",
        "a\\tb",
        "\"a\\tb\"",
        "a\\nb",
        "'a\\rb'",
        "a\\xb",
        "\"a\\x\"",
        "a\\\\b",
        "\"a\\\\\"",
        "\"a\\\\\\\"\"",
        "\"a\nb\"",
        "'a\r\nb'",
        "\"a;b{c}d\"",
        "~^/a(b|c){2}$",
        "\"~^/a(b|c){2}$\"",
        "http://x$uri?a=b&c",
        "a,b",
        "a=b",
        "a=\"b c\"",
        "\"a",
        "'a",
        "a;",
        ";",
        "a b",
        "a\tb",
        "(a)",
        "\"(\"a",
        "\\$a",
        "\\{",
        "a\\{b",
        "\\}",
        "$\\{a",
        "$\"{",
        "\"${\"",
        "\"$\"{",
        "a\u{e9}b",
        "\u{1f600}",
        "\u{feff}a",
        "a\u{0}b",
        "\u{b}a",
        "\u{c}",
        "a\r",
        "\ra",
        "\r\n a \r\n",
        "/* a */",
        "//a",
        "-",
        "=",
        "!a",
        "a\\\nb",
        "\\\n",
    ];
    let mut tokens: Vec<Vec<u8>> = written.iter().map(|t| t.as_bytes().to_vec()).collect();
    tokens.push(b"\xff\xfe\x80".to_vec());
    for length in [4000, 5000, 9000] {
        tokens.push(vec![b'a'; length]);
        tokens.push([b"\"", vec![b'a'; length].as_slice(), b"\""].concat());
        tokens.push([b"a #", vec![b'c'; length].as_slice(), b"\n"].concat());
    }
    tokens
}

/// Tokens made of the letters that matter; the same ones every time.
fn random() -> Vec<Vec<u8>> {
    const LETTERS: &[u8] = b"\"\"''\\\\\\;{}}#$$() \t\n\rabntrx\xff";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut token = |_| {
        let length = 1 + next(9);
        (0..length).map(|_| LETTERS[next(LETTERS.len())]).collect()
    };
    (0..RANDOM_TOKENS).map(&mut token).collect()
}

/// `geo` keeps its values as they are, variables too, and wants exactly one word.
fn geo(number: usize, token: &[u8]) -> Vec<u8> {
    let head = format!("geo $v{number} {{\n default ");
    [head.as_bytes(), token, b";\n}\n"].concat()
}

fn config(port: u16, geos: &[u8], count: usize) -> Vec<u8> {
    let locations: String = (0..count)
        .map(|n| format!("location = /{n} {{ return 200 $v{n}; }}\n"))
        .collect();
    let head = "daemon off; master_process off; pid nginx.pid; error_log stderr;\n\
        events {}\nhttp {\nvariables_hash_max_size 65536; access_log off; keepalive_requests 100000;\n\
        client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;\n\
        scgi_temp_path t5;\n";
    let tail = format!("server {{ listen 127.0.0.1:{port}; {locations} }}\n}}\n");
    [head.as_bytes(), geos, tail.as_bytes()].concat()
}

/// The one value that we read, or nothing; and our first complaint.
fn ours(file: &Path, text: &[u8]) -> (Option<Word>, Option<(u32, String)>) {
    let tree = nginx::parse(file, text, &NoSources);
    if let Some(problem) = tree.problems.first() {
        return (None, Some((problem.at.line, problem.message.clone())));
    }
    let http = tree.directives.iter().find(|d| d.is("http")).unwrap();
    let geos: Vec<_> = http.all("geo").collect();
    let shape = http.inside().len() == 10 && http.inside().last().unwrap().is("server");
    match (geos.as_slice(), shape) {
        ([geo], true) => match geo.inside() {
            [only] if only.name == "default" && only.args.len() == 1 && only.children.is_none() => {
                (only.args.first().cloned(), None)
            }
            _ => (None, None),
        },
        _ => (None, None),
    }
}

fn nginx(arguments: &[&str], prefix: &Path, file: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.args(arguments).arg("-p").arg(prefix).arg("-c");
    command.arg(file).stdout(Stdio::null());
    // Debian keeps it out of an ordinary user's path.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
    command
}

fn test(prefix: &Path, text: &[u8]) -> (bool, String) {
    let file = prefix.join("c.conf");
    std::fs::write(&file, text).unwrap();
    let output = nginx(&["-t", "-q"], prefix, &file).output().expect(
        "this test compares with the real nginx: install the package nginx-light (or nginx)",
    );
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), errors)
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn connect(port: u16) -> TcpStream {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => return stream,
            Err(e) => assert!(Instant::now() < deadline, "nginx did not start: {e}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn body(reader: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}

#[test]
fn nginx_reads_every_token_as_we_do() {
    let prefix = tempfile::tempdir().unwrap();
    let prefix = prefix.path();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut accepted = Vec::new();
    let mut same_line = 0;
    let mut refused = 0;
    for token in tricky().into_iter().chain(random()) {
        let text = config(port, &geo(0, &token), 1);
        let shown = token.escape_ascii().to_string();
        match ours(&prefix.join("c.conf"), &text) {
            (Some(value), _) => accepted.push((token, value)),
            (None, complaint) => {
                // Half of the random ones that both refuse say enough, and save their time.
                refused += 1;
                if refused > 100 && refused % 2 == 0 {
                    continue;
                }
                let (ok, errors) = test(prefix, &text);
                assert!(!ok, "nginx accepts {shown}, we do not: {complaint:?}");
                // `geo` itself says `unexpected "{"` of blocks, earlier than the lexer would.
                let lexical = |said: &String| errors.contains(said) && !said.contains('{');
                if let Some((line, _)) = complaint.filter(|(_, said)| lexical(said)) {
                    let place = format!("c.conf:{line}\n");
                    assert!(errors.contains(&place), "{shown}: {place:?} but {errors}");
                    same_line += 1;
                }
            }
        }
    }
    assert!(
        accepted.len() > 300 && same_line > 300,
        "{} {same_line}",
        accepted.len()
    );
    eprintln!(
        "{} accepted, {refused} refused, {same_line} at the same line",
        accepted.len()
    );

    let geos: Vec<Vec<u8>> = accepted
        .iter()
        .enumerate()
        .map(|(n, (t, _))| geo(n, t))
        .collect();
    let text = config(port, &geos.concat(), accepted.len());
    let (ok, errors) = test(prefix, &text);
    assert!(
        ok,
        "nginx refuses what we accept: {errors}\n{}",
        offender(&text, &errors)
    );
    let file = prefix.join("c.conf");
    let child = nginx(&[], prefix, &file)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _running = Running(child);
    let mut stream = connect(port);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for (number, (token, value)) in accepted.iter().enumerate() {
        let request = format!("GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let theirs = body(&mut reader);
        assert_eq!(
            value.bytes().escape_ascii().to_string(),
            theirs.escape_ascii().to_string(),
            "token {}",
            token.escape_ascii()
        );
    }
}

/// The line that nginx complains about.
fn offender(text: &[u8], errors: &str) -> String {
    let line = errors
        .trim()
        .rsplit(':')
        .next()
        .and_then(|n| n.parse::<usize>().ok());
    let line = line.and_then(|n| text.split(|b| *b == b'\n').nth(n.saturating_sub(1)));
    line.unwrap_or_default().escape_ascii().to_string()
}
