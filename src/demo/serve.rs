//! A web server for `deskguard demo`, on loopback and gone with the demo: it does what a wrongly
//! configured one does to the weak helpdesk's files. It runs no PHP and leaves its folder by no path;
//! what the product would answer is a stand-in.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request's head is not read further.
const MOST_HEAD: usize = 16 << 10;
/// A client that says nothing is not waited for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Headers that announce versions and protect nothing.
const HEADERS: &str =
    "Server: deskguard-demo/0.1\r\nX-Powered-By: PHP/5.4.45 (a stand-in)\r\nConnection: close\r\n";

const PHPINFO: &str = "<html><title>phpinfo()</title><h1>PHP Version 5.4.45 (a stand-in)</h1>Loaded Configuration File</html>\n";

/// The server, until it is dropped.
#[derive(Debug)]
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves the folder on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Why it cannot listen.
    pub fn start(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("demo server".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        break;
                    }
                    // A client that goes away is no trouble of the demo.
                    let _ = stream.and_then(|stream| answer(&root, stream));
                }
            })?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// The helpdesk's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread; if that fails, it ends with the program.
        if TcpStream::connect_timeout(&self.address, LONGEST_WAIT).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// One request, one answer.
fn answer(root: &Path, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(LONGEST_WAIT))?;
    stream.set_write_timeout(Some(LONGEST_WAIT))?;
    let head = read_head(&mut stream)?;
    let mut words = head.split(|byte| *byte == b' ');
    let (method, target) = (words.next(), words.next());
    let reply = match (method, target) {
        (Some(b"GET" | b"HEAD"), Some(target)) => reply(root, &String::from_utf8_lossy(target)),
        (Some(_), Some(_)) => Reply::page(405, "Not allowed", ""),
        // Nothing was asked.
        _ => return Ok(()),
    };
    let (kind, length) = (reply.kind, reply.body.len());
    let status = reply.status;
    let cookie = reply.cookie.map_or_else(String::new, |name| {
        format!("Set-Cookie: {name}=demo; path=/\r\n")
    });
    let head = format!(
        "HTTP/1.1 {status} {}\r\n{HEADERS}{cookie}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n",
        reason(status)
    );
    stream.write_all(head.as_bytes())?;
    if method == Some(b"GET") {
        stream.write_all(&reply.body)?;
    }
    Ok(())
}

fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = [0_u8; 1024];
    while head.len() < MOST_HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        head.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    Ok(head)
}

struct Reply {
    status: u16,
    kind: &'static str,
    cookie: Option<&'static str>,
    body: Vec<u8>,
}

impl Reply {
    fn page(status: u16, title: &str, body: &str) -> Self {
        Self {
            status,
            kind: "text/html; charset=utf-8",
            cookie: None,
            body: format!(
                "<!DOCTYPE html><html><head><title>{title}</title><meta name=\"Generator\" content=\"DeskPRO 1359676800\"></head><body><h1>{title}</h1>{body}</body></html>\n"
            )
            .into_bytes(),
        }
    }

    fn of(kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            status: 200,
            kind,
            cookie: None,
            body,
        }
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        404 => "Not Found",
        _ => "Refused",
    }
}

fn reply(root: &Path, target: &str) -> Reply {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let Some(below) = below(path) else {
        return Reply::page(404, "Not found", "");
    };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    if let Some(reply) = product(&below, query) {
        return reply;
    }
    // A link may lead out of the folder, and must not take the server with it.
    let found = root.join(&below).canonicalize().ok();
    match found.filter(|found| found.starts_with(root)) {
        Some(found) if found.is_dir() => directory(&found, path),
        Some(found) => file(&found),
        None => Reply::page(404, "Not found", ""),
    }
}

/// The path without escapes, dots and doubled slashes, as servers understand it.
fn below(path: &str) -> Option<PathBuf> {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        let hex = others
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match hex {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = others.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))?;
    let mut below = PathBuf::new();
    for part in Path::new(&text).components() {
        match part {
            Component::Normal(name) => below.push(name),
            Component::ParentDir if !below.pop() => return None,
            _ => {}
        }
    }
    Some(below)
}

/// What the product itself would answer, as far as the demo needs it. Nothing in the data directory says
/// that it is installed, so its installer and `phpinfo` are open.
fn product(below: &Path, query: &str) -> Option<Reply> {
    const LOGIN: &str = "<form method=\"post\"><input name=\"email\"><input type=\"password\" name=\"password\"></form>";
    let route = below.strip_prefix("index.php").unwrap_or(below).to_str()?;
    let page = |title, cookie, body| {
        Some(Reply {
            cookie: Some(cookie),
            ..Reply::page(200, title, body)
        })
    };
    let ping = |interface: &str| {
        let body = format!("{{\"deskpro\":true,\"interface\":\"{interface}\"}}\n");
        Some(Reply::of("application/json", body.into_bytes()))
    };
    match route {
        "" if query == "_sys=phpinfo" => Some(Reply::of("text/html", PHPINFO.into())),
        "install" => Some(Reply::page(200, "Install DeskPRO", "<p>Step 1</p>")),
        "" => page("DeskPRO demo", "dpsid", "<p>A weak helpdesk.</p>"),
        "admin" | "admin/login" => page("Admin", "dpsid-admin", LOGIN),
        "agent" | "agent/login" => page("Agent", "dpsid-agent", LOGIN),
        "dp-ping" => ping("user"),
        "admin/dp-ping" => ping("admin"),
        "agent/dp-ping" => ping("agent"),
        _ => None,
    }
}

/// A directory's own page, else its names.
fn directory(found: &Path, path: &str) -> Reply {
    let index = found.join("index.html");
    if index.is_file() {
        return file(&index);
    }
    let mut names: Vec<String> = fs::read_dir(found)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.contains(['<', '&', '"']))
        .collect();
    names.sort();
    let rows: String = names
        .iter()
        .map(|name| format!("<a href=\"{name}\">{name}</a>\n"))
        .collect();
    let title: String = path.chars().filter(|c| !"<&\"".contains(*c)).collect();
    Reply::page(
        200,
        &format!("Index of {title}"),
        &format!("<pre><a href=\"../\">../</a>\n{rows}</pre>"),
    )
}

/// A script is answered as a blank page, since no PHP runs here; anything else as it lies there.
fn file(found: &Path) -> Reply {
    let ending = found.extension().and_then(|ending| ending.to_str());
    match (ending, fs::read(found)) {
        (Some("php"), _) => Reply::of("text/html", Vec::new()),
        (Some("html"), Ok(body)) => Reply::of("text/html", body),
        (_, Ok(body)) => Reply::of("text/plain", body),
        (_, Err(_)) => Reply::page(403, "Refused", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("in");
        fs::create_dir(&root).unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        fs::write(root.join("open.bak"), "o").unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join("link")).unwrap();
        let root = root.canonicalize().unwrap();
        let status = |target| reply(&root, target).status;
        assert_eq!(status("/open.bak"), 200);
        assert_eq!(status("//x/..//%6fpen.bak?q"), 200);
        for out in [
            "/../secret",
            "/%2e%2e/secret",
            "/link/secret",
            "/link/",
            "/a%00",
        ] {
            assert_eq!(status(out), 404, "{out}");
        }
    }
}
